#include <math.h>

#include "datasets/toon/motion.h"
#include "datasets/toon/sets.h"

/* The floor's depth at height y: that of the wall at its foot, 1 where actors stand (46 lower). */
static double depth_at(double y, double top)
{
    return GB_WALL_DEPTH + (1 - GB_WALL_DEPTH) * (y - top) / 46;
}

double gb_floor_scale(double y, double top)
{
    return depth_at(y, top) * (0.62 + 0.0083 * (y - top));
}

/* Where the floor's point x (at depth 1) is seen at height y, on the layer at depth 1. */
static double seen_at(const gb_stage *stage, double x, double y, double top)
{
    return stage->camera.x + (x - stage->camera.x) * gb_floor_scale(y, top);
}

static void begin_floor(gb_stage *stage, double top)
{
    gb_stage_layer(stage, 1);
    if (!stage->canvas.parts) return;
    gb_part *part = &stage->canvas.parts->part[stage->canvas.part];
    part->floor = true;
    part->floor_top = top;
    part->camera_x = stage->camera.x;
}

static void outline_cell(const gb_stage *stage, double x0, double x1, double y0, double y1, double top)
{
    cairo_t *cairo = stage->canvas.cairo;
    cairo_move_to(cairo, seen_at(stage, x0, y0, top), y0);
    cairo_line_to(cairo, seen_at(stage, x1, y0, top), y0);
    cairo_line_to(cairo, seen_at(stage, x1, y1, top), y1);
    cairo_line_to(cairo, seen_at(stage, x0, y1, top), y1);
    cairo_close_path(cairo);
}

static double row_at(int row, double top)
{
    return top + 7.0 * row + 1.25 * row * row;
}

void gb_tiled_floor_draw(gb_stage *stage, double top, gb_colour light, gb_colour dark)
{
    begin_floor(stage, top);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, top, canvas->bottom + 2, gb_colour_shadow(light), light);
    const double step = 30;
    const gb_cells cells = {(int)floor((canvas->left - 160) / step), (int)ceil((canvas->right + 160) / step)};
    for (int row = 0; row_at(row, top) < canvas->bottom; row++)
        for (int i = cells.first; i < cells.last; i++)
            if ((i + row) & 1)
                outline_cell(stage, i * step, (i + 1) * step, row_at(row, top), row_at(row + 1, top), top);
    gb_ink_source(canvas, dark, 1);
    cairo_fill_preserve(canvas->cairo);
    gb_ink_source(canvas, gb_colour_mix(dark, canvas->ink, 60), 1);
    cairo_set_line_width(canvas->cairo, canvas->weight * 0.6);
    cairo_stroke(canvas->cairo);
    gb_ink_line(canvas, canvas->left - 2, top, canvas->right + 2, top, canvas->weight * 1.2, canvas->ink);
    gb_stage_layer(stage, 1);
}

void gb_plank_floor_draw(gb_stage *stage, double top, gb_colour wood)
{
    begin_floor(stage, top);
    const gb_canvas *canvas = &stage->canvas;
    gb_stage_shade(stage, top, canvas->bottom + 2, gb_colour_shadow(wood), wood);
    const double step = 22;
    const gb_cells cells = {(int)floor((canvas->left - 160) / step), (int)ceil((canvas->right + 160) / step)};
    for (int i = cells.first; i <= cells.last; i++) {
        gb_random random = gb_chance_cell(stage->seed, "plank", i);
        if (gb_chance_one_in(&random, 3)) {
            outline_cell(stage, i * step, (i + 1) * step, top, canvas->bottom + 4, top);
            gb_ink_source(canvas, gb_colour_mix(wood, gb_chance_one_in(&random, 2) ? 0x5A2E20 : 0xFFE8C0, 14), 1);
            cairo_fill(canvas->cairo);
        }
        const double joint = top + 80 * gb_random_uniform(&random), grain = top + 70 * gb_random_uniform(&random);
        const gb_colour line = gb_colour_mix(wood, canvas->ink, 62);
        gb_ink_line(canvas, seen_at(stage, i * step, top, top), top, seen_at(stage, i * step, canvas->bottom + 4, top),
                    canvas->bottom + 4, canvas->weight * 0.8, line);
        gb_ink_line(canvas, seen_at(stage, i * step, joint, top), joint, seen_at(stage, (i + 1) * step, joint, top),
                    joint, canvas->weight * 0.7, line);
        for (int k = 0; k < 2; k++) {
            const double x = (i + 0.3 + 0.4 * k) * step, y = grain + 9 * k;
            gb_ink_line(canvas, seen_at(stage, x, y, top), y, seen_at(stage, x, y + 12, top), y + 12,
                        canvas->weight * 0.5, gb_colour_mix(wood, canvas->ink, 40));
        }
    }
    gb_ink_line(canvas, canvas->left - 2, top, canvas->right + 2, top, canvas->weight * 1.2, canvas->ink);
    gb_stage_layer(stage, 1);
}

void gb_rug_draw(gb_stage *stage, double x, double y, double width, double depth, gb_colour colour, gb_colour trim)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, width / 2, depth / 2);
    gb_ink_cel(canvas, &curve, trim, 1.4);
    for (int i = 0; i < 44; i++) { /* fringe */
        const double c = gb_wave_cos(i / 44.0), s = gb_wave_sin(i / 44.0);
        gb_ink_line(canvas, x + c * width / 2, y + s * depth / 2, x + c * (width / 2 + 6), y + s * (depth / 2 + 3.4),
                    canvas->weight * 0.9, canvas->ink);
    }
    for (int ring = 0; ring < 3; ring++) {
        const double in = 0.86 - 0.26 * ring;
        gb_curve_ellipse(&curve, x, y, width / 2 * in, depth / 2 * in);
        gb_ink_cel(canvas, &curve, ring % 2 ? trim : gb_colour_mix(colour, trim, ring * 14), 0);
    }
}
