#include "score/score.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "core/memory.h"
#include "datasets/dataset.h"
#include "datasets/frame_source.h"
#include "pipeline/pipeline.h"
#include "score/score_report.h"

#define MAX_SIZES 16    /* different frame sizes in one run */
#define MAX_THREADS 1024 /* what --threads may say */

/* Metrics opened for one frame size: shared states by metric, workers by thread and metric. Sizes are opened by the
 * decoding thread before any frame of theirs is handed on; a worker is opened by the thread that uses it. */
typedef struct size_setup {
    gb_metric_env env;
    void *shared[GB_SCORE_MAX_METRICS];
    bool usable[GB_SCORE_MAX_METRICS];
    size_t kept_size[GB_SCORE_MAX_METRICS]; /* of what other metrics need of this one; 0: nothing */
    void *worker[MAX_THREADS][GB_SCORE_MAX_METRICS];
} size_setup;

/* What a metric keeps of a frame for the next one. */
typedef struct kept_value {
    void *ref, *test;
    size_t size; /* of each, as allocated */
} kept_value;

typedef struct frame_slot {
    gb_image ref, test;
    size_setup *setup;
    char *ref_name, *test_name;
    long index;
    bool begins_shot;
    bool paired, cut; /* with the frame before: compared; not, because of a cut */
    gb_scores scores[GB_SCORE_MAX_METRICS];
    kept_value kept[GB_SCORE_MAX_METRICS];
} frame_slot;

typedef struct scoring {
    const gb_score_options *options;
    const gb_backend *backend;
    int threads;
    gb_frame_source *ref, *test;
    gb_score_report report;
    bool named;             /* the user named the metrics: each must be usable */
    size_setup *setup[MAX_SIZES];
    int setups;
    frame_slot *slot;
    int slots;
    bool any_pair;          /* of consecutive frames */
    bool ended;             /* both sources, together */
    gb_error missing;       /* the first file that a metric of all needs and has not */
} scoring;

/* ---- Opening metrics ---- */

/* Index of the metric that metric m shares with, or -1. */
static int source_of(const scoring *s, int m)
{
    for (int other = 0; s->report.metric[m]->shares && other < s->report.metric_count; other++)
        if (s->report.metric[other] == s->report.metric[m]->shares) return other;
    return -1;
}

static gb_status open_worker(const scoring *s, size_setup *setup, int m, int thread, gb_error *err)
{
    void **const worker = &setup->worker[thread][m];
    gb_metric_env env = setup->env;
    const int source = source_of(s, m);
    if (source >= 0) env.shared = setup->shared[source];
    return *worker ? GB_OK : s->report.metric[m]->worker_open(setup->shared[m], &env, worker, err);
}

/* Opens the metric for the size and one worker of it, so that what it cannot do is known before frames are scored. */
static gb_status open_metric(scoring *s, size_setup *setup, int m, gb_error *err)
{
    const gb_metric *const metric = s->report.metric[m];
    const int source = source_of(s, m);
    if (metric->ready) GB_TRY(metric->ready(&setup->env, err));
    if (source >= 0 && !setup->usable[source])
        return gb_fail(err, GB_E_UNSUPPORTED, "%s needs %s, which cannot be used here", metric->id,
                       s->report.metric[source]->id);
    if (metric->open) GB_TRY(metric->open(&setup->env, &setup->shared[m], err));
    if (source >= 0) setup->kept_size[source] = metric->shares->kept_size(setup->shared[source]);
    return open_worker(s, setup, m, 0, err);
}

/* A metric that nobody asked for by name may be missing, with its reason in the report; a missing file is said at the
 * end, too. */
static gb_status try_metric(scoring *s, size_setup *setup, int m, gb_error *err)
{
    gb_error why = {0};
    const gb_status status = open_metric(s, setup, m, &why);
    setup->usable[m] = status == GB_OK;
    if (status == GB_OK) return GB_OK;
    if (s->named || (status != GB_E_NOT_FOUND && status != GB_E_UNSUPPORTED)) {
        if (err) *err = why;
        return status;
    }
    if (status == GB_E_NOT_FOUND && s->missing.code == GB_OK) s->missing = why;
    snprintf(s->report.skipped[m], sizeof s->report.skipped[m], "%.255s", why.text);
    return GB_OK;
}

