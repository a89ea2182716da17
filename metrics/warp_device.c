/* e_warp where the frames are: the truth's motion is measured here, sent there once, and all generators' errors are
 * added up by it. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/warp_mask.h"

typedef struct device_worker {
    gb_metric_env env;
    size_t pixels;
    gb_warp_mask *mask;
    gb_memory *motion; /* of each pair: where pixels go, height x width x 2 floats; then each pair's parts, a byte */
    uint64_t used[GB_SCORING_FRAMES][GB_REGION_COUNT];
} device_worker;

static void worker_close(void *handle)
{
    device_worker *const worker = handle;
    if (!worker) return;
    if (worker->motion) worker->env.scoring->memory_free(worker->motion);
    gb_warp_mask_free(worker->mask);
    free(worker);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    gb_status status;
    device_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, GB_WARP_ID, sizeof *worker);
    worker->env = *env;
    worker->pixels = (size_t)env->geometry.width * (size_t)env->geometry.height;
    GB_GO(gb_warp_mask_new(env->geometry, &worker->mask, err));
    GB_GO(env->scoring->memory_new(env->backend->ordinal,
                                   (size_t)env->frames * worker->pixels * (2 * sizeof(float) + 1), &worker->motion,
                                   err));
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

static gb_place flow_of(const device_worker *worker, int pair)
{
    return (gb_place){.memory = worker->motion, .offset = (size_t)pair * worker->pixels * 2 * sizeof(float)};
}

static gb_place member_of(const device_worker *worker, int pair)
{
    const gb_place begin = flow_of(worker, worker->env.frames);
    return (gb_place){.memory = begin.memory, .offset = begin.offset + (size_t)pair * worker->pixels};
}

static gb_status pair_reference(void *handle, const gb_device_pairs *truth, gb_error *err)
{
    device_worker *const worker = handle;
    const gb_scoring *const on = worker->env.scoring;
    for (int i = 0; i < truth->count; i++) {
        GB_TRY(gb_warp_mask_measure(worker->mask, &truth->picture[i], err));
        memcpy(worker->used[i], gb_warp_mask_used(worker->mask), sizeof worker->used[i]);
        GB_TRY(on->put(worker->env.scorer, flow_of(worker, i), gb_warp_mask_flow(worker->mask),
                       2 * sizeof(float) * worker->pixels, err));
        GB_TRY(on->put(worker->env.scorer, member_of(worker, i), gb_warp_mask_member(worker->mask), worker->pixels,
                       err));
    }
    return GB_OK;
}

static gb_status pair(void *handle, const gb_device_pairs *test, gb_scores *out, gb_error *err)
{
    const device_worker *const worker = handle;
    const gb_geometry g = worker->env.geometry;
    double total[GB_SCORING_FRAMES][GB_WARP_PARTS];
    gb_warp_sums sums = {.count = test->count, .width = g.width, .height = g.height, .parts = GB_WARP_PARTS};
    memcpy(sums.a, test->frame[0], sizeof sums.a);
    memcpy(sums.b, test->frame[1], sizeof sums.b);
    for (int i = 0; i < test->count; i++) {
        sums.flow[i] = flow_of(worker, test->truth[i]);
        sums.member[i] = member_of(worker, test->truth[i]);
    }
    GB_TRY(worker->env.scoring->warp(worker->env.scorer, &sums, &total[0][0], err));
    for (int i = 0; i < test->count; i++) gb_warp_score(g, worker->used[test->truth[i]], total[i], &out[i]);
    return GB_OK;
}

const struct gb_metric_on_device gb_warp_on_device = {
    .worker_open = worker_open,
    .worker_close = worker_close,
    .pair_reference = pair_reference,
    .pair = pair,
};
