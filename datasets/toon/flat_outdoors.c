#include "datasets/toon/flat.h"

static void draw_paper(gb_stage *stage, const gb_palette *palette)
{
    gb_stage_layer(stage, 0);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, canvas->top - 2, canvas->bottom + 2, palette->paper);
    const gb_cells cells = gb_stage_cells(stage, 9, 9);
    gb_ink_source(canvas, gb_colour_mix(palette->paper, palette->ink, 16), 1);
    for (int i = cells.first; i <= cells.last; i++) /* specks */
        for (int row = 0; row < 20; row++) {
            gb_random random = gb_chance_cell(stage->seed, "speck", i * 32 + row);
            cairo_rectangle(canvas->cairo, 9 * i + 9 * gb_random_uniform(&random),
                            -150 + 15 * row + 14 * gb_random_uniform(&random), gb_chance_between(&random, 0.6, 3), 0.8);
        }
    cairo_fill(canvas->cairo);
}

static void draw_disc(const gb_stage *stage, const gb_palette *palette, gb_random *random)
{
    gb_curve curve;
    const double x = gb_chance_between(random, -0.38, 0.38) * stage->width, y = gb_chance_between(random, -100, -70);
    for (int ring = 3; ring >= 0; ring--) {
        gb_curve_ellipse(&curve, x, y, 16 + 8 * ring, 16 + 8 * ring);
        gb_flat_fill(&stage->canvas, &curve, ring % 2 ? gb_colour_mix(palette->paper, palette->one, 45) : palette->one,
                     ring == 3 ? GB_GRAIN_HATCH : GB_GRAIN_NONE);
    }
}

static void draw_flat_cloud(const gb_canvas *canvas, double x, double y, double w, gb_colour colour, gb_colour line)
{
    gb_curve curve;
    for (int i = 0; i < 3; i++) {
        gb_curve_box(&curve, x - w / 2 + w * 0.16 * i, y - 9 * i, w * (1 - 0.3 * i), 10, 5);
        gb_ink_fill(canvas, &curve, colour);
        if (i == 1) gb_flat_loop(canvas, &curve, line);
    }
}

static void draw_clouds(gb_stage *stage, const gb_palette *palette)
{
    gb_stage_layer(stage, 0.1);
    const gb_cells cells = gb_stage_cells(stage, 120, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "flat cloud", i);
        draw_flat_cloud(&stage->canvas, 120 * i + 60 * gb_random_uniform(&random),
                        gb_chance_between(&random, -126, -60), gb_chance_between(&random, 46, 90),
                        gb_colour_mix(palette->paper, 0xFFFFFF, 55), palette->ink);
    }
}

static void draw_tower(const gb_canvas *canvas, const gb_palette *palette, double x, double y, double w, double h,
                       gb_random random)
{
    const gb_colour wall = gb_palette_pick(palette, &random), pane = gb_colour_mix(wall, palette->ink, 55);
    const double lean = gb_chance_between(&random, -0.08, 0.08) * w, top = y - h;
    gb_curve curve = {.count = 4,
                      .point = {{x - w / 2, y},
                                {x - w / 2 + lean, top},
                                {x + w / 2 + lean, top + gb_chance_between(&random, -8, 8)},
                                {x + w / 2, y}}};
    gb_flat_fill(canvas, &curve, wall, (gb_grain)gb_chance_pick(&random, 3));
    if (gb_chance_one_in(&random, 2)) gb_flat_loop(canvas, &curve, palette->ink);
    const int kind = gb_chance_pick(&random, 4), columns = (int)(w / 11);
    const gb_colour lit = gb_colour_mix(wall, 0xFFF4D0, 65);
    for (int row = 0; row * 13 + 12 < h - 16; row++)
        for (int column = 0; column < columns; column++) {
            const double wx = x - w / 2 + 5 + (w - 8) * column / columns, wy = top + 12 + 13 * row;
            const gb_colour colour = gb_chance_one_in(&random, 3) ? lit : pane;
            if (kind == 0) gb_ink_box(canvas, wx, wy, 5.4, 8, colour);
            if (kind == 1) gb_ink_box(canvas, wx, wy + 2, (w - 8) / columns - 1.4, 3.4, colour);
            if (kind == 2) gb_ink_dot(canvas, wx + 3, wy + 4, 2.9, colour);
            if (kind == 3) {
                gb_ink_line(canvas, wx, wy, wx + 6, wy + 8, 1.3, colour);
                gb_ink_line(canvas, wx + 6, wy, wx, wy + 8, 1.3, colour);
            }
        }
    gb_ink_line(canvas, x + lean, top, x + lean, top - 22, 1.2, palette->ink);
    if (gb_chance_one_in(&random, 2)) gb_flat_star(canvas, x + lean, top - 24, 7, 8, palette->ink);
}