/* Those that share with others come after them. */
static gb_status open_metrics(scoring *s, size_setup *setup, gb_error *err)
{
    for (int pass = 0; pass < 2; pass++)
        for (int m = 0; m < s->report.metric_count; m++)
            if ((s->report.metric[m]->shares != NULL) == (pass == 1)) GB_TRY(try_metric(s, setup, m, err));
    return GB_OK;
}

static gb_status find_setup(scoring *s, int width, int height, size_setup **out, gb_error *err)
{
    for (int i = 0; i < s->setups; i++)
        if (s->setup[i]->env.geometry.width == width && s->setup[i]->env.geometry.height == height) {
            *out = s->setup[i];
            return GB_OK;
        }
    if (s->setups == MAX_SIZES)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected at most %d different frame sizes, found more",
                       gb_frame_source_name(s->ref), MAX_SIZES);
    const int side = s->options->side >= 0 ? s->options->side : gb_geometry_default_side(width, height);
    const gb_geometry geometry = {.width = width, .height = height, .side = side};
    GB_TRY(gb_geometry_check(geometry, err));
    size_setup *const setup = gb_alloc(1, sizeof *setup);
    if (!setup) return gb_fail_memory(err, "metrics", sizeof *setup);
    s->setup[s->setups++] = setup;
    setup->env = (gb_metric_env){.geometry = geometry, .backend = s->backend, .weights_dir = s->options->weights_dir};
    GB_TRY(open_metrics(s, setup, err));
    *out = setup;
    return GB_OK;
}

static void close_setup(const scoring *s, size_setup *setup)
{
    for (int m = 0; m < s->report.metric_count; m++) {
        const gb_metric *const metric = s->report.metric[m];
        for (int t = 0; t < s->threads; t++)
            if (setup->worker[t][m]) metric->worker_close(setup->worker[t][m]);
        if (setup->shared[m]) metric->close(setup->shared[m]);
    }
    free(setup);
}

/* ---- The pipeline's three steps ---- */

/* GB_E_NOT_FOUND with s->ended after the last frame: the number of frames need not be known beforehand. */
static gb_status check_ends(scoring *s, bool ref_ended, bool test_ended, gb_error *err)
{
    if (ref_ended && test_ended) {
        s->ended = true;
        return gb_fail(err, GB_E_NOT_FOUND, "no more frames");
    }
    return gb_fail(err, GB_E_MISMATCH, "%s: expected as many frames as %s, found only %ld",
                   ref_ended ? s->options->ref : s->options->test, ref_ended ? s->options->test : s->options->ref,
                   gb_frame_source_index(ref_ended ? s->ref : s->test) + 1);
}

static gb_status replace_name(char **name, const char *with, gb_error *err)
{
    free(*name);
    *name = gb_strdup(with);
    return *name ? GB_OK : gb_fail_memory(err, "a name", strlen(with));
}

static gb_status decode(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    scoring *const s = user;
    frame_slot *const slot = at;
    bool ref_ended = false, test_ended = false;
    GB_TRY(gb_frame_source_next(s->ref, &slot->ref, &ref_ended, err));
    GB_TRY(gb_frame_source_next(s->test, &slot->test, &test_ended, err));
    if (ref_ended || test_ended) return check_ends(s, ref_ended, test_ended, err);
    GB_TRY(replace_name(&slot->ref_name, gb_frame_source_name(s->ref), err));
    GB_TRY(replace_name(&slot->test_name, gb_frame_source_name(s->test), err));
    if (slot->ref.width != slot->test.width || slot->ref.height != slot->test.height)
        return gb_fail(err, GB_E_MISMATCH, "%s is %dx%d, but %s is %dx%d: expected equal sizes", slot->ref_name,
                       slot->ref.width, slot->ref.height, slot->test_name, slot->test.width, slot->test.height);
    slot->index = gb_frame_source_index(s->ref);
    slot->begins_shot = gb_frame_source_begins_shot(s->ref) || gb_frame_source_begins_shot(s->test);
    return find_setup(s, slot->ref.width, slot->ref.height, &slot->setup, err);
}

