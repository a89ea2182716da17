#include "run/evaluate_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "run/pipeline.h"

static gb_status decode(void *user, long unit, void *at, gb_error *err)
{
    const evaluation_state *s = user;
    unit_slot *slot = at;
    slot->first = (int)unit * s->batch;
    slot->count = s->e->picks->count - slot->first;
    if (slot->count > s->batch) slot->count = s->batch;
    for (int f = 0; f < slot->count; f++) {
        slot->pick[f] = slot->first + f;
        const int frame = s->e->picks->pick[slot->pick[f]].frame;
        GB_TRY(gb_pack_read(s->e->pack, frame, &slot->truth[f], &slot->input[f], err));
        slot->has_flow[f] = s->uses_flow && s->e->picks->pick[slot->first + f].follows &&
                            gb_pack_get_info(s->e->pack)->has_flow;
        if (slot->has_flow[f]) GB_TRY(gb_pack_read_flow(s->e->pack, frame - 1, &slot->flow[f], err));
    }
    return GB_OK;
}

static void note_failure(frame_outcome *outcome, gb_status status, const gb_error *err)
{
    outcome->status = status;
    snprintf(outcome->why, sizeof outcome->why, "%.*s", (int)sizeof outcome->why - 1, err->text);
}

/* Frames [first, first + count) of the slot with one contender; what goes wrong stays with them. */
static void generate_together(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int contender, int first,
                              int count)
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
static void generate(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int contender)
{
    const int step = s->e->contenders->item[contender].batch_stats ? slot->count : 1;
    for (int f = 0; f < slot->count; f += step) generate_together(s, w, slot, contender, f, step);
}

/* All frame metrics of one frame, truth's part first. */
static gb_status score_frame(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int f, gb_error *err)
{
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (metric->temporal) continue;
        GB_TRY(metric->reference(w->metric[m], &slot->truth[f], err));
        void *kept = *gb_evaluate_kept(s, slot, m, s->contenders, f);
        if (kept) metric->keep(w->metric[m], kept);
        for (int c = 0; c < s->contenders; c++) {
            frame_outcome *outcome = &slot->outcome[c * s->batch + f];
            if (!gb_evaluate_takes_part(s, c) || outcome->status != GB_OK) continue;
            gb_error own = {0};
            const gb_status status =
                metric->compare(w->metric[m], &slot->output[c * s->batch + f], &outcome->scores[m], &own);
            if (status != GB_OK) note_failure(outcome, status, &own);
            kept = *gb_evaluate_kept(s, slot, m, c, f);
            if (kept && status == GB_OK) metric->keep(w->metric[m], kept);
        }
    }
    return GB_OK;
}

/* Two consecutive frames: frame g of `before`, which may be the same slot, and frame f of `slot`. */
typedef struct pair_place {
    const unit_slot *before;
    unit_slot *slot;
    int g, f;
} pair_place;

static gb_frame_pair pair_of(const evaluation_state *s, const pair_place *p, int m, int contender)
{
    const bool truth = contender == s->contenders;
    const int source = s->source[m];
    gb_frame_pair pair = {.frame = {truth ? &p->before->truth[p->g] : &p->before->output[contender * s->batch + p->g],
                              truth ? &p->slot->truth[p->f] : &p->slot->output[contender * s->batch + p->f]},
                    .flow = truth && p->slot->has_flow[p->f] ? &p->slot->flow[p->f] : NULL};
    if (source < 0) return pair;
    pair.kept[0] = *gb_evaluate_kept(s, p->before, source, contender, p->g);
    pair.kept[1] = *gb_evaluate_kept(s, p->slot, source, contender, p->f);
    return pair;
}

/* The truth's own movement, from the metrics themselves. */
static gb_status measure_truth(const evaluation_state *s, const evaluation_worker *w, const pair_place *p, int m,
                               gb_error *err)
{
    const char *id = s->e->metrics[m]->id;
    const bool excess = !strcmp(id, "flicker_excess"), hold = !strcmp(id, "flicker_hold");
    if (!excess && !hold) return GB_OK;
    const gb_frame_pair truth = pair_of(s, p, m, s->contenders);
    gb_scores scores = {0};
    GB_TRY(s->e->metrics[m]->pair(w->metric[m], &truth, &scores, err));
    const gb_score *sides = &scores.region[GB_REGION_SIDES];
    if (sides->present) *(excess ? &p->slot->truth_change[p->f] : &p->slot->truth_hold[p->f]) = sides->num;
    return GB_OK;
}

/* One temporal metric of one contender's pair. A failure stays with that pair. */
static void score_contender_pair(const evaluation_state *s, const evaluation_worker *w, const pair_place *p, int m,
                                 int c)
{
    frame_outcome *outcome = &p->slot->outcome[c * s->batch + p->f];
    if (outcome->status != GB_OK || outcome->pair_status != GB_OK) return;
    gb_error own = {0};
    gb_status status = p->before->outcome[c * s->batch + p->g].status;
    const gb_frame_pair test = pair_of(s, p, m, c);
    if (status != GB_OK)
        gb_fail(&own, status, "the frame before it failed");
    else
        status = s->e->metrics[m]->pair(w->metric[m], &test, &outcome->scores[m], &own);
    outcome->pair_status = status;
    if (status != GB_OK) snprintf(outcome->pair_why, sizeof outcome->pair_why, "%.255s", own.text);
}

