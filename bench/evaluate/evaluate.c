#include "evaluate/evaluate.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "evaluate/key.h"
#include "evaluate/on_device.h"
#include "evaluate/open.h"
#include "evaluate/rows.h"
#include "evaluate/survey.h"
#include "pipeline/pipeline.h"

/* The next unit's place: a cell's next frames, or those that they follow. False when all cells are through. */
static gb_status place_unit(evaluation_state *s, unit_slot *slot, gb_error *err)
{
    cell_feed *feed = &s->feed;
    bool found = true;
    if (!feed->left) GB_TRY(gb_evaluate_next_cell(s, &found, err));
    slot->end = !found;
    if (!found) return GB_OK;
    slot->cell = feed->cell;
    slot->need = &s->need[feed->cell * s->contenders];
    const int left = feed->run_up > 0 ? feed->run_up : feed->left, own = s->e->protocol->batch_stats ? s->batch : 1;
    slot->run_up = feed->run_up > 0;
    slot->far = feed->run_up > own;
    slot->count = left < s->batch ? left : s->batch;
    if (slot->far && slot->count > left - own) slot->count = left - own;
    slot->first = feed->at - feed->run_up;
    if (slot->run_up) {
        feed->run_up -= slot->count;
    } else {
        feed->at += slot->count;
        feed->left -= slot->count;
    }
    slot->last = !slot->run_up && feed->left == 0;
    feed->reached = slot->first + slot->count;
    feed->reached_need = slot->need;
    return GB_OK;
}

/* A frame that cannot be read fails by itself. */
static void read_frame(evaluation_state *s, unit_slot *slot, int f)
{
    gb_error err = {0};
    const gb_pick *pick = &s->e->picks->pick[slot->first + f];
    slot->pick[f] = slot->first + f;
    slot->has_flow[f] = s->uses_flow && pick->follows && gb_pack_get_info(s->e->pack)->has_flow;
    gb_status status = gb_pack_read(s->e->pack, pick->frame, &slot->truth[f], &slot->input[f], &err);
    if (status == GB_OK && slot->has_flow[f])
        status = gb_pack_read_flow(s->e->pack, pick->frame - 1, &slot->flow[f], &err);
    slot->unread[f][0] = '\0';
    if (status != GB_OK) snprintf(slot->unread[f], sizeof slot->unread[f], "%.255s", err.text);
}

static gb_status decode(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    evaluation_state *s = user;
    unit_slot *slot = at;
    GB_TRY(place_unit(s, slot, err));
    if (!slot->end) GB_TRY(gb_evaluate_start(s, err));
    for (int f = 0; !slot->end && f < slot->count; f++) read_frame(s, slot, f);
    if (!slot->end) gb_evaluate_put(s, slot);
    return GB_OK;
}

static bool at_end(void *user, void *at)
{
    (void)user;
    return ((const unit_slot *)at)->end;
}

static const char *first_unread(const unit_slot *slot, int first, int count)
{
    for (int f = first; f < first + count; f++)
        if (slot->unread[f][0]) return slot->unread[f];
    return NULL;
}

/* What is asked of a scored frame besides its scores. */
static gb_status finish_outcome(const evaluation_state *s, const evaluation_worker *w, const unit_slot *slot,
                                int contender, int f, gb_frame_outcome *outcome, gb_error *err)
{
    const gb_image *output = &slot->output[contender * s->batch + f];
    const bool hashed = s->e->contenders->item[contender].foreign || gb_audit_wants(s->e->audit, slot->pick[f]);
    if (!slot->here[contender * s->batch + f])
        return gb_evaluate_centre_there(s, w, slot, contender, f, &outcome->centre_maxabs, err);
    outcome->centre_maxabs = gb_centre_maxabs(s->e->env.geometry, &slot->input[f], output);
    if (hashed)
        gb_sha256_memory(output->rgb, (size_t)output->width * (size_t)output->height * 3, outcome->sha256);
    return GB_OK;
}

/* Frames [first, first + count) of the slot with one contender; what goes wrong stays with them. Frames that only
 * share a run are then tried again one by one, so that it stays with the one that it belongs to. */
