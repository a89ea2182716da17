#include "run/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "run/pipeline.h"

/* One generated frame: what happened and its scores, [metric]. */
typedef struct frame_outcome {
    gb_status status;
    char why[256];
    gb_scores *scores;
    int centre_maxabs, delivered_centre; /* the latter of foreign ones: before compositing */
} frame_outcome;

/* One unit of the pipeline: up to `batch` frames and everything made from them. */
typedef struct unit_slot {
    int first, count;    /* picks */
    gb_image *truth, *input;
    gb_image *output;    /* [contender][frame] */
    int *pick;           /* [frame] */
    frame_outcome *outcome;    /* [contender][frame] */
} unit_slot;

typedef struct worker {
    gb_contender_worker *contender;
    void **metric;
} worker;

/* What the collector remembers of the frame before. */
typedef struct frame_before {
    gb_image truth, *output;
    bool *valid; /* per contender: the frame before was generated */
} frame_before;

typedef struct state {
    gb_evaluation *e;
    int contenders, batch;
    void **shared;        /* per metric */
    void **pair;          /* per temporal metric: the collector's own worker */
    worker *worker;
    unit_slot *slot;
    int slots;
    frame_before before;
    double truth_change, truth_hold; /* sums over pairs */
} state;

static bool takes_part(const state *s, int contender)
{
    return s->e->contenders->item[contender].state == GB_STATE_OK;
}

static gb_status decode(void *user, long unit, void *at, gb_error *err)
{
    const state *s = user;
    unit_slot *slot = at;
    slot->first = (int)unit * s->batch;
    slot->count = s->e->picks->count - slot->first;
    if (slot->count > s->batch) slot->count = s->batch;
    for (int f = 0; f < slot->count; f++) {
        slot->pick[f] = slot->first + f;
        const int frame = s->e->picks->pick[slot->pick[f]].frame;
        GB_TRY(gb_pack_read(s->e->pack, frame, &slot->truth[f], &slot->input[f], err));
    }
    return GB_OK;
}

static void note_failure(frame_outcome *outcome, gb_status status, const gb_error *err)
{
    outcome->status = status;
    snprintf(outcome->why, sizeof outcome->why, "%.*s", (int)sizeof outcome->why - 1, err->text);
}

/* Frames [first, first + count) of the slot with one contender; what goes wrong stays with them. */
static void generate_together(state *s, worker *w, unit_slot *slot, int contender, int first, int count)
{
    gb_error err = {0};
    gb_contender_worker *by = &w->contender[contender];
    gb_image *output = &slot->output[contender * s->batch + first];
    frame_outcome *outcome = &slot->outcome[contender * s->batch + first];
    const gb_status generated =
        gb_contender_generate(by, &slot->input[first], &slot->pick[first], count, s->e->env.geometry.side,
                              s->e->protocol->rounding, output, &err);
    for (int f = 0; f < count; f++) {
        gb_status status = generated;
        if (status == GB_OK) status = gb_protocol_finish(s->e->protocol, &output[f], &err);
        outcome[f].status = status;
        if (status != GB_OK) note_failure(&outcome[f], status, &err);
        else outcome[f].centre_maxabs = gb_centre_maxabs(s->e->env.geometry, &slot->input[first + f], &output[f]);
        if (by->foreign) outcome[f].delivered_centre = gb_foreign_delivered_centre(by->foreign);
    }
}

/* The slot's frames with one contender, one by one unless they share batch statistics. */
static void generate(state *s, worker *w, unit_slot *slot, int contender)
{
    const int step = s->e->contenders->item[contender].batch_stats ? slot->count : 1;
    for (int f = 0; f < slot->count; f += step) generate_together(s, w, slot, contender, f, step);
}

/* All frame metrics of one frame, truth's part first. */
static gb_status score_frame(state *s, worker *w, unit_slot *slot, int f, gb_error *err)
{
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (metric->temporal) continue;
        GB_TRY(metric->reference(w->metric[m], &slot->truth[f], err));
        for (int c = 0; c < s->contenders; c++) {
            frame_outcome *outcome = &slot->outcome[c * s->batch + f];
            if (!takes_part(s, c) || outcome->status != GB_OK) continue;
            gb_error own = {0};
            const gb_status status =
                metric->compare(w->metric[m], &slot->output[c * s->batch + f], &outcome->scores[m], &own);
            if (status != GB_OK) note_failure(outcome, status, &own);
        }
    }
    return GB_OK;
}

