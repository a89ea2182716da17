#include "run/campaign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "evaluate/evaluate.h"
#include "findings/findings.h"
#include "findings/record.h"
#include "machine/environment.h"
#include "pictures/panels.h"
#include "pictures/watch.h"
#include "run/job.h"
#include "run/job.h"
#include "run/keep.h"
#include "run/ladder.h"
#include "run/parts.h"
#include "run/places.h"
#include "run/timing_pass.h"
#include "selection/build_options.h"
#include "selection/selection.h"
#include "version.h"

typedef struct campaign {
    const gb_options *options;
    gb_selection selection;
    gb_run *run;
    gb_row_writer *rows;
    gb_cell_store store;
    gb_contender_env opened;     /* what the contenders are open for; zeros: nothing yet */
    int *centre_maxabs;
    gb_metric_states states;
    gb_scored_list scored;
    cJSON *contents;             /* dataset id -> what was scored of it, for the fingerprint */
    gb_error first;              /* the first thing that went wrong; the run goes on */
} campaign;

static void note(campaign *c, const gb_error *err)
{
    if (c->first.code == GB_OK) c->first = *err;
}

/* The default place is never one that is there: another run may have begun within the same second. */
static gb_status make_default_directory(campaign *c, char *utc, gb_error *err)
{
    for (char *p = utc; *p; p++)
        if (*p == ':') *p = '-';
    char *path = gb_format("results/runs/%s-%s", utc, gb_version_commit());
    if (!path) return gb_fail_memory(err, "run folder", 4096);
    const gb_status status = gb_directory_make_new(path, &c->run->directory, err);
    free(path);
    return status;
}

static gb_status set_directory(campaign *c, gb_error *err)
{
    char utc[21];
    gb_clock_utc(utc);
    if (!c->run->created) c->run->created = gb_strdup(utc);
    if (!c->run->command) c->run->command = gb_strdup(c->options->command_line);
    if (!c->options->out) return make_default_directory(c, utc, err);
    c->run->directory = gb_strdup(c->options->out);
    if (!c->run->directory) return gb_fail_memory(err, "run folder", 4096);
    return gb_directory_make(c->run->directory, err);
}

/* results/latest -> runs/<this>; only for the default place, and never worth failing for. */
static void link_latest(const campaign *c)
{
    if (c->options->out && !c->options->default_out) return;
    const char *target = strchr(c->run->directory, '/');
    if (!target) return;
    unlink("results/latest.new");
    if (symlink(target + 1, "results/latest.new") == 0 && rename("results/latest.new", "results/latest") != 0)
        unlink("results/latest.new");
}

/* A run that is gone on with is still the one that was started. */
static gb_status take_over(campaign *c, gb_error *err)
{
    gb_job *job = NULL;
    if (!c->options->going_on) return GB_OK;
    GB_TRY(gb_job_read(c->options->out, &job, err));
    c->run->created = gb_strdup(job->created);
    c->run->command = gb_strdup(job->command);
    gb_job_free(job);
    return GB_OK;
}

static gb_status open_rows(campaign *c, gb_error *err)
{
    GB_TRY(gb_run_forget(c->run->directory, err));
    char *path = gb_path_join(c->run->directory, "frames.jsonl");
    if (!path) return gb_fail_memory(err, "frames.jsonl", 4096);
    const gb_status status = gb_row_writer_open(path, &c->rows, err);
    free(path);
    return status;
}

/* Plans every net for this frame size; done again only when the size (or the last batch's) changes. Foreign ones go by
 * the dataset. */
static void open_contenders(campaign *c, const gb_pack_info *info, const gb_picks *picks)
{
    const gb_geometry geometry = info->geometry;
    const gb_protocol *protocol = &c->selection.protocol;
    const gb_contender_env env = {.backend = c->selection.backend,
                                  .geometry = geometry,
                                  .precision = c->selection.precision,
                                  .batch_stats = protocol->batch_stats,
                                  .batch = protocol->stat_batch,
                                  .tail = protocol->batch_stats ? picks->count % protocol->stat_batch : 0,
                                  .frames = c->selection.batch,
                                  .threads = c->selection.threads,
                                  .dataset = info->id,
                                  .dataset_frames = info->frames,
                                  .picks = picks};
    const bool same =
        !memcmp(&env.geometry, &c->opened.geometry, sizeof env.geometry) && env.tail == c->opened.tail;
    for (int i = 0; i < c->selection.contenders.count; i++) {
        gb_contender *contender = &c->selection.contenders.item[i];
        if (same && !contender->foreign) continue;
        gb_contender_close(contender);
        gb_contender_open(contender, &env);
        if (contender->state != GB_STATE_FAILED) continue;
        gb_error err;
        gb_fail(&err, GB_E_FORMAT, "%s: %s", contender->id, contender->why);
        note(c, &err);
    }
    c->opened = env;
}

