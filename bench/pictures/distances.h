/* How much strips change over 1 to 24 frames: of the truth and of each contender, over the same pairs. Flicker changes
 * as much over one frame as over many; motion changes more and more. Sums are whole numbers: they do not depend on
 * anything but the frames. */
#ifndef GB_PICTURES_DISTANCES_H
#define GB_PICTURES_DISTANCES_H

#include "contenders/contender.h"
#include "report/run.h"

#define GB_MOST_DISTANCE 24 /* frames: a second of film */

typedef struct gb_distances gb_distances;

/* Over the strips; over the whole frame where nothing was invented. */
gb_status gb_distances_new(int contenders, gb_geometry geometry, gb_distances **out, gb_error *err) GB_MUST_CHECK;
void gb_distances_free(gb_distances *distances);

/* The next frame: `follows` the one before in the same shot; `frames`, one a contender, NULL where there is none. */
void gb_distances_add(gb_distances *distances, bool follows, const gb_image *truth, const gb_image *const *frames);

/* A row for each contender and distance that has pairs; `contenders` as many as there are. */
gb_status gb_distances_record(const gb_distances *distances, gb_run *run, const char *dataset,
                              const gb_contender *contenders, gb_error *err) GB_MUST_CHECK;

#endif
