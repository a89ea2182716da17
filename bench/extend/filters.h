/* The temporal filters of a job: over all frames in order, begun anew at each cut, which is found in the known centre
 * alone. What they depend on is kept beside the finished segments, so that a job that is taken up again goes on as if
 * it had never been cut off. */
#ifndef GB_EXTEND_FILTERS_H
#define GB_EXTEND_FILTERS_H

#include "extend/plan.h"

typedef struct gb_filters gb_filters;

bool gb_filters_wanted(const gb_extend_plan *plan);

/* `folder`: the journal's, where `there` frames have been finished already (NULL and 0: none); their state must lie
 * in it. */
gb_status gb_filters_new(const gb_extend_plan *plan, const char *folder, long there, gb_filters **out, gb_error *err)
    GB_MUST_CHECK;
void gb_filters_free(gb_filters *filters);

/* The next frame, as each contender of the plan made it. After the last frame of each segment *state becomes what the
 * frame after it depends on, for gb_filters_keep; the caller frees. */
gb_status gb_filters_step(gb_filters *filters, gb_image *const *frames, uint8_t **state, gb_error *err) GB_MUST_CHECK;

/* Keeps the state after `frames` frames in the folder, before the segment that ends with them is finished; and forgets
 * the one before, once it is. */
gb_status gb_filters_keep(const gb_filters *filters, long frames, const uint8_t *state, gb_error *err) GB_MUST_CHECK;
void gb_filters_forget(const gb_filters *filters, long frames);

#endif
