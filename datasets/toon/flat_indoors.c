#include "datasets/toon/flat.h"

static void draw_abstract(const gb_canvas *canvas, const gb_palette *palette, double x, double y, double w, double h,
                          gb_random *random)
{
    gb_curve curve;
    gb_flat_box(canvas, x - w / 2, y - h / 2, w, h, gb_colour_mix(palette->paper, 0xFFFFFF, 50), GB_GRAIN_NONE);
    for (int i = 0; i < 4; i++) {
        const double cx = x + w * gb_chance_between(random, -0.3, 0.3),
                     cy = y + h * gb_chance_between(random, -0.3, 0.3);
        const double s = w * gb_chance_between(random, 0.08, 0.19);
        if (i % 2)
            gb_curve_ellipse(&curve, cx, cy, s, s);
        else
            gb_curve_box(&curve, cx - s, cy - s, 2 * s, 1.4 * s, 0);
        gb_flat_fill(canvas, &curve, gb_palette_pick(palette, random), (gb_grain)i);
        gb_ink_line(canvas, cx - s * 1.5, cy + s, cx + s * 1.6, cy - s, 1, palette->ink);
    }
    gb_curve_box(&curve, x - w / 2, y - h / 2, w, h, 0);
    gb_flat_loop(canvas, &curve, palette->ink);
}

static void draw_chair(const gb_canvas *canvas, double x, double y, gb_colour colour, gb_colour ink)
{
    gb_curve curve;
    for (int leg = -1; leg <= 1; leg += 2) gb_ink_line(canvas, x + leg * 10, y - 22, x + leg * 19, y, 2, ink);
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x - 27, y - 72);
    gb_curve_sweep(&curve, x - 38, y - 12, x + 4, y - 16, x + 31, y - 32);
    gb_curve_sweep(&curve, x + 10, y - 36, x - 6, y - 34, x - 27, y - 72);
    gb_flat_fill(canvas, &curve, colour, GB_GRAIN_HATCH);
    gb_flat_loop(canvas, &curve, ink);
}

static void draw_lamp(const gb_canvas *canvas, double x, double y, gb_colour shade, gb_colour ink)
{
    gb_curve curve = {.count = 4, .point = {{x - 6, y - 128}, {x + 6, y - 128}, {x + 22, y - 96}, {x - 22, y - 96}}};
    gb_ink_line(canvas, x, y, x, y - 96, 1.8, ink);
    for (int leg = -1; leg <= 1; leg += 2) gb_ink_line(canvas, x, y - 30, x + leg * 15, y, 1.8, ink);
    gb_flat_fill(canvas, &curve, shade, GB_GRAIN_DOTS);
    gb_flat_loop(canvas, &curve, ink);
}

static void draw_rack(const gb_canvas *canvas, const gb_palette *palette, double x, double y, gb_random *random)
{
    for (int side = -1; side <= 1; side += 2)
        gb_ink_line(canvas, x + side * 34, y, x + side * 34, y - 132, 2, palette->ink);
    for (int shelf = 0; shelf < 4; shelf++) {
        const double top = y - 12 - 33 * shelf;
        double at = x - 32;
        while (at < x + 24) {
            const double w = gb_chance_between(random, 3, 9), h = gb_chance_between(random, 12, 25);
            gb_flat_box(canvas, at, top - h, w, h, gb_palette_pick(palette, random),
                        w > 6 ? GB_GRAIN_HATCH : GB_GRAIN_NONE);
            at += w + (gb_chance_one_in(random, 5) ? 6 : 0.8);
        }
        gb_flat_box(canvas, x - 38, top, 76, 2.6, palette->ink, GB_GRAIN_NONE);
    }
}

static void draw_flat_window(const gb_canvas *canvas, const gb_palette *palette, double x, double y, gb_random *random)
{
    gb_flat_box(canvas, x - 32, y - 36, 64, 72, gb_colour_mix(palette->two, 0xFFFFFF, 45), GB_GRAIN_NONE);
    for (int i = 0; i < 4; i++) {
        const double h = gb_chance_between(random, 18, 50);
        gb_flat_box(canvas, x - 30 + 15 * i, y + 36 - h, 13, h, gb_palette_pick(palette, random), (gb_grain)(i % 3));
    }
    for (int i = 0; i < 11; i++)
        gb_ink_line(canvas, x - 32, y - 34 + 4.2 * i, x + 32, y - 34 + 4.2 * i, 0.9, palette->paper);
    gb_ink_line(canvas, x, y - 36, x, y + 36, 2, palette->ink);
    gb_curve curve;
    gb_curve_box(&curve, x - 32, y - 36, 64, 72, 0);
    gb_flat_loop(canvas, &curve, palette->ink);
}

