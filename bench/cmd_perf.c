#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "commands.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "findings/record.h"
#include "findings/table.h"
#include "machine/environment.h"
#include "report/run.h"
#include "selection/build_options.h"
#include "selection/selection.h"
#include "timing/forecast.h"
#include "timing/overhead.h"
#include "timing/timing.h"

/* Enough different inputs that no cache of results could help, and one batch of the study's statistics. */
#define FRAMES 15
#define MIN_SAMPLES 9
#define MIN_SECONDS 2.0
#define MAX_SECONDS 30.0
#define OVERHEAD_FRAMES 25

typedef struct stage {
    gb_selection selection;
    gb_geometry geometry;
    gb_image frame[FRAMES + 1];
    gb_image made[FRAMES]; /* other strips around the second frame's centre */
    gb_run *run;
} stage;

/* Noise: the time of these nets does not depend on what is in the picture. */
static gb_status make_frames(stage *s, gb_error *err)
{
    gb_random random = {.state = 7};
    const size_t row = (size_t)s->geometry.width * 3, strip = (size_t)s->geometry.side * 3;
    const size_t bytes = row * (size_t)s->geometry.height;
    for (int f = 0; f <= FRAMES; f++) {
        GB_TRY(gb_image_new(s->geometry.width, s->geometry.height, &s->frame[f], err));
        for (size_t i = 0; i < bytes; i++) s->frame[f].rgb[i] = (uint8_t)(gb_random_next(&random) >> 56);
    }
    for (int f = 0; f < FRAMES; f++) {
        GB_TRY(gb_image_new(s->geometry.width, s->geometry.height, &s->made[f], err));
        memcpy(s->made[f].rgb, s->frame[f].rgb, bytes);
        for (size_t at = strip; at < bytes; at += row)
            memcpy(s->made[f].rgb + at, s->frame[1].rgb + at, row - 2 * strip);
    }
    return GB_OK;
}

static gb_status record(stage *s, const gb_run_throughput *row, gb_error *err)
{
    gb_run_throughput *slot = gb_record_throughput(s->run);
    if (!slot) return gb_fail_memory(err, "throughput", sizeof *slot);
    *slot = *row;
    return GB_OK;
}

/* A pair of frames that have nothing in common, then what one more generator of the same frame costs. */
static gb_status time_metric(stage *s, const gb_metric *metric, gb_timing_plan plan, int threads, gb_error *err)
{
    const gb_metric_env env = {.geometry = s->geometry, .backend = s->selection.backend};
    gb_run_throughput row = {0}, next = {0};
    GB_TRY(gb_timing_metric(metric, &env, &plan, threads, &row, err));
    GB_TRY(record(s, &row, err));
    if (metric->temporal) return GB_OK;
    plan.frames = s->made;
    GB_TRY(gb_timing_metric_next(metric, &env, &plan, threads, &next, err));
    return record(s, &next, err);
}

/* One thread for latency, then all for throughput. */
static gb_status time_one(stage *s, int contender, int metric, int threads, gb_error *err)
{
    const gb_selection *sel = &s->selection;
    gb_roof roof;
    gb_run_throughput row = {0};
    GB_TRY(gb_roof_of(sel->backend, sel->precision, threads, &roof, err));
    const gb_timing_plan plan = {.min_samples = MIN_SAMPLES, .min_seconds = MIN_SECONDS, .max_seconds = MAX_SECONDS,
                                 .device = sel->backend->id, .precision = sel->device.precision,
                                 .net_precision = gb_selection_net_precision(sel),
                                 .frames = s->frame, .truths = s->frame + 1, .frame_count = FRAMES,
                                 .side = s->geometry.side};
    if (contender < 0) return time_metric(s, sel->metrics[metric], plan, threads, err);
    GB_TRY(gb_timing_generator(&sel->contenders.item[contender], &plan, threads, &row, NULL, err));
    gb_timing_set_roof(&sel->contenders.item[contender], &roof, &row);
    row.random_weights = sel->contenders.item[contender].state == GB_STATE_NO_WEIGHTS;
    return record(s, &row, err);
}

