#include "metrics/frame_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/region_sums.h"

typedef struct change_worker {
    gb_geometry geometry;
    size_t row;     /* bytes */
    uint32_t *sums; /* of absolute differences, per column and channel */
    gb_frame_change truth;
} change_worker;

_Static_assert(255ull * GB_IMAGE_MAX_SIDE <= UINT32_MAX, "a column of differences fits 32 bits");

gb_status gb_frame_change_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    GB_TRY(gb_geometry_check(env->geometry, err));
    change_worker *const worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, "frame change", sizeof *worker);
    worker->geometry = env->geometry;
    const size_t row = 3 * (size_t)env->geometry.width;
    worker->row = row;
    worker->sums = gb_alloc_aligned(row, sizeof *worker->sums);
    if (!worker->sums) {
        gb_frame_change_close(worker);
        return gb_fail_memory(err, "frame change", row * sizeof *worker->sums);
    }
    *out = worker;
    return GB_OK;
}

void gb_frame_change_close(void *handle)
{
    change_worker *const worker = handle;
    if (!worker) return;
    free(worker->sums);
    free(worker);
}

GB_CLONES static void add_differences(uint32_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++) sums[i] += (uint32_t)abs(a[i] - b[i]);
}

static gb_status measure(void *handle, const gb_frame_pair *pair, gb_frame_change *out, gb_error *err)
{
    change_worker *const worker = handle;
    const gb_image *const first = pair->frame[0], *const second = pair->frame[1];
    GB_TRY(gb_metric_check_frame("change from frame to frame", worker->geometry, first, err));
    GB_TRY(gb_metric_check_frame("change from frame to frame", worker->geometry, second, err));
    memset(worker->sums, 0, worker->row * sizeof *worker->sums);
    for (size_t y = 0; y < (size_t)first->height; y++)
        add_differences(worker->sums, first->rgb + y * worker->row, second->rgb + y * worker->row, worker->row);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        double total, samples;
        const bool exists = gb_column_total_pixels(worker->sums, worker->geometry, (gb_region)r, &total, &samples);
        out->mae[r] = exists ? total / samples : NAN;
    }
    return GB_OK;
}

gb_status gb_frame_change_reference(void *handle, const gb_frame_pair *truth, gb_error *err)
{
    change_worker *const worker = handle;
    return measure(worker, truth, &worker->truth, err);
}

gb_status gb_frame_change_pair(gb_frame_change_rule *rule, void *worker, const gb_frame_pair *pair, gb_scores *out,
                               gb_error *err)
{
    const change_worker *const own = worker;
    gb_frame_change test;
    GB_TRY(measure(worker, pair, &test, err));
    *out = (gb_scores){0};
    rule(&own->truth, &test, out);
    return GB_OK;
}

/* ---- Where the frames are ---------------------------------------------------------------------------------------- */

typedef struct device_worker {
    gb_device_worker at;
    gb_frame_change truth[GB_SCORING_FRAMES];
} device_worker;

gb_status gb_device_change_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    GB_TRY(gb_geometry_check(env->geometry, err));
    return gb_device_worker_open("frame change", env, gb_pixel_grid(env->geometry), sizeof(device_worker), out, err);
}

static gb_status measure_pairs(const device_worker *worker, const gb_device_pairs *pairs, gb_frame_change *out,
                               gb_error *err)
{
    const gb_geometry g = worker->at.env.geometry;
    double total[GB_SCORING_FRAMES][GB_REGION_GROUPS];
    gb_difference_sums sums = {.of = GB_DIFFERENCE_ABSOLUTE, .count = pairs->count, .width = g.width,
                               .height = g.height, .groups = worker->at.sums.groups};
    memcpy(sums.a, pairs->frame[0], sizeof sums.a);
    memcpy(sums.b, pairs->frame[1], sizeof sums.b);
    GB_TRY(worker->at.env.scoring->differences(worker->at.env.scorer, &sums, &total[0][0], err));
    for (int i = 0; i < pairs->count; i++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const double samples = 3.0 * (double)worker->at.sums.columns[r] * g.height;
            out[i].mae[r] = worker->at.sums.columns[r] ? total[i][r] / samples : NAN;
        }
    return GB_OK;
}

gb_status gb_device_change_reference(void *handle, const gb_device_pairs *truth, gb_error *err)
{
    device_worker *const worker = handle;
    return measure_pairs(worker, truth, worker->truth, err);
}

gb_status gb_device_change_pairs(gb_frame_change_rule *rule, void *handle, const gb_device_pairs *test, gb_scores *out,
                                 gb_error *err)
{
    const device_worker *const worker = handle;
    gb_frame_change change[GB_SCORING_FRAMES];
    GB_TRY(measure_pairs(worker, test, change, err));
    for (int i = 0; i < test->count; i++) {
        out[i] = (gb_scores){0};
        rule(&worker->truth[test->truth[i]], &change[i], &out[i]);
    }
    return GB_OK;
}
