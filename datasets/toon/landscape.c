#include <math.h>

#include "datasets/toon/scenery.h"

void gb_hills_draw(const gb_stage *stage, double y, double rise, double wave, gb_colour colour, const char *tag)
{
    const gb_canvas *canvas = &stage->canvas;
    const uint64_t seed = gb_chance_cell(stage->seed, tag, 0).state;
    gb_curve curve;
    gb_curve_clear(&curve);
    const double step = (canvas->right - canvas->left + 20) / 60;
    for (int i = 0; i <= 60; i++) {
        const double x = canvas->left - 10 + step * i;
        gb_curve_add(&curve, x, y - rise * (0.5 + 0.5 * gb_chance_noise(seed, x / wave)));
    }
    gb_curve_add(&curve, canvas->right + 10, canvas->bottom + 10);
    gb_curve_add(&curve, canvas->left - 10, canvas->bottom + 10);
    gb_ink_gradient(canvas, &curve, gb_colour_highlight(colour), colour, y - rise, y + rise * 0.6);
    gb_ink_outline(canvas, &curve, canvas->weight * 0.9);
}

static void draw_peak(const gb_canvas *canvas, double x, double y, double height, double half, gb_colour rock,
                      gb_random *random)
{
    gb_curve curve;
    gb_curve_clear(&curve);
    double ridge[6];
    for (int i = 0; i < 6; i++) ridge[i] = gb_chance_between(random, -0.05, 0.05);
    gb_curve_add(&curve, x - half, y);
    for (int i = 1; i <= 3; i++)
        gb_curve_add(&curve, x - half * (1 - i / 4.0) + half * ridge[i], y - height * (i / 4.0 + ridge[i]));
    gb_curve_add(&curve, x, y - height);
    for (int i = 3; i >= 1; i--)
        gb_curve_add(&curve, x + half * (1 - i / 4.0) + half * ridge[i + 2], y - height * (i / 4.0 - ridge[i + 1]));
    gb_curve_add(&curve, x + half, y);
    gb_ink_gradient(canvas, &curve, rock, gb_colour_mix(rock, 0xDDE8F4, 35), y - height, y);
    gb_ink_outline(canvas, &curve, canvas->weight);
    /* shaded face, then snow with a ragged hem */
    const double q = 0.16 * half;
    const gb_point face[6] = {{x, y - height},
                              {x + half * 0.25 + half * ridge[5], y - height * (0.75 - ridge[4])},
                              {x + half, y},
                              {x + q * 1.2, y},
                              {x + q * 0.2, y - height * 0.35},
                              {x + q, y - height * 0.6}};
    curve.count = 6;
    for (int i = 0; i < 6; i++) curve.point[i] = face[i];
    gb_ink_fill(canvas, &curve, gb_colour_shadow(rock));
    gb_curve_clear(&curve);
    gb_curve_add(&curve, x, y - height);
    const double w = half * 0.31, hem = y - height * 0.69;
    const double jag[7] = {0, 0.14, -0.02, 0.16, 0.02, 0.12, 0};
    for (int i = 0; i < 7; i++) gb_curve_add(&curve, x - w + w * 2 * i / 6, hem + height * jag[i]);
    gb_ink_cel(canvas, &curve, 0xFDFEFF, half * 0.08);
    for (int i = 0; i < 7; i++) {
        const double t = gb_chance_between(random, 0.1, 0.6), px = x + half * gb_chance_between(random, -0.5, 0.3);
        gb_ink_line(canvas, px, y - height * t * 0.6, px + half * 0.07, y - height * (t * 0.6 - 0.09),
                    canvas->weight * 0.7, gb_colour_mix(rock, canvas->ink, 55));
    }
}

void gb_mountains_draw(const gb_stage *stage, double y, double height, gb_colour rock, const char *tag)
{
    const double step = height * 1.05;
    const gb_cells cells = gb_stage_cells(stage, step, height);
    for (int pass = 0; pass < 2; pass++)
        for (int i = cells.first; i <= cells.last; i++) {
            if ((i & 1) != pass) continue;
            gb_random random = gb_chance_cell(stage->seed, tag, i);
            const double tall = height * gb_chance_between(&random, pass ? 0.6 : 0.85, pass ? 0.8 : 1.1);
            const double x = step * (i + 0.3 * gb_random_uniform(&random));
            draw_peak(&stage->canvas, x, y, tall, tall * gb_chance_between(&random, 0.85, 1.05),
                      pass ? rock : gb_colour_mix(rock, 0xC8DCF0, 25), &random);
        }
}

