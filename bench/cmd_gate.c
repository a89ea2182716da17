#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print_json.h"
#include "commands.h"
#include "core/file.h"
#include "core/memory.h"
#include "gate/alike.h"
#include "gate/gate.h"
#include "gate/outcome.h"
#include "gate/rerun.h"
#include "gate/speed.h"
#include "run/campaign.h"
#include "selftest/command.h"

#define CONFIRM_FRAMES 15 /* as many as a timing takes in turn */

/* Makes a run and reads it back. What failed in it is kept in *failed: it is reported after the verdicts. */
static gb_status make_run(const gb_options *options, gb_sheet **out, gb_error *failed, gb_error *err)
{
    gb_run *run = NULL;
    const gb_status made = gb_campaign_run(options, &run, failed);
    if (made == GB_OK) *failed = (gb_error){0};
    const gb_status status = run && run->fingerprint[0] ? gb_sheet_read(run->directory, out, err) : made;
    if (status == made && made != GB_OK && err) *err = *failed;
    gb_run_free(run);
    return status;
}

/* Times the open ones once more, with as little else as a run can have. */
static gb_status time_again(const gb_options *options, const gb_gate *gate, int timing, gb_sheet **out, gb_error *err)
{
    gb_options again = *options;
    gb_error failed = {0};
    again.generator.count = gb_gate_open_speed(gate, again.generator.item, GB_MAX_LIST);
    if (again.generator.count > GB_MAX_LIST) again.generator.count = GB_MAX_LIST;
    again.metric = (gb_list){.item = {"psnr_rgb"}, .count = 1};
    again.dataset.count = 1;
    again.limit = again.limit && again.limit < CONFIRM_FRAMES ? again.limit : CONFIRM_FRAMES;
    again.no_panels = true;
    char *folder = gb_format("%s/timing-%d", gate->run->run->directory, timing);
    if (!folder) return gb_fail_memory(err, "another timing", 4096);
    again.out = folder;
    gb_status status = make_run(&again, out, &failed, err);
    if (status == GB_OK && failed.code != GB_OK) {
        status = failed.code;
        if (err) *err = failed;
    }
    free(folder);
    return status;
}

/* `again`: how the run was made, when it was made here; else NULL. */
static gb_status judge_speed(gb_gate *gate, const gb_options *again, const gb_limits *limits, gb_error *err)
{
    gb_sheet *more[GB_PACE_TIMINGS] = {0};
    const char *ignored[1];
    gb_status status = gb_gate_judge_speed(gate, limits, err);
    for (int t = 1; again && t < GB_PACE_TIMINGS && status == GB_OK && gb_gate_open_speed(gate, ignored, 1); t++) {
        status = time_again(again, gate, t + 1, &more[t], err);
        if (status == GB_OK) status = gb_gate_time_again(gate, more[t], limits, err);
    }
    if (status == GB_OK) gb_gate_conclude_speed(gate);
    for (int t = 0; t < GB_PACE_TIMINGS; t++) gb_sheet_free(more[t]);
    return status;
}

static gb_status judge(const gb_options *options, const gb_options *again, const gb_sheet *base, const gb_sheet *run,
                       const gb_limits *limits, gb_error *err)
{
    gb_gate *gate = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_gate_check_alike(base, run, err));
    GB_GO(gb_gate_judge(base, run, limits, options->generator.item, options->generator.count, &gate, err));
    gate->strict_speed = !strcmp(options->speed, "strict");
    if (strcmp(options->speed, "off") != 0) GB_GO(judge_speed(gate, again, limits, err));
    status = gb_gate_finish(options, gate, err);
done:
    gb_gate_free(gate);
    return status;
}

static gb_status no_baseline(const char *path, gb_error *err)
{
    return gb_fail(err, GB_E_NO_BASELINE,
                   "%s: no baseline: expected a run's folder or a baseline file; 'ganime-bench gate [RUN] --rebaseline "
                   "--why TEXT --baseline %s' makes one", path, path);
}

/* What failed (3) stands before what is not comparable (4), no baseline (5) and worse (1). */
static gb_status compare(const gb_options *options, gb_error *err)
{
    gb_sheet *base = NULL, *run = NULL;
    gb_limits *limits = NULL;
    gb_error failed = {0};
    gb_status status = GB_OK;
    GB_GO(gb_gate_limits(options, &limits, err));
    if (options->argument_count) GB_GO(gb_sheet_read(options->argument[0], &run, err));
    if (!gb_file_exists(options->baseline)) {
        status = no_baseline(options->baseline, err);
        goto done;
    }
    GB_GO(gb_sheet_read(options->baseline, &base, err));
    const bool made = !run;
    if (made) GB_GO(gb_gate_check_rerun(options, base, err));
    const gb_options again = gb_gate_rerun_options(options, base);
    if (made) GB_GO(make_run(&again, &run, &failed, err));
    status = judge(options, made ? &again : NULL, base, run, limits, err);
    if (failed.code != GB_OK) {
        status = failed.code;
        if (err) *err = failed;
    }
done:
    gb_limits_free(limits);
    gb_sheet_free(base);
    gb_sheet_free(run);
    return status;
}

/* A baseline with holes would hide what later goes missing. */
static gb_status check_whole(const gb_sheet *run, gb_error *err)
{
    int numbers = 0;
    for (size_t i = 0; i < run->run->summary_count; i++) {
        const gb_run_summary *row = &run->run->summary[i];
        numbers += row->state == GB_STATE_OK;
        if (row->state == GB_STATE_FAILED)
            return gb_fail(err, GB_E_MISMATCH, "%s: expected a run without failures as a baseline, but %s on %s, %s "
                           "failed: %.300s", run->path, row->generator, row->dataset, row->metric,
                           row->why ? row->why : "no reason was recorded");
    }
    if (numbers) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected a run with numbers as a baseline, found none", run->path);
}

static gb_status print_baseline(const gb_options *options, const gb_sheet *run, gb_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "baseline", options->baseline);
    cJSON_AddStringToObject(object, "run", run->path);
    cJSON_AddStringToObject(object, "fingerprint", run->run->fingerprint);
    cJSON_AddStringToObject(object, "why", options->why);
    return gb_print_json(stdout, object, err);
}

static gb_status rebaseline(const gb_options *options, gb_error *err)
{
    gb_sheet *run = NULL;
    gb_error failed = {0};
    gb_status status = GB_OK;
    if (!options->why || !*options->why)
        return gb_fail(err, GB_E_USAGE, "gate --rebaseline: expected --why TEXT, the reason for the new baseline");
    if (options->argument_count)
        GB_GO(gb_sheet_read(options->argument[0], &run, err));
    else
        GB_GO(make_run(options, &run, &failed, err));
    if (failed.code != GB_OK) {
        status = failed.code;
        if (err) *err = failed;
        goto done;
    }
    GB_GO(check_whole(run, err));
    GB_GO(gb_sheet_write(run, options->baseline, options->why, err));
    if (options->json) status = print_baseline(options, run, err);
    else if (!options->quiet) printf("%s\n", options->baseline);
done:
    gb_sheet_free(run);
    return status;
}

gb_status gb_command_gate(const gb_options *options, gb_error *err)
{
    if (options->self_test) return gb_selftest_command(options, err);
    return options->rebaseline ? rebaseline(options, err) : compare(options, err);
}
