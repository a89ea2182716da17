/* How a pair of frames moves, estimated: what tof and e_warp share. */
#ifndef GB_METRICS_PAIR_MOTION_H
#define GB_METRICS_PAIR_MOTION_H

#include "flow/estimate.h"
#include "metrics/metric.h"

/* One per worker. */
typedef struct gb_pair_motion gb_pair_motion;

/* `metric` (static) is named in messages; `back` is how motion backwards is estimated. */
gb_status gb_pair_motion_new(const char *metric, gb_flow_method method, gb_flow_method back, gb_geometry geometry,
                             gb_pair_motion **out, gb_error *err) GB_MUST_CHECK;
void gb_pair_motion_free(gb_pair_motion *motion);

/* Room for two flows (height x width x 2 floats each), `which` 0 or 1; lives as long as `motion`. */
float *gb_pair_motion_flow(const gb_pair_motion *motion, int which);

/* Where each pixel of the first frame is in the second (height x width x 2, as gb_flow_estimate), and the other way
 * round unless `backward` is NULL. Frames of another size than the geometry's are GB_E_MISMATCH. */
gb_status gb_pair_motion_measure(gb_pair_motion *motion, const gb_frame_pair *pair, float *forward, float *backward,
                                 gb_error *err) GB_MUST_CHECK;

/* `ready` of a metric that needs it. */
gb_status gb_pair_motion_ready(const gb_metric_env *env, gb_error *err) GB_MUST_CHECK;

#endif
