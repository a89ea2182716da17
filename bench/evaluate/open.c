#include "evaluate/open.h"

#include <stdlib.h>

#include "core/memory.h"
#include "evaluate/cut.h"
#include "evaluate/key.h"
#include "evaluate/on_device.h"
#include "metrics/on_device.h"

static gb_status new_images(gb_image **out, int count, gb_geometry g, gb_error *err)
{
    gb_image *images = gb_alloc((size_t)count, sizeof *images);
    if (!images) return gb_fail_memory(err, "frames", (size_t)count * sizeof *images);
    *out = images;
    for (int i = 0; i < count; i++) GB_TRY(gb_image_new(g.width, g.height, &images[i], err));
    return GB_OK;
}

static void free_images(gb_image *images, int count)
{
    for (int i = 0; images && i < count; i++) gb_image_free(&images[i]);
    free(images);
}

/* Whether some metric needs what metric m keeps. */
static bool is_shared(const evaluation_state *s, int m)
{
    for (int other = 0; other < s->e->metric_count; other++)
        if (s->source[other] == m) return true;
    return false;
}

/* What metric m keeps of one frame. */
static gb_status open_place(const evaluation_state *s, int m, void **at, gb_error *err)
{
    const gb_metric *metric = s->e->metrics[m];
    if (s->on_device[m]) {
        gb_memory *memory = NULL;
        GB_TRY(s->scoring->memory_new(s->e->env.backend->ordinal, metric->on_device->kept_size(s->shared[m]), &memory,
                                      err));
        *at = memory;
        return GB_OK;
    }
    const size_t size = metric->kept_size(s->shared[m]);
    *at = gb_alloc_aligned(size, 1);
    return *at ? GB_OK : gb_fail_memory(err, "kept features", size);
}

static gb_status open_kept(const evaluation_state *s, unit_slot *slot, gb_error *err)
{
    slot->kept = gb_alloc((size_t)(s->e->metric_count * (s->contenders + 1) * s->kept_places), sizeof *slot->kept);
    if (!slot->kept) return gb_fail_memory(err, "kept features", (size_t)s->contenders);
    for (int m = 0; m < s->e->metric_count; m++) {
        if (!is_shared(s, m)) continue;
        const int places = s->batch < KEPT_PLACES || s->on_device[m] ? s->batch : KEPT_PLACES;
        for (int c = 0; c <= s->contenders; c++)
            for (int f = 0; f < places && (c == s->contenders || gb_evaluate_takes_part(s, c)); f++)
                GB_TRY(open_place(s, m, gb_evaluate_kept(s, slot, m, c, f), err));
    }
    return GB_OK;
}

static void close_kept(const evaluation_state *s, unit_slot *slot)
{
    const int each = (s->contenders + 1) * s->kept_places;
    for (int i = 0; slot->kept && i < s->e->metric_count * each; i++)
        if (s->on_device[i / each] && slot->kept[i]) s->scoring->memory_free(slot->kept[i]);
        else free(slot->kept[i]);
    free(slot->kept);
}

static gb_status open_slot(const evaluation_state *s, unit_slot *slot, gb_error *err)
{
    const gb_geometry g = s->e->env.geometry;
    const int outputs = s->contenders * s->batch;
    const size_t batch = (size_t)s->batch;
    GB_TRY(new_images(&slot->truth, s->batch, g, err));
    GB_TRY(new_images(&slot->input, s->batch, g, err));
    GB_TRY(new_images(&slot->output, outputs, g, err));
    slot->outcome = gb_alloc((size_t)outputs, sizeof *slot->outcome);
    slot->flow = gb_alloc(batch, sizeof *slot->flow);
    slot->has_flow = gb_alloc(batch, sizeof *slot->has_flow);
    slot->truth_change = gb_alloc(batch, sizeof *slot->truth_change);
    slot->truth_hold = gb_alloc(batch, sizeof *slot->truth_hold);
    slot->pick = gb_alloc(batch, sizeof *slot->pick);
    slot->unread = gb_alloc(batch, sizeof *slot->unread);
    slot->hash = gb_alloc(batch, sizeof *slot->hash);
    if (!slot->outcome || !slot->pick || !slot->flow || !slot->has_flow || !slot->truth_change || !slot->truth_hold ||
        !slot->unread || !slot->hash)
        return gb_fail_memory(err, "scores", (size_t)outputs);
    for (int i = 0; i < outputs; i++) {
        slot->outcome[i].scores = gb_alloc((size_t)s->e->metric_count, sizeof(gb_scores));
        if (!slot->outcome[i].scores) return gb_fail_memory(err, "scores", sizeof(gb_scores));
    }
    GB_TRY(gb_evaluate_device_slot(s, slot, err));
    return open_kept(s, slot, err);
}

