#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/net_plan.h"

struct gb_net_worker {
    const gb_net_plan *plan;
    gb_session *session;
    float *cropped; /* NULL when the backend's output is the frame's size already */
};

static bool is_cropped(const gb_net_plan *plan)
{
    return plan->output.h != plan->computed.h || plan->output.w != plan->computed.w;
}

gb_status gb_net_worker_new(const gb_net_plan *plan, gb_net_worker **out, gb_error *err)
{
    gb_status status;
    gb_net_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, "a net's worker", sizeof *worker);
    worker->plan = plan;
    GB_GO(gb_session_new(plan->plan, &worker->session, err));
    if (is_cropped(plan)) {
        const size_t size = gb_shape_size(plan->output);
        worker->cropped = gb_alloc_aligned(size, sizeof(float));
        if (!worker->cropped) GB_GO(gb_fail_memory(err, "a net's output", size * sizeof(float)));
    }
done:
    if (status == GB_OK) *out = worker;
    else gb_net_worker_free(worker);
    return status;
}

void gb_net_worker_free(gb_net_worker *worker)
{
    if (!worker) return;
    gb_session_free(worker->session);
    free(worker->cropped);
    free(worker);
}

/* Unknown pixels: -1 in every channel, or black with the mask set. */
static void pack_strip(const gb_net_plan *plan, float *row)
{
    const size_t channels = (size_t)plan->input.c, count = (size_t)plan->options.side * channels;
    const float rgb = plan->net->input == GB_NET_SIGNED ? -1.0f : 0.0f;
    for (size_t i = 0; i < count; i++) row[i] = rgb;
    if (channels == 4)
        for (size_t i = 3; i < count; i += 4) row[i] = 1.0f;
}

static void pack_centre(const gb_net_plan *plan, const uint8_t *rgb, float *row)
{
    const size_t count = (size_t)(plan->options.width - 2 * plan->options.side), channels = (size_t)plan->input.c;
    for (size_t i = 0; i < count; i++, rgb += 3, row += channels) {
        for (size_t c = 0; c < 3; c++) row[c] = plan->level[rgb[c]];
        if (channels == 4) row[3] = 0.0f;
    }
}

/* One frame into the backend's input: rows as above, then mirrored to the right and downwards. */
static void pack(const gb_net_plan *plan, const gb_image *frame, float *input)
{
    const size_t channels = (size_t)plan->input.c, pitch = (size_t)plan->input.w * channels;
    const int width = plan->options.width, height = plan->options.height, side = plan->options.side;
    for (int y = 0; y < height; y++) {
        float *row = input + (size_t)y * pitch;
        pack_strip(plan, row);
        pack_centre(plan, frame->rgb + ((size_t)y * (size_t)width + (size_t)side) * 3, row + (size_t)side * channels);
        pack_strip(plan, row + (size_t)(width - side) * channels);
        for (int x = width; x < plan->input.w; x++)
            memcpy(row + (size_t)x * channels, row + (size_t)(2 * (width - 1) - x) * channels, channels * sizeof *row);
    }
    for (int y = height; y < plan->input.h; y++)
        memcpy(input + (size_t)y * pitch, input + (size_t)(2 * (height - 1) - y) * pitch, pitch * sizeof *input);
}

/* By the exponent's bits, so that the loop is branch-free and no compiler flag can take it away. */
static bool is_finite(const float *values, size_t count)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bad |= (uint32_t)((bits & 0x7f800000u) == 0x7f800000u);
    }
    return !bad;
}

/* Columns [from, to) of one row of the net's output. */
static gb_status check_row(const gb_net_plan *plan, const float *values, int64_t row, int64_t from, int64_t to,
                           gb_error *err)
{
    const gb_shape shape = plan->computed;
    const float *const first = values + (size_t)((row * shape.w + from) * shape.c);
    const size_t count = (size_t)((to - from) * shape.c);
    if (is_finite(first, count)) return GB_OK;
    size_t at = 0;
    while (is_finite(first + at, 1)) at++;
    return gb_fail(err, GB_E_NUMERIC, "the net's output is %s at frame %d of the batch, row %d, column %d, channel %d",
                   isnan(first[at]) ? "NaN" : "infinite", (int)(row / shape.h), (int)(row % shape.h),
                   (int)(from + (int64_t)at / shape.c), (int)((int64_t)at % shape.c));
}

static gb_status check_finite(const gb_net_plan *plan, const float *values, gb_error *err)
{
    const int64_t width = plan->options.width, side = plan->options.side;
    for (int64_t row = 0; row < plan->computed.n * plan->computed.h; row++) {
        if (plan->options.strips_only) {
            GB_TRY(check_row(plan, values, row, 0, side, err));
            GB_TRY(check_row(plan, values, row, width - side, width, err));
        } else {
            GB_TRY(check_row(plan, values, row, 0, plan->computed.w, err));
        }
    }
    return GB_OK;
}

