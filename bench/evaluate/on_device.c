#include "evaluate/on_device.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "metrics/on_device.h"

enum { TRUTH, INPUT, FIRST_CONTENDER };

static size_t frame_bytes(const evaluation_state *s)
{
    return (size_t)s->e->env.geometry.width * (size_t)s->e->env.geometry.height * 3;
}

/* `row`: TRUTH, INPUT, or FIRST_CONTENDER and on. */
static gb_place place_of(const evaluation_state *s, const unit_slot *slot, int row, int f)
{
    return (gb_place){.memory = slot->frames, .offset = ((size_t)row * (size_t)s->batch + (size_t)f) * frame_bytes(s)};
}

gb_status gb_evaluate_choose_places(evaluation_state *s, gb_error *err)
{
    bool any = false;
    if (s->e->env.backend) GB_TRY(gb_backend_scoring(s->e->env.backend, &s->scoring, err));
    for (int m = 0; m < s->e->metric_count; m++) {
        s->on_device[m] = s->scoring && s->e->metrics[m]->on_device;
        any = any || s->on_device[m];
        s->pictures = s->pictures || !s->on_device[m];
    }
    if (!any) s->scoring = NULL;
    s->kept_places = s->scoring && s->batch > KEPT_PLACES ? s->batch : KEPT_PLACES;
    return GB_OK;
}

gb_status gb_evaluate_device_worker(const evaluation_state *s, evaluation_worker *w, gb_error *err)
{
    gb_metric_env env = s->e->env;
    if (!s->scoring) return GB_OK;
    env.scoring = s->scoring;
    GB_TRY(s->scoring->scorer_new(env.backend->ordinal, &w->scorer, err));
    return gb_region_sums_open(&env, w->scorer, gb_pixel_grid(env.geometry), &w->regions, err);
}

void gb_evaluate_device_worker_close(const evaluation_state *s, evaluation_worker *w)
{
    gb_region_sums_close(&w->regions);
    if (w->scorer) s->scoring->scorer_free(w->scorer);
}

gb_status gb_evaluate_device_slot(const evaluation_state *s, unit_slot *slot, gb_error *err)
{
    const size_t outputs = (size_t)s->contenders * (size_t)s->batch;
    slot->there = gb_alloc(outputs + 1, sizeof *slot->there);
    slot->here = gb_alloc(outputs + 1, sizeof *slot->here);
    if (!slot->there || !slot->here) return gb_fail_memory(err, "frames", outputs);
    if (!s->scoring) return GB_OK;
    return s->scoring->memory_new(s->e->env.backend->ordinal,
                                  (size_t)(FIRST_CONTENDER + s->contenders) * (size_t)s->batch * frame_bytes(s),
                                  &slot->frames, err);
}

void gb_evaluate_device_slot_close(const evaluation_state *s, unit_slot *slot)
{
    if (slot->frames) s->scoring->memory_free(slot->frames);
    free(slot->there);
    free(slot->here);
}

gb_status gb_evaluate_device_open(evaluation_state *s, gb_error *err)
{
    return s->scoring ? s->scoring->scorer_new(s->e->env.backend->ordinal, &s->uploads, err) : GB_OK;
}

void gb_evaluate_device_close(evaluation_state *s)
{
    if (s->uploads) s->scoring->scorer_free(s->uploads);
}

void gb_evaluate_put(const evaluation_state *s, unit_slot *slot)
{
    const size_t bytes = frame_bytes(s);
    for (int f = 0; s->scoring && !slot->far && f < slot->count; f++) {
        gb_error err = {0};
        if (slot->unread[f][0]) continue;
        gb_status status = s->scoring->put(s->uploads, place_of(s, slot, TRUTH, f), slot->truth[f].rgb, bytes, &err);
        if (status == GB_OK)
            status = s->scoring->put(s->uploads, place_of(s, slot, INPUT, f), slot->input[f].rgb, bytes, &err);
        if (status != GB_OK) snprintf(slot->unread[f], sizeof slot->unread[f], "%.255s", err.text);
    }
}

/* ---- Making ------------------------------------------------------------------------------------------------------ */

/* Not where the protocol or a filter works on pictures. */
bool gb_evaluate_made_there(const evaluation_state *s, int contender)
{
    const gb_contender *item = &s->e->contenders->item[contender];
    bool filtered = item->holds;
    for (int c = 0; c < s->contenders; c++) filtered = filtered || gb_evaluate_base(s, c) == contender;
    return s->scoring && item->plan && !item->foreign && !filtered && !s->e->protocol->jpeg_quality;
}