/* The most that a call on the device is given. */
static int frames_there(const evaluation_state *s)
{
    return s->batch < GB_SCORING_FRAMES ? s->batch : GB_SCORING_FRAMES;
}

/* As the metric's workers see the evaluation. */
static gb_metric_env env_of(const evaluation_state *s, int m)
{
    gb_metric_env env = s->e->env;
    env.shared = s->source[m] >= 0 ? s->shared[s->source[m]] : NULL;
    if (!s->on_device[m]) return env;
    env.scoring = s->scoring;
    env.frames = frames_there(s);
    return env;
}

static gb_status open_worker_metric(const evaluation_state *s, evaluation_worker *w, int m, gb_error *err)
{
    const gb_metric *metric = s->e->metrics[m];
    gb_metric_env env = env_of(s, m);
    env.scorer = w->scorer;
    return (s->on_device[m] ? metric->on_device->worker_open : metric->worker_open)(s->shared[m], &env, &w->metric[m],
                                                                                    err);
}

static gb_status open_worker(evaluation_state *s, evaluation_worker *w, gb_error *err)
{
    w->contender = gb_alloc((size_t)s->contenders, sizeof *w->contender);
    w->metric = gb_alloc((size_t)s->e->metric_count, sizeof *w->metric);
    w->pair = gb_alloc((size_t)s->batch, sizeof *w->pair);
    if (!w->contender || !w->metric || !w->pair) return gb_fail_memory(err, "worker", sizeof *w);
    GB_TRY(gb_evaluate_device_worker(s, w, err));
    for (int c = 0; c < s->contenders; c++) {
        if (!gb_evaluate_takes_part(s, c) || gb_evaluate_base(s, c) >= 0) continue;
        GB_TRY(gb_contender_worker_open(&s->e->contenders->item[c], &w->contender[c], err));
        if (gb_evaluate_made_there(s, c))
            GB_TRY(gb_contender_keep_there(&w->contender[c], s->e->protocol->rounding, err));
    }
    for (int m = 0; m < s->e->metric_count; m++) GB_TRY(open_worker_metric(s, w, m, err));
    return GB_OK;
}

static void find_sources(evaluation_state *s)
{
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        s->source[m] = -1;
        s->uses_flow = s->uses_flow || metric->uses_flow;
        for (int other = 0; metric->shares && other < s->e->metric_count; other++)
            if (s->e->metrics[other] == metric->shares) s->source[m] = other;
    }
}

static gb_status open_filters(evaluation_state *s, gb_error *err)
{
    s->filter = gb_alloc((size_t)s->contenders, sizeof *s->filter);
    if (!s->filter) return gb_fail_memory(err, "filters", (size_t)s->contenders);
    for (int c = 0; c < s->contenders; c++) {
        s->filter[c].last = -1;
        if (gb_evaluate_takes_part(s, c))
            GB_TRY(gb_contender_stabiliser(&s->e->contenders->item[c], s->e->env.geometry, &s->filter[c].stabiliser,
                                           err));
    }
    return GB_OK;
}

