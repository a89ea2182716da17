#include "extend/widen.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "extend/filters.h"
#include "pipeline/pipeline.h"
#include "pipeline/progress.h"
#include "video/widener.h"

#define AHEAD 2 /* units decoded before a worker is free */

/* One unit: up to `batch` frames and what becomes of them. */
typedef struct unit_slot {
    int count;
    AVFrame **source, **wide;
    gb_frame_time *time;
    char (*name)[256];
    gb_image *input, *output; /* [frame]; [contender][frame] */
    uint8_t **state;          /* [frame]: of the filters after it, to be kept; NULL: not then */
} unit_slot;

typedef struct worker {
    gb_widener *widener;
    gb_contender_worker *contender;
    gb_board *board;
    AVFrame **panel; /* as many as the board has */
} worker;

typedef struct state {
    const gb_extend_plan *plan;
    gb_sink *sink;
    gb_filters *filters; /* NULL: none */
    gb_progress progress;
    unit_slot *slot;
    void **slot_pointer;
    worker *worker;
    int slots, workers;
    long there, done;
} state;

static gb_status decode(void *user, long unit, void *at, gb_error *err)
{
    const state *s = user;
    unit_slot *slot = at;
    (void)unit;
    slot->count = 0;
    while (slot->count < s->plan->batch) {
        bool end = false;
        const int i = slot->count;
        av_frame_unref(slot->source[i]);
        GB_TRY(gb_footage_next(s->plan->footage, slot->source[i], &slot->time[i], &end, err));
        if (end) break;
        snprintf(slot->name[i], sizeof slot->name[i], "%s", gb_footage_name(s->plan->footage));
        slot->count++;
    }
    return GB_OK;
}

static bool at_end(void *user, void *at)
{
    (void)user;
    return ((const unit_slot *)at)->count == 0;
}

static gb_status draw_panels(const state *s, worker *w, unit_slot *slot, int frame, gb_error *err)
{
    const gb_extend_plan *plan = s->plan;
    int count = 0;
    gb_status status = GB_OK;
    for (int p = 0; p < plan->panels; p++, count++) {
        if (plan->panel[p] == GB_PANEL_ORIGINAL)
            GB_GO(gb_widener_whole(w->widener, slot->source[frame], &w->panel[count], err));
        else
            GB_GO(gb_widener_join(w->widener, slot->source[frame], &slot->input[frame], &w->panel[count], err));
    }
    for (int c = 0; c < plan->contenders.count; c++, count++)
        GB_GO(gb_widener_join(w->widener, slot->source[frame], &slot->output[c * plan->batch + frame], &w->panel[count],
                              err));
    GB_GO(gb_board_draw(w->board, w->panel, &slot->wide[frame], err));
done:
    for (int p = 0; p < plan->board.count; p++) av_frame_free(&w->panel[p]);
    return status;
}

/* One that holds takes what its base has just made, where that is there too. */
static gb_status generate(const state *s, worker *w, unit_slot *slot, int c, gb_error *err)
{
    const gb_extend_plan *plan = s->plan;
    const gb_contender *base = plan->contenders.item[c].base;
    gb_image *output = &slot->output[c * plan->batch];
    if (!base)
        return gb_contender_generate(&w->contender[c], slot->input, NULL, slot->count, plan->layout.work.side,
                                     GB_ROUND_NEAREST, output, err);
    const gb_image *made = &slot->output[(base - plan->contenders.item) * plan->batch];
    for (int i = 0; i < slot->count; i++)
        memcpy(output[i].rgb, made[i].rgb, (size_t)made[i].width * (size_t)made[i].height * 3);
    return GB_OK;
}

static gb_status work(void *user, int index, long unit, void *at, gb_error *err)
{
    const state *s = user;
    unit_slot *slot = at;
    worker *w = &s->worker[index];
    (void)unit;
    for (int i = 0; i < slot->count; i++)
        GB_TRY(gb_widener_look(w->widener, slot->source[i], &slot->input[i], err));
    for (int c = 0; c < s->plan->contenders.count; c++) GB_TRY(generate(s, w, slot, c, err));
    return GB_OK;
}

