#include "datasets/toon/stage.h"

#include <math.h>

void gb_stage_layer(gb_stage *stage, double depth)
{
    const double zoom = stage->camera.zoom; /* a lens, not a dolly: the same for all layers */
    const double x = stage->camera.x * depth, y = stage->camera.y * (0.3 + 0.7 * depth);
    cairo_matrix_t matrix = {.xx = stage->scale * zoom, .yy = stage->scale * zoom};
    matrix.x0 = stage->scale * (stage->width / 2 - x * zoom);
    matrix.y0 = stage->scale * (GB_STAGE_HEIGHT / 2 - y * zoom);
    cairo_set_matrix(stage->canvas.cairo, &matrix);
    stage->canvas.left = x - stage->width / 2 / zoom;
    stage->canvas.right = x + stage->width / 2 / zoom;
    stage->canvas.top = y - GB_STAGE_HEIGHT / 2 / zoom;
    stage->canvas.bottom = y + GB_STAGE_HEIGHT / 2 / zoom;
    stage->canvas.part = 0;
    gb_part_begin(&stage->canvas, 0);
}

gb_cells gb_stage_cells(const gb_stage *stage, double step, double reach)
{
    return (gb_cells){(int)floor((stage->canvas.left - reach) / step), (int)ceil((stage->canvas.right + reach) / step)};
}

void gb_stage_band(const gb_stage *stage, double top, double bottom, gb_colour colour)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_ink_box(canvas, canvas->left - 2, top, canvas->right - canvas->left + 4, bottom - top, colour);
}

void gb_stage_shade(const gb_stage *stage, double top, double bottom, gb_colour from, gb_colour to)
{
    const gb_canvas *canvas = &stage->canvas;
    gb_curve curve;
    gb_curve_box(&curve, canvas->left - 2, top, canvas->right - canvas->left + 4, bottom - top, 0);
    gb_ink_gradient(canvas, &curve, from, to, top, bottom);
}
