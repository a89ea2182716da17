/* How much a picture changes from one frame to the next: what the three flicker metrics are made of.
 * MAE_dt(f) = mean over the region's pixels and RGB channels of |f_t - f_(t+1)|, in 8-bit levels. */
#ifndef GB_METRICS_FRAME_CHANGE_H
#define GB_METRICS_FRAME_CHANGE_H

#include "metrics/on_device.h"

/* A pair of frames is a hold (one drawing shown again) when the truth's MAE_dt over the whole frame is below this many
 * levels. Zero would be right for clean footage only: repeats of a drawing in compressed cartoons measure 0.25 to 0.8
 * levels, a moving drawing from 2 up; in between are few pairs. */
#define GB_HOLD_LIMIT 1.0

/* MAE_dt of each region; NaN where the region does not exist. */
typedef struct gb_frame_change {
    double mae[GB_REGION_COUNT];
} gb_frame_change;

/* A metric's value for a pair from how much the truth and the test change. */
typedef void gb_frame_change_rule(const gb_frame_change *truth, const gb_frame_change *test, gb_scores *out);

/* worker_open and worker_close of a metric whose worker only measures changes. */
gb_status gb_frame_change_open(const void *state, const gb_metric_env *env, void **worker, gb_error *err);
void gb_frame_change_close(void *worker);

/* pair_reference of such a metric: measures the truth and remembers it. */
gb_status gb_frame_change_reference(void *worker, const gb_frame_pair *truth, gb_error *err);

/* `pair` of such a metric by its rule. Both frames must have the worker's geometry. Exact up to one division. */
gb_status gb_frame_change_pair(gb_frame_change_rule *rule, void *worker, const gb_frame_pair *pair, gb_scores *out,
                               gb_error *err) GB_MUST_CHECK;

/* The same where the frames are: members of a gb_metric_on_device, beside gb_device_worker_close; `pair` by its
 * rule. */
gb_status gb_device_change_open(const void *state, const gb_metric_env *env, void **worker, gb_error *err);
gb_status gb_device_change_reference(void *worker, const gb_device_pairs *truth, gb_error *err);
gb_status gb_device_change_pairs(gb_frame_change_rule *rule, void *worker, const gb_device_pairs *test, gb_scores *out,
                                 gb_error *err) GB_MUST_CHECK;

#endif