/* Room for what the metric keeps, where another needs it; NULL stands for "nothing is kept". */
static gb_status reserve_kept(kept_value *kept, size_t size, gb_error *err)
{
    if (kept->size == size) return GB_OK;
    free(kept->ref);
    free(kept->test);
    *kept = (kept_value){0};
    if (size == 0) return GB_OK;
    kept->ref = gb_alloc_aligned(size, 1);
    kept->test = gb_alloc_aligned(size, 1);
    if (!kept->ref || !kept->test) return gb_fail_memory(err, "kept features", size);
    kept->size = size;
    return GB_OK;
}

static gb_status work(void *user, int thread, long unit, void *at, gb_error *err)
{
    (void)unit;
    const scoring *const s = user;
    frame_slot *const slot = at;
    memset(slot->scores, 0, sizeof slot->scores);
    slot->paired = slot->cut = false;
    for (int m = 0; m < s->report.metric_count; m++) {
        const gb_metric *const metric = s->report.metric[m];
        if (metric->temporal || !slot->setup->usable[m]) continue;
        GB_TRY(open_worker(s, slot->setup, m, thread, err));
        GB_TRY(reserve_kept(&slot->kept[m], slot->setup->kept_size[m], err));
        void *const worker = slot->setup->worker[thread][m];
        GB_TRY(metric->reference(worker, &slot->ref, err));
        if (slot->kept[m].ref) metric->keep(worker, slot->kept[m].ref);
        GB_TRY(metric->compare(worker, &slot->test, &slot->scores[m], err));
        if (slot->kept[m].test) metric->keep(worker, slot->kept[m].test);
    }
    return GB_OK;
}

/* Scores the change from the frame before, unless a cut or another size lies between. */
static gb_status score_change(void *user, int thread, long unit, void *at, const void *before_at, gb_error *err)
{
    (void)unit;
    const scoring *const s = user;
    frame_slot *const slot = at;
    const frame_slot *const before = before_at;
    if (before->setup != slot->setup) return GB_OK;
    slot->cut = slot->begins_shot || gb_is_cut(&before->ref, &slot->ref);
    if (slot->cut) return GB_OK;
    slot->paired = true;
    for (int m = 0; m < s->report.metric_count; m++) {
        const gb_metric *const metric = s->report.metric[m];
        const int source = source_of(s, m);
        if (!metric->temporal || !slot->setup->usable[m]) continue;
        gb_frame_pair ref = {.frame = {&before->ref, &slot->ref}}, test = {.frame = {&before->test, &slot->test}};
        if (source >= 0) {
            ref.kept[0] = before->kept[source].ref;
            ref.kept[1] = slot->kept[source].ref;
            test.kept[0] = before->kept[source].test;
            test.kept[1] = slot->kept[source].test;
        }
        GB_TRY(open_worker(s, slot->setup, m, thread, err));
        GB_TRY(metric->pair_reference(slot->setup->worker[thread][m], &ref, err));
        GB_TRY(metric->pair(slot->setup->worker[thread][m], &test, &slot->scores[m], err));
    }
    return GB_OK;
}

static gb_status collect(void *user, long unit, void *at, gb_error *err)
{
    (void)unit;
    scoring *const s = user;
    frame_slot *const slot = at;
    s->any_pair = s->any_pair || slot->paired;
    if (slot->cut) s->report.cuts++;
    const gb_score_pair pair = {
        .ref = slot->ref_name, .test = slot->test_name, .index = slot->index, .scores = slot->scores};
    return gb_score_report_pair(&s->report, &pair, err);
}

/* ---- Setting up and taking down ---- */