void gb_flat_city_back(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_random random = gb_chance_cell(stage->seed, "flat city", 0);
    draw_paper(stage, palette);
    draw_disc(stage, palette, &random);
    draw_clouds(stage, palette);
    static const double depth[3] = {0.25, 0.5, 0.8}, foot[3] = {60, 68, 80}, tall[3] = {170, 140, 100},
                        step[3] = {40, 56, 84};
    for (int row = 0; row < 3; row++) {
        gb_stage_layer(stage, depth[row]);
        gb_palette faded = *palette;
        faded.one = gb_colour_mix(palette->one, palette->paper, 50 - 24 * row);
        faded.two = gb_colour_mix(palette->two, palette->paper, 50 - 24 * row);
        faded.three = gb_colour_mix(palette->three, palette->paper, 50 - 24 * row);
        faded.four = gb_colour_mix(palette->four, palette->paper, 50 - 24 * row);
        const gb_cells cells = gb_stage_cells(stage, step[row], step[row]);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random each = gb_chance_cell(stage->seed, "flat tower", 4 * i + row);
            draw_tower(&stage->canvas, &faded, step[row] * i, foot[row],
                       step[row] * gb_chance_between(&each, 0.6, 0.95), tall[row] * gb_chance_between(&each, 0.5, 1.05),
                       each);
        }
    }
    gb_stage_layer(stage, 1);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_band(stage, 78, canvas->bottom + 2, gb_colour_mix(palette->paper, palette->ink, 30));
    gb_stage_band(stage, 126, canvas->bottom + 2, gb_colour_mix(palette->paper, palette->ink, 62));
    const gb_cells cells = gb_stage_cells(stage, 26, 30);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_ink_line(canvas, 26 * i, 78, 26 * i - 22, 126, 1, palette->paper);
        if (i % 2) gb_flat_box(canvas, 26 * i, 133, 22, 3, palette->paper, GB_GRAIN_NONE);
        if (i % 5) continue;
        gb_ink_line(canvas, 26 * i, 92, 26 * i, -24, 2.2, palette->ink);
        gb_ink_dot(canvas, 26 * i, -28, 7, palette->one);
        gb_ink_dot(canvas, 26 * i, -28, 3.4, 0xFFF8E0);
    }
}

static void draw_flat_tree(const gb_canvas *canvas, const gb_palette *palette, double x, double y, double h,
                           gb_random random)
{
    gb_curve curve;
    const gb_colour leaf = gb_palette_pick(palette, &random);
    const int kind = gb_chance_pick(&random, 4);
    gb_ink_line(canvas, x, y, x, y - h * 0.6, 2.6, palette->ink);
    if (kind == 0)
        curve = (gb_curve){.count = 3,
                           .point = {{x - h * 0.24, y - h * 0.18}, {x, y - h}, {x + h * 0.24, y - h * 0.18}}};
    else if (kind == 1)
        gb_curve_ellipse(&curve, x, y - h * 0.62, h * 0.2, h * 0.38);
    else if (kind == 2)
        gb_curve_ellipse(&curve, x, y - h * 0.68, h * 0.3, h * 0.3);
    else
        curve = (gb_curve){
            .count = 4,
            .point = {{x, y - h}, {x + h * 0.22, y - h * 0.6}, {x, y - h * 0.2}, {x - h * 0.22, y - h * 0.6}}};
    gb_flat_fill(canvas, &curve, leaf, (gb_grain)gb_chance_pick(&random, GB_GRAIN_COUNT));
    if (gb_chance_one_in(&random, 2)) gb_flat_loop(canvas, &curve, palette->ink);
    for (int i = 0; i < 5; i++) { /* veins */
        const double vy = y - h * (0.3 + 0.11 * i), reach = h * (0.16 - 0.022 * i);
        gb_ink_line(canvas, x, vy, x - reach, vy - reach, 1.1, palette->ink);
        gb_ink_line(canvas, x, vy, x + reach, vy - reach, 1.1, palette->ink);
    }
    gb_ink_line(canvas, x, y, x, y - h * 0.82, 1.4, palette->ink);
}

