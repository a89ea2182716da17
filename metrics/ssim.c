/* Structural similarity: Wang, Bovik, Sheikh & Simoncelli, "Image Quality Assessment: From Error Visibility to
 * Structural Similarity", IEEE TIP 13 (2004), per RGB channel. The border is left out, so no padding rule matters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/on_device.h"
#include "metrics/region_sums.h"

#define ID "ssim_gauss11_rgb"
#define RADIUS GB_SSIM_RADIUS
#define WINDOW (2 * RADIUS + 1)
#define SIGMA 1.5
#define C1 ((0.01 * 255.0) * (0.01 * 255.0))
#define C2 ((0.03 * 255.0) * (0.03 * 255.0))

/* Positions of a row, values [from, to) of `count`: windows that see the left strip, none, the right one. */
enum { LEFT, CENTRE, RIGHT, SPANS };
typedef struct span {
    int from, to;
} span;

/* Rows hold interleaved RGB: `wide` = 3 * width values of a frame's row, `count` = 3 * (width - 10) positions. The
 * vertical window slides over a ring of WINDOW horizontally blurred rows for each of up to three images: the frame,
 * its square, its product with the truth. The truth's moments are computed once, those of windows that see no strip not
 * before they are asked for: a frame with the truth's own centre is compared where a window sees a strip. */
typedef struct ssim_worker {
    gb_geometry geometry;
    double weight[RADIUS + 1]; /* of the taps at distance 0..RADIUS; both sides add up to 1 */
    int wide, count, rows;
    uint8_t *truth;
    double *truth_mean, *truth_variance; /* rows x count */
    bool known[SPANS];                   /* which of these have been computed */
    double *ring;                        /* 3 images x WINDOW x count */
    double *line;                        /* 3 images x wide */
    double *blurred;                     /* 3 images x count */
    double *columns;                     /* count */
} ssim_worker;

static void worker_close(void *handle)
{
    ssim_worker *const worker = handle;
    if (!worker) return;
    free(worker->truth);
    free(worker->truth_mean);
    free(worker->truth_variance);
    free(worker->ring);
    free(worker->line);
    free(worker->blurred);
    free(worker->columns);
    free(worker);
}

static void set_weights(double *weight)
{
    double sum = 0.0;
    for (int i = 0; i <= RADIUS; i++) {
        weight[i] = exp(-0.5 * i * i / (SIGMA * SIGMA));
        sum += i == 0 ? weight[i] : 2.0 * weight[i];
    }
    for (int i = 0; i <= RADIUS; i++) weight[i] /= sum;
}

static gb_status check_geometry(gb_geometry geometry, gb_error *err)
{
    GB_TRY(gb_geometry_check(geometry, err));
    if (geometry.width >= WINDOW && geometry.height >= WINDOW) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, ID ": frames of at least %dx%d are needed, got %dx%d", WINDOW, WINDOW,
                   geometry.width, geometry.height);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    const gb_geometry geometry = env->geometry;
    GB_TRY(check_geometry(geometry, err));
    ssim_worker *const worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->geometry = geometry;
    set_weights(worker->weight);
    worker->wide = 3 * geometry.width;
    worker->count = worker->wide - 3 * (WINDOW - 1);
    worker->rows = geometry.height - (WINDOW - 1);
    const size_t wide = (size_t)worker->wide, count = (size_t)worker->count, rows = (size_t)worker->rows;
    worker->truth = gb_alloc_aligned(wide * (size_t)geometry.height, 1);
    worker->truth_mean = gb_alloc_aligned(rows * count, sizeof(double));
    worker->truth_variance = gb_alloc_aligned(rows * count, sizeof(double));
    worker->ring = gb_alloc_aligned(3 * WINDOW * count, sizeof(double));
    worker->line = gb_alloc_aligned(3 * wide, sizeof(double));
    worker->blurred = gb_alloc_aligned(3 * count, sizeof(double));
    worker->columns = gb_alloc_aligned(count, sizeof(double));
    if (!worker->truth || !worker->truth_mean || !worker->truth_variance || !worker->ring || !worker->line ||
        !worker->blurred || !worker->columns) {
        worker_close(worker);
        return gb_fail_memory(err, ID, 2 * rows * count * sizeof(double));
    }
    *out = worker;
    return GB_OK;
}

