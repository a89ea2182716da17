#include "datasets/toon/indoors.h"
#include "datasets/toon/props.h"

#define WALL_FOOT 66.0
#define COUNTER 8.0 /* the worktop's height */
#define CELL 62.0

static const gb_colour paints[6] = {0xF08A94, 0x6FC0C8, 0xF4C25A, 0x8CC47A, 0xB99ADF, 0xF29A5C};

static void draw_tiles(const gb_stage *stage, gb_colour tile, gb_colour accent)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, canvas->top - 2, WALL_FOOT, tile);
    const double step = 15;
    const gb_cells cells = gb_stage_cells(stage, step, step);
    for (int i = cells.first; i <= cells.last; i++)
        for (int row = -10; row < 5; row++) {
            gb_random random = gb_chance_cell(stage->seed, "tile", i * 32 + row);
            const int kind = gb_chance_pick(&random, 9);
            if (kind > 2) continue;
            gb_ink_box(canvas, i * step, row * step, step, step, kind ? gb_colour_highlight(tile) : accent);
            if (!kind) gb_ink_dot(canvas, (i + 0.5) * step, (row + 0.5) * step, 3.4, gb_colour_mix(accent, tile, 60));
        }
    const gb_colour joint = gb_colour_mix(tile, stage->canvas.ink, 30);
    gb_ink_bricks(canvas, (gb_field){canvas->left - 2, canvas->right + 2, canvas->top, COUNTER, 0}, step, step * 2,
                  joint);
    for (int row = -10; row < 2; row++)
        gb_ink_line(canvas, canvas->left - 2, row * step, canvas->right + 2, row * step, canvas->weight * 0.6, joint);
    for (int i = cells.first; i <= cells.last; i++)
        gb_ink_line(canvas, i * step, canvas->top, i * step, COUNTER, canvas->weight * 0.6, joint);
}

static void draw_door(const gb_canvas *canvas, double x, double y, double w, double h, gb_colour paint, int knob_right)
{
    gb_curve curve;
    gb_ink_panel(canvas, x, y, w, h, paint);
    gb_ink_panel(canvas, x + 4, y + 4, w - 8, h - 8, gb_colour_highlight(paint));
    gb_ink_panel(canvas, x + 7, y + 7, w - 14, h - 14, paint);
    gb_curve_ellipse(&curve, knob_right ? x + w - 5 : x + 5, y + h * 0.5, 2.1, 2.1);
    gb_ink_cel(canvas, &curve, 0xFFE9B0, 0.6);
}

static void draw_crockery(const gb_canvas *canvas, double from, double to, double y, gb_random *random)
{
    gb_curve curve;
    for (double x = from + 7; x < to - 5; x += 13) {
        const gb_colour colour = paints[gb_chance_pick(random, 6)];
        switch (gb_chance_pick(random, 4)) {
        case 0: /* cup */
            gb_curve_ellipse(&curve, x + 5, y - 5, 2.6, 3);
            gb_ink_outline(canvas, &curve, canvas->weight * 1.3);
            gb_curve_box(&curve, x - 5, y - 10, 10, 10, 2);
            gb_ink_cel(canvas, &curve, colour, 1.6);
            break;
        case 1: /* plates on edge */
            for (int i = 0; i < 2; i++) {
                gb_curve_ellipse(&curve, x + 2 - 3 * i, y - 8.4, 7.6, 8.4);
                gb_ink_cel(canvas, &curve, i ? 0xFFFDF4 : colour, 1.2);
            }
            gb_curve_ellipse(&curve, x - 1, y - 8.4, 4.6, 5.2);
            gb_ink_outline(canvas, &curve, canvas->weight * 0.8);
            break;
        case 2: /* jar */
            gb_curve_box(&curve, x - 5, y - 14, 10, 14, 3);
            gb_ink_cel(canvas, &curve, 0xDDF2F4, 1.6);
            gb_ink_box(canvas, x - 4, y - 9, 8, 8, colour);
            gb_ink_panel(canvas, x - 5, y - 17, 10, 3.6, 0xC8783C);
            break;
        default: /* bowls in a pile */
            for (int i = 0; i < 3; i++) {
                gb_curve_arc(&curve, x, y - 4 - 3.4 * i, 6.6, 4.4, 0, 0.5);
                gb_ink_cel(canvas, &curve, i % 2 ? 0xFFFDF4 : colour, 1);
            }
        }
    }
}