static gb_status time_both(stage *s, int contender, int metric, gb_error *err)
{
    GB_TRY(time_one(s, contender, metric, 1, err));
    return s->selection.threads > 1 ? time_one(s, contender, metric, s->selection.threads, err) : GB_OK;
}

static gb_status open_contender(gb_contender *contender, const gb_contender_env *env, gb_error *err)
{
    if (contender->state == GB_STATE_NO_WEIGHTS) return gb_contender_open_random(contender, env, err);
    gb_contender_open(contender, env);
    if (contender->state != GB_STATE_FAILED) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: %s", contender->id, contender->why);
}

static gb_status time_contender(stage *s, int c, gb_error *err)
{
    gb_contender *contender = &s->selection.contenders.item[c];
    const gb_protocol *protocol = &s->selection.protocol;
    const gb_contender_env env = {.backend = s->selection.backend, .geometry = s->geometry,
                                  .precision = s->selection.precision,
                                  .batch_stats = protocol->batch_stats, .batch = protocol->stat_batch,
                                  .frames = s->selection.batch};
    GB_TRY(open_contender(contender, &env, err));
    if (contender->state == GB_STATE_SKIPPED) {
        fprintf(stderr, "%s is left out: %s\n", contender->id, contender->why);
        return GB_OK;
    }
    const gb_status status = time_both(s, c, -1, err);
    gb_contender_close(contender);
    return status;
}

static gb_status print_overhead(const gb_selection *selection, const char *dataset, const gb_overhead *overhead,
                                gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_overhead_print(out, selection, dataset, overhead);
    return gb_fold_close(&fold, out, err);
}

/* What decoding and metrics add to generators' own time on a dataset's frames: one thread, then all. Into `list` where
 * there is one, else printed. */
static gb_status time_on_dataset(const gb_options *options, stage *s, const char *dataset, cJSON *list, gb_error *err)
{
    gb_selection *sel = &s->selection;
    gb_pack *pack = NULL;
    gb_picks picks = {0};
    gb_status status;
    GB_GO(gb_build_options_open(options, dataset, &pack, err));
    GB_GO(gb_frames_pick(pack, "all", options->limit ? options->limit : OVERHEAD_FRAMES, &picks, err));
    const gb_pack_info *info = gb_pack_get_info(pack);
    const gb_contender_env env = {.backend = sel->backend, .geometry = info->geometry, .precision = sel->precision,
                                  .batch = 1, .frames = 1, .dataset = info->id, .dataset_frames = info->frames,
                                  .picks = &picks};
    for (int c = 0; c < sel->contenders.count; c++) GB_GO(open_contender(&sel->contenders.item[c], &env, err));
    for (int threads = 1; threads <= sel->threads; threads += sel->threads > 1 ? sel->threads - 1 : 1) {
        gb_overhead overhead;
        GB_GO(gb_overhead_measure(sel, pack, &picks, threads, &overhead, err));
        if (list) gb_json_append(list, gb_overhead_json(sel, info->id, &overhead));
        else if (!options->quiet) status = print_overhead(sel, info->id, &overhead, err);
        gb_overhead_free(&overhead);
        if (status != GB_OK) goto done;
    }
done:
    for (int c = 0; c < sel->contenders.count; c++) gb_contender_close(&sel->contenders.item[c]);
    gb_picks_free(&picks);
    gb_pack_close(pack);
    return status;
}

static gb_status time_overhead(const gb_options *options, stage *s, gb_error *err)
{
    cJSON *list = options->json ? cJSON_CreateArray() : NULL;
    gb_status status = GB_OK;
    for (int d = 0; d < s->selection.dataset_count && status == GB_OK; d++)
        status = time_on_dataset(options, s, s->selection.dataset[d], list, err);
    if (status == GB_OK && list) return gb_print_json(stdout, list, err);
    cJSON_Delete(list);
    return status;
}

