/* Outdoor things, each drawn where it is put: x is its middle, y the ground it stands on. */
#ifndef GB_TOON_SCENERY_H
#define GB_TOON_SCENERY_H

#include "datasets/toon/chance.h"
#include "datasets/toon/stage.h"

/* sky.c */
typedef struct gb_sky {
    gb_colour top, bottom, cloud, light;
} gb_sky;
const gb_sky *gb_sky_of(gb_mood mood);
void gb_sky_draw(gb_stage *stage, double horizon); /* gradient, sun or moon, stars, clouds; leaves depth 0.1 */
void gb_cloud_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour colour, uint64_t seed);

/* trees.c */
typedef enum gb_tree { GB_TREE_LEAFY, GB_TREE_PINE, GB_TREE_POPLAR, GB_TREE_PALM, GB_TREE_APPLE } gb_tree;
void gb_tree_draw(const gb_canvas *canvas, gb_tree kind, double x, double y, double height, gb_colour leaves,
                  gb_random random);
void gb_bush_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour leaves, gb_random random);
void gb_tuft_draw(const gb_canvas *canvas, double x, double y, double size, gb_colour grass);
void gb_flower_draw(const gb_canvas *canvas, double x, double y, double size, gb_colour petals);

/* landscape.c: rows that reach both borders of the layer */
void gb_hills_draw(const gb_stage *stage, double y, double rise, double wave, gb_colour colour, const char *tag);
void gb_mountains_draw(const gb_stage *stage, double y, double height, gb_colour rock, const char *tag);
void gb_picket_fence_draw(const gb_stage *stage, double y, double height, gb_colour colour);
void gb_rail_fence_draw(const gb_stage *stage, double y, double height, gb_colour colour);
void gb_grass_draw(const gb_stage *stage, double top, double bottom, gb_colour grass);
void gb_tree_row_draw(const gb_stage *stage, gb_tree kind, double y, double height, double step, gb_colour leaves,
                      const char *tag);

/* houses.c */
void gb_house_draw(const gb_canvas *canvas, double x, double y, double width, gb_random random);
void gb_tower_block_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour wall,
                         gb_random random);
void gb_street_lamp_draw(const gb_canvas *canvas, double x, double y, double height, int lit);
void gb_brick_wall_draw(const gb_stage *stage, double top, double bottom, gb_colour brick);

#endif
