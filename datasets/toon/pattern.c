#include <math.h>

#include "datasets/toon/ink.h"

/* The ends of the field at height y. */
static void ends(gb_field field, double y, double *from, double *to)
{
    const double in = field.slant * (field.bottom - y) / (field.bottom - field.top);
    *from = field.left + in;
    *to = field.right - in;
}

static void stroke(const gb_canvas *canvas, double width, gb_colour colour)
{
    gb_ink_source(canvas, colour, 1);
    cairo_set_line_width(canvas->cairo, width);
    cairo_stroke(canvas->cairo);
}

void gb_ink_scallops(const gb_canvas *canvas, gb_field field, double step, double row, gb_colour colour)
{
    int index = 0;
    for (double y = field.top + row * 0.4; y < field.bottom - row * 0.3; y += row, index++) {
        double from, to;
        ends(field, y, &from, &to);
        const double shift = index % 2 ? step / 2 : 0;
        for (double x = ceil((from - shift) / step) * step + shift; x + step <= to + 0.01; x += step) {
            cairo_move_to(canvas->cairo, x, y);
            cairo_curve_to(canvas->cairo, x + step * 0.1, y + row * 0.95, x + step * 0.9, y + row * 0.95, x + step, y);
        }
    }
    stroke(canvas, canvas->weight * 0.62, colour);
}

void gb_ink_bricks(const gb_canvas *canvas, gb_field field, double length, double row, gb_colour colour)
{
    const int first = (int)ceil(field.top / row), last = (int)floor(field.bottom / row);
    for (int index = first - 1; index <= last; index++) {
        const double y = index * row, top = y > field.top ? y : field.top;
        const double bottom = y + row < field.bottom ? y + row : field.bottom;
        double from, to;
        ends(field, top, &from, &to);
        if (index >= first) {
            cairo_move_to(canvas->cairo, from, y);
            cairo_line_to(canvas->cairo, to, y);
        }
        const double shift = index & 1 ? length / 2 : 0;
        for (double x = ceil((from - shift) / length) * length + shift; x < to; x += length) {
            cairo_move_to(canvas->cairo, x, top);
            cairo_line_to(canvas->cairo, x, bottom);
        }
    }
    stroke(canvas, canvas->weight * 0.55, colour);
}

void gb_ink_boards(const gb_canvas *canvas, gb_field field, double row, gb_colour colour)
{
    for (double y = field.top + row; y < field.bottom - 1; y += row) {
        double from, to;
        ends(field, y, &from, &to);
        cairo_move_to(canvas->cairo, from, y);
        cairo_line_to(canvas->cairo, to, y);
    }
    stroke(canvas, canvas->weight * 0.55, colour);
}