static gb_status work(void *user, int index, long unit, void *at, gb_error *err)
{
    (void)unit;
    state *s = user;
    unit_slot *slot = at;
    worker *w = &s->worker[index];
    for (int c = 0; c < s->contenders; c++)
        if (takes_part(s, c)) generate(s, w, slot, c);
    for (int f = 0; f < slot->count; f++) GB_TRY(score_frame(s, w, slot, f, err));
    return GB_OK;
}

/* One row for each region of one metric. A value that is not a number is a failure, whatever the metric thought. */
static gb_status put_rows(state *s, const gb_pick *pick, int contender, int m, const gb_scores *scores,
                          const char *failure, gb_error *err)
{
    gb_evaluation *e = s->e;
    gb_row row = {.generator = e->contenders->item[contender].id,
                  .dataset = e->dataset->id,
                  .clip = gb_pack_shots(e->pack)[pick->shot].clip,
                  .metric = e->metrics[m]->id,
                  .shot = pick->shot,
                  .frame = pick->frame};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_score score = scores ? scores->region[r] : (gb_score){.present = r == GB_REGION_FULL};
        if (!score.present) continue;
        if (!score.undefined && score.den == 0.0) score.undefined = "the truth does not change here";
        const bool finite = isfinite(score.num) && isfinite(score.den);
        row.region = (gb_region)r;
        row.num = score.num;
        row.den = score.den;
        row.why = failure ? failure : !finite && !score.undefined ? "the value is not finite" : score.undefined;
        if (failure || (!finite && !score.undefined)) {
            row.state = GB_STATE_FAILED;
            gb_tally_fail(e->tally, contender, m, r, row.why);
            if (!e->failed_rows++)
                snprintf(e->first_failure, sizeof e->first_failure, "%s on %s, frame %d: %s", row.generator,
                         row.dataset, row.frame, row.why);
        } else {
            row.state = score.undefined ? GB_STATE_UNDEFINED : GB_STATE_OK;
            gb_tally_add(e->tally, contender, m, r, pick->shot, &score);
        }
        if (e->rows) GB_TRY(gb_row_writer_put(e->rows, &row, err));
    }
    return GB_OK;
}

/* A temporal metric over the pair (frame before, frame f of the slot). */
static gb_status put_pair(state *s, const unit_slot *slot, int f, int c, int m, gb_error *err)
{
    const gb_pick *pick = &s->e->picks->pick[slot->first + f];
    if (!pick->follows) return GB_OK;
    const frame_outcome *outcome = &slot->outcome[c * s->batch + f];
    gb_scores scores = {0};
    gb_error own = {0};
    const char *failure = NULL;
    if (outcome->status != GB_OK) failure = outcome->why;
    else if (!s->before.valid[c]) failure = "the frame before it failed";
    else if (s->e->metrics[m]->pair(s->pair[m], &s->before.truth, &slot->truth[f], &s->before.output[c],
                                    &slot->output[c * s->batch + f], &scores, &own) != GB_OK)
        failure = own.text;
    return put_rows(s, pick, c, m, failure ? NULL : &scores, failure, err);
}

/* The truth's own movement, from the metrics themselves. */
static gb_status add_truth_pair(state *s, const unit_slot *slot, int f, gb_error *err)
{
    if (!s->e->picks->pick[slot->first + f].follows) return GB_OK;
    gb_run_dataset *dataset = s->e->dataset;
    dataset->pairs++;
    for (int m = 0; m < s->e->metric_count; m++) {
        const char *id = s->e->metrics[m]->id;
        const bool excess = !strcmp(id, "flicker_excess"), hold = !strcmp(id, "flicker_hold");
        if (!excess && !hold) continue;
        gb_scores scores = {0};
        GB_TRY(s->e->metrics[m]->pair(s->pair[m], &s->before.truth, &slot->truth[f], &s->before.truth, &slot->truth[f],
                                      &scores, err));
        const gb_score *sides = &scores.region[GB_REGION_SIDES];
        if (excess) s->truth_change += sides->num;
        if (hold && sides->present) {
            dataset->hold_pairs++;
            s->truth_hold += sides->num;
        }
    }
    return GB_OK;
}

