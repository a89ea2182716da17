#include "flow/pair_motion.h"

#include <stdlib.h>

#include "core/memory.h"

struct gb_pair_motion {
    gb_flow_estimator *estimator[2]; /* forwards, backwards */
    unsigned char *grey[2];
    float *flow[2];
};

gb_status gb_pair_motion_new(const char *what, gb_flow_method method, gb_flow_method back, int width, int height,
                             gb_pair_motion **out, gb_error *err)
{
    gb_status status = GB_OK;
    const gb_flow_method methods[2] = {method, back};
    const size_t pixels = (size_t)width * (size_t)height;
    gb_pair_motion *motion = gb_alloc(1, sizeof *motion);
    if (!motion) return gb_fail_memory(err, what, sizeof *motion);
    for (int i = 0; i < 2; i++) {
        motion->grey[i] = gb_alloc_aligned(pixels, 1);
        motion->flow[i] = gb_alloc_aligned(2 * pixels, sizeof(float));
        if (!motion->grey[i] || !motion->flow[i]) GB_GO(gb_fail_memory(err, what, pixels));
        GB_GO(gb_flow_estimator_new(methods[i], width, height, &motion->estimator[i], err));
    }
    *out = motion;
    motion = NULL;
done:
    gb_pair_motion_free(motion);
    return status;
}

void gb_pair_motion_free(gb_pair_motion *motion)
{
    if (!motion) return;
    for (int i = 0; i < 2; i++) {
        gb_flow_estimator_free(motion->estimator[i]);
        free(motion->grey[i]);
        free(motion->flow[i]);
    }
    free(motion);
}

float *gb_pair_motion_flow(const gb_pair_motion *motion, int which)
{
    return motion->flow[which];
}

gb_status gb_pair_motion_measure(gb_pair_motion *motion, const gb_image *const frame[2], float *forward,
                                 float *backward, gb_error *err)
{
    for (int i = 0; i < 2; i++) GB_TRY(gb_flow_grey(motion->estimator[0], frame[i], motion->grey[i], err));
    GB_TRY(gb_flow_estimate(motion->estimator[0], motion->grey[0], motion->grey[1], forward, err));
    if (!backward) return GB_OK;
    return gb_flow_estimate(motion->estimator[1], motion->grey[1], motion->grey[0], backward, err);
}
