#include "metrics/pair_motion.h"

#include <stdlib.h>

#include "core/memory.h"
#include "metrics/column_sums.h"

struct gb_pair_motion {
    const char *metric;
    gb_geometry geometry;
    gb_flow_estimator *estimator[2]; /* forwards, backwards */
    unsigned char *grey[2];
    float *flow[2];
};

gb_status gb_pair_motion_ready(const gb_metric_env *env, gb_error *err)
{
    (void)env;
    return gb_flow_ready(err);
}

gb_status gb_pair_motion_new(const char *metric, gb_flow_method method, gb_flow_method back, gb_geometry geometry,
                             gb_pair_motion **out, gb_error *err)
{
    gb_status status = GB_OK;
    const gb_flow_method methods[2] = {method, back};
    const size_t pixels = (size_t)geometry.width * (size_t)geometry.height;
    gb_pair_motion *motion = gb_alloc(1, sizeof *motion);
    if (!motion) return gb_fail_memory(err, metric, sizeof *motion);
    motion->metric = metric;
    motion->geometry = geometry;
    for (int i = 0; i < 2; i++) {
        motion->grey[i] = gb_alloc_aligned(pixels, 1);
        motion->flow[i] = gb_alloc_aligned(2 * pixels, sizeof(float));
        if (!motion->grey[i] || !motion->flow[i]) GB_GO(gb_fail_memory(err, metric, pixels));
        GB_GO(gb_flow_estimator_new(methods[i], geometry.width, geometry.height, &motion->estimator[i], err));
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

gb_status gb_pair_motion_measure(gb_pair_motion *motion, const gb_frame_pair *pair, float *forward, float *backward,
                                 gb_error *err)
{
    for (int i = 0; i < 2; i++) {
        GB_TRY(gb_metric_check_frame(motion->metric, motion->geometry, pair->frame[i], err));
        GB_TRY(gb_flow_grey(motion->estimator[0], pair->frame[i], motion->grey[i], err));
    }
    GB_TRY(gb_flow_estimate(motion->estimator[0], motion->grey[0], motion->grey[1], forward, err));
    if (!backward) return GB_OK;
    return gb_flow_estimate(motion->estimator[1], motion->grey[1], motion->grey[0], backward, err);
}
