/* How much the motion that is seen differs from the truth's: Chu, Xie, Mayer, Leal-Taixe & Thuerey, "Learning Temporal
 * Coherence via Self-Supervision for GAN-based Video Generation" (TecoGAN), TOG 2020. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "flow/pair_motion.h"
#include "metrics/column_sums.h"
#include "metrics/metric.h"

#define ID "tof"

typedef struct tof_worker {
    gb_geometry geometry;
    gb_pair_motion *motion;
    float *truth, *test; /* flows, in `motion` */
    double *columns;     /* sums of differences */
} tof_worker;

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    (void)env;
    return gb_flow_ready(err);
}

static void worker_close(void *handle)
{
    tof_worker *const worker = handle;
    if (!worker) return;
    gb_pair_motion_free(worker->motion);
    free(worker->columns);
    free(worker);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    gb_status status = GB_OK;
    const gb_geometry g = env->geometry;
    GB_TRY(gb_geometry_check(g, err));
    tof_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->geometry = g;
    worker->columns = gb_alloc_aligned((size_t)g.width, sizeof(double));
    if (!worker->columns) GB_GO(gb_fail_memory(err, ID, (size_t)g.width));
    GB_GO(gb_pair_motion_new(ID, GB_FLOW_FARNEBACK, GB_FLOW_FARNEBACK, g.width, g.height, &worker->motion, err));
    worker->truth = gb_pair_motion_flow(worker->motion, 0);
    worker->test = gb_pair_motion_flow(worker->motion, 1);
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

static gb_status measure(const tof_worker *worker, const gb_frame_pair *pair, float *flow, gb_error *err)
{
    for (int i = 0; i < 2; i++) GB_TRY(gb_metric_check_frame(ID, worker->geometry, pair->frame[i], err));
    return gb_pair_motion_measure(worker->motion, pair->frame, flow, NULL, err);
}

static gb_status pair_reference(void *handle, const gb_frame_pair *truth, gb_error *err)
{
    tof_worker *const worker = handle;
    return measure(worker, truth, worker->truth, err);
}

static gb_status pair(void *handle, const gb_frame_pair *test, gb_scores *out, gb_error *err)
{
    tof_worker *const worker = handle;
    const gb_geometry g = worker->geometry;
    const gb_column_grid grid = {.count = g.width, .channels = 1, .first = 0.5, .step = 1.0};
    GB_TRY(measure(worker, test, worker->test, err));
    for (int x = 0; x < g.width; x++) worker->columns[x] = 0.0;
    const float *a = worker->truth, *b = worker->test;
    for (int y = 0; y < g.height; y++)
        for (int x = 0; x < g.width; x++, a += 2, b += 2) {
            const float u = a[0] - b[0], v = a[1] - b[1];
            worker->columns[x] += (double)sqrtf(u * u + v * v);
        }
    gb_scores scores = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        double total;
        const int columns = gb_column_total_grid(worker->columns, grid, g, (gb_region)r, &total);
        if (columns == 0) continue;
        const double mean = total / ((double)columns * g.height);
        if (!isfinite(mean)) return gb_fail(err, GB_E_NUMERIC, ID ": the flow is not finite");
        scores.region[r] = (gb_score){.present = true, .num = mean, .den = 1.0};
    }
    *out = scores;
    return GB_OK;
}

const gb_metric gb_metric_tof = {
    .id = ID,
    .title = "tOF",
    .summary = "motion seen from frame to frame against the truth's own (TecoGAN), pixels; taken only when named",
    .recipe = "mean |F(g_t, g_(t+1)) - F(x_t, x_(t+1))| over the region's pixels, F: Farneback's flow of 8-bit luma by "
              "OpenCV (pyramid 0.5, 3 levels, window 15, 3 iterations, poly_n 5, poly_sigma 1.2); consecutive frames "
              "of one shot; mean over pairs",
    .unit = "px",
    .direction = GB_LOWER_IS_BETTER,
    .digits = 3,
    .on_request = true, /* a flow for each generator's pair: twice what LPIPS costs */
    .temporal = true,
    .estimates_flow = true,
    .ready = ready,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .pair_reference = pair_reference,
    .pair = pair,
};