static gb_status filter(void *user, long unit, void *at, gb_error *err)
{
    const state *s = user;
    unit_slot *slot = at;
    gb_image *frames[GB_BOARD_MAX];
    (void)unit;
    for (int i = 0; i < slot->count; i++) {
        for (int c = 0; c < s->plan->contenders.count; c++) frames[c] = &slot->output[c * s->plan->batch + i];
        GB_TRY(gb_filters_step(s->filters, frames, &slot->state[i], err));
    }
    return GB_OK;
}

static gb_status join(void *user, int index, long unit, void *at, gb_error *err)
{
    const state *s = user;
    unit_slot *slot = at;
    worker *w = &s->worker[index];
    (void)unit;
    for (int i = 0; i < slot->count; i++) {
        if (s->plan->on_board) GB_TRY(draw_panels(s, w, slot, i, err));
        else GB_TRY(gb_widener_join(w->widener, slot->source[i], &slot->output[i], &slot->wide[i], err));
    }
    return GB_OK;
}

/* The filters' state is kept before the segment is finished: both are there then, whenever the job is cut off. */
static gb_status add_frame(state *s, unit_slot *slot, int i, gb_error *err)
{
    const long frames = s->there + s->done + 1;
    if (slot->state[i]) GB_TRY(gb_filters_keep(s->filters, frames, slot->state[i], err));
    GB_TRY(gb_sink_add(s->sink, slot->wide[i], slot->time[i], slot->name[i], err));
    if (slot->state[i]) gb_filters_forget(s->filters, frames - s->plan->segment);
    free(slot->state[i]);
    slot->state[i] = NULL;
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *at, gb_error *err)
{
    state *s = user;
    unit_slot *slot = at;
    (void)unit;
    for (int i = 0; i < slot->count; i++) {
        GB_TRY(add_frame(s, slot, i, err));
        av_frame_free(&slot->wide[i]);
        gb_progress_show(&s->progress, ++s->done);
    }
    return GB_OK;
}

static gb_status open_slot(const gb_extend_plan *plan, unit_slot *slot, gb_error *err)
{
    const size_t batch = (size_t)plan->batch, contenders = (size_t)plan->contenders.count;
    const gb_geometry g = plan->layout.work;
    slot->source = gb_alloc(batch, sizeof *slot->source);
    slot->wide = gb_alloc(batch, sizeof *slot->wide);
    slot->time = gb_alloc(batch, sizeof *slot->time);
    slot->name = gb_alloc(batch, sizeof *slot->name);
    slot->input = gb_alloc(batch, sizeof *slot->input);
    slot->output = gb_alloc(batch * contenders, sizeof *slot->output);
    slot->state = gb_alloc(batch, sizeof *slot->state);
    if (!slot->source || !slot->wide || !slot->time || !slot->name || !slot->input || !slot->output || !slot->state)
        return gb_fail_memory(err, "frames", batch);
    for (size_t i = 0; i < batch; i++) {
        slot->source[i] = av_frame_alloc();
        if (!slot->source[i]) return gb_fail_memory(err, "frames", batch);
        GB_TRY(gb_image_new(g.width, g.height, &slot->input[i], err));
    }
    for (size_t i = 0; i < batch * contenders; i++) GB_TRY(gb_image_new(g.width, g.height, &slot->output[i], err));
    return GB_OK;
}

static void close_slot(const gb_extend_plan *plan, unit_slot *slot)
{
    for (int i = 0; i < plan->batch; i++) {
        if (slot->source) av_frame_free(&slot->source[i]);
        if (slot->wide) av_frame_free(&slot->wide[i]);
        if (slot->input) gb_image_free(&slot->input[i]);
        if (slot->state) free(slot->state[i]);
    }
    for (int i = 0; slot->output && i < plan->batch * plan->contenders.count; i++) gb_image_free(&slot->output[i]);
    free(slot->source);
    free(slot->wide);
    free(slot->time);
    free(slot->name);
    free(slot->input);
    free(slot->output);
    free(slot->state);
}