gb_status gb_evaluate_open(evaluation_state *s, gb_error *err)
{
    const int workers = s->e->workers;
    s->slots = workers + 3; /* one waits for the unit after it */
    s->source = gb_alloc((size_t)s->e->metric_count, sizeof *s->source);
    s->on_device = gb_alloc((size_t)s->e->metric_count, sizeof *s->on_device);
    s->worker = gb_alloc((size_t)workers, sizeof *s->worker);
    s->slot = gb_alloc((size_t)s->slots, sizeof *s->slot);
    if (!s->source || !s->on_device || !s->worker || !s->slot)
        return gb_fail_memory(err, "evaluation", sizeof *s);
    GB_TRY(gb_evaluate_cut(s, err));
    GB_TRY(gb_cell_new(s->contenders, s->e->metric_count, CELL_FRAMES, &s->building, err));
    GB_TRY(gb_cell_new(s->contenders, s->e->metric_count, CELL_FRAMES, &s->feed.probe, err));
    find_sources(s);
    GB_TRY(gb_evaluate_choose_places(s, err));
    GB_TRY(open_filters(s, err));
    return gb_evaluate_learn_history(s, err);
}

gb_status gb_evaluate_start(evaluation_state *s, gb_error *err)
{
    gb_metric_env env = s->e->env;
    if (s->started) return GB_OK;
    env.scoring = s->scoring;
    env.frames = s->scoring ? frames_there(s) : 0;
    GB_TRY(gb_metric_states_open(s->e->states, &env, err));
    gb_give_back(); /* making plans takes some times as much as they keep, from the memory of each thread */
    s->shared = s->e->states->state;
    GB_TRY(gb_evaluate_device_open(s, err));
    for (int i = 0; i < s->e->workers; i++) GB_TRY(open_worker(s, &s->worker[i], err));
    for (int i = 0; i < s->slots; i++) GB_TRY(open_slot(s, &s->slot[i], err));
    s->started = true;
    return GB_OK;
}

static void close_slot(const evaluation_state *s, unit_slot *slot)
{
    const int outputs = s->contenders * s->batch;
    free_images(slot->truth, s->batch);
    free_images(slot->input, s->batch);
    free_images(slot->output, outputs);
    for (int i = 0; slot->outcome && i < outputs; i++) free(slot->outcome[i].scores);
    for (int i = 0; slot->flow && i < s->batch; i++) gb_flow_free(&slot->flow[i]);
    free(slot->outcome);
    free(slot->flow);
    free(slot->has_flow);
    close_kept(s, slot);
    gb_evaluate_device_slot_close(s, slot);
    free(slot->truth_change);
    free(slot->truth_hold);
    free(slot->pick);
    free(slot->unread);
    free(slot->hash);
}

static void close_worker(const evaluation_state *s, evaluation_worker *w)
{
    for (int c = 0; w->contender && c < s->contenders; c++) gb_contender_worker_close(&w->contender[c]);
    for (int m = 0; w->metric && m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (w->metric[m]) (s->on_device[m] ? metric->on_device->worker_close : metric->worker_close)(w->metric[m]);
    }
    gb_evaluate_device_worker_close(s, w);
    free(w->contender);
    free(w->metric);
    free(w->pair);
}

void gb_evaluate_close(evaluation_state *s)
{
    for (int i = 0; s->slot && i < s->slots; i++) close_slot(s, &s->slot[i]);
    for (int i = 0; s->worker && i < s->e->workers; i++) close_worker(s, &s->worker[i]);
    gb_evaluate_device_close(s);
    gb_cell_free(&s->building);
    gb_cell_free(&s->feed.probe);
    gb_sha256_free(s->frames);
    gb_image_free(&s->feed.truth);
    gb_image_free(&s->feed.input);
    gb_flow_free(&s->feed.flow);
    free(s->cell);
    free(s->need);
    cJSON_free(s->protocol);
    free(s->history);
    for (int c = 0; s->filter && c < s->contenders; c++) gb_stabiliser_free(s->filter[c].stabiliser);
    free(s->filter);
    free(s->source);
    free(s->on_device);
    free(s->worker);
    free(s->slot);
}
