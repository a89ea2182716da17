/* Colours as 0xRRGGBB and how paint mixes, in whole numbers. */
#ifndef GB_TOON_COLOUR_H
#define GB_TOON_COLOUR_H

#include <stdint.h>

typedef uint32_t gb_colour;

/* `a` with `percent` (0..100) of `b` in it. */
gb_colour gb_colour_mix(gb_colour a, gb_colour b, int percent);
/* Each channel times the other's, over 255: how light falls on paint. */
gb_colour gb_colour_multiply(gb_colour paint, gb_colour light);
gb_colour gb_colour_shadow(gb_colour colour);    /* the shadow tone of a cel: darker, cooler */
gb_colour gb_colour_highlight(gb_colour colour); /* lighter, warmer */

#endif