static void draw_upper(const gb_stage *stage, int i, gb_colour paint)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_random random = gb_chance_cell(stage->seed, "upper", i);
    const double x = i * CELL, top = -126, h = 66;
    const int kind = gb_chance_pick(&random, 5);
    if (kind == 0) {
        gb_window_draw(stage, x + CELL / 2, -62, 42, 62, random);
    } else if (kind == 1) { /* open shelves */
        gb_ink_panel(canvas, x + 1, top, CELL - 2, h, gb_colour_mix(paint, 0x3A2430, 55));
        for (int shelf = 0; shelf < 2; shelf++) {
            draw_crockery(canvas, x + 3, x + CELL - 3, top + 31 + 32 * shelf, &random);
            gb_ink_panel(canvas, x, top + 31 + 32 * shelf, CELL, 4, 0xC88A50);
        }
    } else {
        draw_door(canvas, x + 1, top, CELL / 2 - 1, h, paint, 1);
        draw_door(canvas, x + CELL / 2, top, CELL / 2 - 1, h, paint, 0);
    }
    if (kind == 0 || kind == 4) return;
    gb_ink_panel(canvas, x + 4, -48, CELL - 8, 2.6, 0x8A8A98); /* rail with ladles */
    for (int k = 0; k < 5; k++) {
        const double hx = x + 10 + k * 10.4, length = gb_chance_between(&random, 14, 24);
        gb_curve curve;
        gb_ink_line(canvas, hx, -47, hx, -46 + length, canvas->weight * 1.3, canvas->ink);
        gb_curve_ellipse(&curve, hx, -44 + length, 3.6, k % 2 ? 5 : 3.4);
        gb_ink_cel(canvas, &curve, k % 2 ? 0xC88A50 : 0xB8C4CC, 1);
    }
}

static void draw_stove(const gb_canvas *canvas, double x, gb_colour paint, gb_random *random)
{
    gb_curve curve;
    gb_ink_panel(canvas, x + 2, COUNTER - 2, CELL - 4, WALL_FOOT - COUNTER + 2, paint);
    gb_ink_panel(canvas, x + 6, COUNTER + 16, CELL - 12, 32, 0x3A3440);
    gb_ink_panel(canvas, x + 10, COUNTER + 21, CELL - 20, 22, 0xF0A850);
    gb_ink_panel(canvas, x + 8, COUNTER + 11.5, CELL - 16, 3, 0xDDE4E8);
    for (int i = 0; i < 5; i++) {
        gb_curve_ellipse(&curve, x + 10 + i * 10.4, COUNTER + 6, 2.8, 2.8);
        gb_ink_cel(canvas, &curve, 0xFFF6E4, 0.8);
    }
    gb_ink_panel(canvas, x, COUNTER - 6, CELL, 5, 0x54505C);
    const gb_colour pot = paints[gb_chance_pick(random, 6)];
    gb_curve_box(&curve, x + 8, COUNTER - 25, 26, 19, 4);
    gb_ink_cel(canvas, &curve, pot, 3.4);
    gb_ink_panel(canvas, x + 6, COUNTER - 28, 30, 4.4, gb_colour_highlight(pot));
    gb_curve_ellipse(&curve, x + 21, COUNTER - 30, 3, 2.2);
    gb_ink_cel(canvas, &curve, canvas->ink, 0);
    gb_ink_panel(canvas, x + 44, COUNTER - 13, 20, 3, 0x5A3A2A); /* pan */
    gb_curve_box(&curve, x + 37, COUNTER - 14, 15, 8, 3);
    gb_ink_cel(canvas, &curve, 0x70707C, 1);
}

