/* A picture of where a frame's headline value comes from: dark where nothing differs, bright where much does. */
#ifndef GB_PICTURES_HEAT_H
#define GB_PICTURES_HEAT_H

#include "evaluate/evaluate.h"

#define GB_HEAT_WIDTH 256 /* pixels at most: the metric's own positions are farther apart than these */
#define GB_HEAT_TOP 1.0   /* the value from which on a pixel is as bright as can be; the same in all runs */

typedef struct gb_heat gb_heat;

/* *out is NULL, and all is well, when the evaluation has no headline metric or that one has no map. */
gb_status gb_heat_open(const gb_evaluation *evaluation, gb_heat **out, gb_error *err) GB_MUST_CHECK;
void gb_heat_close(gb_heat *heat);

/* The truth's part once, then a PNG for each frame that is held against it. */
gb_status gb_heat_truth(gb_heat *heat, const gb_image *truth, gb_error *err) GB_MUST_CHECK;
gb_status gb_heat_write(gb_heat *heat, const gb_image *test, const char *path, gb_error *err) GB_MUST_CHECK;

#endif
