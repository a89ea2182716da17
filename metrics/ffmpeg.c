/* PSNR and SSIM of FFmpeg's filters (libavfilter/vf_psnr.c, vf_ssim.c, the latter after Tom Distler and x264): windows
 * of 8x8 pixels every 4, without weights, on whole numbers; planes weigh by their pixels. Whole frames only. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "image/planes.h"
#include "metrics/metric.h"

typedef struct ffmpeg_worker {
    gb_planes truth, test;
    int32_t (*sums)[4]; /* of two rows of 4x4 blocks: a, b, a^2 + b^2, ab */
} ffmpeg_worker;

static void worker_close(void *handle)
{
    ffmpeg_worker *const worker = handle;
    if (!worker) return;
    gb_planes_free(&worker->truth);
    gb_planes_free(&worker->test);
    free(worker->sums);
    free(worker);
}

static gb_status open_worker(const gb_metric_env *env, bool yuv420, void **out, gb_error *err)
{
    const int width = env->geometry.width, height = env->geometry.height;
    gb_status status = GB_OK;
    if (width < 16 || height < 16) /* half of it has a window */
        return gb_fail(err, GB_E_UNSUPPORTED, "FFmpeg's metrics: frames of at least 16x16 are needed, got %dx%d",
                       width, height);
    ffmpeg_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, "FFmpeg's metrics", sizeof *worker);
    GB_GO(gb_planes_new(width, height, yuv420, &worker->truth, err));
    GB_GO(gb_planes_new(width, height, yuv420, &worker->test, err));
    worker->sums = gb_alloc(2 * (size_t)(width / 4), sizeof *worker->sums);
    if (!worker->sums) GB_GO(gb_fail_memory(err, "FFmpeg's metrics", (size_t)width * sizeof *worker->sums));
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

static gb_status open_rgb(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    return open_worker(env, false, out, err);
}

static gb_status open_yuv420(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    return open_worker(env, true, out, err);
}

static gb_status reference(void *handle, const gb_image *truth, gb_error *err)
{
    ffmpeg_worker *const worker = handle;
    return gb_planes_fill(&worker->truth, truth, err);
}

/* Sums of a row of blocks whose first pixel row is `a` and `b`. */
static void sum_blocks(const uint8_t *a, const uint8_t *b, int stride, int blocks, int32_t (*sums)[4])
{
    for (int i = 0; i < blocks; i++, a += 4, b += 4) {
        int32_t s1 = 0, s2 = 0, ss = 0, s12 = 0;
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) {
                const int32_t p = a[y * stride + x], q = b[y * stride + x];
                s1 += p;
                s2 += q;
                ss += p * p + q * q;
                s12 += p * q;
            }
        sums[i][0] = s1;
        sums[i][1] = s2;
        sums[i][2] = ss;
        sums[i][3] = s12;
    }
}

/* Of one window of four blocks, in FFmpeg's single precision. */
static float window(int32_t s1, int32_t s2, int32_t ss, int32_t s12)
{
    const int32_t c1 = (int32_t)(.01 * .01 * 255 * 255 * 64 + .5), c2 = (int32_t)(.03 * .03 * 255 * 255 * 64 * 63 + .5);
    const int32_t variances = ss * 64 - s1 * s1 - s2 * s2, covariance = s12 * 64 - s1 * s2;
    return (float)(2 * s1 * s2 + c1) * (float)(2 * covariance + c2) /
           ((float)(s1 * s1 + s2 * s2 + c1) * (float)(variances + c2));
}

static double ssim_of_plane(ffmpeg_worker *worker, int p)
{
    const int stride = worker->truth.width[p], blocks = stride / 4, rows = worker->truth.height[p] / 4;
    int32_t(*const row[2])[4] = {worker->sums, worker->sums + blocks};
    double total = 0.0;
    for (int y = 0; y < rows; y++) {
        const size_t at = 4 * (size_t)y * (size_t)stride;
        sum_blocks(worker->test.plane[p] + at, worker->truth.plane[p] + at, stride, blocks, row[y % 2]);
        for (int x = 0; y > 0 && x < blocks - 1; x++) {
            int32_t s[4];
            for (int k = 0; k < 4; k++) s[k] = row[0][x][k] + row[0][x + 1][k] + row[1][x][k] + row[1][x + 1][k];
            total += window(s[0], s[1], s[2], s[3]);
        }
    }
    return total / ((double)(blocks - 1) * (rows - 1));
}

static double error_of_plane(const ffmpeg_worker *worker, int p)
{
    const size_t pixels = (size_t)worker->truth.width[p] * (size_t)worker->truth.height[p];
    uint64_t sum = 0;
    for (size_t i = 0; i < pixels; i++) {
        const int d = worker->truth.plane[p][i] - worker->test.plane[p][i];
        sum += (uint64_t)(d * d);
    }
    return (double)sum / (double)pixels;
}