static span span_of(const ssim_worker *worker, int which)
{
    const int strip = 3 * worker->geometry.side, count = worker->count;
    const int left = strip < count ? strip : count, right = count - strip > left ? count - strip : left;
    const span spans[SPANS] = {[LEFT] = {0, left}, [CENTRE] = {left, right}, [RIGHT] = {right, count}};
    return spans[which];
}

/* Across: neighbours of a channel in one row are 3 apart. */
GB_CLONES static void blur_row(double *restrict out, const double *restrict in, const double *restrict weight,
                               int count)
{
    for (int i = 0; i < count; i++) {
        const double *const at = in + i;
        out[i] = weight[0] * at[15] + weight[1] * (at[12] + at[18]) + weight[2] * (at[9] + at[21]) +
                 weight[3] * (at[6] + at[24]) + weight[4] * (at[3] + at[27]) + weight[5] * (at[0] + at[30]);
    }
}

/* Down: `row` are the ring's rows from top to bottom. */
GB_CLONES static void blur_column(double *restrict out, const double *const row[WINDOW], const double *restrict weight,
                                  int count)
{
    const double *const r0 = row[0], *const r1 = row[1], *const r2 = row[2], *const r3 = row[3], *const r4 = row[4],
                 *const r5 = row[5], *const r6 = row[6], *const r7 = row[7], *const r8 = row[8], *const r9 = row[9],
                 *const r10 = row[10];
    for (int i = 0; i < count; i++)
        out[i] = weight[0] * r5[i] + weight[1] * (r4[i] + r6[i]) + weight[2] * (r3[i] + r7[i]) +
                 weight[3] * (r2[i] + r8[i]) + weight[4] * (r1[i] + r9[i]) + weight[5] * (r0[i] + r10[i]);
}

/* The frame's row, its square, and its product with the truth's row (NULL: not asked for). */
GB_CLONES static void expand_row(double *restrict line, const uint8_t *restrict row, const uint8_t *restrict truth,
                                 int wide)
{
    double *restrict square = line + wide, *restrict product = line + 2 * wide;
    for (int i = 0; i < wide; i++) {
        line[i] = row[i];
        square[i] = row[i] * row[i];
    }
    if (truth)
        for (int i = 0; i < wide; i++) product[i] = row[i] * truth[i];
}

/* Takes row `y` of a frame's span into the ring; from row WINDOW - 1 on, `worker->blurred` are the images' weighted
 * means at position row y - (WINDOW - 1). */
static void push_row(ssim_worker *worker, span s, const uint8_t *rgb, int y, bool with_product)
{
    const int count = s.to - s.from, wide = count + 3 * (WINDOW - 1), images = with_product ? 3 : 2;
    const size_t offset = (size_t)y * (size_t)worker->wide + (size_t)s.from;
    expand_row(worker->line, rgb + offset, with_product ? worker->truth + offset : NULL, wide);
    for (int image = 0; image < images; image++) {
        double *const ring = worker->ring + (size_t)image * WINDOW * (size_t)count;
        blur_row(ring + (size_t)(y % WINDOW) * (size_t)count, worker->line + (size_t)image * (size_t)wide,
                 worker->weight, count);
        if (y < WINDOW - 1) continue;
        const double *row[WINDOW];
        for (int k = 0; k < WINDOW; k++) row[k] = ring + (size_t)((y + 1 + k) % WINDOW) * (size_t)count;
        blur_column(worker->blurred + (size_t)image * (size_t)count, row, worker->weight, count);
    }
}

