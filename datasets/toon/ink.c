#include "datasets/toon/ink.h"

#include <string.h>

#include "datasets/toon/chance.h"
#include "datasets/toon/motion.h"

static const gb_point away = {0.55, 0.83}; /* from the light, which stands at the upper left */

void gb_part_begin_at(gb_canvas *canvas, double dx, double dy, int phase)
{
    gb_parts *parts = canvas->parts;
    if (!parts) return;
    const bool of_actor = parts->part[canvas->part].actor;
    canvas->part = ++parts->count < GB_PARTS ? parts->count : 0;
    gb_part *part = &parts->part[canvas->part];
    *part = (gb_part){.phase = phase, .actor = of_actor};
    cairo_get_matrix(canvas->cairo, &part->place);
    cairo_matrix_translate(&part->place, dx, dy);
}

void gb_part_begin(gb_canvas *canvas, int phase)
{
    gb_part_begin_at(canvas, 0, 0, phase);
}

/* What shines through shows two parts: every other label is this one's. */
static void set_chequered_label(const gb_canvas *canvas)
{
    cairo_surface_t *tile = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 2, 2);
    unsigned char *row = cairo_image_surface_get_data(tile);
    if (row) {
        const uint32_t label = 0xFF000000u | (uint32_t)canvas->part;
        memcpy(row, &label, sizeof label);
        memcpy(row + cairo_image_surface_get_stride(tile) + sizeof label, &label, sizeof label);
    }
    cairo_surface_mark_dirty(tile);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(tile);
    cairo_matrix_t matrix;
    cairo_get_matrix(canvas->cairo, &matrix);
    cairo_pattern_set_matrix(pattern, &matrix);
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_set_source(canvas->cairo, pattern);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(tile);
}

void gb_ink_source(const gb_canvas *canvas, gb_colour colour, double alpha)
{
    if (canvas->parts) {
        if (alpha < 1)
            set_chequered_label(canvas);
        else
            cairo_set_source_rgb(canvas->cairo, 0, 0, canvas->part / 255.0);
        return;
    }
    const gb_colour lit = gb_colour_multiply(colour, canvas->light);
    cairo_set_source_rgba(canvas->cairo, (lit >> 16) / 255.0, ((lit >> 8) & 255u) / 255.0, (lit & 255u) / 255.0, alpha);
}

static void trace(const gb_canvas *canvas, const gb_point *point, int count)
{
    if (count < 1) return;
    cairo_move_to(canvas->cairo, point[0].x, point[0].y);
    for (int i = 1; i < count; i++) cairo_line_to(canvas->cairo, point[i].x, point[i].y);
    cairo_close_path(canvas->cairo);
}

void gb_ink_path(const gb_canvas *canvas, const gb_curve *curve)
{
    trace(canvas, curve->point, curve->count);
}

void gb_ink_glaze(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double alpha)
{
    gb_ink_source(canvas, colour, alpha);
    gb_ink_path(canvas, curve);
    cairo_fill(canvas->cairo);
}

void gb_ink_fill(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour)
{
    gb_ink_glaze(canvas, curve, colour, 1);
}

static void add_stop(const gb_canvas *canvas, cairo_pattern_t *pattern, double at, gb_colour colour)
{
    const gb_colour lit = gb_colour_multiply(colour, canvas->light);
    cairo_pattern_add_color_stop_rgb(pattern, at, (lit >> 16) / 255.0, ((lit >> 8) & 255u) / 255.0,
                                     (lit & 255u) / 255.0);
}

void gb_ink_gradient(const gb_canvas *canvas, const gb_curve *curve, gb_colour top, gb_colour bottom, double from,
                     double to)
{
    if (canvas->parts) {
        gb_ink_fill(canvas, curve, top);
        return;
    }
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, from, 0, to);
    add_stop(canvas, pattern, 0, top);
    add_stop(canvas, pattern, 1, bottom);
    cairo_set_source(canvas->cairo, pattern);
    gb_ink_path(canvas, curve);
    cairo_fill(canvas->cairo);
    cairo_pattern_destroy(pattern);
}