static void crop(const gb_net_plan *plan, const float *from, float *to)
{
    const size_t line = (size_t)plan->output.w * 3, pitch = (size_t)plan->computed.w * 3;
    for (int64_t n = 0; n < plan->output.n; n++)
        for (int64_t y = 0; y < plan->output.h; y++)
            memcpy(to + (size_t)(n * plan->output.h + y) * line, from + (size_t)(n * plan->computed.h + y) * pitch,
                   line * sizeof *to);
}

int gb_net_slots(const gb_net_worker *worker)
{
    return gb_session_slots(worker->session);
}

gb_status gb_net_submit(gb_net_worker *worker, int slot, const gb_image *const *frames, int count, gb_error *err)
{
    const gb_net_plan *plan = worker->plan;
    float *input = gb_session_slot_input(worker->session, slot, 0);
    const size_t size = gb_shape_size(plan->input) / (size_t)plan->input.n;
    if (count < 1 || count > plan->options.batch || (plan->options.batch_stats && count != plan->options.batch))
        return gb_fail(err, GB_E_ARG, "expected %d frames, found %d", plan->options.batch, count);
    for (int i = 0; i < count; i++) {
        const gb_image *frame = frames[i];
        if (frame->width != plan->options.width || frame->height != plan->options.height)
            return gb_fail(err, GB_E_MISMATCH, "expected a frame of %dx%d, found %dx%d", plan->options.width,
                           plan->options.height, frame->width, frame->height);
        pack(plan, frame, input + (size_t)i * size);
    }
    for (int i = count; i < plan->options.batch; i++)
        memcpy(input + (size_t)i * size, input + (size_t)(count - 1) * size, size * sizeof *input);
    return gb_session_submit(worker->session, slot, err);
}

gb_status gb_net_collect(gb_net_worker *worker, int slot, const float **output, gb_error *err)
{
    const gb_net_plan *plan = worker->plan;
    GB_TRY(gb_session_collect(worker->session, slot, err));
    const float *computed = gb_session_slot_output(worker->session, slot, 0);
    GB_TRY(check_finite(plan, computed, err));
    if (worker->cropped) crop(plan, computed, worker->cropped);
    *output = worker->cropped ? worker->cropped : computed;
    return GB_OK;
}

gb_status gb_net_run(gb_net_worker *worker, const gb_image *const *frames, const float **output, gb_error *err)
{
    GB_TRY(gb_net_submit(worker, 0, frames, worker->plan->options.batch, err));
    return gb_net_collect(worker, 0, output, err);
}

/* ---- Frames that stay on the device ------------------------------------------------------------------------------ */

gb_status gb_net_keep_there(gb_net_worker *worker, gb_rounding rounding, gb_error *err)
{
    const gb_net_plan *plan = worker->plan;
    const bool is_signed = plan->net->output == GB_NET_TANH, minus = plan->net->input == GB_NET_SIGNED;
    if (plan->output.w != plan->options.width || plan->output.h != plan->options.height || !plan->options.strips_only)
        return gb_fail(err, GB_E_UNSUPPORTED, "the net's output of %dx%d is not a frame's strips",
                       (int)plan->output.w, (int)plan->output.h);
    gb_frame_feed feed = {.width = plan->options.width, .height = plan->options.height, .side = plan->options.side,
                          .unknown = {minus ? -1.0f : 0.0f, minus ? -1.0f : 0.0f, minus ? -1.0f : 0.0f, 1.0f},
                          .offset = is_signed ? 1.0f : 0.0f, .scale = is_signed ? 127.5f : 255.0f,
                          .truncate = rounding == GB_ROUND_TRUNCATE};
    for (int c = 0; c < 3; c++) memcpy(feed.level[c], plan->level, sizeof feed.level[c]);
    return gb_session_feed(worker->session, &feed, err);
}

gb_status gb_net_submit_there(gb_net_worker *worker, int slot, const gb_place *from, const gb_place *to, int count,
                              gb_error *err)
{
    gb_frame_run run = {.count = count};
    if (count < 1 || count > worker->plan->options.batch || count > GB_SCORING_FRAMES ||
        (worker->plan->options.batch_stats && count != worker->plan->options.batch))
        return gb_fail(err, GB_E_ARG, "expected %d frames, found %d", worker->plan->options.batch, count);
    memcpy(run.from, from, (size_t)count * sizeof *from);
    memcpy(run.to, to, (size_t)count * sizeof *to);
    return gb_session_submit_frames(worker->session, slot, &run, err);
}

gb_status gb_net_collect_there(gb_net_worker *worker, int slot, bool *finite, gb_error *err)
{
    return gb_session_collect_frames(worker->session, slot, finite, err);
}