static gb_status unknown_metric(const char *id, gb_error *err)
{
    const char *known[GB_SCORE_MAX_METRICS];
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    for (size_t i = 0; i < count && i < GB_SCORE_MAX_METRICS; i++) known[i] = metrics[i]->id;
    return gb_cli_unknown("metric", id, known, count < GB_SCORE_MAX_METRICS ? count : GB_SCORE_MAX_METRICS, err);
}

/* The metrics that will be scored, each once. */
typedef struct choice {
    const gb_metric **metric; /* GB_SCORE_MAX_METRICS places */
    int count;
} choice;

static gb_status choose(choice *chosen, const gb_metric *metric, gb_error *err)
{
    for (int i = 0; i < chosen->count; i++)
        if (chosen->metric[i] == metric) return GB_OK;
    if (chosen->count == GB_SCORE_MAX_METRICS)
        return gb_fail(err, GB_E_USAGE, "expected at most %d metrics, got more", GB_SCORE_MAX_METRICS);
    chosen->metric[chosen->count++] = metric;
    return GB_OK;
}

/* A metric that others share with comes along with them. */
static gb_status choose_shared(choice *chosen, gb_error *err)
{
    for (int i = 0; i < chosen->count; i++)
        if (chosen->metric[i]->shares) GB_TRY(choose(chosen, chosen->metric[i]->shares, err));
    return GB_OK;
}

static gb_status choose_named(const gb_score_options *options, choice *chosen, gb_error *err)
{
    for (int i = 0; i < options->metric_count; i++) {
        const gb_metric *const metric = gb_metric_find(options->metric[i]);
        if (!metric) return unknown_metric(options->metric[i], err);
        const int before = chosen->count;
        GB_TRY(choose(chosen, metric, err));
        if (chosen->count == before) return gb_fail(err, GB_E_USAGE, "metric %s is named twice", metric->id);
    }
    return GB_OK;
}

/* A tool's metrics, each after the one of ours that it is held against. */
static gb_status choose_dialect(const char *tool, choice *chosen, gb_error *err)
{
    const char *known[GB_SCORE_MAX_METRICS];
    size_t count, tools = 0;
    bool any = false;
    const gb_metric *const *metrics = gb_metrics(&count);
    for (size_t i = 0; i < count; i++) {
        if (!metrics[i]->tool) continue;
        if (tools < GB_SCORE_MAX_METRICS) known[tools++] = metrics[i]->tool;
        if (strcmp(metrics[i]->tool, tool) != 0) continue;
        any = true;
        GB_TRY(choose(chosen, gb_metric_find(metrics[i]->like), err));
        GB_TRY(choose(chosen, metrics[i], err));
    }
    return any ? GB_OK : gb_cli_unknown("dialect", tool, known, tools, err);
}

/* `metric` has GB_SCORE_MAX_METRICS places. */
static gb_status choose_metrics(scoring *s, const gb_metric **metric, gb_error *err)
{
    size_t count;
    choice chosen = {.metric = metric};
    const gb_metric *const *metrics = gb_metrics(&count);
    s->named = s->options->metric_count > 0 || s->options->dialect_count > 0;
    GB_TRY(choose_named(s->options, &chosen, err));
    for (int i = 0; i < s->options->dialect_count; i++)
        GB_TRY(choose_dialect(s->options->dialect[i], &chosen, err));
    for (size_t i = 0; i < count && !s->named; i++)
        if (!metrics[i]->on_request) GB_TRY(choose(&chosen, metrics[i], err));
    GB_TRY(choose_shared(&chosen, err));
    s->report.metric = metric;
    s->report.metric_count = chosen.count;
    return GB_OK;
}

static gb_status open_sources(scoring *s, gb_error *err)
{
    GB_TRY(gb_frame_source_open(s->options->ref, &s->ref, err));
    GB_TRY(gb_frame_source_open(s->options->test, &s->test, err));
    return gb_frame_source_check_pairs(s->ref, s->test, err);
}

