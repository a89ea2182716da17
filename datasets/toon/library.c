#include "datasets/toon/indoors.h"
#include "datasets/toon/props.h"

#define WALL_FOOT 62.0
#define CELL 86.0

static void draw_globe(const gb_canvas *canvas, double x, double y)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - 1.6, y - 34, 3.2, 32, 0x7A4C32);
    gb_curve_ellipse(&curve, x, y - 2, 12, 3);
    gb_ink_cel(canvas, &curve, 0x7A4C32, 1);
    gb_curve_ellipse(&curve, x, y - 48, 18, 18);
    gb_ink_cel(canvas, &curve, 0x58A8D8, 4);
    gb_curve_lobes(&curve, x - 5, y - 53, 8, 6, 5, 4);
    gb_ink_cel(canvas, &curve, 0x78B85A, 1);
    gb_curve_lobes(&curve, x + 6, y - 42, 6, 7, 5, 8);
    gb_ink_cel(canvas, &curve, 0x78B85A, 1);
    gb_curve_arc(&curve, x, y - 48, 21, 21, 0.7, 1.3);
    gb_ink_stroke(canvas, &curve, 2.4, 0xC8963C);
}

static void draw_ladder(const gb_canvas *canvas, double x, double y, double height)
{
    gb_curve curve;
    for (int side = 0; side < 2; side++) {
        const double foot = x + (side ? 16 : -16), head = x + 14 + (side ? 11 : -11);
        curve = (gb_curve){.count = 4,
                           .point = {{foot - 2, y}, {head - 1.6, y - height}, {head + 1.6, y - height}, {foot + 2, y}}};
        gb_ink_cel(canvas, &curve, 0xD8A050, 1);
    }
    for (int rung = 1; rung < 9; rung++) {
        const double t = rung / 9.0, middle = x + 14 * t, half = 16 - 5 * t;
        gb_ink_panel(canvas, middle - half, y - height * t - 2, 2 * half, 3.4, 0xE8B868);
    }
}

static void draw_desk(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - 40, y - 36, 80, 36, 0x9A5E3C);
    for (int i = 0; i < 6; i++) {
        gb_ink_panel(canvas, x - 36 + 26 * (i % 3), y - 30 + 14 * (i / 3), 22, 12, 0xB87648);
        gb_ink_dot(canvas, x - 25 + 26 * (i % 3), y - 24 + 14 * (i / 3), 1.5, 0xFFE098);
    }
    gb_ink_panel(canvas, x - 44, y - 41, 88, 6, 0xC88A56);
    gb_books_draw(canvas, x - 38, x - 6, y - 41, 20, random);
    gb_ink_panel(canvas, x + 18, y - 46, 14, 5, 0x3E6A58); /* lamp */
    gb_ink_line(canvas, x + 25, y - 46, x + 25, y - 62, 2, 0xC8963C);
    gb_curve_arc(&curve, x + 25, y - 60, 13, 10, 0.5, 1);
    gb_ink_cel(canvas, &curve, 0x3E9A68, 2);
}

static void draw_fireplace(const gb_canvas *canvas, double x, double y, int drawing, int flames, gb_random *random)
{
    gb_curve curve;
    const gb_colour stone = gb_chance_one_in(random, 2) ? 0xC8B8A8 : 0xA8685A;
    gb_picture_draw(canvas, x, -78, 54, 46, random);
    gb_ink_panel(canvas, x - 38, y - 80, 76, 80, stone);
    gb_ink_bricks(canvas, (gb_field){x - 38, x + 38, y - 80, y, 0}, 15, 8, gb_colour_mix(stone, canvas->ink, 45));
    gb_curve_arc(&curve, x, y - 34, 24, 22, 0.5, 1);
    gb_curve_add(&curve, x + 24, y);
    gb_curve_add(&curve, x - 24, y);
    gb_ink_cel(canvas, &curve, 0x2E2028, 0);
    gb_canvas fire = *canvas;
    fire.part = flames;
    for (int i = 0; i < 5; i++) { /* flames, on threes */
        const double fx = x - 14 + 7 * i, tall = 16 + 5 * gb_wave_sin((drawing % 5) / 5.0 + 0.27 * i) + (i == 2) * 7;
        gb_curve_clear(&curve);
        gb_curve_add(&curve, fx - 6, y - 6);
        gb_curve_bend(&curve, fx - 5, y - 6 - tall * 0.5, fx + 1, y - 6 - tall);
        gb_curve_bend(&curve, fx + 7, y - 6 - tall * 0.4, fx + 6, y - 6);
        gb_ink_fill(&fire, &curve, i % 2 ? 0xF8B83A : 0xF07A30);
    }
    gb_curve_box(&curve, x - 18, y - 8, 36, 7, 3);
    gb_ink_cel(canvas, &curve, 0x7A4C32, 2);
    gb_ink_panel(canvas, x - 44, y - 86, 88, 8, gb_colour_highlight(stone));
    gb_clock_draw(canvas, x, y - 96, 10);
    gb_books_draw(canvas, x - 40, x - 16, y - 86, 18, random);
    gb_plant_draw(canvas, x + 30, y - 86, 28, *random);
}

static void draw_map(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    gb_ink_panel(canvas, x - 37, y - 44, 74, 88, 0xF4E6C0);
    gb_ink_box(canvas, x - 32, y - 38, 64, 76, 0x9CCBD8);
    for (int i = 0; i < 5; i++) {
        static const gb_colour land[5] = {0xA8C878, 0xE8C878, 0xD89A78, 0x88B890, 0xC8A8C0};
        gb_curve_lobes(&curve, x + gb_chance_between(random, -18, 18), y + gb_chance_between(random, -25, 25),
                       gb_chance_between(random, 8, 15), gb_chance_between(random, 6, 14), 6, gb_random_next(random));
        gb_ink_cel(canvas, &curve, land[i], 1);
    }
    for (int i = -2; i <= 2; i++) gb_ink_line(canvas, x - 32, y + 15 * i, x + 32, y + 15 * i, 0.6, 0x5A8AA0);
    gb_ink_panel(canvas, x - 40, y - 48, 80, 6, 0x8A5238);
    gb_ink_panel(canvas, x - 40, y + 42, 80, 6, 0x8A5238);
}

