/* Peak signal-to-noise ratio over 8-bit RGB, exact up to the final logarithm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/on_device.h"
#include "metrics/region_sums.h"

#define ID "psnr_rgb"

typedef struct psnr_worker {
    gb_geometry geometry;
    size_t row;        /* bytes */
    uint8_t *truth;
    uint32_t *squares; /* per column and channel; 255^2 times the tallest frame still fits */
} psnr_worker;

_Static_assert(255ull * 255ull * GB_IMAGE_MAX_SIDE <= UINT32_MAX, "a column of squared differences fits 32 bits");

static void worker_close(void *handle)
{
    psnr_worker *const worker = handle;
    if (!worker) return;
    free(worker->truth);
    free(worker->squares);
    free(worker);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    GB_TRY(gb_geometry_check(env->geometry, err));
    psnr_worker *const worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->geometry = env->geometry;
    const size_t row = 3 * (size_t)env->geometry.width, height = (size_t)env->geometry.height;
    worker->row = row;
    worker->truth = gb_alloc_aligned(row * height, 1);
    worker->squares = gb_alloc_aligned(row, sizeof *worker->squares);
    if (!worker->truth || !worker->squares) {
        worker_close(worker);
        return gb_fail_memory(err, ID, row * (height + sizeof(uint32_t)));
    }
    *out = worker;
    return GB_OK;
}

static gb_status reference(void *handle, const gb_image *truth, gb_error *err)
{
    psnr_worker *const worker = handle;
    GB_TRY(gb_metric_check_frame(ID, worker->geometry, truth, err));
    memcpy(worker->truth, truth->rgb, worker->row * (size_t)truth->height);
    return GB_OK;
}

GB_CLONES static void add_squares(uint32_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int d = a[i] - b[i];
        sums[i] += (uint32_t)(d * d);
    }
}

static gb_score score(double total, double samples)
{
    if (total == 0.0) return (gb_score){.present = true, .undefined = "identical frames", .den = 1.0};
    return (gb_score){.present = true, .num = 10.0 * log10(255.0 * 255.0 * samples / total), .den = 1.0};
}

static gb_score score_region(const psnr_worker *worker, gb_region region)
{
    double total, samples;
    if (!gb_column_total_pixels(worker->squares, worker->geometry, region, &total, &samples)) return (gb_score){0};
    return score(total, samples);
}

static gb_status compare(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    psnr_worker *const worker = handle;
    GB_TRY(gb_metric_check_frame(ID, worker->geometry, test, err));
    memset(worker->squares, 0, worker->row * sizeof *worker->squares);
    for (size_t y = 0; y < (size_t)test->height; y++)
        add_squares(worker->squares, worker->truth + y * worker->row, test->rgb + y * worker->row, worker->row);
    gb_scores scores = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++) scores.region[r] = score_region(worker, (gb_region)r);
    *out = scores;
    return GB_OK;
}

/* ---- Where the frames are ---------------------------------------------------------------------------------------- */

typedef struct device_worker {
    gb_device_worker at;
    gb_device_frames truth;
} device_worker;

static gb_status device_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    GB_TRY(gb_geometry_check(env->geometry, err));
    return gb_device_worker_open(ID, env, gb_pixel_grid(env->geometry), sizeof(device_worker), out, err);
}

static gb_status device_reference(void *handle, const gb_device_frames *truth, gb_error *err)
{
    device_worker *const worker = handle;
    (void)err;
    worker->truth = *truth;
    return GB_OK;
}

static gb_status device_compare(void *handle, const gb_device_frames *test, gb_scores *out, gb_error *err)
{
    device_worker *const worker = handle;
    const gb_geometry g = worker->at.env.geometry;
    double total[GB_SCORING_FRAMES][GB_REGION_GROUPS];
    gb_difference_sums sums = {.of = GB_DIFFERENCE_SQUARED, .count = test->count, .width = g.width,
                               .height = g.height, .groups = worker->at.sums.groups};
    for (int i = 0; i < test->count; i++) {
        sums.a[i] = worker->truth.frame[test->truth[i]];
        sums.b[i] = test->frame[i];
    }
    GB_TRY(worker->at.env.scoring->differences(worker->at.env.scorer, &sums, &total[0][0], err));
    for (int i = 0; i < test->count; i++) {
        out[i] = (gb_scores){0};
        for (int r = 0; r < GB_REGION_COUNT; r++)
            if (worker->at.sums.columns[r])
                out[i].region[r] = score(total[i][r], 3.0 * (double)worker->at.sums.columns[r] * g.height);
    }
    return GB_OK;
}

static const struct gb_metric_on_device on_device = {
    .worker_open = device_open,
    .worker_close = gb_device_worker_close,
    .reference = device_reference,
    .compare = device_compare,
};

const gb_metric gb_metric_psnr = {
    .id = ID,
    .title = "PSNR",
    .summary = "peak signal-to-noise ratio of 8-bit RGB, per frame",
    .recipe = "10 log10(255^2 / MSE) over the region's pixels and RGB channels, 8-bit; mean over frames; identical "
              "frames have no value and are counted apart",
    .unit = "dB",
    .direction = GB_HIGHER_IS_BETTER,
    .digits = 2,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .reference = reference,
    .compare = compare,
    .on_device = &on_device,
};

const gb_metric gb_metric_psnr_skimage = {
    .id = "psnr_skimage",
    .title = "PSNR (scikit-image)",
    .summary = "scikit-image's peak_signal_noise_ratio of 8-bit RGB: the same as ours, frame by frame",
    .recipe = "peak_signal_noise_ratio(truth, test), 8-bit: 10 log10(255^2 / MSE); mean over frames",
    .tool = "skimage",
    .like = ID,
    .unit = "dB",
    .direction = GB_HIGHER_IS_BETTER,
    .digits = 2,
    .on_request = true,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .reference = reference,
    .compare = compare,
    .on_device = &on_device,
};

const gb_metric gb_metric_psnr_torchmetrics = {
    .id = "psnr_torchmetrics",
    .title = "PSNR (torchmetrics)",
    .summary = "torchmetrics' PSNR with data_range=255: the mean of squared errors over all frames",
    .recipe = "PeakSignalNoiseRatio(data_range=255): 10 log10(255^2 / MSE); over several frames the tool takes the "
              "mean of MSE, as `score --dialect` does, and a run the mean of dB",
    .tool = "torchmetrics",
    .like = ID,
    .unit = "dB",
    .direction = GB_HIGHER_IS_BETTER,
    .digits = 2,
    .pools_errors = true,
    .on_request = true,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .reference = reference,
    .compare = compare,
    .on_device = &on_device,
};