/* All temporal metrics of one pair, truth's part first. */
static gb_status score_pair(evaluation_state *s, evaluation_worker *w, const pair_place *p, gb_error *err)
{
    for (int c = 0; c < s->contenders; c++) p->slot->outcome[c * s->batch + p->f].pair_status = GB_OK;
    p->slot->truth_change[p->f] = p->slot->truth_hold[p->f] = NAN;
    if (!s->e->picks->pick[p->slot->first + p->f].follows) return GB_OK;
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (!metric->temporal) continue;
        const gb_frame_pair truth = pair_of(s, p, m, s->contenders);
        GB_TRY(metric->pair_reference(w->metric[m], &truth, err));
        GB_TRY(measure_truth(s, w, p, m, err));
        for (int c = 0; c < s->contenders; c++)
            if (gb_evaluate_takes_part(s, c)) score_contender_pair(s, w, p, m, c);
    }
    return GB_OK;
}

static gb_status work(void *user, int index, long unit, void *at, gb_error *err)
{
    (void)unit;
    evaluation_state *s = user;
    unit_slot *slot = at;
    evaluation_worker *w = &s->worker[index];
    for (int c = 0; c < s->contenders; c++)
        if (gb_evaluate_takes_part(s, c)) generate(s, w, slot, c);
    for (int f = 0; f < slot->count; f++) {
        const pair_place inside = {.before = slot, .slot = slot, .g = f - 1, .f = f};
        GB_TRY(score_frame(s, w, slot, f, err));
        if (f > 0) GB_TRY(score_pair(s, w, &inside, err));
    }
    return GB_OK;
}

/* The pair that the unit's first frame makes with the last one of the unit before. */
static gb_status link_units(void *user, int index, long unit, void *at, const void *before_at, gb_error *err)
{
    (void)unit;
    evaluation_state *s = user;
    const unit_slot *before = before_at;
    const pair_place across = {.before = before, .slot = at, .g = before->count - 1, .f = 0};
    return score_pair(s, &s->worker[index], &across, err);
}

/* One row for each region of one metric. A value that is not a number is a failure, whatever the metric thought. */
static gb_status put_rows(evaluation_state *s, const gb_pick *pick, int contender, int m, const gb_scores *scores,
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

/* The truth's own movement; NaN where a pair has none. */
static void add_truth_pair(evaluation_state *s, const unit_slot *slot, int f)
{
    gb_run_dataset *dataset = s->e->dataset;
    if (!s->e->picks->pick[slot->first + f].follows) return;
    dataset->pairs++;
    if (!isnan(slot->truth_change[f])) s->truth_change += slot->truth_change[f];
    if (isnan(slot->truth_hold[f])) return;
    dataset->hold_pairs++;
    s->truth_hold += slot->truth_hold[f];
}

static gb_status collect_contender(evaluation_state *s, unit_slot *slot, int f, int c, gb_error *err)
{
    const gb_pick *pick = &s->e->picks->pick[slot->first + f];
    const frame_outcome *outcome = &slot->outcome[c * s->batch + f];
    const char *failure = outcome->status != GB_OK ? outcome->why : NULL;
    const char *pair_failure = failure ? failure : outcome->pair_status != GB_OK ? outcome->pair_why : NULL;
    for (int m = 0; m < s->e->metric_count; m++) {
        const bool temporal = s->e->metrics[m]->temporal;
        const char *why = temporal ? pair_failure : failure;
        if (temporal && !pick->follows) continue;
        GB_TRY(put_rows(s, pick, c, m, why ? NULL : &outcome->scores[m], why, err));
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
    evaluation_state *s = user;
    unit_slot *slot = at;
    for (int f = 0; f < slot->count; f++) {
        add_truth_pair(s, slot, f);
        for (int c = 0; c < s->contenders; c++)
            if (gb_evaluate_takes_part(s, c)) GB_TRY(collect_contender(s, slot, f, c, err));
    }
    gb_progress_show(s->e->progress, slot->first + slot->count);
    return GB_OK;
}

gb_status gb_evaluate(gb_evaluation *evaluation, gb_error *err)
{
    gb_evaluation *e = evaluation;
    /* Batch statistics are shared by a fixed number of frames: that is then the unit, whatever the user asked for. */
    evaluation_state s = {.e = e,
               .contenders = e->contenders->count,
               .batch = e->protocol->batch_stats ? e->protocol->stat_batch : e->batch};
    void **slots = NULL;
    gb_status status = gb_evaluate_open(&s, err);
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
                                  .link = link_units,
                                  .collect = collect};
    status = gb_pipeline_run(&pipeline, err);
    e->dataset->truth_mae_dt_sides = e->dataset->pairs ? s.truth_change / e->dataset->pairs : NAN;
    e->dataset->truth_flicker_hold = e->dataset->hold_pairs ? s.truth_hold / e->dataset->hold_pairs : NAN;
done:
    gb_evaluate_close(&s);
    free(slots);
    return status;
}
