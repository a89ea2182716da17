#include "datasets/toon/indoors.h"

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
    const gb_canvas *canvas = &stage->canvas;
    const gb_cells cells = gb_stage_cells(stage, CELL, CELL);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "bay", i);
        const double x = CELL * (i + 0.5);
        const int kind = gb_chance_pick(&each, 4);
        if (kind == 0) {
            gb_window_draw(stage, x, -54, 48, 92, each);
            draw_desk(canvas, x, WALL_FOOT + 4, &each);
            continue;
        }
        gb_bookshelf_draw(canvas, x, WALL_FOOT + 3, CELL - 8, 192, each);
        if (kind == 1) draw_ladder(canvas, x, WALL_FOOT + 12, 172);
        if (kind == 2) draw_globe(canvas, x + 24, WALL_FOOT + 16);
    }
    for (int i = cells.first / 2 - 1; i <= cells.last / 2; i++)
        gb_pendant_draw(canvas, 2 * CELL * i + CELL, -146, -100, 0xD8A040);
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