static void draw_fridge(const gb_canvas *canvas, double x, gb_colour paint, gb_random *random)
{
    gb_curve curve;
    gb_curve_box(&curve, x + 3, -74, CELL - 6, WALL_FOOT + 74, 6);
    gb_ink_cel(canvas, &curve, paint, 5);
    gb_ink_line(canvas, x + 3, -30, x + CELL - 3, -30, canvas->weight * 1.2, canvas->ink);
    gb_ink_panel(canvas, x + 9, -56, 3.6, 20, 0xF4F4F8);
    gb_ink_panel(canvas, x + 9, -22, 3.6, 30, 0xF4F4F8);
    for (int i = 0; i < 5; i++) { /* notes and magnets */
        const double nx = x + 20 + i % 2 * 17, ny = -22 + i * 13 - i % 2 * 6;
        gb_ink_panel(canvas, nx, ny, 12, 11, paints[gb_chance_pick(random, 6)]);
        gb_ink_line(canvas, nx + 2, ny + 4, nx + 10, ny + 4, 0.8, canvas->ink);
        gb_ink_line(canvas, nx + 2, ny + 7, nx + 8, ny + 7, 0.8, canvas->ink);
        gb_ink_dot(canvas, nx + 6, ny, 1.6, 0xE8483E);
    }
}

static void draw_lower(const gb_stage *stage, int i, gb_colour paint, gb_colour enamel)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_random random = gb_chance_cell(stage->seed, "lower", i);
    const double x = i * CELL;
    const int kind = gb_chance_pick(&random, 6);
    if (kind == 0) {
        draw_stove(canvas, x, enamel, &random);
        return;
    }
    if (kind == 1) {
        draw_fridge(canvas, x, enamel, &random);
        return;
    }
    if (kind < 4) {
        draw_door(canvas, x + 1, COUNTER + 6, CELL / 2 - 1, WALL_FOOT - COUNTER - 8, paint, 1);
        draw_door(canvas, x + CELL / 2, COUNTER + 6, CELL / 2 - 1, WALL_FOOT - COUNTER - 8, paint, 0);
    } else {
        for (int drawer = 0; drawer < 3; drawer++) {
            gb_ink_panel(canvas, x + 1, COUNTER + 6 + 17 * drawer, CELL - 2, 17, paint);
            gb_ink_panel(canvas, x + CELL * 0.34, COUNTER + 12 + 17 * drawer, CELL * 0.32, 3.4, 0xFFE9B0);
        }
    }
    gb_ink_panel(canvas, x - 1, COUNTER - 1, CELL + 2, 7, 0xC88A50);
    if (kind == 2 || kind == 4)
        draw_crockery(canvas, x + 2, x + CELL - 2, COUNTER - 1, &random);
    else
        gb_plant_draw(canvas, x + CELL * 0.3, COUNTER - 1, 34, random);
}

void gb_kitchen_back(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "kitchen", 0);
    const int hue = gb_chance_pick(&random, 6);
    const gb_colour upper = paints[hue], lower = paints[(hue + 1 + gb_chance_pick(&random, 5)) % 6];
    const gb_colour enamel = gb_colour_mix(paints[(hue + 3) % 6], 0xFFFFFF, 35);
    static const gb_colour tiles[4] = {0xDDEBD8, 0xFBE8CC, 0xD8E6F2, 0xF6DEDC};
    gb_stage_layer(stage, GB_WALL_DEPTH);
    draw_tiles(stage, tiles[gb_chance_pick(&random, 4)], gb_colour_mix(lower, 0xFFFFFF, 30));
    const gb_cells cells = gb_stage_cells(stage, CELL, CELL);
    for (int i = cells.first; i <= cells.last; i++) draw_upper(stage, i, upper);
    const gb_canvas *canvas = &stage->canvas;
    gb_ink_panel(canvas, canvas->left - 4, -136, canvas->right - canvas->left + 8, 9, gb_colour_highlight(upper));
    for (int i = cells.first; i <= cells.last; i++) draw_lower(stage, i, lower, enamel);
    gb_ink_box(canvas, canvas->left - 4, WALL_FOOT - 2, canvas->right - canvas->left + 8, 8, 0x4A3038);
    gb_tiled_floor_draw(stage, WALL_FOOT, 0xFFF4E2, gb_colour_mix(upper, 0x6A4A58, 30));
    gb_props_scatter(stage, GB_PROP_STOOL | GB_PROP_CAT | GB_PROP_CRATES | GB_PROP_BARREL, 90, 150);
}