static void swap_images(gb_image *a, gb_image *b)
{
    const gb_image kept = *a;
    *a = *b;
    *b = kept;
}

static gb_status collect_contender(state *s, unit_slot *slot, int f, int c, gb_error *err)
{
    const gb_pick *pick = &s->e->picks->pick[slot->first + f];
    const frame_outcome *outcome = &slot->outcome[c * s->batch + f];
    const char *failure = outcome->status != GB_OK ? outcome->why : NULL;
    for (int m = 0; m < s->e->metric_count; m++) {
        if (s->e->metrics[m]->temporal)
            GB_TRY(put_pair(s, slot, f, c, m, err));
        else
            GB_TRY(put_rows(s, pick, c, m, failure ? NULL : &outcome->scores[m], failure, err));
        const gb_score *full = &outcome->scores[m].region[GB_REGION_FULL];
        if (m == s->e->headline && !failure && !full->undefined)
            s->e->headline_value[(slot->first + f) * s->contenders + c] = full->num / full->den;
    }
    gb_foreign *foreign = s->e->contenders->item[c].foreign;
    if (!failure && foreign)
        gb_foreign_note(foreign, slot->pick[f], &slot->output[c * s->batch + f], outcome->delivered_centre);
    if (!failure && s->e->audit)
        GB_TRY(gb_audit_scored(s->e->audit, c, slot->first + f, &slot->output[c * s->batch + f], err));
    if (!failure && outcome->centre_maxabs > s->e->centre_maxabs[c]) s->e->centre_maxabs[c] = outcome->centre_maxabs;
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    state *s = user;
    unit_slot *slot = at;
    for (int f = 0; f < slot->count; f++) {
        GB_TRY(add_truth_pair(s, slot, f, err));
        for (int c = 0; c < s->contenders; c++)
            if (takes_part(s, c)) GB_TRY(collect_contender(s, slot, f, c, err));
        swap_images(&s->before.truth, &slot->truth[f]);
        for (int c = 0; c < s->contenders; c++) {
            s->before.valid[c] = slot->outcome[c * s->batch + f].status == GB_OK;
            swap_images(&s->before.output[c], &slot->output[c * s->batch + f]);
        }
    }
    gb_progress_show(s->e->progress, slot->first + slot->count);
    return GB_OK;
}

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

static gb_status open_slot(const state *s, unit_slot *slot, gb_error *err)
{
    const gb_geometry g = s->e->env.geometry;
    const int outputs = s->contenders * s->batch;
    GB_TRY(new_images(&slot->truth, s->batch, g, err));
    GB_TRY(new_images(&slot->input, s->batch, g, err));
    GB_TRY(new_images(&slot->output, outputs, g, err));
    slot->outcome = gb_alloc((size_t)outputs, sizeof *slot->outcome);
    slot->pick = gb_alloc((size_t)s->batch, sizeof *slot->pick);
    if (!slot->outcome || !slot->pick) return gb_fail_memory(err, "scores", (size_t)outputs);
    for (int i = 0; i < outputs; i++) {
        slot->outcome[i].scores = gb_alloc((size_t)s->e->metric_count, sizeof(gb_scores));
        if (!slot->outcome[i].scores) return gb_fail_memory(err, "scores", sizeof(gb_scores));
    }
    return GB_OK;
}

static gb_status open_worker(state *s, worker *w, gb_error *err)
{
    w->contender = gb_alloc((size_t)s->contenders, sizeof *w->contender);
    w->metric = gb_alloc((size_t)s->e->metric_count, sizeof *w->metric);
    if (!w->contender || !w->metric) return gb_fail_memory(err, "worker", sizeof *w);
    for (int c = 0; c < s->contenders; c++)
        if (takes_part(s, c))
            GB_TRY(gb_contender_worker_open(&s->e->contenders->item[c], &w->contender[c], err));
    for (int m = 0; m < s->e->metric_count; m++)
        if (!s->e->metrics[m]->temporal && s->e->metrics[m]->worker_open)
            GB_TRY(s->e->metrics[m]->worker_open(s->shared[m], &s->e->env, &w->metric[m], err));
    return GB_OK;
}

