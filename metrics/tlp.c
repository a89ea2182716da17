/* How much the perceptual change from frame to frame differs from the truth's: Chu, Xie, Mayer, Leal-Taixe & Thuerey,
 * "Learning Temporal Coherence via Self-Supervision for GAN-based Video Generation" (TecoGAN), TOG 2020. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "metrics/lpips.h"

#define ID "tlp"

extern const gb_metric gb_metric_lpips_alex;

typedef struct tlp_worker {
    const void *lpips; /* shared state of the metric whose features are compared */
    gb_geometry geometry;
    double *columns;
    gb_scores truth;
} tlp_worker;

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    return gb_lpips_ready(&gb_lpips_alexnet, env, err);
}

static void worker_close(void *handle)
{
    tlp_worker *const worker = handle;
    if (!worker) return;
    free(worker->columns);
    free(worker);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    if (!env->shared) return gb_fail(err, GB_E_ARG, ID ": the features of %s are needed, got none",
                                     gb_metric_lpips_alex.id);
    tlp_worker *const worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->lpips = env->shared;
    worker->geometry = env->geometry;
    worker->columns = gb_alloc_aligned(gb_lpips_columns(env->shared), sizeof *worker->columns);
    if (!worker->columns) {
        worker_close(worker);
        return gb_fail_memory(err, ID, sizeof *worker->columns);
    }
    *out = worker;
    return GB_OK;
}

static gb_status distance(tlp_worker *worker, const gb_frame_pair *pair, gb_scores *out, gb_error *err)
{
    if (!pair->kept[0] || !pair->kept[1]) return gb_fail(err, GB_E_ARG, ID ": the features of both frames are needed");
    return gb_lpips_kept_distance(worker->lpips, worker->geometry, pair->kept[0], pair->kept[1], worker->columns, out,
                                  err);
}

static gb_status pair_reference(void *handle, const gb_frame_pair *truth, gb_error *err)
{
    tlp_worker *const worker = handle;
    return distance(worker, truth, &worker->truth, err);
}

/* What is LPIPS between two frames becomes the difference to that of the truth. */
static void compare_changes(gb_scores *test, const gb_scores *truth)
{
    for (int r = 0; r < GB_REGION_COUNT; r++)
        test->region[r].num = 100.0 * fabs(test->region[r].num - truth->region[r].num);
    test->layers = 0;
}

static gb_status pair(void *handle, const gb_frame_pair *test, gb_scores *out, gb_error *err)
{
    tlp_worker *const worker = handle;
    gb_scores scores;
    GB_TRY(distance(worker, test, &scores, err));
    compare_changes(&scores, &worker->truth);
    *out = scores;
    return GB_OK;
}

/* ---- Where the frames are ---------------------------------------------------------------------------------------- */

typedef struct device_worker {
    const void *lpips;
    gb_scorer *scorer;
    gb_scores truth[GB_SCORING_FRAMES];
} device_worker;

static gb_status device_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    device_worker *const worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->lpips = env->shared;
    worker->scorer = env->scorer;
    *out = worker;
    return GB_OK;
}

static gb_status device_pair_reference(void *handle, const gb_device_pairs *truth, gb_error *err)
{
    device_worker *const worker = handle;
    return gb_device_lpips_kept_distance(worker->lpips, worker->scorer, truth, worker->truth, err);
}

static gb_status device_pair(void *handle, const gb_device_pairs *test, gb_scores *out, gb_error *err)
{
    device_worker *const worker = handle;
    GB_TRY(gb_device_lpips_kept_distance(worker->lpips, worker->scorer, test, out, err));
    for (int i = 0; i < test->count; i++) compare_changes(&out[i], &worker->truth[test->truth[i]]);
    return GB_OK;
}

static const struct gb_metric_on_device on_device = {
    .worker_open = device_open,
    .worker_close = free,
    .pair_reference = device_pair_reference,
    .pair = device_pair,
};

const gb_metric gb_metric_tlp = {
    .id = ID,
    .title = "tLP (AlexNet)",
    .summary = "perceptual change from frame to frame against the truth's own (TecoGAN)",
    .recipe = "100 |LPIPS(g_t, g_(t+1)) - LPIPS(x_t, x_(t+1))|, LPIPS as lpips_alex_v0.1, by region as there; "
              "consecutive frames of one shot; mean over pairs",
    .weights = GB_LPIPS_ALEX_WEIGHTS,
    .unit = "",
    .direction = GB_LOWER_IS_BETTER,
    .digits = 3,
    .temporal = true,
    .ready = ready,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .shares = &gb_metric_lpips_alex,
    .pair_reference = pair_reference,
    .pair = pair,
    .on_device = &on_device,
};