static void draw_bowl(const gb_canvas *canvas, double x, gb_colour colour, gb_colour fruit)
{
    gb_curve curve;
    gb_curve_arc(&curve, x, 104, 25, 23, 0, 0.5);
    gb_ink_cel(canvas, &curve, colour, 5);
    for (int k = 0; k < 7; k++) {
        gb_curve_ellipse(&curve, x - 17 + 5.6 * k, 101 - (k % 2) * 6, 5.6, 5.4);
        gb_ink_cel(canvas, &curve, k % 3 ? fruit : gb_colour_highlight(fruit), 1.6);
    }
    gb_curve_box(&curve, x - 28, 102, 56, 6, 3);
    gb_ink_cel(canvas, &curve, gb_colour_highlight(colour), 1.4);
}

static void draw_cake(const gb_canvas *canvas, double x, gb_colour icing)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, 123, 33, 4);
    gb_ink_cel(canvas, &curve, 0xFFFDF4, 1);
    gb_ink_panel(canvas, x - 25, 98, 50, 24, 0xC88A50);
    gb_ink_line(canvas, x - 24, 110, x + 24, 110, 3, 0xFFF4DC);
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 27, 96);
    gb_curve_bend(&curve, x, 88, x + 27, 96);
    for (int k = 0; k < 5; k++) gb_curve_bend(&curve, x + 22 - 11 * k, 112 - k % 2 * 4, x + 16.2 - 10.8 * k, 101);
    gb_ink_cel(canvas, &curve, icing, 2);
    for (int k = 0; k < 4; k++) {
        gb_curve_ellipse(&curve, x - 17 + 11.4 * k, 91 - (k == 1 || k == 2), 3.6, 3.6);
        gb_ink_cel(canvas, &curve, 0xE8484A, 1);
    }
}

/* A table before the actors' knees, seen from the near side. */
void gb_kitchen_front(gb_stage *stage)
{
    gb_random random = gb_chance_cell(stage->seed, "counter", 0);
    if (!gb_chance_one_in(&random, 2)) return;
    gb_stage_layer(stage, 1.18);
    const gb_canvas *canvas = &stage->canvas;
    const gb_colour wood = gb_chance_one_in(&random, 2) ? 0xC88A50 : 0xE0A868;
    gb_ink_panel(canvas, canvas->left - 4, 116, canvas->right - canvas->left + 8, 60, wood);
    for (int i = 0; i < 4; i++)
        gb_ink_line(canvas, canvas->left, 122 + 6 * i, canvas->right, 122 + 6 * i, canvas->weight * 0.5,
                    gb_colour_mix(wood, canvas->ink, 40));
    const gb_cells cells = gb_stage_cells(stage, 96, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "on counter", i);
        const double x = 96 * i + gb_chance_between(&each, -14, 14);
        switch (gb_chance_pick(&each, 4)) {
        case 0:
        case 1: draw_bowl(canvas, x, paints[gb_chance_pick(&each, 6)], paints[gb_chance_pick(&each, 6)]); break;
        case 2: draw_cake(canvas, x, paints[gb_chance_pick(&each, 6)]); break;
        default: gb_plant_draw(canvas, x, 124, 62, each);
        }
        draw_crockery(canvas, x + 32, x + 60, 124, &each);
    }
}