static gb_status open_metrics(state *s, gb_error *err)
{
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (metric->open) GB_TRY(metric->open(&s->e->env, &s->shared[m], err));
        if (metric->temporal && metric->worker_open)
            GB_TRY(metric->worker_open(s->shared[m], &s->e->env, &s->pair[m], err));
    }
    return GB_OK;
}

static gb_status open_state(state *s, gb_error *err)
{
    const int workers = s->e->workers;
    s->slots = workers + 2;
    s->shared = gb_alloc((size_t)s->e->metric_count, sizeof *s->shared);
    s->pair = gb_alloc((size_t)s->e->metric_count, sizeof *s->pair);
    s->worker = gb_alloc((size_t)workers, sizeof *s->worker);
    s->slot = gb_alloc((size_t)s->slots, sizeof *s->slot);
    s->before.valid = gb_alloc((size_t)s->contenders, sizeof *s->before.valid);
    if (!s->shared || !s->pair || !s->worker || !s->slot || !s->before.valid)
        return gb_fail_memory(err, "evaluation", sizeof *s);
    GB_TRY(gb_image_new(s->e->env.geometry.width, s->e->env.geometry.height, &s->before.truth, err));
    GB_TRY(new_images(&s->before.output, s->contenders, s->e->env.geometry, err));
    GB_TRY(open_metrics(s, err));
    for (int i = 0; i < workers; i++) GB_TRY(open_worker(s, &s->worker[i], err));
    for (int i = 0; i < s->slots; i++) GB_TRY(open_slot(s, &s->slot[i], err));
    return GB_OK;
}

static void close_slot(const state *s, unit_slot *slot)
{
    const int outputs = s->contenders * s->batch;
    free_images(slot->truth, s->batch);
    free_images(slot->input, s->batch);
    free_images(slot->output, outputs);
    for (int i = 0; slot->outcome && i < outputs; i++) free(slot->outcome[i].scores);
    free(slot->outcome);
    free(slot->pick);
}

static void close_worker(const state *s, worker *w)
{
    for (int c = 0; w->contender && c < s->contenders; c++) gb_contender_worker_close(&w->contender[c]);
    for (int m = 0; w->metric && m < s->e->metric_count; m++)
        if (w->metric[m]) s->e->metrics[m]->worker_close(w->metric[m]);
    free(w->contender);
    free(w->metric);
}

static void close_state(state *s)
{
    for (int i = 0; s->slot && i < s->slots; i++) close_slot(s, &s->slot[i]);
    for (int i = 0; s->worker && i < s->e->workers; i++) close_worker(s, &s->worker[i]);
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (s->pair && s->pair[m]) metric->worker_close(s->pair[m]);
        if (s->shared && s->shared[m]) metric->close(s->shared[m]);
    }
    gb_image_free(&s->before.truth);
    free_images(s->before.output, s->contenders);
    free(s->before.valid);
    free(s->shared);
    free(s->pair);
    free(s->worker);
    free(s->slot);
}

gb_status gb_evaluate(gb_evaluation *evaluation, gb_error *err)
{
    gb_evaluation *e = evaluation;
    /* Batch statistics are shared by a fixed number of frames: that is then the unit, whatever the user asked for. */
    state s = {.e = e,
               .contenders = e->contenders->count,
               .batch = e->protocol->batch_stats ? e->protocol->stat_batch : e->batch};
    void **slots = NULL;
    gb_status status = open_state(&s, err);
    if (status != GB_OK) goto done;
    slots = gb_alloc((size_t)s.slots, sizeof *slots);
    if (!slots) {
        status = gb_fail_memory(err, "pipeline", (size_t)s.slots);
        goto done;
    }
    for (int i = 0; i < s.slots; i++) slots[i] = &s.slot[i];
    const gb_pipeline pipeline = {.units = (e->picks->count + s.batch - 1) / s.batch,
                                  .workers = e->workers,
                                  .slots = s.slots,
                                  .slot = slots,
                                  .user = &s,
                                  .decode = decode,
                                  .work = work,
                                  .collect = collect};
    status = gb_pipeline_run(&pipeline, err);
    e->dataset->truth_mae_dt_sides = e->dataset->pairs ? s.truth_change / e->dataset->pairs : NAN;
    e->dataset->truth_flicker_hold = e->dataset->hold_pairs ? s.truth_hold / e->dataset->hold_pairs : NAN;
done:
    close_state(&s);
    free(slots);
    return status;
}