/* The whole split's, or this part's. */
static void count_frames(const gb_picks *picks, int first, int count, gb_run_dataset *out)
{
    const gb_pick *pick = picks->pick;
    out->frames = count;
    out->cut_pairs = count == picks->count ? picks->cut_pairs : 0;
    for (int p = first; p < first + count; p++) {
        out->shots += p == first || pick[p].shot != pick[p - 1].shot;
        if (count < picks->count && p > first && pick[p].frame == pick[p - 1].frame + 1 && !pick[p].follows)
            out->cut_pairs++;
    }
}

static void describe_dataset(const campaign *c, const gb_pack_info *info, gb_run_dataset *out)
{
    out->title = gb_strdup(info->title);
    out->domain = gb_strdup(info->domain);
    out->split = gb_strdup(c->selection.split);
    out->licence = gb_strdup(info->licence);
    out->source = gb_strdup(info->source);
    out->content = gb_strdup(info->content);
    out->flow_from = info->has_flow ? gb_strdup(info->flow_from) : NULL;
    out->geometry = info->geometry;
}

/* What was scored of it, for the fingerprint. */
static gb_status add_contents(campaign *c, const gb_pack *pack, const gb_picks *picks, gb_error *err)
{
    const gb_pack_info *info = gb_pack_get_info(pack);
    cJSON *object = NULL;
    GB_TRY(gb_protocol_describe_dataset(info, gb_pack_shots(pack), picks, c->selection.split, c->selection.metrics,
                                        c->selection.metric_count, &object, err));
    gb_json_attach(c->contents, info->id, object);
    return GB_OK;
}

static int headline_of(const gb_selection *s)
{
    for (int m = 0; m < s->metric_count; m++)
        if (!strncmp(s->metrics[m]->id, "lpips", 5)) return m;
    return -1;
}

/* What the evaluation fills in. */
static gb_status open_scores(const campaign *c, gb_evaluation *e, gb_watch **watch, gb_error *err)
{
    const size_t values = (size_t)e->picks->count * (size_t)e->contenders->count;
    e->headline = headline_of(&c->selection);
    e->headline_value = gb_alloc(values, sizeof *e->headline_value);
    if (!e->headline_value) return gb_fail_memory(err, "scores", values * sizeof *e->headline_value);
    for (size_t i = 0; i < values; i++) e->headline_value[i] = NAN;
    GB_TRY(gb_tally_new(e->contenders->count, e->metric_count, gb_pack_get_info(e->pack)->shots, &e->tally, err));
    if (c->store.shards) return GB_OK;
    GB_TRY(gb_watch_new(e, watch, err));
    e->viewer = gb_watch_viewer(*watch);
    return GB_OK;
}

/* Of the whole dataset, or of rows; the run goes on. */
static void note_failures(campaign *c, const gb_evaluation *e, const gb_error *failure)
{
    if (failure->code != GB_OK) {
        e->dataset->state = GB_STATE_FAILED;
        e->dataset->why = gb_strdup(failure->text);
        note(c, failure);
    } else if (e->failed_rows) {
        gb_error own;
        gb_fail(&own, GB_E_NUMERIC, "%ld rows failed, the first: %s", e->failed_rows, e->first_failure);
        note(c, &own);
    }
}

/* Summary, pictures, and what findings are made of; of a dataset that failed, only a summary that says so. */
static gb_status record_scores(campaign *c, gb_evaluation *e, gb_watch *watch, const gb_error *failure, gb_error *err)
{
    const gb_selection *const s = &c->selection;
    gb_run_dataset *const dataset = e->dataset;
    const bool failed = failure->code != GB_OK;
    GB_TRY(gb_record_summary(c->run, dataset->id, &s->contenders, s->metrics, s->metric_count, e->tally,
                             failed ? failure->text : NULL, err));
    for (int i = 0; i < s->skipped_count; i++)
        GB_TRY(gb_record_skipped_metric(c->run, dataset->id, &s->contenders, s->skipped[i], s->skipped_why[i], err));
    if (failed) return GB_OK;
    if (watch) GB_TRY(gb_watch_record(watch, c->run, !c->options->no_panels, err));
    if (!c->options->no_panels && !c->store.shards)
        GB_TRY(gb_panels_make(e, c->run->directory, &c->run->panels, &c->run->panel_count, err));
    gb_tally *const tally = e->tally;
    e->tally = NULL; /* the list's from here on */
    return gb_scored_add(&c->scored, (size_t)(dataset - c->run->datasets), tally, e->pack, err);
}