/* Whether something looks at the picture. */
static bool is_looked_at(const evaluation_state *s, int pick)
{
    const gb_frame_viewer *viewer = &s->e->viewer;
    const bool viewed = viewer->show && (!viewer->wants || viewer->wants(viewer->user, pick));
    return s->pictures || viewed || gb_audit_wants(s->e->audit, pick);
}

static gb_status bring_back(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot, int contender,
                            int f, gb_error *err)
{
    const int at = contender * s->batch + f;
    slot->here[at] = is_looked_at(s, slot->pick[f]);
    if (!slot->here[at]) return GB_OK;
    return s->scoring->get(w->scorer, place_of(s, slot, FIRST_CONTENDER + contender, f), slot->output[at].rgb,
                           frame_bytes(s), err);
}

gb_status gb_evaluate_generate_there(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot,
                                     int contender, int first, int count, gb_error *err)
{
    gb_place *place = gb_alloc(2 * (size_t)count, sizeof *place), *const to = place + count;
    if (!place) return gb_fail_memory(err, "frames", 2 * (size_t)count * sizeof *place);
    for (int i = 0; i < count; i++) {
        place[i] = place_of(s, slot, INPUT, first + i);
        to[i] = place_of(s, slot, FIRST_CONTENDER + contender, first + i);
        slot->there[contender * s->batch + first + i] = true;
    }
    gb_status status = gb_contender_generate_there(&w->contender[contender], place, to, count, err);
    for (int i = 0; i < count && status == GB_OK; i++) status = bring_back(s, w, slot, contender, first + i, err);
    free(place);
    return status;
}

gb_status gb_evaluate_finish_there(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot,
                                   int contender, int f, gb_error *err)
{
    const int at = contender * s->batch + f;
    if (!s->scoring || slot->there[at]) return GB_OK;
    slot->there[at] = true;
    return s->scoring->put(w->scorer, place_of(s, slot, FIRST_CONTENDER + contender, f), slot->output[at].rgb,
                           frame_bytes(s), err);
}

/* ---- Scoring ----------------------------------------------------------------------------------------------------- */

/* Some of a unit's frames, at most as many as a call takes. */
typedef struct frame_list {
    int count, f[GB_SCORING_FRAMES];
} frame_list;

static gb_device_frames frames_of(const evaluation_state *s, const unit_slot *slot, int row, const frame_list *list)
{
    gb_device_frames frames = {.count = list->count};
    for (int i = 0; i < list->count; i++) {
        frames.frame[i] = place_of(s, slot, row, list->f[i]);
        frames.truth[i] = i;
    }
    return frames;
}

/* Keeps what temporal metrics need of the frames scored last. */
static gb_status keep(const evaluation_state *s, const evaluation_worker *w, const unit_slot *slot, int m,
                      int contender, const frame_list *list, gb_error *err)
{
    gb_place out[GB_SCORING_FRAMES] = {{0}};
    bool any = false;
    for (int i = 0; i < list->count; i++) {
        out[i].memory = *gb_evaluate_kept(s, slot, m, contender, list->f[i]);
        any = any || out[i].memory;
    }
    return any ? s->e->metrics[m]->on_device->keep(w->metric[m], out, err) : GB_OK;
}

static gb_status compare(evaluation_state *s, const evaluation_worker *w, unit_slot *slot, int m, int contender,
                         const gb_device_frames *test, const frame_list *list, gb_error *err)
{
    gb_scores scores[GB_SCORING_FRAMES];
    GB_TRY(s->e->metrics[m]->on_device->compare(w->metric[m], test, scores, err));
    for (int i = 0; i < list->count; i++)
        slot->outcome[contender * s->batch + list->f[i]].scores[m] = scores[i];
    return keep(s, w, slot, m, contender, list, err);
}

