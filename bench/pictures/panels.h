/* Pictures of a run: for each scene, and for the best and the worst frame, the truth, the input and every
 * generator's frame, with a map of where its LPIPS comes from. */
#ifndef GB_PICTURES_PANELS_H
#define GB_PICTURES_PANELS_H

#include "evaluate/evaluate.h"

/* Chooses frames from the evaluation's headline values, generates them again (the same bits), writes PNGs into
 * <directory>/panels and appends to `panels`, which grows by `*count`. */
gb_status gb_panels_make(const gb_evaluation *evaluation, const char *directory, gb_run_panel **panels, size_t *count,
                         gb_error *err) GB_MUST_CHECK;

#endif
