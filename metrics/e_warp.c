/* What is left of a frame's change once the truth's motion is taken out: Lai, Huang, Wang, Shechtman, Yumer & Yang,
 * "Learning Blind Video Temporal Consistency", ECCV 2018; masks as there, after Ruder, Dosovitskiy & Brox 2016. The
 * flow is the truth's: that of a flickering strip would explain the flicker away. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/pair_motion.h"

#define ID "e_warp"

/* Where a pixel's motion starts or ends, and so which regions it counts for; whether its error depends on a strip. */
enum { BIT_USED = 1, BIT_SIDES = 2, BIT_SEAM = 4, BIT_STRIP = 8 };
static const int region_bit[GB_REGION_COUNT] = {
    [GB_REGION_FULL] = BIT_USED, [GB_REGION_SIDES] = BIT_SIDES, [GB_REGION_SEAM] = BIT_SEAM};

typedef struct warp_worker {
    gb_geometry geometry;
    gb_pair_motion *motion;
    float *forward, *backward;    /* of the truth, in `motion`; `forward` is the exact one where that is known */
    unsigned char *mask;          /* bits above; 0: not compared */
    int *column;                  /* bits of each column */
    unsigned char *sees_strip;    /* columns with a pixel whose error depends on a strip */
    uint32_t *next;               /* the second frame's pixels, a byte for each channel */
    float *error;                 /* of a row */
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
    free(worker->sees_strip);
    free(worker->next);
    free(worker->error);
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
    worker->column = gb_alloc((size_t)g.width, sizeof *worker->column);
    worker->sees_strip = gb_alloc((size_t)g.width, 1);
    worker->next = gb_alloc_aligned(pixels, sizeof *worker->next);
    worker->error = gb_alloc_aligned((size_t)g.width, sizeof *worker->error);
    if (!worker->mask || !worker->column || !worker->sees_strip || !worker->next || !worker->error)
        GB_GO(gb_fail_memory(err, ID, pixels * sizeof *worker->next));
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

/* Loops over a row are made for the widest instructions: without jumps, each pixel by itself. */
#define EACH static inline __attribute__((always_inline))

/* The value where `used` is 1, else 0: by its bits, as a condition would become a jump. */
EACH float where(int used, float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= -used;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The four pixels around a place in the frame, and its share of those to the right and below. */
typedef struct around {
    int upper_left, upper_right, lower_left, lower_right;
    float right, below;
} around;

EACH around around_of(float x, float y, int width, int height)
{
    const int x0 = (int)x, y0 = (int)y, x1 = x0 + (x0 + 1 < width), upper = y0 * width;
    const int lower = upper + (width & -(y0 + 1 < height));
    return (around){upper + x0, upper + x1, lower + x0, lower + x1, x - (float)x0, y - (float)y0};
}

EACH float between(float a, float b, float c, float d, around at)
{
    const float top = a + at.right * (b - a), bottom = c + at.right * (d - c);
    return top + at.below * (bottom - top);
}

EACH int is_inside(int width, int height, float x, float y)
{
    return (x >= 0.0f) & (y >= 0.0f) & (x <= (float)(width - 1)) & (y <= (float)(height - 1));
}

/* |F_f + w(F_b)|² > .01 (|F_f|² + |w(F_b)|²) + .5 */
EACH int is_occluded(float f0, float f1, float b0, float b1)
{
    const float u = f0 + b0, v = f1 + b1;
    const float sizes = f0 * f0 + f1 * f1 + b0 * b0 + b1 * b1;
    return u * u + v * v > 0.01f * sizes + 0.5f;
}

/* |grad u|² + |grad v|² > .01 |F_f|² + .002, forward differences, 0 at the last column and row. */
EACH int is_boundary(const float *here, const float *right, const float *below)
{
    const float ux = right[0] - here[0], uy = below[0] - here[0], vx = right[1] - here[1], vy = below[1] - here[1];
    const float sum = (ux * ux + uy * uy) + (vx * vx + vy * vy);
    return sum > 0.01f * (here[0] * here[0] + here[1] * here[1]) + 0.002f;
}

/* What makes a pixel one that can be followed. */
typedef struct motion {
    const float *forward, *backward;
    const unsigned char *valid; /* of exact flow; else NULL */
    int width, height;
} motion;

/* Sets 1 in `mask` where row y goes to what comes back, by estimated flow. */
GB_CLONES static void follow_row(const motion *m, int y, unsigned char *restrict mask)
{
    const int width = m->width, height = m->height;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width, *const b = m->backward;
    for (int x = 0; x < width; x++) {
        const float f0 = row[2 * x], f1 = row[2 * x + 1], to_x = (float)x + f0, to_y = (float)y + f1;
        const int inside = is_inside(width, height, to_x, to_y);
        const around at = around_of(where(inside, to_x), where(inside, to_y), width, height);
        const float b0 = between(b[2 * at.upper_left], b[2 * at.upper_right], b[2 * at.lower_left],
                                 b[2 * at.lower_right], at);
        const float b1 = between(b[2 * at.upper_left + 1], b[2 * at.upper_right + 1], b[2 * at.lower_left + 1],
                                 b[2 * at.lower_right + 1], at);
        mask[x] = (unsigned char)(inside & ~is_occluded(f0, f1, b0, b1));
    }
}

/* Takes the boundaries out of row y. */
GB_CLONES static void drop_boundaries(const motion *m, int y, unsigned char *restrict mask)
{
    const int last = m->width - 1;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)m->width;
    const float *const below = y + 1 < m->height ? row + 2 * m->width : row;
    for (int x = 0; x < last; x++)
        mask[x] &= (unsigned char)~is_boundary(row + 2 * x, row + 2 * (x + 1), below + 2 * x);
    mask[last] &= (unsigned char)~is_boundary(row + 2 * last, row + 2 * last, below + 2 * last);
}

/* The same by exact flow. */
GB_CLONES static void follow_exactly(const motion *m, int y, unsigned char *restrict mask)
{
    const int width = m->width;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width;
    const unsigned char *const valid = m->valid + (size_t)y * (size_t)width;
    for (int x = 0; x < width; x++)
        mask[x] = (unsigned char)(is_inside(width, m->height, (float)x + row[2 * x], (float)y + row[2 * x + 1]) &
                                  (valid[x] != 0));
}

/* Turns the ones of a row into bits. A pixel sees a strip when it or one of those between which it ends, of columns
 * `to` and the next, lies there. */
GB_CLONES static void set_bits(const motion *m, int y, const int *restrict column, unsigned char *restrict mask,
                               unsigned char *restrict sees_strip)
{
    const int width = m->width;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width;
    for (int x = 0; x < width; x++) {
        const int used = mask[x];
        const float to_x = where(used, (float)x + row[2 * x]);
        const int to = (int)to_x, next = to + (to + 1 < width);
        const int strip = (column[x] | column[to] | column[next]) & BIT_SIDES;
        const int bits = (column[x] | column[(int)(to_x + 0.5f)] | strip * (BIT_STRIP / BIT_SIDES)) & -used;
        mask[x] = (unsigned char)bits;
        sees_strip[x] |= (unsigned char)(bits & BIT_STRIP);
    }
}

GB_CLONES static uint64_t count_bit(const unsigned char *mask, size_t pixels, int bit)
{
    uint64_t count = 0;
    for (size_t i = 0; i < pixels; i++) count += (mask[i] & bit) != 0;
    return count;
}

static void make_mask(warp_worker *worker, const gb_flow *exact)
{
    const gb_geometry g = worker->geometry;
    const motion m = {worker->forward, worker->backward, exact ? exact->valid : NULL, g.width, g.height};
    memset(worker->sees_strip, 0, (size_t)g.width);
    for (int y = 0; y < g.height; y++) {
        unsigned char *const mask = worker->mask + (size_t)y * (size_t)g.width;
        if (exact) {
            follow_exactly(&m, y, mask);
        } else {
            follow_row(&m, y, mask);
            drop_boundaries(&m, y, mask);
        }
        set_bits(&m, y, worker->column, mask, worker->sees_strip);
    }
    for (int r = 0; r < GB_REGION_COUNT; r++)
        worker->used[r] = count_bit(worker->mask, (size_t)g.width * (size_t)g.height, region_bit[r]);
}

/* ---- Errors ---- */

GB_CLONES static void pack_pixels(const uint8_t *restrict rgb, size_t pixels, uint32_t *restrict out)
{
    for (size_t i = 0; i < pixels; i++)
        out[i] = rgb[3 * i] | (uint32_t)rgb[3 * i + 1] << 8 | (uint32_t)rgb[3 * i + 2] << 16;
}

EACH float channel(uint32_t pixel, int i)
{
    return (float)(int)(pixel >> 8 * i & 255);
}

EACH float squared_error(const uint8_t *rgb, int i, const uint32_t pixel[4], around at)
{
    const float a = channel(pixel[0], i), b = channel(pixel[1], i), c = channel(pixel[2], i), d = channel(pixel[3], i);
    const float apart = (float)rgb[i] - between(a, b, c, d, at);
    return apart * apart;
}

/* A row of one frame beside where it goes in the next; columns [from, to). */
typedef struct warp_row {
    const uint8_t *rgb;
    const uint32_t *next;      /* the whole picture's pixels */
    const float *flow;
    const unsigned char *mask;
    int width, height, y, from, to;
} warp_row;

/* Sums over channels of (image(x, y) - next(to_x, to_y))², in levels²; 0 where nothing is compared. */
GB_CLONES static void warp_errors(const warp_row *row, float *restrict error)
{
    const uint32_t *const next = row->next;
    const int width = row->width, height = row->height;
    for (int x = row->from; x < row->to; x++) {
        const int used = row->mask[x] != 0;
        const float to_x = (float)x + row->flow[2 * x], to_y = (float)row->y + row->flow[2 * x + 1];
        const around at = around_of(where(used, to_x), where(used, to_y), width, height);
        const uint32_t pixel[4] = {next[at.upper_left], next[at.upper_right], next[at.lower_left],
                                   next[at.lower_right]};
        const uint8_t *const rgb = row->rgb + 3 * x;
        const float sum = squared_error(rgb, 0, pixel, at) + squared_error(rgb, 1, pixel, at) +
                          squared_error(rgb, 2, pixel, at);
        error[x] = where(used, sum);
    }
}

/* Adds the errors of the pixels that see a strip (BIT_STRIP), or of those that do not (0), to each region's sum. What
 * is left out adds 0. */
static void add_row(const warp_row *row, const float *error, int which, double sum[GB_REGION_COUNT])
{
    for (int x = row->from; x < row->to; x++) {
        const int mask = row->mask[x];
        const double own = (mask & BIT_STRIP) == which ? (double)error[x] : 0.0;
        for (int r = 0; r < GB_REGION_COUNT; r++) sum[r] += mask & region_bit[r] ? own : 0.0;
    }
}

/* The next columns in which such pixels are; begin with *to = 0. */
static bool next_columns(const warp_worker *worker, int which, int *from, int *to)
{
    const int width = worker->geometry.width;
    int at = *to;
    while (which && at < width && !worker->sees_strip[at]) at++;
    *from = at;
    while (at < width && (!which || worker->sees_strip[at])) at++;
    *to = at;
    return *from < width;
}

static void add_errors(const warp_worker *worker, const gb_frame_pair *pair, int which, double sum[GB_REGION_COUNT])
{
    const gb_geometry g = worker->geometry;
    for (int y = 0; y < g.height; y++) {
        const size_t first = (size_t)y * (size_t)g.width;
        warp_row row = {.rgb = pair->frame[0]->rgb + 3 * first, .next = worker->next, .width = g.width,
                        .flow = worker->forward + 2 * first, .mask = worker->mask + first, .height = g.height, .y = y};
        while (next_columns(worker, which, &row.from, &row.to)) {
            warp_errors(&row, worker->error);
            add_row(&row, worker->error, which, sum);
        }
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
    pack_pixels(truth->frame[1]->rgb, bytes / 3, worker->next);
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
    pack_pixels(test->frame[1]->rgb, (size_t)g.width * (size_t)g.height, worker->next);
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