static void draw_doorway(const gb_canvas *canvas, double x, double y, gb_random *random)
{
    gb_curve curve;
    const gb_colour wood = gb_chance_one_in(random, 2) ? 0x9A5E3C : 0x4A7A78;
    gb_curve_arc(&curve, x, y - 128, 35, 30, 0.5, 1);
    gb_curve_add(&curve, x + 35, y);
    gb_curve_add(&curve, x - 35, y);
    gb_ink_cel(canvas, &curve, 0xE8D4B0, 3);
    for (int leaf = 0; leaf < 2; leaf++) {
        gb_ink_panel(canvas, x - 28 + 28 * leaf, y - 124, 28, 124, wood);
        for (int i = 0; i < 3; i++)
            gb_ink_panel(canvas, x - 23 + 28 * leaf, y - 117 + 40 * i, 18, 33, gb_colour_highlight(wood));
        gb_ink_dot(canvas, x + (leaf ? 4 : -4), y - 60, 2.4, 0xFFD860);
    }
    for (int i = 0; i < 7; i++)
        gb_ink_line(canvas, x, y - 126, x + 29 * gb_wave_cos(0.5 + i / 12.0),
                    y - 126 + 24 * gb_wave_sin(0.5 + i / 12.0), canvas->weight, canvas->ink);
}

void gb_library_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "library", 0);
    static const gb_colour wall[4] = {0x7A4A58, 0x4A6A78, 0x6A7A4A, 0x8A5A42};
    const gb_colour paper = wall[gb_chance_pick(&random, 4)];
    const int plain = gb_chance_pick(&random, 2);
    gb_stage_layer(stage, GB_WALL_DEPTH);
    gb_wallpaper_draw(stage, WALL_FOOT, paper, gb_colour_highlight(paper), gb_chance_pick(&random, GB_WALLPAPERS));
    if (plain)
        gb_plank_floor_draw(stage, WALL_FOOT, 0xB07A50);
    else
        gb_tiled_floor_draw(stage, WALL_FOOT, 0xF4E4CC, gb_colour_mix(paper, 0x3A2A3A, 25));
    gb_stage_layer(stage, GB_WALL_DEPTH);
    gb_part_begin(&stage->canvas, stage->frame / 3);
    const int flames = stage->canvas.part;
    gb_part_begin(&stage->canvas, 0);
    const gb_canvas *canvas = &stage->canvas;
    const gb_cells cells = gb_stage_cells(stage, CELL, CELL);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "bay", i);
        const double x = CELL * (i + 0.5);
        const int kind = gb_chance_pick(&each, 7);
        if (kind == 0) {
            gb_window_draw(stage, x, -54, 48, 92, each);
            draw_desk(canvas, x, WALL_FOOT + 4, &each);
            continue;
        }
        if (kind == 4) {
            draw_fireplace(canvas, x, WALL_FOOT + 6, stage->frame / 3, flames, &each);
            continue;
        }
        if (kind == 5) {
            draw_map(canvas, x, -44, &each);
            draw_desk(canvas, x, WALL_FOOT + 4, &each);
            continue;
        }
        if (kind == 6) {
            draw_doorway(canvas, x, WALL_FOOT + 3, &each);
            continue;
        }
        gb_bookshelf_draw(canvas, x, WALL_FOOT + 3, CELL - 8, 192, each);
        if (kind == 1) draw_ladder(canvas, x, WALL_FOOT + 12, 172);
        if (kind == 2) draw_globe(canvas, x + 24, WALL_FOOT + 16);
    }
    for (int i = cells.first / 2 - 1; i <= cells.last / 2; i++)
        gb_pendant_draw(canvas, 2 * CELL * i + CELL, -146, -100, 0xD8A040);
    gb_stage_layer(stage, 1);
    gb_props_scatter(stage, GB_PROP_ARMCHAIR | GB_PROP_CAT | GB_PROP_BUST | GB_PROP_STOOL | GB_PROP_CRATES, 94, 130);
}

/* Piles of books on the floor, near. */
void gb_library_front(gb_stage *stage)
{
    gb_stage_layer(stage, 1.2);
    static const gb_colour cover[5] = {0xD8483E, 0x3E78B8, 0xE8A838, 0x4A9A68, 0x8A56A8};
    const gb_cells cells = gb_stage_cells(stage, 150, 50);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "pile", i);
        if (gb_chance_one_in(&random, 3)) continue;
        double y = 150;
        const double x = 150 * i + 80 * gb_random_uniform(&random);
        const int books = 3 + gb_chance_pick(&random, 4);
        for (int k = 0; k < books; k++) {
            const double w = gb_chance_between(&random, 36, 56), h = gb_chance_between(&random, 6, 10);
            const double left = x - w / 2 + gb_chance_between(&random, -5, 5);
            y -= h;
            gb_ink_panel(&stage->canvas, left, y, w, h, cover[gb_chance_pick(&random, 5)]);
            gb_ink_panel(&stage->canvas, left + w - 6, y + 1.5, 7, h - 3, 0xFFF6E0);
            gb_ink_box(&stage->canvas, left + 6, y + 1, 2, h - 2, 0xFFE9A8);
        }
    }
}