static void furnish(const gb_stage *stage, const gb_palette *palette, int i)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_random random = gb_chance_cell(stage->seed, "flat place", i);
    const double x = 84 * (i + 0.5), y = 74;
    switch (gb_chance_pick(&random, 5)) {
    case 0: draw_flat_window(canvas, palette, x, -44, &random); break;
    case 1: draw_rack(canvas, palette, x, y, &random); return;
    case 2: draw_abstract(canvas, palette, x, -54, 60, 46, &random); break;
    case 3:
        gb_flat_star(canvas, x, -62, 30, 16, palette->ink);
        gb_ink_dot(canvas, x, -62, 13, palette->one);
        gb_ink_line(canvas, x, -62, x + 7, -68, 1.6, palette->ink);
        break;
    default: draw_abstract(canvas, palette, x, -50, 36, 62, &random);
    }
    if (gb_chance_one_in(&random, 2))
        draw_chair(canvas, x - 8, y + 8, gb_palette_pick(palette, &random), palette->ink);
    else
        draw_lamp(canvas, x + 8, y + 8, gb_palette_pick(palette, &random), palette->ink);
}

void gb_flat_lounge_back(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_random random = gb_chance_cell(stage->seed, "flat lounge", 0);
    const gb_colour wall = gb_colour_mix(gb_palette_pick(palette, &random), palette->paper, 62);
    gb_stage_layer(stage, GB_WALL_DEPTH);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, canvas->top - 2, 70, wall);
    gb_cells cells = gb_stage_cells(stage, 22, 22);
    const int print = gb_chance_pick(&random, 3);
    for (int i = cells.first; i <= cells.last; i++)
        for (int row = -7; row < 4; row++) {
            const double x = 22 * i + (row & 1) * 11, y = 20 * row;
            const gb_colour ink = gb_colour_mix(wall, palette->ink, 30);
            if (print == 0) gb_flat_star(canvas, x, y, 5, 6, ink);
            if (print == 1) gb_ink_line(canvas, x - 6, y + 6, x + 6, y - 6, 1.4, ink);
            gb_curve curve = {.count = 4, .point = {{x, y - 8}, {x + 4, y}, {x, y + 8}, {x - 4, y}}};
            if (print == 2)
                gb_ink_fill(canvas, &curve, gb_colour_mix(wall, (i + row) & 1 ? palette->one : palette->three, 45));
        }
    cells = gb_stage_cells(stage, 84, 60);
    gb_stage_layer(stage, 1);
    const gb_colour floor = gb_colour_mix(palette->ink, palette->paper, 40);
    gb_stage_band(stage, 70, canvas->bottom + 2, floor);
    for (int row = 0; row < 9; row++)
        gb_ink_line(canvas, canvas->left, 74 + 2.0 * row + row * row, canvas->right, 74 + 2.0 * row + row * row, 1.1,
                    gb_colour_mix(floor, palette->paper, 30));
    gb_stage_layer(stage, GB_WALL_DEPTH);
    for (int i = cells.first; i <= cells.last; i++) furnish(stage, palette, i);
    gb_stage_layer(stage, 1);
    for (int i = -4; i <= 4; i++) {
        gb_curve curve;
        gb_curve_ellipse(&curve, 280.0 * i, 116, 100, 18);
        gb_flat_fill(canvas, &curve, palette->three, GB_GRAIN_CROSS);
    }
}

static void draw_tent(const gb_canvas *canvas, const gb_palette *palette, double x, double y, double w,
                      gb_random random)
{
    gb_curve curve;
    const gb_colour stripe = gb_palette_pick(palette, &random);
    const double h = w * 0.8;
    const int bands = 8;
    for (int i = 0; i < bands; i++) {
        const double a = x - w / 2 + w * i / bands, b = a + w / bands;
        curve = (gb_curve){
            .count = 4,
            .point = {{a, y}, {a + (x - a) * 0.06, y - h * 0.55}, {b + (x - b) * 0.06, y - h * 0.55}, {b, y}}};
        gb_flat_fill(canvas, &curve, i % 2 ? 0xFBF2DC : stripe, i % 2 ? GB_GRAIN_NONE : GB_GRAIN_HATCH);
        curve = (gb_curve){.count = 3,
                           .point = {{a - (x - a) * 0.1, y - h * 0.53}, {x, y - h}, {b - (x - b) * 0.1, y - h * 0.53}}};
        gb_flat_fill(canvas, &curve, i % 2 ? stripe : 0xFBF2DC, GB_GRAIN_NONE);
        gb_curve_ellipse(&curve, (a + b) / 2 - (x - a) * 0.1, y - h * 0.53, w / bands * 0.55, 6);
        gb_ink_fill(canvas, &curve, i % 2 ? stripe : palette->one);
    }
    curve = (gb_curve){.count = 3, .point = {{x - w * 0.11, y}, {x, y - h * 0.42}, {x + w * 0.11, y}}};
    gb_ink_fill(canvas, &curve, palette->ink);
    gb_ink_line(canvas, x, y - h, x, y - h - 18, 1.5, palette->ink);
    curve = (gb_curve){.count = 3, .point = {{x, y - h - 18}, {x + 16, y - h - 13}, {x, y - h - 8}}};
    gb_ink_fill(canvas, &curve, palette->three);
}

