/* What is left of a frame's change once the truth's motion is taken out: Lai, Huang, Wang, Shechtman, Yumer & Yang,
 * "Learning Blind Video Temporal Consistency", ECCV 2018; masks as there, after Ruder, Dosovitskiy & Brox 2016. The
 * flow is the truth's: that of a flickering strip would explain the flicker away. */
#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "flow/estimate.h"
#include "flow/pixels.h"
#include "metrics/column_sums.h"
#include "metrics/warp_mask.h"

typedef struct warp_worker {
    gb_geometry geometry;
    gb_warp_mask *mask;
    uint32_t *next;    /* the second frame's pixels, a byte for each channel */
    float *error;      /* of a row */
    double *column;    /* [region][column]: sums */
    gb_image truth[2]; /* the pair's frames */
    double rest[GB_REGION_COUNT]; /* the truth's errors that no strip has a part in: those of every widened frame */
} warp_worker;

static gb_status ready(const gb_metric_env *env, gb_error *err)
{
    (void)env;
    return gb_flow_ready(err);
}

static void worker_close(void *handle)
{
    warp_worker *const worker = handle;
    if (!worker) return;
    gb_warp_mask_free(worker->mask);
    free(worker->next);
    free(worker->error);
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
    warp_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, GB_WARP_ID, sizeof *worker);
    worker->geometry = g;
    GB_GO(gb_warp_mask_new(g, &worker->mask, err));
    worker->next = gb_alloc_aligned(pixels, sizeof *worker->next);
    worker->error = gb_alloc_aligned((size_t)g.width, sizeof *worker->error);
    worker->column = gb_alloc_aligned((size_t)g.width * GB_REGION_COUNT, sizeof *worker->column);
    if (!worker->next || !worker->error || !worker->column)
        GB_GO(gb_fail_memory(err, GB_WARP_ID, pixels * sizeof *worker->next));
    for (int i = 0; i < 2; i++) GB_GO(gb_image_new(g.width, g.height, &worker->truth[i], err));
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

/* ---- Errors ---- */

GB_CLONES static void pack_pixels(const uint8_t *restrict rgb, size_t pixels, uint32_t *restrict out)
{
    for (size_t i = 0; i < pixels; i++)
        out[i] = rgb[3 * i] | (uint32_t)rgb[3 * i + 1] << 8 | (uint32_t)rgb[3 * i + 2] << 16;
}

GB_EACH_PIXEL float channel(uint32_t pixel, int i)
{
    return (float)(int)(pixel >> 8 * i & 255);
}

GB_EACH_PIXEL float squared_error(const uint8_t *rgb, int i, const uint32_t pixel[4], gb_around at)
{
    const float a = channel(pixel[0], i), b = channel(pixel[1], i), c = channel(pixel[2], i), d = channel(pixel[3], i);
    const float apart = (float)rgb[i] - gb_between(a, b, c, d, at);
    return apart * apart;
}

/* A row of one frame beside where it goes in the next; columns [from, to). */
typedef struct warp_row {
    const uint8_t *rgb;
    const uint32_t *next;      /* the whole picture's pixels */
    const float *flow;
    const unsigned char *member;
    int width, height, y, from, to;
} warp_row;

/* Sums over channels of (image(x, y) - next(to_x, to_y))², in levels²; 0 where nothing is compared. */
GB_CLONES static void warp_errors(const warp_row *row, float *restrict error)
{
    const uint32_t *const next = row->next;
    const int width = row->width, height = row->height;
    for (int x = row->from; x < row->to; x++) {
        const int used = row->member[x] != 0;
        const float to_x = (float)x + row->flow[2 * x], to_y = (float)row->y + row->flow[2 * x + 1];
        const gb_around at = gb_around_of(gb_where(used, to_x), gb_where(used, to_y), width, height);
        const uint32_t pixel[4] = {next[at.upper_left], next[at.upper_right], next[at.lower_left],
                                   next[at.lower_right]};
        const uint8_t *const rgb = row->rgb + 3 * x;
        const float sum = squared_error(rgb, 0, pixel, at) + squared_error(rgb, 1, pixel, at) +
                          squared_error(rgb, 2, pixel, at);
        error[x] = gb_where(used, sum);
    }
}