static void generate_together(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int contender, int first,
                              int count)
{
    gb_error err = {0};
    gb_contender_worker *by = &w->contender[contender];
    gb_image *output = &slot->output[contender * s->batch + first];
    gb_frame_outcome *outcome = &slot->outcome[contender * s->batch + first];
    const char *unread = first_unread(slot, first, count);
    const bool there = gb_evaluate_made_there(s, contender);
    const gb_status generated =
        unread  ? gb_fail(&err, GB_E_IO, "%s", unread)
        : there ? gb_evaluate_generate_there(s, w, slot, contender, first, count, &err)
                : gb_contender_generate(by, &slot->input[first], &slot->pick[first], count, s->e->env.geometry.side,
                                       s->e->protocol->rounding, output, &err);
    if (generated != GB_OK && count > 1 && !s->e->contenders->item[contender].batch_stats) {
        for (int f = 0; f < count; f++) generate_together(s, w, slot, contender, first + f, 1);
        return;
    }
    for (int f = 0; f < count; f++) {
        const gb_status status = generated;
        if (!there) slot->here[contender * s->batch + first + f] = true;
        outcome[f].status = outcome[f].pair_status = GB_OK;
        outcome[f].sha256[0] = '\0';
        outcome[f].centre_maxabs = outcome[f].delivered_centre = -1;
        if (status != GB_OK) gb_evaluate_note_failure(&outcome[f], status, err.text);
        if (by->foreign) outcome[f].delivered_centre = gb_foreign_delivered_centre(by->foreign);
    }
}

/* The frames that its base has just made, before anything was done to them. */
static void take_from_base(const evaluation_state *s, unit_slot *slot, int contender, int base)
{
    for (int f = 0; f < slot->count; f++) {
        const gb_image *from = &slot->output[base * s->batch + f];
        gb_frame_outcome *outcome = &slot->outcome[contender * s->batch + f];
        const gb_frame_outcome *of_base = &slot->outcome[base * s->batch + f];
        outcome->status = of_base->status;
        outcome->pair_status = GB_OK;
        outcome->sha256[0] = '\0';
        outcome->centre_maxabs = outcome->delivered_centre = -1;
        slot->here[contender * s->batch + f] = true;
        memcpy(outcome->why, of_base->why, sizeof outcome->why);
        memcpy(slot->output[contender * s->batch + f].rgb, from->rgb, (size_t)from->width * (size_t)from->height * 3);
    }
}

/* The slot's frames with one contender, one by one unless they share batch statistics or a run. */
static void generate(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int contender)
{
    const gb_contender *by = &s->e->contenders->item[contender];
    const int base = gb_evaluate_base(s, contender);
    const int step = by->batch_stats || by->frames > 1 ? slot->count : 1;
    if (base >= 0) take_from_base(s, slot, contender, base);
    for (int f = 0; f < slot->count && base < 0; f += step) generate_together(s, w, slot, contender, f, step);
}

/* The temporal filters, over all frames in order. A frame that failed breaks the sequence. */
static gb_status filter(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    (void)err;
    evaluation_state *s = user;
    unit_slot *slot = at;
    for (int c = 0; c < s->contenders; c++) {
        evaluation_filter *of = &s->filter[c];
        for (int f = 0; of->stabiliser && slot->need[c] && f < slot->count; f++) {
            const int pick = slot->first + f;
            const bool follows = s->e->picks->pick[pick].follows && of->last == pick - 1;
            const bool made = slot->outcome[c * s->batch + f].status == GB_OK;
            if (made) gb_stabiliser_step(of->stabiliser, follows, &slot->output[c * s->batch + f]);
            of->last = made ? pick : -1;
        }
    }
    return GB_OK;
}

/* What the protocol does to a frame once it is made, and what is asked of it besides its scores. */
static void finish_frame(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot, int contender, int f)
{
    gb_error err = {0};
    gb_frame_outcome *outcome = &slot->outcome[contender * s->batch + f];
    if (outcome->status != GB_OK) return;
    gb_status status = gb_protocol_finish(s->e->protocol, &slot->output[contender * s->batch + f], &err);
    if (status == GB_OK) status = gb_evaluate_finish_there(s, w, slot, contender, f, &err);
    if (status == GB_OK) status = finish_outcome(s, w, slot, contender, f, outcome, &err);
    if (status != GB_OK) gb_evaluate_note_failure(outcome, status, err.text);
}

