/* What is left of a frame's change once the truth's motion is taken out: Lai, Huang, Wang, Shechtman, Yumer & Yang,
 * "Learning Blind Video Temporal Consistency", ECCV 2018; masks as there, after Ruder, Dosovitskiy & Brox 2016. The
 * flow is the truth's: that of a flickering strip would explain the flicker away. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/pair_motion.h"

#define ID "e_warp"

/* Where a pixel's motion starts or ends, and so which regions it counts for; whether its error depends on a strip. */
enum { BIT_USED = 1, BIT_SIDES = 2, BIT_SEAM = 4, BIT_STRIP = 8 };
static const unsigned char region_bit[GB_REGION_COUNT] = {
    [GB_REGION_FULL] = BIT_USED, [GB_REGION_SIDES] = BIT_SIDES, [GB_REGION_SEAM] = BIT_SEAM};

typedef struct warp_worker {
    gb_geometry geometry;
    gb_pair_motion *motion;
    float *forward, *backward;    /* of the truth, in `motion`; `forward` is the exact one where that is known */
    unsigned char *mask;          /* bits above; 0: not compared */
    unsigned char *column;        /* bits of each column */
    uint64_t used[GB_REGION_COUNT];
    gb_image truth[2];            /* the pair's frames */
    double centre[GB_REGION_COUNT]; /* the truth's errors that no strip has a part in: those of every widened frame */
} warp_worker;

static void worker_close(void *handle)
{
    warp_worker *const worker = handle;
    if (!worker) return;
    gb_pair_motion_free(worker->motion);
    free(worker->mask);
    free(worker->column);
    for (int i = 0; i < 2; i++) gb_image_free(&worker->truth[i]);
    free(worker);
}

static gb_status worker_open(const void *state, const gb_metric_env *env, void **out, gb_error *err)
{
    (void)state;
    gb_status status = GB_OK;
    const gb_geometry g = env->geometry;
    const size_t pixels = (size_t)g.width * (size_t)g.height;
    GB_TRY(gb_geometry_check(g, err));
    warp_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, ID, sizeof *worker);
    worker->geometry = g;
    worker->mask = gb_alloc_aligned(pixels, 1);
    worker->column = gb_alloc((size_t)g.width, 1);
    if (!worker->mask || !worker->column) GB_GO(gb_fail_memory(err, ID, pixels));
    for (int r = 0; r < GB_REGION_COUNT; r++)
        for (int x = 0; x < g.width; x++)
            if (gb_region_has(g, (gb_region)r, x + 0.5)) worker->column[x] |= region_bit[r];
    for (int i = 0; i < 2; i++) GB_GO(gb_image_new(g.width, g.height, &worker->truth[i], err));
    GB_GO(gb_pair_motion_new(ID, GB_FLOW_DIS, GB_FLOW_DIS_ROUGH, g, &worker->motion, err));
    worker->forward = gb_pair_motion_flow(worker->motion, 0);
    worker->backward = gb_pair_motion_flow(worker->motion, 1);
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

/* ---- The truth's part: where to look, and at what ---- */

/* Value of a field of `n` floats a pixel at (x, y), which lies inside the frame: bilinear. */
static void sample(const float *field, gb_geometry g, float x, float y, float out[2])
{
    const int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < g.width ? x0 + 1 : x0, y1 = y0 + 1 < g.height ? y0 + 1 : y0;
    const float fx = x - (float)x0, fy = y - (float)y0;
    const size_t upper = (size_t)y0 * (size_t)g.width, lower = (size_t)y1 * (size_t)g.width;
    for (int i = 0; i < 2; i++) {
        const float a = field[2 * (upper + (size_t)x0) + (size_t)i], b = field[2 * (upper + (size_t)x1) + (size_t)i];
        const float c = field[2 * (lower + (size_t)x0) + (size_t)i], d = field[2 * (lower + (size_t)x1) + (size_t)i];
        const float top = a + fx * (b - a), bottom = c + fx * (d - c);
        out[i] = top + fy * (bottom - top);
    }
}

static bool is_inside(gb_geometry g, float x, float y)
{
    return x >= 0.0f && y >= 0.0f && x <= (float)(g.width - 1) && y <= (float)(g.height - 1);
}