/* Adds the errors of the pixels that count for a part to the sums of their columns. What is left out adds 0. */
GB_CLONES static void add_row(const warp_row *row, const float *restrict error, int part, double *restrict column)
{
    for (int x = row->from; x < row->to; x++)
        column[x] += (double)gb_where(row->member[x] >> part & 1, error[x]);
}

/* The next columns in which there are such pixels; begin with *to = 0. */
static bool next_columns(const warp_worker *worker, int first, int *from, int *to)
{
    const unsigned char *const sees_strip = gb_warp_mask_sees_strip(worker->mask);
    const bool all = first != GB_WARP_STRIP;
    const int width = worker->geometry.width;
    int at = *to;
    while (!all && at < width && !sees_strip[at]) at++;
    *from = at;
    while (at < width && (all || sees_strip[at])) at++;
    *to = at;
    return *from < width;
}

/* Adds up the errors of half of the parts, those from `first` on: every column from top to bottom, then from left to
 * right. */
static void add_errors(const warp_worker *worker, const gb_frame_pair *pair, int first, double sum[GB_REGION_COUNT])
{
    const gb_geometry g = worker->geometry;
    const size_t width = (size_t)g.width;
    memset(worker->column, 0, width * GB_REGION_COUNT * sizeof *worker->column);
    for (int y = 0; y < g.height; y++) {
        const size_t at = (size_t)y * width;
        warp_row row = {.rgb = pair->frame[0]->rgb + 3 * at, .next = worker->next, .width = g.width, .height = g.height,
                        .flow = gb_warp_mask_flow(worker->mask) + 2 * at, .y = y,
                        .member = gb_warp_mask_member(worker->mask) + at};
        while (next_columns(worker, first, &row.from, &row.to)) {
            warp_errors(&row, worker->error);
            for (int r = 0; r < GB_REGION_COUNT; r++)
                add_row(&row, worker->error, first + r, worker->column + (size_t)r * width);
        }
    }
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        sum[r] = 0.0;
        for (size_t x = 0; x < width; x++) sum[r] += worker->column[(size_t)r * width + x];
    }
}

static gb_status pair_reference(void *handle, const gb_frame_pair *truth, gb_error *err)
{
    warp_worker *const worker = handle;
    const size_t bytes = 3 * (size_t)worker->geometry.width * (size_t)worker->geometry.height;
    GB_TRY(gb_warp_mask_measure(worker->mask, truth, err));
    for (int i = 0; i < 2; i++) memcpy(worker->truth[i].rgb, truth->frame[i]->rgb, bytes);
    pack_pixels(truth->frame[1]->rgb, bytes / 3, worker->next);
    add_errors(worker, truth, GB_WARP_REST, worker->rest);
    return GB_OK;
}

static gb_status pair(void *handle, const gb_frame_pair *test, gb_scores *out, gb_error *err)
{
    warp_worker *const worker = handle;
    const gb_geometry g = worker->geometry;
    double sum[GB_WARP_PARTS];
    bool widened = true; /* both are the truth but for their strips */
    for (int i = 0; i < 2; i++) {
        GB_TRY(gb_metric_check_frame(GB_WARP_ID, g, test->frame[i], err));
        widened = widened && gb_image_same_centre(test->frame[i], &worker->truth[i], g.side);
    }
    pack_pixels(test->frame[1]->rgb, (size_t)g.width * (size_t)g.height, worker->next);
    add_errors(worker, test, GB_WARP_STRIP, sum + GB_WARP_STRIP);
    if (widened) memcpy(sum + GB_WARP_REST, worker->rest, sizeof worker->rest);
    else add_errors(worker, test, GB_WARP_REST, sum + GB_WARP_REST);
    gb_warp_score(g, gb_warp_mask_used(worker->mask), sum, out);
    return GB_OK;
}

const gb_metric gb_metric_e_warp = {
    .id = GB_WARP_ID,
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
    .estimates_flow = true,
    .ready = ready,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .pair_reference = pair_reference,
    .pair = pair,
    .on_device = &gb_warp_on_device,
};