/* Evaluation, summary and pictures of one open dataset. */
static gb_status score_dataset(campaign *c, gb_pack *pack, const gb_picks *picks, gb_audit *audit,
                               gb_run_dataset *dataset, gb_error *err)
{
    gb_selection *s = &c->selection;
    gb_progress progress;
    gb_watch *watch = NULL;
    gb_error failure = {0};
    char name[GB_FRAME_NAME];
    snprintf(name, sizeof name, "%zu-%.60s", (size_t)(dataset - c->run->datasets), dataset->id);
    gb_evaluation e = {.contenders = &s->contenders, .metrics = s->metrics, .metric_count = s->metric_count,
                       .states = &c->states,
                       .env = {.geometry = dataset->geometry, .backend = s->backend, .threads = s->threads},
                       .protocol = &s->protocol,
                       .workers = s->threads, .batch = s->batch, .pack = pack, .picks = picks, .rows = c->rows,
                       .audit = audit, .store = &c->store, .store_name = name,
                       .progress = &progress, .dataset = dataset, .centre_maxabs = c->centre_maxabs};
    gb_status status;
    GB_GO(open_scores(c, &e, &watch, err));
    gb_progress_start(&progress, c->options->quiet || c->options->json, dataset->id, "frames", dataset->frames);
    failure.code = status = gb_evaluate(&e, &failure); /* a message alone may be of what was got over */
    gb_progress_end(&progress);
    if (c->store.helping) { /* who ends the run records */
        if (status != GB_OK && err) *err = failure;
        goto done;
    }
    note_failures(c, &e, &failure);
    status = record_scores(c, &e, watch, &failure, err);
done:
    gb_tally_free(e.tally);
    gb_watch_free(watch);
    free(e.headline_value);
    return status;
}

static gb_status open_pack(campaign *c, const char *name, gb_pack **out, gb_error *err)
{
    gb_progress progress;
    const gb_build_options build = gb_build_options_read(c->options, &progress);
    const gb_status status = gb_dataset_open(name, &build, out, err);
    gb_progress_end(&progress);
    return status;
}

/* Scored, then timed, and what was timed held against what was scored. Timed once a run, on the first dataset. */
static gb_status score_and_time(campaign *c, gb_pack *pack, const gb_picks *picks, gb_run_dataset *dataset,
                                gb_error *err)
{
    const gb_protocol *protocol = &c->selection.protocol;
    int first, count;
    gb_audit *audit = NULL;
    GB_TRY(gb_evaluate_range(picks, protocol, &c->store, &first, &count, err));
    count_frames(picks, first, count, dataset);
    const bool timed = c->run->throughput_count == 0 && !c->options->no_timing && count > 0 && !c->store.parts;
    if (timed || c->store.helping)
        GB_TRY(gb_audit_new(c->selection.contenders.count, first, count, protocol, &audit, err));
    gb_status status = score_dataset(c, pack, picks, audit, dataset, err);
    if (status == GB_OK && timed && !c->store.helping)
        status = gb_timing_pass(&c->selection, pack, picks, audit, c->options, c->run, err);
    gb_audit_free(audit);
    return status;
}

/* What each step from the strict protocol to this one does to the numbers. */
static gb_status climb(campaign *c, gb_pack *pack, const gb_run_dataset *dataset, gb_error *err)
{
    gb_error own = {0};
    const bool quiet = c->options->quiet || c->options->json;
    const gb_ladder ladder = {.selection = &c->selection, .pack = pack, .dataset = dataset->id, .quiet = quiet,
                              .store = &c->store, .states = &c->states, .index = (int)(dataset - c->run->datasets)};
    if (!gb_ladder_has_steps(&c->selection.protocol)) return GB_OK;
    c->opened = (gb_contender_env){0}; /* the ladder opens them otherwise */
    const gb_status status = gb_ladder_climb(&ladder, c->run, &own);
    const bool fatal = status == GB_E_NOMEM || (status != GB_OK && c->store.helping);
    if (fatal && err) *err = own;
    if (status != GB_OK) note(c, &own);
    return fatal ? status : GB_OK;
}