static gb_status print_json(const stage *s, gb_error *err)
{
    cJSON *object = cJSON_CreateObject();
    const gb_selection *sel = &s->selection;
    gb_json_attach(object, "environment",
                          gb_environment_describe(sel->backend, &sel->device, sel->threads, NULL));
    cJSON *list = cJSON_AddArrayToObject(object, "throughput");
    for (size_t i = 0; i < s->run->throughput_count; i++)
        gb_json_append(list, gb_run_throughput_json(&s->run->throughput[i]));
    return gb_print_json(stdout, object, err);
}

static gb_status print_throughput(const gb_run *run, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_table_print_throughput(out, run);
    return gb_fold_close(&fold, out, err);
}

/* The comparison is a script beside the program's sources; it needs PyTorch, which nothing else does. */
static gb_status run_peer(bool json, gb_error *err)
{
    char program[4096];
    if (!gb_program_folder(program, sizeof program)) return gb_fail(err, GB_E_IO, "cannot find the program's own path");
    static const char *const place[] = {"bench", "share/ganime-bench"}; /* in the checkout, installed */
    fflush(stdout);
    for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
        char *const script = gb_format("%s/../%s/peer_pytorch.sh", program, place[i]);
        if (!script) return gb_fail_memory(err, "path", 4096);
        execl(script, script, program, json ? "--json" : (char *)NULL, (char *)NULL);
        gb_fail(err, GB_E_NOT_FOUND, "%s: cannot run the comparison", script);
        free(script);
    }
    return GB_E_NOT_FOUND;
}

/* Every net is there, with or without weights; no device is asked for. */
static gb_status forecast(const gb_options *options, gb_geometry geometry, gb_error *err)
{
    gb_contenders contenders = {0};
    gb_precision precision;
    GB_TRY(gb_precision_read(options->precision, &precision, err));
    GB_TRY(gb_contenders_select(options, &contenders, err));
    const int threads = options->threads ? (int)options->threads : gb_parallel_cores();
    gb_fold fold = {.to = stdout};
    gb_error ignored;
    FILE *const out = options->json ? stdout : gb_fold_open(&fold, stdout);
    const gb_status status = gb_forecast_print(out, &contenders, geometry, precision, threads, options->json, err);
    const gb_status printed = gb_fold_close(&fold, out, status == GB_OK ? err : &ignored);
    gb_contenders_free(&contenders);
    return status == GB_OK ? printed : status;
}

gb_status gb_command_perf(const gb_options *options, gb_error *err)
{
    if (options->peer) return run_peer(options->json, err);
    stage s = {.geometry = {.width = (int)options->width, .height = (int)options->height, .side = (int)options->side}};
    gb_options selected = *options;
    selected.protocol = "strict";
    if (options->side < 0) s.geometry.side = s.geometry.width / 8;
    gb_status status = GB_OK;
    GB_GO(gb_geometry_check(s.geometry, err));
    if (options->model && options->quiet && !options->json) return GB_OK; /* tables are all that it gives */
    if (options->model) return forecast(options, s.geometry, err);
    GB_GO(gb_selection_resolve(&selected, &s.selection, err));
    if (options->dataset.count) GB_GO(time_overhead(options, &s, err));
    if (options->dataset.count) goto done;
    GB_GO(gb_run_new(&s.run, err));
    GB_GO(make_frames(&s, err));
    for (int c = 0; c < s.selection.contenders.count; c++)
        if (options->generator.count || !options->metric.count) GB_GO(time_contender(&s, c, err));
    for (int m = 0; m < s.selection.metric_count; m++)
        if ((options->metric.count || !options->generator.count) && !s.selection.metrics[m]->shares)
            GB_GO(time_both(&s, -1, m, err));
    if (options->json) GB_GO(print_json(&s, err));
    else if (!options->quiet) GB_GO(print_throughput(s.run, err));
done:
    for (int f = 0; f <= FRAMES; f++) gb_image_free(&s.frame[f]);
    for (int f = 0; f < FRAMES; f++) gb_image_free(&s.made[f]);
    gb_run_free(s.run);
    gb_selection_free(&s.selection);
    return status;
}