static gb_status choose_threads(scoring *s, gb_error *err)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const long wanted = s->options->threads > 0 ? s->options->threads : processors > 0 ? processors : 1;
    if (s->options->threads < 0 || s->options->threads > MAX_THREADS)
        return gb_fail(err, GB_E_USAGE, "expected 1 to %d threads, got %d", MAX_THREADS, s->options->threads);
    s->threads = wanted < MAX_THREADS ? (int)wanted : MAX_THREADS;
    return GB_OK;
}

static gb_status run_pipeline(scoring *s, gb_error *err)
{
    s->slots = s->threads + 3; /* one waits for the frame after it */
    s->slot = gb_alloc((size_t)s->slots, sizeof *s->slot);
    void **const slots = gb_alloc((size_t)s->slots, sizeof *slots);
    if (!s->slot || !slots) {
        free(slots);
        return gb_fail_memory(err, "scoring", (size_t)s->slots * sizeof *s->slot);
    }
    for (int i = 0; i < s->slots; i++) slots[i] = &s->slot[i];
    const gb_pipeline pipeline = {.units = LONG_MAX,
                                  .workers = s->threads,
                                  .slots = s->slots,
                                  .slot = slots,
                                  .user = s,
                                  .decode = decode,
                                  .work = work,
                                  .link = score_change,
                                  .collect = collect};
    const gb_status status = gb_pipeline_run(&pipeline, err);
    free(slots);
    return s->ended && status == GB_E_NOT_FOUND ? GB_OK : status;
}

/* Temporal metrics without two consecutive frames: an error when asked for, else a reason in the report. */
static gb_status check_pairs_scored(scoring *s, gb_error *err)
{
    for (int m = 0; !s->any_pair && m < s->report.metric_count; m++) {
        if (!s->report.metric[m]->temporal) continue;
        snprintf(s->report.skipped[m], sizeof s->report.skipped[m], "consecutive frames of one shot are needed");
        if (s->named)
            return gb_fail(err, GB_E_ARG, "%s: %s needs consecutive frames of one shot, found none", s->options->ref,
                           s->report.metric[m]->id);
    }
    return GB_OK;
}

static void close_scoring(scoring *s)
{
    for (int i = 0; i < s->setups; i++) close_setup(s, s->setup[i]);
    for (int i = 0; s->slot && i < s->slots; i++) {
        gb_image_free(&s->slot[i].ref);
        gb_image_free(&s->slot[i].test);
        free(s->slot[i].ref_name);
        free(s->slot[i].test_name);
        for (int m = 0; m < s->report.metric_count; m++) {
            free(s->slot[i].kept[m].ref);
            free(s->slot[i].kept[m].test);
        }
    }
    free(s->slot);
    gb_frame_source_close(s->ref);
    gb_frame_source_close(s->test);
}

gb_status gb_score_run(const gb_score_options *options, FILE *out, gb_error *err)
{
    const gb_metric *chosen[GB_SCORE_MAX_METRICS];
    scoring s = {.options = options,
                 .report = {.out = out, .json = options->json, .quiet = options->quiet && !options->json}};
    gb_device_info info;
    gb_error failure = {0}, late = {0};
    gb_status status = GB_OK;
    GB_GO(choose_metrics(&s, chosen, err));
    GB_GO(choose_threads(&s, err));
    GB_GO(gb_backend_select(options->device ? options->device : "auto", &s.backend, &info, err));
    GB_GO(open_sources(&s, err));
    status = run_pipeline(&s, &failure);
    if (status == GB_OK) status = check_pairs_scored(&s, &failure);
    if (status == GB_OK && s.missing.code != GB_OK) {
        status = s.missing.code;
        failure = s.missing;
    }
    if (status == GB_OK || s.report.pairs > 0) { /* else there is nothing to keep */
        const gb_status end = gb_score_report_end(&s.report, status == GB_OK ? NULL : failure.text, &late);
        if (status == GB_OK && end != GB_OK) {
            status = end;
            failure = late;
        }
    }
    if (status != GB_OK && err) *err = failure;
done:
    close_scoring(&s);
    return status;
}