/* |F_f + w(F_b)|² > .01 (|F_f|² + |w(F_b)|²) + .5 */
static bool is_occluded(const float f[2], const float b[2])
{
    const float u = f[0] + b[0], v = f[1] + b[1];
    const float sizes = f[0] * f[0] + f[1] * f[1] + b[0] * b[0] + b[1] * b[1];
    return u * u + v * v > 0.01f * sizes + 0.5f;
}

/* |grad u|² + |grad v|² > .01 |F_f|² + .002, forward differences, 0 at the last column and row. */
static bool is_boundary(const float *flow, gb_geometry g, int x, int y)
{
    const float *const here = flow + 2 * ((size_t)y * (size_t)g.width + (size_t)x);
    const float *const right = x + 1 < g.width ? here + 2 : here;
    const float *const below = y + 1 < g.height ? here + 2 * g.width : here;
    float sum = 0.0f;
    for (int i = 0; i < 2; i++) {
        const float dx = right[i] - here[i], dy = below[i] - here[i];
        sum += dx * dx + dy * dy;
    }
    return sum > 0.01f * (here[0] * here[0] + here[1] * here[1]) + 0.002f;
}

static bool is_followed(const warp_worker *worker, const gb_flow *exact, int x, int y, const float f[2])
{
    const gb_geometry g = worker->geometry;
    const float to_x = (float)x + f[0], to_y = (float)y + f[1];
    float b[2];
    if (!is_inside(g, to_x, to_y)) return false;
    if (exact) return exact->valid[(size_t)y * (size_t)g.width + (size_t)x] != 0;
    sample(worker->backward, g, to_x, to_y, b);
    return !is_occluded(f, b) && !is_boundary(worker->forward, g, x, y);
}

/* Whether the pixel or one of those between which it ends, of columns `to` and the next, lies in a strip. */
static bool sees_strip(const warp_worker *worker, int x, int to)
{
    const int next = to + 1 < worker->geometry.width ? to + 1 : to;
    return ((worker->column[x] | worker->column[to] | worker->column[next]) & BIT_SIDES) != 0;
}

static void make_mask(warp_worker *worker, const gb_flow *exact)
{
    const gb_geometry g = worker->geometry;
    size_t at = 0;
    memset(worker->used, 0, sizeof worker->used);
    for (int y = 0; y < g.height; y++)
        for (int x = 0; x < g.width; x++, at++) {
            const float *const f = worker->forward + 2 * at;
            worker->mask[at] = 0;
            if (!is_followed(worker, exact, x, y, f)) continue;
            worker->mask[at] = worker->column[x] | worker->column[(int)((float)x + f[0] + 0.5f)];
            for (int r = 0; r < GB_REGION_COUNT; r++) worker->used[r] += (worker->mask[at] & region_bit[r]) != 0;
            if (sees_strip(worker, x, (int)((float)x + f[0]))) worker->mask[at] |= BIT_STRIP;
        }
}

/* ---- Errors ---- */

/* Sum over channels of (image(x, y) - next(to_x, to_y))², in levels². */
static double warped_error(const gb_image *image, const gb_image *next, size_t at, float x, float y)
{
    const int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < next->width ? x0 + 1 : x0;
    const int y1 = y0 + 1 < next->height ? y0 + 1 : y0;
    const float fx = x - (float)x0, fy = y - (float)y0;
    const size_t upper = (size_t)y0 * (size_t)next->width, lower = (size_t)y1 * (size_t)next->width;
    const uint8_t *const a = next->rgb + 3 * (upper + (size_t)x0), *const b = next->rgb + 3 * (upper + (size_t)x1);
    const uint8_t *const c = next->rgb + 3 * (lower + (size_t)x0), *const d = next->rgb + 3 * (lower + (size_t)x1);
    float sum = 0.0f;
    for (int i = 0; i < 3; i++) {
        const float top = (float)a[i] + fx * (float)(b[i] - a[i]), bottom = (float)c[i] + fx * (float)(d[i] - c[i]);
        const float error = (float)image->rgb[3 * at + (size_t)i] - (top + fy * (bottom - top));
        sum += error * error;
    }
    return (double)sum;
}