/* The truth's moments at the positions of a span. */
static void measure_truth(ssim_worker *worker, int which)
{
    const span s = span_of(worker, which);
    const size_t count = (size_t)(s.to - s.from);
    if (worker->known[which]) return;
    worker->known[which] = true;
    for (int y = 0; y < worker->geometry.height && count > 0; y++) {
        push_row(worker, s, worker->truth, y, false);
        if (y < WINDOW - 1) continue;
        const size_t at = (size_t)(y - (WINDOW - 1)) * (size_t)worker->count + (size_t)s.from;
        double *const mean = worker->truth_mean + at, *const variance = worker->truth_variance + at;
        memcpy(mean, worker->blurred, count * sizeof *mean);
        for (size_t i = 0; i < count; i++) variance[i] = worker->blurred[count + i] - mean[i] * mean[i];
    }
}

static gb_status reference(void *handle, const gb_image *truth, gb_error *err)
{
    ssim_worker *const worker = handle;
    GB_TRY(gb_metric_check_frame(ID, worker->geometry, truth, err));
    memcpy(worker->truth, truth->rgb, (size_t)worker->wide * (size_t)truth->height);
    for (int i = 0; i < SPANS; i++) worker->known[i] = false;
    measure_truth(worker, LEFT);
    measure_truth(worker, RIGHT);
    return GB_OK;
}

/* Adds one row of the SSIM map; (co)variances are those of the weighted population. Identical rows give exactly 1. */
GB_CLONES static void add_map_row(double *restrict columns, const double *restrict mean_x,
                                  const double *restrict variance_x, const double *restrict blurred, int count)
{
    const double *restrict mean_y = blurred;
    const double *restrict square_y = blurred + count;
    const double *restrict product = blurred + 2 * count;
    for (int i = 0; i < count; i++) {
        const double xx = mean_x[i] * mean_x[i], yy = mean_y[i] * mean_y[i], xy = mean_x[i] * mean_y[i];
        const double variance_y = square_y[i] - yy, covariance = product[i] - xy;
        columns[i] += ((2.0 * xy + C1) * (2.0 * covariance + C2)) /
                      ((xx + yy + C1) * (variance_x[i] + variance_y + C2));
    }
}

static void compare_span(ssim_worker *worker, int which, const gb_image *test)
{
    const span s = span_of(worker, which);
    measure_truth(worker, which);
    for (int y = 0; y < test->height && s.to > s.from; y++) {
        push_row(worker, s, test->rgb, y, true);
        if (y < WINDOW - 1) continue;
        const size_t at = (size_t)(y - (WINDOW - 1)) * (size_t)worker->count + (size_t)s.from;
        add_map_row(worker->columns + s.from, worker->truth_mean + at, worker->truth_variance + at, worker->blurred,
                    s.to - s.from);
    }
}

/* Of windows by their centres. */
static gb_column_grid window_grid(gb_geometry geometry)
{
    return (gb_column_grid){
        .count = geometry.width - (WINDOW - 1), .channels = 3, .first = RADIUS + 0.5, .step = 1.0};
}

/* Of a map's total over so many columns and rows. */
static gb_score score(double total, int columns, int rows)
{
    if (columns == 0) return (gb_score){.present = true, .undefined = "no window fits the region", .den = 1.0};
    return (gb_score){.present = true, .num = total / (3.0 * columns * rows), .den = 1.0};
}

static gb_score score_region(const ssim_worker *worker, gb_region region)
{
    if (!gb_region_exists(worker->geometry, region)) return (gb_score){0};
    double total;
    const int columns =
        gb_column_total_grid(worker->columns, window_grid(worker->geometry), worker->geometry, region, &total);
    return score(total, columns, worker->rows);
}

static gb_status compare(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    ssim_worker *const worker = handle;
    GB_TRY(gb_metric_check_frame(ID, worker->geometry, test, err));
    const gb_image truth = {.width = test->width, .height = test->height, .rgb = worker->truth};
    const bool same_centre = gb_image_same_centre(test, &truth, worker->geometry.side); /* all that such windows see */
    for (int i = 0; i < SPANS; i++) {
        const bool same = i == CENTRE && same_centre;
        const span s = span_of(worker, i);
        for (int k = s.from; k < s.to; k++) worker->columns[k] = same ? worker->rows : 0.0;
        if (!same) compare_span(worker, i, test);
    }
    gb_scores scores = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++) scores.region[r] = score_region(worker, (gb_region)r);
    *out = scores;
    return GB_OK;
}

