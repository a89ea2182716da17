/* Painting a curve: flat cels with a shadow tone, and ink whose width varies as a pen's does. */
#ifndef GB_TOON_INK_H
#define GB_TOON_INK_H

#include <cairo.h>
#include <stdint.h>

#include "datasets/toon/colour.h"
#include "datasets/toon/curve.h"

/* What is drawn on: units are 1/288 of the frame's height. Lines are drawn `weight` wide in `ink`; `light` multiplies
 * every colour (dusk, night). `left`..`bottom` is what the camera sees of the layer being drawn. */
typedef struct gb_canvas {
    cairo_t *cairo;
    gb_colour ink, light;
    double weight;
    double left, right, top, bottom;
    struct gb_parts *parts; /* NULL while a picture is drawn; else parts are drawn instead of colours, see motion.h */
    int part;               /* that later drawing belongs to */
} gb_canvas;

/* Later drawing on this canvas is a part of its own: it moves as the canvas's present transformation does, after a
 * shift by (dx, dy), and keeps its shape while `phase` does. Nothing happens while a picture is drawn. */
void gb_part_begin(gb_canvas *canvas, int phase);
void gb_part_begin_at(gb_canvas *canvas, double dx, double dy, int phase);

void gb_ink_source(const gb_canvas *canvas, gb_colour colour, double alpha);
void gb_ink_path(const gb_canvas *canvas, const gb_curve *curve); /* closed, on the current path */

void gb_ink_fill(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour);
void gb_ink_glaze(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double alpha);
/* From `top` at y = from to `bottom` at y = to. */
void gb_ink_gradient(const gb_canvas *canvas, const gb_curve *curve, gb_colour top, gb_colour bottom, double from,
                     double to);
/* Closed outline, `width` wide where it faces away from the light and thinner towards it. */
void gb_ink_outline(const gb_canvas *canvas, const gb_curve *curve, double width);
/* Open line, thinning to both ends. */
void gb_ink_stroke(const gb_canvas *canvas, const gb_curve *curve, double width, gb_colour colour);
void gb_ink_line(const gb_canvas *canvas, double x0, double y0, double x1, double y1, double width, gb_colour colour);

/* Fill, shadow rim `shade` wide on the side away from the light (upper left), outline. */
void gb_ink_cel(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double shade);
/* The same without the outline. */
void gb_ink_tone(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, double shade);

/* Upright boxes, the most common shape of all: plain, and as a cel with an outline of normal weight. */
void gb_ink_box(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour);
void gb_ink_panel(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour);
void gb_ink_dot(const gb_canvas *canvas, double x, double y, double radius, gb_colour colour);

/* Patterns, each one path: `rows` rows of arcs hanging in brick bond (tiles, scales, waves) between two slanting sides;
 * bricks; horizontal lines. */
typedef struct gb_field {
    double left, right, top, bottom; /* of the box, or of the foot of a roof */
    double slant;                    /* how far the top's ends stand in from the foot's */
} gb_field;
void gb_ink_scallops(const gb_canvas *canvas, gb_field field, double step, double row, gb_colour colour);
void gb_ink_bricks(const gb_canvas *canvas, gb_field field, double length, double row, gb_colour colour);
void gb_ink_boards(const gb_canvas *canvas, gb_field field, double row, gb_colour colour);

#endif