void gb_ink_outline(const gb_canvas *canvas, const gb_curve *curve, double width)
{
    gb_point normal[GB_CURVE_MAX], outer[GB_CURVE_MAX], inner[GB_CURVE_MAX];
    const int count = curve->count;
    if (count < 3) return;
    gb_curve_normals(curve, 1, normal);
    for (int i = 0; i < count; i++) {
        const gb_point p = curve->point[i], n = normal[i];
        const double facing = n.x * away.x + n.y * away.y, swell = 0.10 * gb_wave_sin(0.043 * (p.x + 2 * p.y));
        const double half = 0.5 * width * (0.82 + 0.34 * (facing > 0 ? facing : 0.3 * facing) + swell);
        outer[i] = (gb_point){p.x + n.x * half, p.y + n.y * half};
        inner[count - 1 - i] = (gb_point){p.x - n.x * half, p.y - n.y * half};
    }
    gb_ink_source(canvas, canvas->ink, 1);
    trace(canvas, outer, count);
    trace(canvas, inner, count);
    cairo_fill(canvas->cairo);
}

void gb_ink_stroke(const gb_canvas *canvas, const gb_curve *curve, double width, gb_colour colour)
{
    gb_point normal[GB_CURVE_MAX], edge[2 * GB_CURVE_MAX];
    const int count = curve->count;
    if (count < 2) return;
    gb_curve_normals(curve, 0, normal);
    for (int i = 0; i < count; i++) {
        const double t = (double)i / (count - 1), half = 0.5 * width * (0.35 + 2.6 * t * (1 - t));
        const gb_point p = curve->point[i];
        edge[i] = (gb_point){p.x + normal[i].x * half, p.y + normal[i].y * half};
        edge[2 * count - 1 - i] = (gb_point){p.x - normal[i].x * half, p.y - normal[i].y * half};
    }
    gb_ink_source(canvas, colour, 1);
    trace(canvas, edge, 2 * count);
    cairo_fill(canvas->cairo);
}

void gb_ink_line(const gb_canvas *canvas, double x0, double y0, double x1, double y1, double width, gb_colour colour)
{
    gb_ink_source(canvas, colour, 1);
    cairo_set_line_width(canvas->cairo, width);
    cairo_move_to(canvas->cairo, x0, y0);
    cairo_line_to(canvas->cairo, x1, y1);
    cairo_stroke(canvas->cairo);
}

void gb_ink_tone(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double shade)
{
    gb_point normal[GB_CURVE_MAX];
    gb_ink_fill(canvas, curve, shade > 0 ? gb_colour_shadow(colour) : colour);
    if (shade <= 0 || curve->count < 3) return;
    gb_curve lit = *curve;
    gb_curve_normals(curve, 1, normal);
    for (int i = 0; i < lit.count; i++) {
        const double facing = normal[i].x * away.x + normal[i].y * away.y, in = facing > 0 ? shade * facing : 0;
        lit.point[i].x -= normal[i].x * in;
        lit.point[i].y -= normal[i].y * in;
    }
    gb_ink_fill(canvas, &lit, colour);
}

void gb_ink_cel(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double shade)
{
    gb_ink_tone(canvas, curve, colour, shade);
    gb_ink_outline(canvas, curve, canvas->weight);
}

void gb_ink_box(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour)
{
    gb_ink_source(canvas, colour, 1);
    cairo_rectangle(canvas->cairo, x, y, width, height);
    cairo_fill(canvas->cairo);
}

void gb_ink_panel(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour)
{
    gb_ink_box(canvas, x, y, width, height, colour);
    if (width > 8 && height > 8) {
        gb_ink_source(canvas, gb_colour_shadow(colour), 1);
        cairo_rectangle(canvas->cairo, x + width - 2.4, y, 2.4, height);
        cairo_rectangle(canvas->cairo, x, y + height - 2.6, width, 2.6);
        cairo_fill(canvas->cairo);
    }
    gb_ink_source(canvas, canvas->ink, 1);
    cairo_set_line_width(canvas->cairo, canvas->weight * 0.9);
    cairo_rectangle(canvas->cairo, x, y, width, height);
    cairo_stroke(canvas->cairo);
}

void gb_ink_dot(const gb_canvas *canvas, double x, double y, double radius, gb_colour colour)
{
    gb_curve curve;
    gb_curve_ellipse(&curve, x, y, radius, radius);
    gb_ink_fill(canvas, &curve, colour);
}