/* ---- Where the frames are ---------------------------------------------------------------------------------------- */

typedef struct device_worker {
    gb_device_worker at;
    gb_memory *moments; /* of the truth's frames */
    gb_ssim_sums ssim;  /* truth and moments are those of `reference` */
} device_worker;

static void device_close(void *handle)
{
    device_worker *const worker = handle;
    if (worker && worker->moments) worker->at.env.scoring->memory_free(worker->moments);
    gb_device_worker_close(worker);
}

static gb_status device_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    const gb_geometry g = env->geometry;
    device_worker *worker = NULL;
    gb_status status;
    GB_TRY(check_geometry(g, err));
    GB_TRY(gb_device_worker_open(ID, env, window_grid(g), sizeof *worker, &worker, err));
    worker->ssim = (gb_ssim_sums){.c1 = C1, .c2 = C2, .width = g.width, .height = g.height,
                                  .groups = worker->at.sums.groups};
    set_weights(worker->ssim.weight);
    GB_GO(env->scoring->memory_new(env->backend->ordinal, (size_t)env->frames * GB_SSIM_MOMENTS(g.width, g.height),
                                   &worker->moments, err));
    *out = worker;
    worker = NULL;
done:
    device_close(worker);
    return status;
}

static gb_status device_reference(void *handle, const gb_device_frames *truth, gb_error *err)
{
    device_worker *const worker = handle;
    const size_t bytes = GB_SSIM_MOMENTS(worker->ssim.width, worker->ssim.height);
    worker->ssim.count = truth->count;
    for (int i = 0; i < truth->count; i++) {
        worker->ssim.truth[i] = truth->frame[i];
        worker->ssim.moments[i] = (gb_place){.memory = worker->moments, .offset = (size_t)i * bytes};
    }
    return worker->at.env.scoring->ssim_moments(worker->at.env.scorer, &worker->ssim, err);
}

static gb_status device_compare(void *handle, const gb_device_frames *test, gb_scores *out, gb_error *err)
{
    const device_worker *const worker = handle;
    const gb_geometry g = worker->at.env.geometry;
    double total[GB_SCORING_FRAMES][GB_REGION_GROUPS];
    gb_ssim_sums ssim = worker->ssim;
    ssim.count = test->count;
    for (int i = 0; i < test->count; i++) {
        ssim.truth[i] = worker->ssim.truth[test->truth[i]];
        ssim.moments[i] = worker->ssim.moments[test->truth[i]];
        ssim.test[i] = test->frame[i];
    }
    GB_TRY(worker->at.env.scoring->ssim(worker->at.env.scorer, &ssim, &total[0][0], err));
    for (int i = 0; i < test->count; i++) {
        out[i] = (gb_scores){0};
        for (int r = 0; r < GB_REGION_COUNT; r++)
            if (gb_region_exists(g, (gb_region)r))
                out[i].region[r] = score(total[i][r], worker->at.sums.columns[r], g.height - (WINDOW - 1));
    }
    return GB_OK;
}

static const struct gb_metric_on_device on_device = {
    .worker_open = device_open,
    .worker_close = device_close,
    .reference = device_reference,
    .compare = device_compare,
};

const gb_metric gb_metric_ssim = {
    .id = ID,
    .title = "SSIM",
    .summary = "structural similarity of 8-bit RGB, Gaussian 11x11 windows, border left out",
    .recipe = "Gaussian window 11x11, sigma 1.5, C1 = (0.01*255)^2, C2 = (0.03*255)^2, population (co)variances, "
              "8-bit RGB channel by channel, windows wholly inside the frame, fp64; a region's windows are those whose "
              "centre column lies in it; mean over windows and channels, then over frames",
    .unit = "",
    .direction = GB_HIGHER_IS_BETTER,
    .digits = 4,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .reference = reference,
    .compare = compare,
    .on_device = &on_device,
};
