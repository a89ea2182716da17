#include "metrics/frame_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/column_sums.h"

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

gb_status gb_frame_change_measure(void *handle, const gb_frame_pair *pair, gb_frame_change *out, gb_error *err)
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
    return gb_frame_change_measure(worker, truth, &worker->truth, err);
}

const gb_frame_change *gb_frame_change_truth(const void *handle)
{
    const change_worker *const worker = handle;
    return &worker->truth;
}