/* FFmpeg's "All" and "average": planes weigh by their pixels. */
static double weigh(const ffmpeg_worker *worker, const double value[3])
{
    double sum = 0.0, pixels = 0.0;
    for (int p = 0; p < 3; p++) {
        const double own = (double)worker->truth.width[p] * worker->truth.height[p];
        sum += value[p] * own;
        pixels += own;
    }
    return sum / pixels;
}

static gb_status compare_ssim(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    ffmpeg_worker *const worker = handle;
    double value[3];
    GB_TRY(gb_planes_fill(&worker->test, test, err));
    for (int p = 0; p < 3; p++) value[p] = ssim_of_plane(worker, p);
    *out = (gb_scores){.region[GB_REGION_FULL] = {.present = true, .num = weigh(worker, value), .den = 1.0}};
    return GB_OK;
}

static gb_status compare_psnr(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    ffmpeg_worker *const worker = handle;
    double value[3];
    GB_TRY(gb_planes_fill(&worker->test, test, err));
    for (int p = 0; p < 3; p++) value[p] = error_of_plane(worker, p);
    const double error = weigh(worker, value);
    gb_score score = {.present = true, .den = 1.0};
    if (error == 0.0) score.undefined = "identical frames";
    else score.num = 10.0 * log10(255.0 * 255.0 / error);
    *out = (gb_scores){.region[GB_REGION_FULL] = score};
    return GB_OK;
}

#define SSIM_RECIPE(PLANES)                                                                                          \
    "FFmpeg's ssim filter, All: on " PLANES ", windows of 8x8 pixels every 4, no weights, C1 = (0.01*255)^2, "       \
    "C2 = (0.03*255)^2 with sample covariances, planes weighted by their pixels; mean over frames"
#define PSNR_RECIPE(PLANES)                                                                                          \
    "FFmpeg's psnr filter, average: 10 log10(255^2 / MSE) on " PLANES ", planes weighted by their pixels; over "     \
    "several frames the filter takes the mean of MSE, as `score --dialect` does, and a run the mean of dB"
#define COMMON                                                                                                       \
    .tool = "ffmpeg", .direction = GB_HIGHER_IS_BETTER, .on_request = true, .worker_close = worker_close,            \
    .reference = reference

const gb_metric gb_metric_ssim_ffmpeg_rgb = {
    .id = "ssim_ffmpeg_rgb",
    .title = "SSIM (FFmpeg, RGB)",
    .summary = "FFmpeg's ssim filter on RGB planes: unweighted 8x8 windows every 4 pixels",
    .recipe = SSIM_RECIPE("R, G and B"),
    .like = "ssim_gauss11_rgb",
    .unit = "",
    .digits = 4,
    .worker_open = open_rgb,
    .compare = compare_ssim,
    COMMON,
};

const gb_metric gb_metric_ssim_ffmpeg_yuv420p = {
    .id = "ssim_ffmpeg_yuv420p",
    .title = "SSIM (FFmpeg, YUV)",
    .summary = "FFmpeg's ssim filter on yuv420p, as for videos: unweighted 8x8 windows, chroma at half size",
    .recipe = SSIM_RECIPE("yuv420p (swscale, BT.601 limited range)"),
    .like = "ssim_gauss11_rgb",
    .unit = "",
    .digits = 4,
    .worker_open = open_yuv420,
    .compare = compare_ssim,
    COMMON,
};

const gb_metric gb_metric_psnr_ffmpeg_rgb = {
    .id = "psnr_ffmpeg_rgb",
    .title = "PSNR (FFmpeg, RGB)",
    .summary = "FFmpeg's psnr filter on RGB planes: the mean of squared errors over all frames",
    .recipe = PSNR_RECIPE("R, G and B"),
    .like = "psnr_rgb",
    .unit = "dB",
    .digits = 2,
    .pools_errors = true,
    .worker_open = open_rgb,
    .compare = compare_psnr,
    COMMON,
};

const gb_metric gb_metric_psnr_ffmpeg_yuv420p = {
    .id = "psnr_ffmpeg_yuv420p",
    .title = "PSNR (FFmpeg, YUV)",
    .summary = "FFmpeg's psnr filter on yuv420p, as for videos: the mean of squared errors over all frames",
    .recipe = PSNR_RECIPE("yuv420p (swscale, BT.601 limited range)"),
    .like = "psnr_rgb",
    .unit = "dB",
    .digits = 2,
    .pools_errors = true,
    .worker_open = open_yuv420,
    .compare = compare_psnr,
    COMMON,
};