/* One frame metric of every contender's frame f. Of a run-up only what temporal metrics need. */
static void score_metric(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int f, int m)
{
    const gb_metric *metric = s->e->metrics[m];
    gb_error truth_err = {0};
    void *kept = *gb_evaluate_kept(s, slot, m, s->contenders, f);
    if (slot->run_up && !kept) return;
    const gb_status truth = metric->reference(w->metric[m], &slot->truth[f], &truth_err);
    if (kept && truth == GB_OK) metric->keep(w->metric[m], kept);
    for (int c = 0; c < s->contenders; c++) {
        gb_frame_outcome *outcome = &slot->outcome[c * s->batch + f];
        if (!slot->need[c] || outcome->status != GB_OK) continue;
        gb_error own = truth_err;
        const gb_status status =
            truth != GB_OK ? truth
                           : metric->compare(w->metric[m], &slot->output[c * s->batch + f], &outcome->scores[m], &own);
        if (status != GB_OK) gb_evaluate_note_failure(outcome, status, own.text);
        kept = *gb_evaluate_kept(s, slot, m, c, f);
        if (kept && status == GB_OK) metric->keep(w->metric[m], kept);
    }
}

static void score_frame(evaluation_state *s, evaluation_worker *w, unit_slot *slot, int f)
{
    if (!gb_evaluate_is_scored(slot, f)) return;
    for (int m = 0; m < s->e->metric_count; m++)
        if (!s->e->metrics[m]->temporal && !s->on_device[m]) score_metric(s, w, slot, f, m);
}

static gb_frame_pair pair_of(const evaluation_state *s, const pair_place *p, int m, int contender)
{
    const int source = s->source[m];
    gb_frame_pair pair = contender == s->contenders
                             ? gb_evaluate_truth_pair(p)
                             : (gb_frame_pair){.frame = {&p->before->output[contender * s->batch + p->g],
                                                         &p->slot->output[contender * s->batch + p->f]}};
    if (source < 0) return pair;
    pair.kept[0] = *gb_evaluate_kept(s, p->before, source, contender, p->g);
    pair.kept[1] = *gb_evaluate_kept(s, p->slot, source, contender, p->f);
    return pair;
}

/* The truth's own movement, from the metrics themselves. */
static gb_status measure_truth(const evaluation_state *s, const evaluation_worker *w, const pair_place *p, int m,
                               gb_error *err)
{
    double *const place = gb_evaluate_truth_place(s, p, m);
    if (!place) return GB_OK;
    const gb_frame_pair truth = pair_of(s, p, m, s->contenders);
    gb_scores scores = {0};
    GB_TRY(s->e->metrics[m]->pair(w->metric[m], &truth, &scores, err));
    const gb_score *sides = &scores.region[GB_REGION_SIDES];
    if (sides->present) *place = sides->num;
    return GB_OK;
}

