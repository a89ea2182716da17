/* How a pair of frames moves, estimated: luma and flow of both, forwards and, where it is wanted, backwards. */
#ifndef GB_FLOW_PAIR_MOTION_H
#define GB_FLOW_PAIR_MOTION_H

#include "flow/estimate.h"

/* One per thread. */
typedef struct gb_pair_motion gb_pair_motion;

/* `what` (static) is named in messages; `back` is how motion backwards is estimated. */
gb_status gb_pair_motion_new(const char *what, gb_flow_method method, gb_flow_method back, int width, int height,
                             gb_pair_motion **out, gb_error *err) GB_MUST_CHECK;
void gb_pair_motion_free(gb_pair_motion *motion);

/* Room for two flows (height x width x 2 floats each), `which` 0 or 1; lives as long as `motion`. */
float *gb_pair_motion_flow(const gb_pair_motion *motion, int which);

/* Where each pixel of the first frame is in the second (height x width x 2, as gb_flow_estimate), and the other way
 * round unless `backward` is NULL. Frames of another size are GB_E_MISMATCH. */
gb_status gb_pair_motion_measure(gb_pair_motion *motion, const gb_image *const frame[2], float *forward,
                                 float *backward, gb_error *err) GB_MUST_CHECK;

#endif
