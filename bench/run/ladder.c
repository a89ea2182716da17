#include "run/ladder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "evaluate/evaluate.h"
#include "findings/record.h"

#define MAX_STEPS 5

typedef struct step {
    char name[48];
    gb_protocol protocol;
} step;

/* Steps that change nothing are left out; returns how many there are, the first being strict. */
static int plan_steps(const gb_protocol *to, step steps[MAX_STEPS])
{
    int count = 1;
    gb_protocol at = gb_protocol_named("strict", NULL);
    steps[0] = (step){.name = "strict", .protocol = at};
    if (to->batch_stats) {
        at.batch_stats = true;
        at.stat_batch = to->stat_batch;
        steps[count++] = (step){.name = "+ batch statistics", .protocol = at};
    }
    if (to->rounding != at.rounding) {
        at.rounding = to->rounding;
        steps[count++] = (step){.name = "+ truncation", .protocol = at};
    }
    if (to->jpeg_quality) {
        at.jpeg_quality = to->jpeg_quality;
        snprintf(steps[count].name, sizeof steps[count].name, "+ JPEG %d", to->jpeg_quality);
        steps[count++].protocol = at;
    }
    if (to->first_frames) {
        at.first_frames = to->first_frames;
        snprintf(steps[count].name, sizeof steps[count].name, "+ first %d frames", to->first_frames);
        steps[count++].protocol = at;
    }
    return count;
}

bool gb_ladder_has_steps(const gb_protocol *protocol)
{
    step steps[MAX_STEPS];
    return strcmp(protocol->id, "strict") != 0 && plan_steps(protocol, steps) > 1;
}

/* Appends one row; `before` is the mean of the step before, or NaN. */
static gb_status add_row(gb_run *run, const step *at, const gb_run_summary *from, double before, gb_error *err)
{
    gb_run_step *row = gb_record_step(run);
    if (!row) return gb_fail_memory(err, "ladder", sizeof *row);
    row->dataset = gb_strdup(from->dataset);
    row->generator = gb_strdup(from->generator);
    row->metric = gb_strdup(from->metric);
    row->region = from->region;
    row->step = gb_strdup(at->name);
    row->state = from->state;
    row->why = gb_strdup(from->why);
    row->frames = from->frames;
    row->shots = from->shots;
    if (gb_text_was_lost()) return gb_fail_memory(err, "ladder", 0);
    if (from->state != GB_STATE_OK) return GB_OK;
    row->mean = from->mean;
    row->lo = from->lo;
    row->hi = from->hi;
    row->change = from->mean - before;
    return GB_OK;
}

static const gb_run_step *last_row(const gb_run *run, const gb_run_summary *of)
{
    for (size_t i = run->ladder_count; i-- > 0;) {
        const gb_run_step *row = &run->ladder[i];
        if (!strcmp(row->dataset, of->dataset) && !strcmp(row->generator, of->generator) &&
            !strcmp(row->metric, of->metric) && row->region == of->region)
            return row;
    }
    return NULL;
}

static gb_status add_after(gb_run *run, const step *at, const gb_run_summary *from, gb_error *err)
{
    const gb_run_step *before = last_row(run, from);
    return add_row(run, at, from, before ? before->mean : (double)NAN, err);
}

static bool is_climbed(const gb_contender *contender)
{
    return contender->state == GB_STATE_OK && !contender->foreign;
}

/* Rows of a step that was evaluated for this. */
static gb_status record_step(const gb_ladder *l, const step *at, const gb_tally *tally, gb_run *run, gb_error *err)
{
    const gb_selection *s = l->selection;
    for (int c = 0; c < s->contenders.count; c++)
        for (int m = 0; m < s->metric_count && is_climbed(&s->contenders.item[c]); m++) {
            gb_run_summary row = {.generator = s->contenders.item[c].id, .dataset = (char *)l->dataset,
                                  .metric = (char *)s->metrics[m]->id, .region = GB_REGION_FULL};
            if (s->metrics[m]->temporal) continue;
            gb_status status = gb_tally_summarise(tally, c, m, GB_REGION_FULL, &row, err);
            if (status == GB_OK) status = add_after(run, at, &row, err);
            free(row.why);
            if (status != GB_OK) return status;
        }
    return GB_OK;
}