/* Rows are told apart by the dataset's id. */
static gb_status check_id(const campaign *c, const gb_pack *pack, const char *name, gb_error *err)
{
    const char *const id = gb_pack_get_info(pack)->id;
    for (size_t i = 0; i < c->run->dataset_count; i++)
        if (!strcmp(c->run->datasets[i].id, id))
            return gb_fail(err, GB_E_MISMATCH, "%s: expected an id of its own, found '%s', which another dataset of "
                           "this run has (dataset build --id NAME)", name, id);
    return GB_OK;
}

/* A dataset that cannot be opened or scored is recorded as such; only the run's own output failing stops the run. */
static gb_status run_dataset(campaign *c, const char *name, gb_error *err)
{
    const gb_dataset *known = gb_dataset_find(name);
    const bool absent = known && gb_dataset_get_state(known) == GB_DATASET_NOT_FETCHED;
    gb_error own = {0};
    gb_pack *pack = NULL;
    gb_picks picks = {0};
    gb_status status = open_pack(c, name, &pack, &own);
    if (status == GB_OK && check_id(c, pack, name, &own) != GB_OK) {
        note(c, &own);
        goto done;
    }
    if (status == GB_OK)
        status = gb_protocol_pick(&c->selection.protocol, pack, c->selection.split, c->selection.limit, &picks, &own);
    gb_run_dataset *dataset = gb_record_dataset(c->run, pack ? gb_pack_get_info(pack)->id : known ? known->id : name);
    if (!dataset) {
        status = gb_fail_memory(err, "dataset", sizeof *dataset);
        goto done;
    }
    if (status != GB_OK) {
        const bool passed_over = c->selection.all_datasets && (absent || (pack && status == GB_E_NOT_FOUND));
        dataset->title = gb_strdup(known ? known->title : name);
        dataset->domain = gb_strdup(known ? known->domain : NULL);
        dataset->state = passed_over ? GB_STATE_SKIPPED : GB_STATE_FAILED;
        dataset->why = gb_strdup(own.text);
        if (!passed_over) note(c, &own);
        status = GB_OK;
        goto done;
    }
    describe_dataset(c, gb_pack_get_info(pack), dataset);
    GB_GO(add_contents(c, pack, &picks, err));
    open_contenders(c, gb_pack_get_info(pack), &picks);
    status = score_and_time(c, pack, &picks, dataset, err);
    if (status == GB_OK && dataset->state == GB_STATE_OK) status = climb(c, pack, dataset, err);
done:
    gb_picks_free(&picks);
    gb_pack_close(pack);
    return status;
}

/* The protocol spelt out, and the sha256 of exactly that text. */
static gb_status set_fingerprint(campaign *c, gb_error *err)
{
    gb_selection *s = &c->selection;
    c->run->protocol = gb_protocol_describe(&s->protocol, gb_selection_net_precision(s), s->device.precision,
                                            s->metrics, s->metric_count);
    if (c->store.shards) cJSON_AddStringToObject(c->run->protocol, GB_PROTOCOL_SHARD, c->options->shard);
    gb_json_attach(c->run->protocol, "datasets", c->contents);
    c->contents = NULL;
    char *text = NULL;
    GB_TRY(gb_json_text(c->run->protocol, false, "protocol", &text, err));
    gb_sha256_memory(text, strlen(text), c->run->fingerprint);
    cJSON_free(text);
    return GB_OK;
}

static gb_status write_reports(campaign *c, gb_error *err)
{
    size_t count;
    const gb_report *const *reports = gb_reports(&count);
    for (size_t i = 0; i < count; i++)
        if (!reports[i]->on_request) GB_TRY(reports[i]->write(c->run, err));
    return GB_OK;
}

/* Pictures did not wait for the disk one by one; what names them does. */
static gb_status sync_pictures(const gb_run *run, gb_error *err)
{
    char *folder = gb_path_join(run->directory, "panels");
    if (!folder) return gb_fail_memory(err, "panels", 4096);
    const gb_status status = gb_file_is_directory(folder) ? gb_directory_sync(folder, err) : GB_OK;
    free(folder);
    return status;
}