/* One temporal metric of one contender's pair. A failure stays with that pair. */
static void score_contender_pair(const evaluation_state *s, const evaluation_worker *w, const pair_place *p, int m,
                                 int c)
{
    gb_frame_outcome *outcome = &p->slot->outcome[c * s->batch + p->f];
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

/* Whether there is anything to score; a pair whose first frame could not be read has failed. */
static bool is_pair(const evaluation_state *s, const pair_place *p)
{
    if (!s->e->picks->pick[p->slot->first + p->f].follows || p->slot->unread[p->f][0]) return false;
    if (!p->before->unread[p->g][0]) return true;
    gb_evaluate_fail_pairs(s, p, GB_E_IO, "the frame before it failed");
    return false;
}

/* All temporal metrics of one pair that are computed here, truth's part first. */
static void score_pair(evaluation_state *s, evaluation_worker *w, const pair_place *p)
{
    gb_error err = {0};
    for (int m = 0; m < s->e->metric_count; m++) {
        const gb_metric *metric = s->e->metrics[m];
        if (!metric->temporal || s->on_device[m]) continue;
        const gb_frame_pair truth = pair_of(s, p, m, s->contenders);
        gb_status status = metric->pair_reference(w->metric[m], &truth, &err);
        if (status == GB_OK) status = measure_truth(s, w, p, m, &err);
        if (status != GB_OK) gb_evaluate_fail_pairs(s, p, status, err.text);
        for (int c = 0; c < s->contenders; c++)
            if (p->slot->need[c]) score_contender_pair(s, w, p, m, c);
    }
}

static gb_status work(void *user, int index, long unit, void *at, gb_error *err)
{
    (void)unit;
    evaluation_state *s = user;
    unit_slot *slot = at;
    evaluation_worker *w = &s->worker[index];
    const size_t outputs = (size_t)(s->contenders * s->batch);
    memset(slot->there, 0, outputs * sizeof *slot->there);
    memset(slot->here, 0, outputs * sizeof *slot->here);
    for (int f = 0; f < slot->count; f++) {
        slot->truth_change[f] = slot->truth_hold[f] = NAN;
        snprintf(slot->hash[f], sizeof slot->hash[f], "unread");
        if (s->e->store && !slot->unread[f][0])
            GB_TRY(gb_evaluate_hash(s, &slot->truth[f], &slot->input[f], slot->has_flow[f] ? &slot->flow[f] : NULL,
                                    slot->hash[f], err));
    }
    for (int c = 0; c < s->contenders; c++)
        if (gb_evaluate_makes(s, slot, c)) generate(s, w, slot, c);
    return GB_OK;
}

static gb_status score(void *user, int index, long unit, void *at, gb_error *err)
{
    (void)unit;
    (void)err;
    evaluation_state *s = user;
    unit_slot *slot = at;
    evaluation_worker *w = &s->worker[index];
    int pairs = 0;
    for (int c = 0; c < s->contenders && !slot->far; c++)
        for (int f = 0; f < slot->count && slot->need[c]; f++) finish_frame(s, w, slot, c, f);
    gb_evaluate_score_there(s, w, slot);
    for (int f = 0; f < slot->count; f++) {
        const pair_place inside = {.before = slot, .slot = slot, .g = f - 1, .f = f};
        score_frame(s, w, slot, f);
        if (f == 0 || slot->run_up || !is_pair(s, &inside)) continue;
        score_pair(s, w, &inside);
        w->pair[pairs++] = inside;
    }
    gb_evaluate_pairs_there(s, w, w->pair, pairs);
    return GB_OK;
}

/* The pair that the unit's first frame makes with the last one of the unit before. */
static gb_status link_units(void *user, int index, long unit, void *at, const void *before_at, gb_error *err)
{
    (void)unit;
    (void)err;
    evaluation_state *s = user;
    unit_slot *slot = at;
    const unit_slot *before = before_at;
    const pair_place across = {.before = before, .slot = slot, .g = before->count - 1, .f = 0};
    if (slot->run_up || !is_pair(s, &across)) return GB_OK;
    score_pair(s, &s->worker[index], &across);
    gb_evaluate_pairs_there(s, &s->worker[index], &across, 1);
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
    const gb_pipeline pipeline = {.units = LONG_MAX, /* `at_end` tells */
                                  .workers = e->workers,
                                  .slots = s.slots,
                                  .slot = slots,
                                  .user = &s,
                                  .decode = decode,
                                  .at_end = at_end,
                                  .work = work,
                                  .chain = filter,
                                  .after = score,
                                  .link = link_units,
                                  .collect = gb_evaluate_collect};
    GB_GO(gb_pipeline_run(&pipeline, err));
    status = gb_evaluate_gather_until(&s, s.end, err);
    e->dataset->truth_mae_dt_sides = e->dataset->pairs ? s.truth_change / e->dataset->pairs : NAN;
    e->dataset->truth_flicker_hold = e->dataset->hold_pairs ? s.truth_hold / e->dataset->hold_pairs : NAN;
done:
    gb_evaluate_close(&s);
    free(slots);
    return status;
}
