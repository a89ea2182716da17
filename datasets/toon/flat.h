/* The second show's hand: geometric shapes without outlines, paper grain, hatching and dots, and now and then a thin
 * line printed beside the shape that it belongs to. */
#ifndef GB_TOON_FLAT_H
#define GB_TOON_FLAT_H

#include "datasets/toon/script.h"

typedef enum gb_grain { GB_GRAIN_NONE, GB_GRAIN_HATCH, GB_GRAIN_DOTS, GB_GRAIN_CROSS, GB_GRAIN_COUNT } gb_grain;

/* Six inks on a paper: every set is printed in one such palette. */
typedef struct gb_palette {
    gb_colour paper, ink, one, two, three, four;
} gb_palette;
const gb_palette *gb_palette_of(uint64_t seed);
gb_colour gb_palette_pick(const gb_palette *palette, gb_random *random); /* one of one..four */

/* Fill, with a texture of lines or dots in a darker or lighter tone of the colour. */
void gb_flat_fill(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour, gb_grain grain);
/* A thin closed line beside the shape. */
void gb_flat_loop(const gb_canvas *canvas, const gb_curve *curve, gb_colour colour);
void gb_flat_box(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour colour,
                 gb_grain grain);
void gb_flat_star(const gb_canvas *canvas, double x, double y, double radius, int rays, gb_colour colour);

/* Drawing number `drawing` of an actor of the second show, `face` of his face; feet at (0, 0), about 100 units tall. */
void gb_flat_actor_draw(const gb_canvas *canvas, const gb_actor *actor, int drawing, int face);

/* The places. */
void gb_flat_city_back(gb_stage *stage);
void gb_flat_grove_back(gb_stage *stage);
void gb_flat_grove_front(gb_stage *stage);
void gb_flat_lounge_back(gb_stage *stage);
void gb_flat_harbour_back(gb_stage *stage);
void gb_flat_fair_back(gb_stage *stage);
void gb_flat_fair_front(gb_stage *stage);

#endif
