/* Colours and shapes of the generators, the same in the page and in the figures. The colours are Okabe and Ito's eight
 * for colour-blind readers, shifted to at least 3:1 on either ground; shapes differ as well, so that colour alone never
 * tells two apart, and a baseline's shape is hollow. */
#ifndef GB_REPORT_PLOT_PALETTE_H
#define GB_REPORT_PLOT_PALETTE_H

#include <stddef.h>

enum { GB_COLOURS = 8, GB_SHAPES = 5 };

/* 0xRRGGBB, sRGB. */
typedef struct gb_colour {
    unsigned light, dark; /* on a light and on a dark ground */
} gb_colour;
extern const gb_colour gb_palette[GB_COLOURS];

/* What else is drawn on the figures' ground, white; the page has these as variables of its style sheet. */
enum { GB_INK = 0x1c1e22, GB_QUIET = 0x5a5f69, GB_RULE = 0xdddcd7, GB_GROUND = 0xffffff };

/* A shape about (0, 0), about as large as each other to the eye: a circle of this radius, or a closed polygon. */
typedef struct gb_shape {
    double radius;
    int points;
    double x[4], y[4];
} gb_shape;
extern const gb_shape gb_shapes[GB_SHAPES];

#endif
