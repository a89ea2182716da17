/* The places that shots happen in. A set draws everything behind the actors and whatever passes before them; where it
 * has a ground, the actors' feet are between `near` and `far` (far: higher up in the picture). */
#ifndef GB_TOON_SETS_H
#define GB_TOON_SETS_H

#include <stdbool.h>

#include "datasets/toon/chance.h"
#include "datasets/toon/stage.h"

typedef enum gb_weather { GB_WEATHER_NONE, GB_WEATHER_SNOW, GB_WEATHER_RAIN, GB_WEATHER_LEAVES, GB_WEATHER_SPARKS,
    GB_WEATHER_PETALS, GB_WEATHER_COUNT } gb_weather;

typedef enum gb_set_kind {
    GB_SET_OUTDOORS,
    GB_SET_INDOORS, /* the hour shows in the windows only */
    GB_SET_CARD,    /* a title: the camera stands */
} gb_set_kind;

typedef struct gb_set {
    const char *name;
    void (*back)(gb_stage *stage);
    void (*front)(gb_stage *stage); /* may be NULL */
    double far, near;
    unsigned moods, weathers; /* bit sets of gb_mood and gb_weather that suit it */
    gb_set_kind kind;
    bool pattern; /* most of what lies behind the actors repeats: tiles, wallpaper, bricks, shelves, scales, windows */
} gb_set;

const gb_set *gb_sets(int *count);      /* of the first show */
const gb_set *gb_flat_sets(int *count); /* of the second */

void gb_weather_draw(gb_stage *stage, gb_weather weather);

/* furniture.c; x is the middle, y what it stands on (or the middle of what hangs) */
void gb_bookshelf_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_random random);
void gb_books_draw(const gb_canvas *canvas, double from, double to, double y, double height, gb_random *random);
void gb_picture_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_random *random);
void gb_window_draw(const gb_stage *stage, double x, double y, double width, double height, gb_random random);
void gb_plant_draw(const gb_canvas *canvas, double x, double y, double height, gb_random random);
void gb_floor_lamp_draw(const gb_canvas *canvas, double x, double y, double height, gb_colour shade);
void gb_pendant_draw(const gb_canvas *canvas, double x, double top, double y, gb_colour shade);
void gb_sofa_draw(const gb_canvas *canvas, double x, double y, double width, gb_colour cloth);
void gb_clock_draw(const gb_canvas *canvas, double x, double y, double radius);
void gb_table_draw(const gb_canvas *canvas, double x, double y, double width, double height, gb_colour wood,
                   gb_random random);

/* floors.c: from the wall's foot `top` down, in perspective; the wall is on the layer at GB_WALL_DEPTH */
#define GB_WALL_DEPTH 0.88
void gb_tiled_floor_draw(gb_stage *stage, double top, gb_colour light, gb_colour dark);
void gb_plank_floor_draw(gb_stage *stage, double top, gb_colour wood);
/* How much narrower the floor is seen at height y, from the camera's middle, than it is on the layer at depth 1. */
double gb_floor_scale(double y, double top);
void gb_rug_draw(gb_stage *stage, double x, double y, double width, double depth, gb_colour colour, gb_colour trim);

/* wallpaper.c: over all of the wall seen above y = bottom; `kind` is one of GB_WALLPAPERS */
#define GB_WALLPAPERS 5
void gb_wallpaper_draw(const gb_stage *stage, double bottom, gb_colour paper, gb_colour print, int kind);
void gb_wainscot_draw(const gb_stage *stage, double top, double bottom, gb_colour wood);

#endif