/* What can only be said at the end; then everything is written. */
static gb_status finish(campaign *c, gb_error *err)
{
    gb_selection *s = &c->selection;
    gb_row_writer *rows = c->rows;
    c->rows = NULL;
    GB_TRY(gb_row_writer_close(rows, err));
    for (int i = 0; i < s->skipped_count; i++) {
        gb_error own;
        gb_fail(&own, GB_E_NOT_FOUND, "%s was skipped: %s", s->skipped[i]->id, s->skipped_why[i]);
        note(c, &own);
    }
    for (size_t i = 0; i < c->run->audit_count; i++) {
        const gb_run_audit *audit = &c->run->audit[i];
        gb_error own;
        if (audit->state != GB_STATE_FAILED) continue;
        gb_fail(&own, GB_E_MISMATCH, "%s: %s", audit->generator, audit->why);
        note(c, &own);
    }
    for (int i = 0; i < s->contenders.count; i++) {
        const gb_foreign *foreign = s->contenders.item[i].foreign;
        gb_error own;
        if (!foreign || !gb_foreign_complaint(foreign)) continue;
        gb_fail(&own, GB_E_FORMAT, "%s", gb_foreign_complaint(foreign));
        note(c, &own);
    }
    GB_TRY(gb_record_metrics(c->run, s->backend, s->metrics, s->metric_count, err));
    GB_TRY(gb_record_metrics(c->run, s->backend, s->skipped, s->skipped_count, err));
    GB_TRY(gb_record_generators(c->run, &s->contenders, c->centre_maxabs, err));
    GB_TRY(gb_findings_record(c->run, &c->scored, s->metric_count, err));
    if (!c->run->environment) c->run->environment = gb_environment_describe(s->backend, &s->device, s->threads, NULL);
    if (c->options->team) GB_TRY(gb_places_record(c->options->team, c->run->environment, err));
    if (c->options->part_count)
        GB_TRY(gb_parts_take_times(c->options->parts, c->options->part_count, c->run, err));
    GB_TRY(set_fingerprint(c, err));
    GB_TRY(sync_pictures(c->run, err));
    GB_TRY(write_reports(c, err));
    link_latest(c);
    gb_interrupt_disarm();
    return gb_keep_finish(&c->store, c->first.code != GB_OK, err);
}

static gb_status start(campaign *c, gb_error *err)
{
    GB_TRY(gb_selection_resolve(c->options, &c->selection, err));
    const size_t contenders = (size_t)c->selection.contenders.count;
    c->centre_maxabs = gb_alloc(contenders, sizeof *c->centre_maxabs);
    c->contents = cJSON_CreateObject();
    c->states = (gb_metric_states){.metrics = c->selection.metrics, .count = c->selection.metric_count};
    if (!c->centre_maxabs || !c->contents) return gb_fail_memory(err, "run", contenders);
    for (size_t i = 0; i < contenders; i++) c->centre_maxabs[i] = -1;
    GB_TRY(gb_run_new(&c->run, err));
    c->run->threads = c->selection.threads;
    GB_TRY(take_over(c, err));
    GB_TRY(set_directory(c, err));
    GB_TRY(gb_keep_open(c->options, &c->selection, c->run, &c->store, err));
    if (!c->options->team && c->store.folder) gb_job_arm(c->options, c->run->directory);
    return c->store.helping ? GB_OK : open_rows(c, err);
}

gb_status gb_campaign_run(const gb_options *options, gb_run **run, gb_error *err)
{
    campaign c = {.options = options};
    gb_status status = start(&c, err);
    for (int i = 0; i < c.selection.dataset_count && status == GB_OK; i++)
        status = run_dataset(&c, c.selection.dataset[i], err);
    const bool ending = !c.store.helping;
    if (status == GB_OK && ending) status = finish(&c, err);
    if (status == GB_OK && ending && c.first.code != GB_OK) {
        status = c.first.code;
        if (err) *err = c.first;
    }
    gb_interrupt_disarm();
    gb_error ignored; /* only when something else went wrong first */
    if (c.rows && gb_row_writer_close(c.rows, &ignored) != GB_OK && status == GB_OK) status = GB_E_IO;
    gb_metric_states_close(&c.states);
    gb_scored_free(&c.scored);
    gb_cell_store_free(&c.store);
    gb_selection_free(&c.selection);
    free(c.centre_maxabs);
    cJSON_Delete(c.contents);
    *run = c.run;
    return status;
}