/* The contender's frames of the list that were made, together; where that fails each by itself. */
static void score_contender(evaluation_state *s, const evaluation_worker *w, unit_slot *slot, int m, int contender,
                            const frame_list *list)
{
    gb_error err = {0};
    gb_device_frames test = {0};
    frame_list made = {0};
    for (int i = 0; i < list->count; i++) {
        if (slot->outcome[contender * s->batch + list->f[i]].status != GB_OK) continue;
        test.frame[made.count] = place_of(s, slot, FIRST_CONTENDER + contender, list->f[i]);
        test.truth[made.count] = i;
        made.f[made.count++] = list->f[i];
    }
    test.count = made.count;
    if (!made.count || compare(s, w, slot, m, contender, &test, &made, &err) == GB_OK) return;
    for (int i = 0; i < made.count; i++) {
        const gb_device_frames one = {.count = 1, .frame = {test.frame[i]}, .truth = {test.truth[i]}};
        const frame_list alone = {.count = 1, .f = {made.f[i]}};
        gb_error own = {0};
        const gb_status status = compare(s, w, slot, m, contender, &one, &alone, &own);
        if (status != GB_OK)
            gb_evaluate_note_failure(&slot->outcome[contender * s->batch + made.f[i]], status, own.text);
    }
}

/* One metric of all contenders' frames of the list; where the truth's part fails, frame by frame. */
static void score_list(evaluation_state *s, const evaluation_worker *w, unit_slot *slot, int m, const frame_list *list)
{
    gb_error err = {0};
    const gb_device_frames truth = frames_of(s, slot, TRUTH, list);
    gb_status status = s->e->metrics[m]->on_device->reference(w->metric[m], &truth, &err);
    if (status == GB_OK) status = keep(s, w, slot, m, s->contenders, list, &err);
    for (int i = 0; i < list->count && status != GB_OK && list->count > 1; i++) {
        const frame_list alone = {.count = 1, .f = {list->f[i]}};
        score_list(s, w, slot, m, &alone);
    }
    if (status != GB_OK && list->count > 1) return;
    for (int c = 0; c < s->contenders; c++) {
        if (!slot->need[c]) continue;
        if (status == GB_OK) score_contender(s, w, slot, m, c, list);
        for (int i = 0; i < list->count && status != GB_OK; i++) {
            gb_frame_outcome *outcome = &slot->outcome[c * s->batch + list->f[i]];
            if (outcome->status == GB_OK) gb_evaluate_note_failure(outcome, status, err.text);
        }
    }
}

void gb_evaluate_score_there(evaluation_state *s, evaluation_worker *w, unit_slot *slot)
{
    for (int first = 0; s->scoring && first < slot->count; first += GB_SCORING_FRAMES) {
        frame_list list = {0};
        for (int f = first; f < slot->count && f < first + GB_SCORING_FRAMES; f++)
            if (gb_evaluate_is_scored(slot, f)) list.f[list.count++] = f;
        for (int m = 0; m < s->e->metric_count && list.count; m++) {
            const bool kept = *gb_evaluate_kept(s, slot, m, s->contenders, list.f[0]) != NULL;
            if (s->e->metrics[m]->temporal || !s->on_device[m] || (slot->run_up && !kept)) continue;
            score_list(s, w, slot, m, &list);
        }
    }
}

gb_status gb_evaluate_centre_there(const evaluation_state *s, const evaluation_worker *w, const unit_slot *slot,
                                   int contender, int f, int *out, gb_error *err)
{
    const gb_geometry g = s->e->env.geometry;
    double total[GB_REGION_GROUPS];
    const gb_difference_sums sums = {.of = GB_DIFFERENCE_LARGEST, .count = 1, .width = g.width, .height = g.height,
                                     .a = {place_of(s, slot, INPUT, f)},
                                     .b = {place_of(s, slot, FIRST_CONTENDER + contender, f)},
                                     .groups = w->regions.groups};
    GB_TRY(s->scoring->differences(w->scorer, &sums, total, err));
    *out = (int)total[GB_REGION_CENTRE];
    return GB_OK;
}

/* ---- Pairs ------------------------------------------------------------------------------------------------------- */

static gb_device_pairs pairs_of(const evaluation_state *s, const pair_place *pair, int count, int m, int contender)
{
    const bool truth = contender == s->contenders;
    const int row = truth ? TRUTH : FIRST_CONTENDER + contender, source = s->source[m];
    gb_device_pairs pairs = {.count = count};
    for (int i = 0; i < count; i++) {
        pairs.frame[0][i] = place_of(s, pair[i].before, row, pair[i].g);
        pairs.frame[1][i] = place_of(s, pair[i].slot, row, pair[i].f);
        pairs.truth[i] = i;
        if (truth) pairs.picture[i] = gb_evaluate_truth_pair(&pair[i]);
        if (source < 0) continue;
        pairs.kept[0][i].memory = *gb_evaluate_kept(s, pair[i].before, source, contender, pair[i].g);
        pairs.kept[1][i].memory = *gb_evaluate_kept(s, pair[i].slot, source, contender, pair[i].f);
    }
    return pairs;
}

