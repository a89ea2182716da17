#include "selftest/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "gate/outcome.h"
#include "pipeline/progress.h"
#include "selection/selection.h"
#include "selftest/selftest.h"

#define FRAMES 4    /* of a shot */
#define SHOTS 32
#define RERUN_SHOTS 4
#define TIMINGS 24

static gb_effect effect_of(const void *limits, const gb_metric *metric, gb_region region)
{
    return gb_limits_effect(limits, metric->id, gb_direction_name(metric->direction), region);
}

static void show_progress(void *user, long done)
{
    gb_progress_show(user, done);
}

static gb_status check_options(const gb_options *options, gb_error *err)
{
    const struct {
        bool given;
        const char *name;
    } refused[] = {{options->argument_count > 0, "a RUN"},       {options->rebaseline, "--rebaseline"},
                   {options->dataset.count > 0, "--dataset"},    {options->weights.count > 0, "--weights"},
                   {options->external.count > 0, "--external"},  {options->exec.count > 0, "--exec"},
                   {options->junit != NULL, "--junit"},          {options->github, "--github"},
                   {options->generator.count > 1, "more than one --generator"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (refused[i].given)
            return gb_fail(err, GB_E_USAGE, "gate --self-test: it draws its own shots and takes no more than one "
                           "baseline generator; found %s", refused[i].name);
    if (options->limit && options->limit < 8 * FRAMES)
        return gb_fail(err, GB_E_USAGE, "gate --self-test: expected --limit of at least %d frames, found %ld",
                       8 * FRAMES, options->limit);
    return GB_OK;
}

static gb_status make_plan(const gb_options *options, const gb_selection *selection, const gb_limits *limits,
                           gb_selftest_plan *out, gb_error *err)
{
    const int width = (int)options->width, height = (int)options->height;
    const int side = options->side < 0 ? gb_geometry_default_side(width, height) : (int)options->side;
    const gb_geometry geometry = {width, height, side ? side : width / 8};
    const gb_generator *const generator =
        gb_generator_find(options->generator.count ? options->generator.item[0] : "mirror");
    GB_TRY(gb_geometry_check(geometry, err));
    if (!generator || !generator->paint)
        return gb_fail(err, GB_E_USAGE, "gate --self-test: expected a generator that needs no weights, found '%s'",
                       options->generator.item[0]);
    *out = (gb_selftest_plan){
        .pool = {.generator = generator, .show = "toon", .geometry = geometry,
                 .shots = options->limit ? (int)(options->limit / FRAMES) : SHOTS, .frames = FRAMES,
                 .metrics = selection->metrics, .metric_count = selection->metric_count,
                 .backend = selection->backend, .threads = selection->threads},
        .resamples = (int)options->resamples, .shots = {16, 40}, .rerun_shots = RERUN_SHOTS,
        .effects = {effect_of, limits}, .judge = gb_judge_of_gate,
        .speed = {.backend = selection->backend, .timings = TIMINGS, .least = gb_limits_speed(limits)},
        .rounds = {7, 9}};
    if (!strcmp(options->speed, "off")) out->speed.timings = 0;
    return GB_OK;
}

static bool is_judged(const gb_limits *limits, const gb_metric *metric)
{
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (effect_of(limits, metric, (gb_region)r).better != GB_BETTER_UNSAID) return true;
    return false;
}

static bool is_shared(const gb_selection *selection, const gb_metric *metric)
{
    for (int m = 0; m < selection->metric_count; m++)
        if (selection->metrics[m]->shares == metric) return true;
    return false;
}

/* Metrics without a limit decide nothing and are left out, unless another one needs them. */
static gb_status keep_judged(const gb_limits *limits, gb_selection *selection, gb_error *err)
{
    int kept = 0;
    for (int m = 0; m < selection->metric_count; m++) {
        const gb_metric *const metric = selection->metrics[m];
        if (is_judged(limits, metric) || is_shared(selection, metric)) selection->metrics[kept++] = metric;
    }
    selection->metric_count = kept;
    return kept ? GB_OK : gb_fail(err, GB_E_USAGE, "gate --self-test: expected a metric that has a limit, found none");
}

/* Metrics that cannot be had here are not tested, and that is said. */
static void name_skipped(const gb_options *options, const gb_selection *selection)
{
    for (int i = 0; i < selection->skipped_count && !options->quiet; i++)
        fprintf(stderr, "not tested: %s: %s\n", selection->skipped[i]->id, selection->skipped_why[i]);
}

static gb_status print_tables(const gb_selftest *test, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_selftest_print(out, test);
    return gb_fold_close(&fold, out, err);
}

static gb_status put_out(const gb_options *options, const gb_selftest *test, gb_error *err)
{
    if (options->json) GB_TRY(gb_print_json(stdout, gb_selftest_json(test), err));
    else if (!options->quiet) GB_TRY(print_tables(test, err));
    if (options->summary) GB_TRY(gb_selftest_write(test, options->command_line, options->summary, err));
    return gb_selftest_status(test, err);
}

gb_status gb_selftest_command(const gb_options *options, gb_error *err)
{
    GB_TRY(check_options(options, err));
    gb_selection selection = {0};
    gb_limits *limits = NULL;
    gb_selftest *test = NULL;
    gb_selftest_plan plan;
    gb_progress progress = {0};
    gb_status status = GB_OK;
    GB_GO(gb_selection_resolve(options, &selection, err));
    GB_GO(gb_gate_limits(options, &limits, err));
    GB_GO(keep_judged(limits, &selection, err));
    GB_GO(make_plan(options, &selection, limits, &plan, err));
    name_skipped(options, &selection);
    gb_progress_start(&progress, options->quiet || options->json, "self-test", "shots", 2L * plan.pool.shots);
    plan.pool.progress = show_progress;
    plan.pool.user = &progress;
    status = gb_selftest_run(&plan, &test, err);
    gb_progress_end(&progress);
    if (status == GB_OK) status = put_out(options, test, err);
done:
    gb_selftest_free(test);
    gb_limits_free(limits);
    gb_selection_free(&selection);
    return status;
}