void gb_flat_grove_back(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_random random = gb_chance_cell(stage->seed, "flat grove", 0);
    draw_paper(stage, palette);
    draw_disc(stage, palette, &random);
    draw_clouds(stage, palette);
    static const double depth[3] = {0.2, 0.45, 0.75}, foot[3] = {36, 58, 84}, tall[3] = {70, 110, 168},
                        step[3] = {34, 52, 84};
    for (int row = 0; row < 3; row++) {
        gb_stage_layer(stage, depth[row]);
        const gb_canvas *canvas = &stage->canvas;
        const gb_colour ground = gb_colour_mix(gb_palette_pick(palette, &random), palette->paper, 60 - 18 * row);
        const gb_cells hills = gb_stage_cells(stage, 130, 130);
        for (int i = hills.first; i <= hills.last; i++) {
            gb_curve curve;
            gb_random each = gb_chance_cell(stage->seed, "flat hill", 4 * i + row);
            gb_curve_arc(&curve, 130 * i, foot[row] + 14, 96, gb_chance_between(&each, 24, 56), 0.5, 1);
            gb_flat_fill(canvas, &curve, ground, row == 1 ? GB_GRAIN_DOTS : GB_GRAIN_HATCH);
        }
        gb_stage_band(stage, foot[row] + 8, canvas->bottom + 2, ground);
        const gb_cells cells = gb_stage_cells(stage, step[row], tall[row] * 0.4);
        for (int i = cells.first; i <= cells.last; i++) {
            gb_random each = gb_chance_cell(stage->seed, "flat tree", 4 * i + row);
            draw_flat_tree(canvas, palette, step[row] * (i + 0.5 * gb_random_uniform(&each)), foot[row] + 10,
                           tall[row] * gb_chance_between(&each, 0.7, 1.1), each);
        }
    }
    gb_stage_layer(stage, 1);
    const gb_canvas *canvas = &stage->canvas;
    const gb_colour ground = gb_colour_mix(palette->four, palette->paper, 35);
    gb_stage_band(stage, 92, canvas->bottom + 2, ground);
    const gb_cells cells = gb_stage_cells(stage, 8, 8);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random each = gb_chance_cell(stage->seed, "blade", i);
        const double y = gb_chance_between(&each, 96, 142), h = gb_chance_between(&each, 4, 10);
        gb_ink_line(canvas, 8 * i, y, 8 * i + 2, y - h, 1.1, gb_colour_mix(ground, palette->ink, 60));
    }
}

void gb_flat_grove_front(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_stage_layer(stage, 1.4);
    const gb_cells cells = gb_stage_cells(stage, 120, 60);
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "fern", i);
        const double x = 120 * i + 60 * gb_random_uniform(&random), h = gb_chance_between(&random, 34, 60);
        for (int k = 0; k < 7; k++)
            gb_ink_line(&stage->canvas, x, 150, x + (k - 3) * h * 0.2, 150 - h + (k - 3) * (k - 3) * 3, 2.2,
                        palette->ink);
    }
}

