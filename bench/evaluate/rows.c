#include "evaluate/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evaluate/cut.h"
#include "evaluate/kept.h"
#include "evaluate/key.h"
#include "evaluate/survey.h"

/* One row for each region of one metric. A value that is not a number is a failure, whatever the metric thought. What
 * failed has failed in every region: no mean of one leaves it out. */
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
        const bool there = r == GB_REGION_FULL || e->env.geometry.side > 0;
        gb_score score = scores ? scores->region[r] : (gb_score){.present = there};
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
static void add_truth_pair(evaluation_state *s, int pick, int f)
{
    gb_run_dataset *dataset = s->e->dataset;
    const gb_cell *cell = &s->building;
    if (!s->e->picks->pick[pick].follows) return;
    dataset->pairs++;
    if (!isnan(cell->truth_change[f])) s->truth_change += cell->truth_change[f];
    if (isnan(cell->truth_hold[f])) return;
    dataset->hold_pairs++;
    s->truth_hold += cell->truth_hold[f];
}

/* One frame of one contender; `p` is its pick, `f` its place in the cell. */
static gb_status gather_contender(evaluation_state *s, int p, int f, int c, gb_error *err)
{
    gb_evaluation *e = s->e;
    const gb_pick *pick = &e->picks->pick[p];
    const gb_frame_outcome *outcome = gb_cell_at(&s->building, c, f);
    const char *failure = outcome->status != GB_OK ? outcome->why : NULL;
    const char *pair_failure = failure ? failure : outcome->pair_status != GB_OK ? outcome->pair_why : NULL;
    for (int m = 0; m < e->metric_count; m++) {
        const bool temporal = e->metrics[m]->temporal;
        const char *why = temporal ? pair_failure : failure;
        if (temporal && !pick->follows) continue;
        GB_TRY(put_rows(s, pick, c, m, why ? NULL : &outcome->scores[m], why, err));
        const gb_score *full = &outcome->scores[m].region[GB_REGION_FULL];
        if (m == e->headline && !failure && !full->undefined)
            e->headline_value[p * s->contenders + c] = full->num / full->den;
    }
    if (failure) return GB_OK;
    gb_foreign *foreign = e->contenders->item[c].foreign;
    if (foreign && gb_evaluate_base(s, c) < 0) gb_foreign_note(foreign, p, outcome->sha256, outcome->delivered_centre);
    if (e->audit) gb_audit_scored(e->audit, c, p, outcome->sha256);
    if (outcome->centre_maxabs > e->centre_maxabs[c]) e->centre_maxabs[c] = outcome->centre_maxabs;
    return GB_OK;
}

/* The cell in s->building. */
static gb_status gather(evaluation_state *s, const cell_place *cell, gb_error *err)
{
    for (int f = 0; f < cell->count; f++) {
        add_truth_pair(s, cell->first + f, f);
        for (int c = 0; c < s->contenders; c++)
            if (gb_evaluate_takes_part(s, c)) GB_TRY(gather_contender(s, cell->first + f, f, c, err));
    }
    gb_cell_clear(&s->building);
    return GB_OK;
}

/* Another process adds up. */
static bool is_helping(const evaluation_state *s)
{
    return s->e->store && s->e->store->helping;
}

gb_status gb_evaluate_gather_until(evaluation_state *s, int index, gb_error *err)
{
    if (is_helping(s)) return GB_OK;
    for (; s->gathered < index; s->gathered++) {
        const cell_place *cell = &s->cell[s->gathered];
        gb_cell_clear(&s->building);
        GB_TRY(gb_evaluate_read_kept(s, s->gathered, err));
        GB_TRY(gather(s, cell, err));
        gb_progress_show(s->e->progress, cell->first + cell->count - s->cell[s->begin].first);
    }
    return GB_OK;
}

/* A cell's first unit: what its frames follow counts among its frames. */
static gb_status begin_cell(evaluation_state *s, const cell_place *cell, gb_error *err)
{
    gb_sha256_free(s->frames);
    s->frames = NULL;
    gb_cell_clear(&s->building);
    GB_TRY(gb_sha256_new(&s->frames, err));
    for (int p = cell->first - gb_evaluate_run_up(s, cell->first); p < cell->first; p++)
        gb_evaluate_hash_add(s, s->frames, p, s->recent[p % RECENT]);
    return GB_OK;
}

static void show(const evaluation_state *s, const unit_slot *slot)
{
    const gb_frame_viewer *viewer = &s->e->viewer;
    for (int f = 0; viewer->show && f < slot->count; f++)
        for (int c = 0; c < s->contenders; c++)
            if (slot->need[c] && !slot->unread[f][0] &&
                (!viewer->wants || viewer->wants(viewer->user, slot->first + f)))
                viewer->show(viewer->user, slot->first + f, c, &slot->truth[f],
                             slot->outcome[c * s->batch + f].status == GB_OK ? &slot->output[c * s->batch + f] : NULL);
}

static void take_unit(evaluation_state *s, const unit_slot *slot, int at)
{
    for (int f = 0; f < slot->count; f++) {
        gb_evaluate_hash_add(s, s->frames, slot->first + f, slot->hash[f]);
        s->building.truth_change[at + f] = slot->truth_change[f];
        s->building.truth_hold[at + f] = slot->truth_hold[f];
        for (int c = 0; c < s->contenders; c++)
            if (slot->need[c])
                gb_frame_outcome_copy(gb_cell_at(&s->building, c, at + f), &slot->outcome[c * s->batch + f],
                                      s->e->metric_count);
    }
    s->building.frames = at + slot->count;
}

/* The cell is whole: it is kept, and whatever stands before it and then itself goes into the run. */
static gb_status end_cell(evaluation_state *s, int index, gb_error *err)
{
    cell_place *cell = &s->cell[index];
    gb_sha256_finish(s->frames, cell->frames);
    s->frames = NULL;
    GB_TRY(gb_evaluate_keep(s, index, err));
    gb_evaluate_done(s, index);
    if (is_helping(s)) return GB_OK;
    GB_TRY(gb_evaluate_read_kept(s, index, err));
    GB_TRY(gather(s, cell, err));
    s->gathered = index + 1;
    return GB_OK;
}

gb_status gb_evaluate_collect(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    evaluation_state *s = user;
    const unit_slot *slot = at;
    const cell_place *cell = &s->cell[slot->cell];
    if (!slot->run_up && slot->first == cell->first) {
        GB_TRY(gb_evaluate_gather_until(s, slot->cell, err));
        GB_TRY(begin_cell(s, cell, err));
    }
    for (int f = 0; f < slot->count; f++)
        memcpy(s->recent[(slot->first + f) % RECENT], slot->hash[f], sizeof slot->hash[f]);
    if (slot->run_up) return GB_OK;
    take_unit(s, slot, slot->first - cell->first);
    show(s, slot);
    if (slot->last) GB_TRY(end_cell(s, slot->cell, err));
    gb_progress_show(s->e->progress, slot->first + slot->count - s->cell[s->begin].first);
    return GB_OK;
}