/* Rows of the last step: the run's own numbers. */
static gb_status record_last(const gb_ladder *l, const step *at, gb_run *run, gb_error *err)
{
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (row->region == GB_REGION_FULL && !strcmp(row->dataset, l->dataset) && last_row(run, row))
            GB_TRY(add_after(run, at, row, err));
    }
    return GB_OK;
}

static void open_contenders(const gb_ladder *l, const gb_protocol *protocol, const gb_picks *picks)
{
    gb_contenders *contenders = &l->selection->contenders;
    const gb_contender_env env = {.backend = l->selection->backend,
                                  .geometry = gb_pack_get_info(l->pack)->geometry,
                                  .precision = l->selection->precision,
                                  .batch_stats = protocol->batch_stats,
                                  .batch = protocol->stat_batch,
                                  .tail = protocol->batch_stats ? picks->count % protocol->stat_batch : 0,
                                  .frames = l->selection->batch,
                                  .threads = l->selection->threads};
    for (int i = 0; i < contenders->count; i++) {
        if (contenders->item[i].foreign) continue;
        gb_contender_close(&contenders->item[i]);
        gb_contender_open(&contenders->item[i], &env);
    }
}

static gb_status evaluate_step(const gb_ladder *l, const step *at, const gb_picks *picks, gb_run *run, gb_error *err)
{
    const gb_selection *s = l->selection;
    const gb_pack_info *info = gb_pack_get_info(l->pack);
    char title[128], name[GB_FRAME_NAME];
    gb_run_dataset scratch = {.id = (char *)l->dataset};
    gb_progress progress;
    snprintf(name, sizeof name, "%d-%.40s%.30s", l->index, l->dataset, at->name);
    gb_evaluation e = {.contenders = &s->contenders, .metrics = s->metrics, .metric_count = s->metric_count,
                       .states = l->states,
                       .env = {.geometry = info->geometry, .backend = s->backend, .threads = s->threads},
                       .protocol = &at->protocol,
                       .workers = s->threads, .batch = s->batch, .pack = l->pack, .picks = picks,
                       .leave_out_foreign = true, .store = l->store, .store_name = name,
                       .progress = &progress, .dataset = &scratch, .headline = -1,
                       .centre_maxabs = gb_alloc((size_t)s->contenders.count, sizeof(int))};
    gb_status status = e.centre_maxabs ? GB_OK : gb_fail_memory(err, "ladder", (size_t)s->contenders.count);
    if (status == GB_OK) status = gb_tally_new(s->contenders.count, s->metric_count, info->shots, &e.tally, err);
    if (status == GB_OK) {
        snprintf(title, sizeof title, "%.60s, %.47s", l->dataset, at->name);
        gb_progress_start(&progress, l->quiet, title, "frames", picks->count);
        status = gb_evaluate(&e, err);
        gb_progress_end(&progress);
    }
    if (status == GB_OK) status = record_step(l, at, e.tally, run, err);
    gb_tally_free(e.tally);
    free(e.centre_maxabs);
    return status;
}

gb_status gb_ladder_climb(const gb_ladder *ladder, gb_run *run, gb_error *err)
{
    const gb_selection *s = ladder->selection;
    step steps[MAX_STEPS];
    gb_picks picks = {0};
    const int count = plan_steps(&s->protocol, steps);
    /* Only the last step may look at other frames than strict does. */
    gb_status status = gb_protocol_pick(&steps[0].protocol, ladder->pack, s->split, s->limit, &picks, err);
    for (int i = 0; i < count - 1 && status == GB_OK; i++) {
        if (i == 0 || steps[i].protocol.batch_stats != steps[i - 1].protocol.batch_stats)
            open_contenders(ladder, &steps[i].protocol, &picks);
        status = evaluate_step(ladder, &steps[i], &picks, run, err);
    }
    if (status == GB_OK) status = record_last(ladder, &steps[count - 1], run, err);
    for (int i = 0; i < s->contenders.count; i++) gb_contender_close(&s->contenders.item[i]);
    gb_picks_free(&picks);
    return status;
}