static void draw_wheel(const gb_stage *stage, const gb_palette *palette, double x, double y, double r, int turning)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_canvas spokes = *canvas;
    spokes.part = turning;
    gb_curve curve;
    gb_ink_line(canvas, x, y, x - r * 0.5, y + r * 1.25, 3, palette->ink);
    gb_ink_line(canvas, x, y, x + r * 0.5, y + r * 1.25, 3, palette->ink);
    for (int ring = 0; ring < 2; ring++) {
        gb_curve_ellipse(&curve, x, y, r * (1 - 0.14 * ring), r * (1 - 0.14 * ring));
        gb_ink_path(canvas, &curve);
        gb_ink_source(canvas, palette->ink, 1);
        cairo_set_line_width(canvas->cairo, 1.6);
        cairo_stroke(canvas->cairo);
    }
    for (int i = 0; i < 12; i++) { /* turns on threes */
        const double turn = i / 12.0 + (stage->frame / 3) * 0.006, c = gb_wave_cos(turn), s = gb_wave_sin(turn);
        gb_ink_line(&spokes, x, y, x + r * c, y + r * s, 1.1, palette->ink);
        gb_flat_box(&spokes, x + r * c - 6, y + r * s, 12, 9, i % 2 ? palette->one : palette->three, GB_GRAIN_HATCH);
    }
    gb_ink_dot(canvas, x, y, r * 0.12, palette->three);
}

void gb_flat_fair_back(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_stage_layer(stage, 0);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, canvas->top - 2, canvas->bottom + 2, palette->paper);
    for (int i = 0; i < 26; i++) /* a hatched sky */
        gb_ink_line(canvas, -900, -150 + 7.0 * i, 900, -122 + 7.0 * i, 0.8,
                    gb_colour_mix(palette->paper, palette->two, 40));
    gb_stage_layer(stage, 0.35);
    gb_cells cells = gb_stage_cells(stage, 260, 90);
    gb_part_begin(&stage->canvas, stage->frame / 3);
    const int turning = stage->canvas.part;
    gb_part_begin(&stage->canvas, 0);
    for (int i = cells.first; i <= cells.last; i++) draw_wheel(stage, palette, 260 * i + 60, -22, 78, turning);
    gb_stage_layer(stage, 0.55);
    gb_stage_band(stage, 66, canvas->bottom + 2, gb_colour_mix(palette->four, palette->paper, 40));
    cells = gb_stage_cells(stage, 92, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "far tent", i);
        draw_tent(canvas, palette, 92 * i, 72, gb_chance_between(&random, 58, 84), random);
    }
    gb_stage_layer(stage, 0.85);
    cells = gb_stage_cells(stage, 150, 80);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "tent", i);
        draw_tent(canvas, palette, 150 * i, 90, gb_chance_between(&random, 96, 132), random);
    }
    gb_stage_layer(stage, 1);
    const gb_colour ground = gb_colour_mix(palette->one, palette->paper, 55);
    gb_stage_band(stage, 88, canvas->bottom + 2, ground);
    cells = gb_stage_cells(stage, 12, 12);
    for (int i = cells.first; i <= cells.last; i++)
        for (int row = 0; row < 4; row++) {
            gb_random random = gb_chance_cell(stage->seed, "confetti", i * 8 + row);
            gb_flat_box(canvas, 12 * i + 10 * gb_random_uniform(&random),
                        92 + 13 * row + 10 * gb_random_uniform(&random), 3, 1.8, gb_palette_pick(palette, &random),
                        GB_GRAIN_NONE);
        }
}

void gb_flat_fair_front(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_stage_layer(stage, 1.1);
    const gb_cells cells = gb_stage_cells(stage, 22, 30);
    for (int i = cells.first; i <= cells.last; i++) { /* bunting */
        const int phase = ((i % 9) + 9) % 9;
        const double y = -122 + 20 * (1 - (phase - 4) * (phase - 4) / 20.0), x = 22 * i;
        const gb_colour inks[4] = {palette->one, palette->two, palette->three, palette->four};
        gb_curve curve = {.count = 3, .point = {{x - 9, y}, {x + 9, y}, {x, y + 21}}};
        gb_flat_fill(&stage->canvas, &curve, inks[((i % 4) + 4) % 4], i & 1 ? GB_GRAIN_DOTS : GB_GRAIN_NONE);
        gb_ink_line(&stage->canvas, x - 11, y, x + 11, y, 1.2, palette->ink);
    }
}