void gb_picket_fence_draw(const gb_stage *stage, double y, double height, gb_colour colour)
{
    const gb_canvas *canvas = &stage->canvas;
    const double step = height * 0.27, half = step * 0.36;
    for (int rail = 0; rail < 2; rail++)
        gb_ink_panel(canvas, canvas->left - 4, y - height * (rail ? 0.75 : 0.36), canvas->right - canvas->left + 8,
                     height * 0.1, gb_colour_shadow(colour));
    const gb_cells cells = gb_stage_cells(stage, step, step);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "picket", i);
        const double x = step * i + gb_chance_between(&random, -0.4, 0.4);
        const double top = y - height * gb_chance_between(&random, 0.94, 1.02);
        gb_curve curve = {
            .count = 5,
            .point = {
                {x - half, y}, {x - half, top + half * 1.2}, {x, top}, {x + half, top + half * 1.2}, {x + half, y}}};
        gb_ink_cel(canvas, &curve, colour, half * 0.6);
        gb_ink_dot(canvas, x, y - height * 0.70, 0.7, canvas->ink);
    }
}

void gb_rail_fence_draw(const gb_stage *stage, double y, double height, gb_colour colour)
{
    const gb_canvas *canvas = &stage->canvas;
    const double step = height * 1.1;
    const gb_cells cells = gb_stage_cells(stage, step, step);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "rail", i);
        gb_curve curve;
        for (int rail = 0; rail < 3; rail++) {
            const double ry = y - height * (0.85 - 0.3 * rail), tilt = gb_chance_between(&random, -2, 2);
            const gb_point a = {step * i, ry + tilt}, b = {step * (i + 1), ry - tilt};
            const double thick = height * 0.055;
            gb_curve_limb(&curve, a, gb_point_mix(a, b, 0.5), b, thick, thick, thick);
            gb_ink_cel(canvas, &curve, colour, thick * 0.7);
            gb_ink_line(canvas, a.x + 9, a.y - 0.4, b.x - 12, b.y - 0.4, 0.6, gb_colour_mix(colour, canvas->ink, 45));
        }
        gb_curve_box(&curve, step * i - height * 0.07, y - height, height * 0.14, height, 2);
        gb_ink_cel(canvas, &curve, gb_colour_mix(colour, 0x6B4020, 20), height * 0.05);
        gb_ink_line(canvas, step * i - 1, y - height * 0.9, step * i - 0.6, y - height * 0.2, 0.7,
                    gb_colour_mix(colour, canvas->ink, 50));
    }
}

void gb_grass_draw(const gb_stage *stage, double top, double bottom, gb_colour grass)
{
    gb_stage_shade(stage, top, bottom, gb_colour_highlight(grass), grass);
    const gb_colour blade = gb_colour_mix(grass, stage->canvas.ink, 48);
    const int rows = (int)((bottom - top) / 9) + 1;
    for (int row = 0; row < rows; row++) {
        const double size = 3.4 + row * 0.8, step = 13 + 2.2 * row;
        const gb_cells cells = gb_stage_cells(stage, step, 8);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random random = gb_chance_cell(stage->seed, "tuft", i * 32 + row);
            const double x = step * (i + gb_random_uniform(&random)), y = top + 9 * (row + gb_random_uniform(&random));
            static const gb_colour petals[4] = {0xFFFFFF, 0xFF8FA8, 0xFFD84A, 0xB48CF2};
            const int kind = gb_chance_pick(&random, 9);
            if (kind < 6) gb_tuft_draw(&stage->canvas, x, y, size, blade);
            if (kind == 6) gb_flower_draw(&stage->canvas, x, y, size * 0.8, petals[gb_chance_pick(&random, 4)]);
        }
    }
}

void gb_tree_row_draw(const gb_stage *stage, gb_tree kind, double y, double height, double step, gb_colour leaves,
                      const char *tag)
{
    const gb_cells cells = gb_stage_cells(stage, step, height * 0.6);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, tag, i);
        const double x = step * (i + 0.5 * gb_random_uniform(&random));
        const double tall = height * gb_chance_between(&random, 0.75, 1.1), drop = gb_chance_between(&random, -2, 4);
        gb_tree_draw(&stage->canvas, kind, x, y + drop, tall,
                     gb_colour_mix(leaves, 0xF0D050, gb_chance_pick(&random, 4) * 7), random);
    }
}
