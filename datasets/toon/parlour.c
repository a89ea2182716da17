#include "datasets/toon/indoors.h"
#include "datasets/toon/props.h"

#define WALL_FOOT 66.0
#define CELL 78.0

static const gb_colour papers[6] = {0xF6D9B0, 0xBFE0D4, 0xE8C4CC, 0xC8D4EC, 0xF0E2A8, 0xD6E0B4};
static const gb_colour prints[6] = {0xD8804A, 0x4A9A90, 0xB8607A, 0x5A78B8, 0xC89A30, 0x78984A};
static const gb_colour cloths[5] = {0xC8483E, 0x3E7AB0, 0x4A9468, 0x8A5AA0, 0xE0963A};

static void hang_pictures(const gb_canvas *canvas, double x, gb_random *random)
{
    if (gb_chance_one_in(random, 2)) {
        gb_picture_draw(canvas, x, -66, 44, 34, random);
        return;
    }
    for (int i = 0; i < 3; i++)
        gb_picture_draw(canvas, x - 20 + 20 * i, i % 2 ? -82 : -58, 15, i % 2 ? 22 : 18, random);
}

/* What stands along the wall in place i. */
static void furnish(const gb_stage *stage, int i)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_random random = gb_chance_cell(stage->seed, "place", i);
    const double x = CELL * (i + 0.5), y = WALL_FOOT + 3;
    switch (gb_chance_pick(&random, 5)) {
    case 0:
        gb_window_draw(stage, x, -44, 50, 74, random);
        gb_plant_draw(canvas, x - 26, y, 58, random);
        gb_table_draw(canvas, x + 14, y, 50, 30, 0xA86E44, random);
        break;
    case 1: gb_bookshelf_draw(canvas, x, y, CELL - 6, gb_chance_between(&random, 140, 172), random); break;
    case 2:
        hang_pictures(canvas, x, &random);
        gb_sofa_draw(canvas, x, y + 4, CELL * 1.12, cloths[gb_chance_pick(&random, 5)]);
        break;
    case 3:
        gb_clock_draw(canvas, x + 16, -74, 16);
        gb_picture_draw(canvas, x - 20, -62, 22, 30, &random);
        gb_table_draw(canvas, x, y, 64, 40, 0xB87848, random);
        break;
    default:
        gb_window_draw(stage, x + 6, -54, 40, 58, random);
        gb_floor_lamp_draw(canvas, x - 26, y + 4, 122, cloths[gb_chance_pick(&random, 5)]);
        gb_plant_draw(canvas, x + 24, y + 2, 66, random);
    }
}

void gb_parlour_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "parlour", 0);
    const int hue = gb_chance_pick(&random, 6), kind = gb_chance_pick(&random, GB_WALLPAPERS);
    gb_stage_layer(stage, GB_WALL_DEPTH);
    gb_wallpaper_draw(stage, WALL_FOOT, papers[hue], prints[hue], kind);
    const gb_colour wood = gb_chance_one_in(&random, 2) ? 0xB87A4C : gb_colour_mix(prints[hue], 0xFFFFFF, 55);
    gb_wainscot_draw(stage, 14, WALL_FOOT, wood);
    const gb_canvas *canvas = &stage->canvas;
    gb_ink_panel(canvas, canvas->left - 4, -132, canvas->right - canvas->left + 8, 6, gb_colour_highlight(wood));
    const gb_cells cells = gb_stage_cells(stage, CELL, CELL);
    gb_plank_floor_draw(stage, WALL_FOOT, gb_chance_one_in(&random, 2) ? 0xD09A62 : 0xB8825A);
    gb_stage_layer(stage, GB_WALL_DEPTH);
    for (int i = cells.first; i <= cells.last; i++) furnish(stage, i);
    for (int i = cells.first / 2; i <= cells.last / 2; i++)
        gb_pendant_draw(canvas, 2 * CELL * i + 20, -146, -104, cloths[(hue + i * i) % 5]);
    gb_stage_layer(stage, 1);
    for (int i = -4; i <= 4; i++) gb_rug_draw(stage, 300.0 * i + 20, 112, 210, 40, cloths[(hue + 2) % 5], 0xF6E6C0);
    gb_props_scatter(stage, GB_PROP_ARMCHAIR | GB_PROP_CAT | GB_PROP_TOYS | GB_PROP_STOOL | GB_PROP_BUST, 96, 140);
}

void gb_parlour_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.22);
    const gb_cells cells = gb_stage_cells(stage, 210, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "before", i);
        if (gb_chance_one_in(&random, 3)) continue;
        gb_plant_draw(&stage->canvas, 210 * i + 100 * gb_random_uniform(&random), 164, 96, random);
    }
}