static void draw_sails(const gb_canvas *canvas, const gb_palette *palette, double x, double y, double s,
                       gb_random random)
{
    gb_curve curve = {.count = 3, .point = {{x, y - s * 1.5}, {x + s * 0.8, y - s * 0.3}, {x, y - s * 0.3}}};
    gb_flat_fill(canvas, &curve, gb_palette_pick(palette, &random), GB_GRAIN_HATCH);
    gb_flat_loop(canvas, &curve, palette->ink);
    curve = (gb_curve){.count = 3, .point = {{x - 2, y - s * 1.2}, {x - 2, y - s * 0.3}, {x - s * 0.6, y - s * 0.3}}};
    gb_flat_fill(canvas, &curve, gb_palette_pick(palette, &random), GB_GRAIN_DOTS);
    curve = (gb_curve){.count = 4,
                       .point = {{x - s * 0.8, y - s * 0.2},
                                 {x + s * 0.9, y - s * 0.2},
                                 {x + s * 0.5, y + s * 0.1},
                                 {x - s * 0.5, y + s * 0.1}}};
    gb_flat_fill(canvas, &curve, palette->ink, GB_GRAIN_NONE);
}

void gb_flat_harbour_back(gb_stage *stage)
{
    const gb_palette *palette = gb_palette_of(stage->seed);
    gb_random random = gb_chance_cell(stage->seed, "flat harbour", 0);
    draw_paper(stage, palette);
    draw_disc(stage, palette, &random);
    draw_clouds(stage, palette);
    for (int row = 0; row < 7; row++) { /* waves in rows of scales, boats between */
        gb_stage_layer(stage, 0.2 + 0.09 * row);
        const gb_canvas *canvas = &stage->canvas;
        const double y = -4 + 14 * row, step = 24 + 3.0 * row,
                     roll = 2 * gb_wave_sin((stage->frame / 3 % 8) / 8.0 + 0.3 * row);
        const gb_colour water = gb_colour_mix(palette->two, row % 2 ? palette->paper : palette->ink, 12 + 5 * row);
        const gb_cells boats = gb_stage_cells(stage, 150, 60);
        gb_part_begin_at(&stage->canvas, 0, roll, 0);
        for (int i = boats.first; row > 0 && row < 5 && i <= boats.last; i++) {
            gb_random each = gb_chance_cell(stage->seed, "flat boat", 8 * i + row);
            if (gb_chance_one_in(&each, 2))
                draw_sails(canvas, palette, 150 * i + 80 * gb_random_uniform(&each), y + roll, 16 + 6.0 * row, each);
        }
        gb_part_begin(&stage->canvas, 0);
        gb_stage_band(stage, y + 10, canvas->bottom + 2, water);
        gb_part_begin_at(&stage->canvas, roll, 0, 0);
        const gb_cells cells = gb_stage_cells(stage, step, step);
        for (int i = cells.first; i <= cells.last; i++)
            for (int ring = 0; ring < 3; ring++) {
                gb_curve curve;
                const double r = step * (0.52 - 0.15 * ring);
                gb_curve_ellipse(&curve, step * i + roll, y + 12, r, r * 0.8);
                gb_ink_fill(canvas, &curve, ring % 2 ? gb_colour_mix(water, 0xFFFFFF, 45) : water);
            }
    }
    gb_stage_layer(stage, 1);
    const gb_canvas *canvas = &stage->canvas;
    const gb_cells cells = gb_stage_cells(stage, 18, 20);
    for (int i = cells.first; i <= cells.last; i++)
        gb_flat_box(canvas, 18 * i, 94, 17, canvas->bottom - 92,
                    i % 3 ? palette->one : gb_colour_mix(palette->one, palette->ink, 20),
                    i % 2 ? GB_GRAIN_HATCH : GB_GRAIN_NONE);
    for (int i = cells.first / 5 - 1; i <= cells.last / 5 + 1; i++) {
        gb_flat_box(canvas, 90 * i, 62, 10, 44, palette->ink, GB_GRAIN_HATCH);
        gb_ink_line(canvas, 90 * i + 5, 72, 90 * i + 95, 72, 1.6, palette->ink);
        gb_ink_line(canvas, 90 * i + 5, 84, 90 * i + 95, 84, 1.6, palette->ink);
    }
}