/* Of the pixels that see a strip (BIT_STRIP), or of those that do not (0), to each region's sum. */
static void add_errors(const warp_worker *worker, const gb_frame_pair *pair, int which, double sum[GB_REGION_COUNT])
{
    const gb_geometry g = worker->geometry;
    size_t at = 0;
    for (int y = 0; y < g.height; y++)
        for (int x = 0; x < g.width; x++, at++) {
            const int mask = worker->mask[at];
            if (!mask || (mask & BIT_STRIP) != which) continue;
            const float *const f = worker->forward + 2 * at;
            const double error = warped_error(pair->frame[0], pair->frame[1], at, (float)x + f[0], (float)y + f[1]);
            for (int r = 0; r < GB_REGION_COUNT; r++)
                if (mask & region_bit[r]) sum[r] += error;
        }
}

static gb_status pair_reference(void *handle, const gb_frame_pair *truth, gb_error *err)
{
    warp_worker *const worker = handle;
    const gb_geometry g = worker->geometry;
    for (int i = 0; i < 2; i++) GB_TRY(gb_metric_check_frame(ID, g, truth->frame[i], err));
    if (truth->flow && (truth->flow->width != g.width || truth->flow->height != g.height))
        return gb_fail(err, GB_E_MISMATCH, ID ": the exact flow is %dx%d, expected %dx%d", truth->flow->width,
                       truth->flow->height, g.width, g.height);
    if (truth->flow)
        memcpy(worker->forward, truth->flow->uv, 2 * sizeof(float) * (size_t)g.width * (size_t)g.height);
    else
        GB_TRY(gb_pair_motion_measure(worker->motion, truth, worker->forward, worker->backward, err));
    make_mask(worker, truth->flow);
    const size_t bytes = 3 * (size_t)g.width * (size_t)g.height;
    for (int i = 0; i < 2; i++) memcpy(worker->truth[i].rgb, truth->frame[i]->rgb, bytes);
    memset(worker->centre, 0, sizeof worker->centre);
    add_errors(worker, truth, 0, worker->centre);
    return GB_OK;
}

static gb_status pair(void *handle, const gb_frame_pair *test, gb_scores *out, gb_error *err)
{
    warp_worker *const worker = handle;
    const gb_geometry g = worker->geometry;
    double sum[GB_REGION_COUNT] = {0}, centre[GB_REGION_COUNT] = {0};
    bool widened = true; /* both are the truth but for their strips */
    for (int i = 0; i < 2; i++) {
        GB_TRY(gb_metric_check_frame(ID, g, test->frame[i], err));
        widened = widened && gb_image_same_centre(test->frame[i], &worker->truth[i], g.side);
    }
    add_errors(worker, test, BIT_STRIP, sum);
    if (!widened) add_errors(worker, test, 0, centre);
    gb_scores scores = {0};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_score *const score = &scores.region[r];
        score->present = gb_region_exists(g, (gb_region)r);
        score->den = 1.0;
        if (worker->used[r] > 0)
            score->num = (sum[r] + (widened ? worker->centre : centre)[r]) / (255.0 * 255.0 * (double)worker->used[r]);
        else
            score->undefined = "no pixel's motion can be followed";
    }
    *out = scores;
    return GB_OK;
}

const gb_metric gb_metric_e_warp = {
    .id = ID,
    .title = "Warping error",
    .summary = "change from frame to frame that the truth's motion does not explain",
    .recipe = "mean over pixels with M of |g_t - w(g_(t+1))|^2, RGB in [0, 1], squares summed over channels; w: "
              "bilinear, by the truth's flow, exact where the dataset has it (M: its valid pixels), else OpenCV's "
              "DIS of 8-bit luma, preset medium with patches 5 apart and 8 steps, F_b with 2 refinements (M: not "
              "|F_f + w(F_b)|^2 > .01 (|F_f|^2 + |w(F_b)|^2) + .5, not |grad u|^2 + |grad v|^2 > .01 |F_f|^2 + .002, "
              "not out of the frame); a region's pixels are those whose motion starts or ends in it; consecutive "
              "frames of one shot; mean over pairs",
    .unit = "",
    .direction = GB_LOWER_IS_BETTER,
    .digits = 5,
    .temporal = true,
    .uses_flow = true,
    .ready = gb_pair_motion_ready,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .pair_reference = pair_reference,
    .pair = pair,
};
