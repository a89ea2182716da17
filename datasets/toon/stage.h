/* One frame being drawn: the canvas, the camera over layers at different depths, and what the set was drawn from. */
#ifndef GB_TOON_STAGE_H
#define GB_TOON_STAGE_H

#include "datasets/toon/ink.h"

#define GB_STAGE_HEIGHT 288.0 /* units in the frame's height at zoom 1 */

/* What the frame's centre looks at, in units of the layer at depth 1, where the actors stand. The world goes on to both
 * sides without end; y grows downwards and the frame shows -144..144 when y is 0 and zoom 1. */
typedef struct gb_camera {
    double x, y, zoom;
} gb_camera;

typedef enum gb_mood { GB_MOOD_DAY, GB_MOOD_MORNING, GB_MOOD_DUSK, GB_MOOD_OVERCAST, GB_MOOD_NIGHT, GB_MOOD_COUNT }
    gb_mood;

typedef struct gb_stage {
    gb_canvas canvas;
    gb_camera camera;
    double width;  /* of the frame, in units; scale is pixels a unit */
    double scale;
    uint64_t seed; /* of the set: every frame of a shot has the same */
    gb_mood mood;
    int frame;     /* since the shot's start */
} gb_stage;

/* Later drawing goes on the layer at `depth`: 0 stands still at infinity, 1 is where the actors are, more is nearer.
 * Sets canvas.left..bottom. */
void gb_stage_layer(gb_stage *stage, double depth);

/* Places first..last of things `step` apart that can be seen, when each may reach `reach` beyond its place. */
typedef struct gb_cells {
    int first, last;
} gb_cells;
gb_cells gb_stage_cells(const gb_stage *stage, double step, double reach);

/* The whole of what the layer shows, from y = top to y = bottom. */
void gb_stage_band(const gb_stage *stage, double top, double bottom, gb_colour colour);
void gb_stage_shade(const gb_stage *stage, double top, double bottom, gb_colour from, gb_colour to);

#endif