static gb_status open_worker(const gb_extend_plan *plan, worker *w, gb_error *err)
{
    GB_TRY(gb_widener_new(&plan->layout, &plan->source, &plan->wide, &w->widener, err));
    w->contender = gb_alloc((size_t)plan->contenders.count, sizeof *w->contender);
    w->panel = gb_alloc(GB_BOARD_MAX, sizeof *w->panel);
    if (!w->contender || !w->panel) return gb_fail_memory(err, "worker", sizeof *w->contender);
    for (int i = 0; i < plan->contenders.count; i++)
        GB_TRY(gb_contender_worker_open(&plan->contenders.item[i], &w->contender[i], err));
    return plan->on_board ? gb_board_new(&plan->board, &w->board, err) : GB_OK;
}

static void close_worker(const gb_extend_plan *plan, worker *w)
{
    for (int i = 0; w->contender && i < plan->contenders.count; i++) gb_contender_worker_close(&w->contender[i]);
    free(w->contender);
    free(w->panel);
    gb_widener_free(w->widener);
    gb_board_free(w->board);
}

static gb_status open_state(state *s, gb_error *err)
{
    s->slot = gb_alloc((size_t)s->slots, sizeof *s->slot);
    s->slot_pointer = gb_alloc((size_t)s->slots, sizeof *s->slot_pointer);
    s->worker = gb_alloc((size_t)s->workers, sizeof *s->worker);
    if (!s->slot || !s->slot_pointer || !s->worker) return gb_fail_memory(err, "extend", 0);
    for (int i = 0; i < s->slots; i++) {
        s->slot_pointer[i] = &s->slot[i];
        GB_TRY(open_slot(s->plan, &s->slot[i], err));
    }
    for (int i = 0; i < s->workers; i++) GB_TRY(open_worker(s->plan, &s->worker[i], err));
    return GB_OK;
}

static void close_state(state *s)
{
    for (int i = 0; s->slot && i < s->slots; i++) close_slot(s->plan, &s->slot[i]);
    for (int i = 0; s->worker && i < s->workers; i++) close_worker(s->plan, &s->worker[i]);
    free(s->slot);
    free(s->slot_pointer);
    free(s->worker);
    gb_filters_free(s->filters);
}

/* Frames that are finished are decoded and passed over: exact in every format. */
static gb_status pass_over(const gb_extend_plan *plan, long count, gb_error *err)
{
    AVFrame *frame = av_frame_alloc();
    gb_status status = frame ? GB_OK : gb_fail_memory(err, plan->in, 0);
    for (long i = 0; status == GB_OK && i < count; i++) {
        bool end = false;
        gb_frame_time time;
        status = gb_footage_next(plan->footage, frame, &time, &end, err);
        av_frame_unref(frame);
        if (status == GB_OK && end)
            status = gb_fail(err, GB_E_MISMATCH, "%s: expected the %ld frames that were widened before, found %ld",
                             plan->in, count, i);
    }
    av_frame_free(&frame);
    return status;
}

gb_status gb_widen(const gb_extend_plan *plan, gb_sink *sink, gb_widen_result *result, gb_error *err)
{
    const long there = gb_sink_finished(sink), expected = plan->info.frames - there;
    state s = {.plan = plan, .sink = sink, .workers = plan->threads, .slots = plan->threads + AHEAD, .there = there};
    const uint64_t start = gb_clock_ns();
    gb_status status;
    GB_GO(open_state(&s, err));
    if (gb_filters_wanted(plan)) GB_GO(gb_filters_new(plan, gb_sink_folder(sink), there, &s.filters, err));
    GB_GO(pass_over(plan, there, err));
    gb_progress_start(&s.progress, plan->quiet, plan->out, "frames", expected > 0 ? expected : 0);
    const gb_pipeline pipeline = {.units = LONG_MAX, .workers = s.workers, .slots = s.slots, .slot = s.slot_pointer,
                                  .user = &s, .decode = decode, .at_end = at_end, .work = work,
                                  .chain = s.filters ? filter : NULL, .after = join, .collect = collect};
    status = gb_pipeline_run(&pipeline, err);
    gb_progress_end(&s.progress);
done:
    *result = (gb_widen_result){there + s.done, there, (double)(gb_clock_ns() - start) * 1e-9};
    close_state(&s);
    return status;
}
