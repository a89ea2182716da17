/* What the baselines share. */
#ifndef GB_MODELS_BASELINE_H
#define GB_MODELS_BASELINE_H

#include "image/image.h"

/* GB_E_ARG unless the frame has pixels and 0 < 2 * side < width. */
gb_status gb_baseline_check(const gb_image *frame, int side, gb_error *err) GB_MUST_CHECK;

/* Fills the strips of every row: strip pixel at distance `d` from its seam (0: adjacent) becomes the centre's pixel at
 * distance `from(d, centre width)` from the same seam. */
void gb_baseline_fill(gb_image *frame, int side, int (*from)(int distance, int centre_width));

#endif