static gb_status reference_pairs(const evaluation_state *s, const evaluation_worker *w, const pair_place *pair,
                                 int count, int m, gb_error *err)
{
    const struct gb_metric_on_device *on = s->e->metrics[m]->on_device;
    const gb_device_pairs truth = pairs_of(s, pair, count, m, s->contenders);
    gb_scores scores[GB_SCORING_FRAMES];
    GB_TRY(on->pair_reference(w->metric[m], &truth, err));
    if (!gb_evaluate_truth_place(s, pair, m)) return GB_OK;
    GB_TRY(on->pair(w->metric[m], &truth, scores, err));
    for (int i = 0; i < count; i++) {
        const gb_score *sides = &scores[i].region[GB_REGION_SIDES];
        if (sides->present) *gb_evaluate_truth_place(s, &pair[i], m) = sides->num;
    }
    return GB_OK;
}

/* The contender's pairs of which both frames were made. */
static void score_pairs(const evaluation_state *s, const evaluation_worker *w, const pair_place *pair, int count, int m,
                        int contender)
{
    gb_error err = {0};
    gb_scores scores[GB_SCORING_FRAMES];
    const gb_device_pairs all = pairs_of(s, pair, count, m, contender);
    gb_device_pairs made = {0};
    gb_frame_outcome *of[GB_SCORING_FRAMES];
    for (int i = 0; i < count; i++) {
        gb_frame_outcome *outcome = &pair[i].slot->outcome[contender * s->batch + pair[i].f];
        if (outcome->status != GB_OK || outcome->pair_status != GB_OK) continue;
        outcome->pair_status = pair[i].before->outcome[contender * s->batch + pair[i].g].status;
        if (outcome->pair_status != GB_OK) {
            snprintf(outcome->pair_why, sizeof outcome->pair_why, "the frame before it failed");
            continue;
        }
        of[made.count] = outcome;
        for (int k = 0; k < 2; k++) {
            made.frame[k][made.count] = all.frame[k][i];
            made.kept[k][made.count] = all.kept[k][i];
        }
        made.truth[made.count++] = i;
    }
    if (!made.count) return;
    const struct gb_metric_on_device *on = s->e->metrics[m]->on_device;
    const bool together = on->pair(w->metric[m], &made, scores, &err) == GB_OK;
    for (int i = 0; i < made.count; i++) {
        const gb_device_pairs one = {.count = 1, .frame = {{made.frame[0][i]}, {made.frame[1][i]}},
                                     .kept = {{made.kept[0][i]}, {made.kept[1][i]}}, .truth = {made.truth[i]}};
        if (!together) of[i]->pair_status = on->pair(w->metric[m], &one, &scores[i], &err);
        if (of[i]->pair_status == GB_OK) of[i]->scores[m] = scores[i];
        else snprintf(of[i]->pair_why, sizeof of[i]->pair_why, "%.255s", err.text);
    }
}

/* One metric of all contenders' pairs; where the truth's part fails, pair by pair. */
static void score_metric(const evaluation_state *s, const evaluation_worker *w, const pair_place *pair, int count,
                         int m)
{
    gb_error err = {0};
    const gb_status status = reference_pairs(s, w, pair, count, m, &err);
    for (int i = 0; i < count && status != GB_OK && count > 1; i++) score_metric(s, w, &pair[i], 1, m);
    if (status != GB_OK && count > 1) return;
    if (status != GB_OK) gb_evaluate_fail_pairs(s, pair, status, err.text);
    for (int c = 0; c < s->contenders && status == GB_OK; c++)
        if (pair->slot->need[c]) score_pairs(s, w, pair, count, m, c);
}

void gb_evaluate_pairs_there(evaluation_state *s, evaluation_worker *w, const pair_place *pair, int count)
{
    for (int first = 0; s->scoring && first < count; first += GB_SCORING_FRAMES) {
        const int left = count - first, some = left < GB_SCORING_FRAMES ? left : GB_SCORING_FRAMES;
        for (int m = 0; m < s->e->metric_count; m++)
            if (s->e->metrics[m]->temporal && s->on_device[m]) score_metric(s, w, &pair[first], some, m);
    }
}
