#include <stdio.h>
#include <stdlib.h>

#include "cli/fold.h"
#include "commands.h"
#include "core/file.h"
#include "findings/table.h"
#include "run/campaign.h"
#include "run/job.h"
#include "run/together.h"

static void print_json(const gb_run *run)
{
    char *path = gb_path_join(run->directory, "run.json"), *text = NULL;
    size_t size = 0;
    gb_error ignored;
    if (path && gb_file_read(path, (size_t)1 << 30, &text, &size, &ignored) == GB_OK) fwrite(text, 1, size, stdout);
    free(text);
    free(path);
}

static gb_status print_table(const gb_run *run, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_table_print(out, run);
    return gb_fold_close(&fold, out, err);
}

gb_status gb_run_and_print(const gb_options *options, gb_error *err)
{
    gb_run *run = NULL;
    gb_rank rank;
    gb_error ignored; /* what went wrong in the run stands before it */
    gb_status printed = GB_OK;
    const bool together = !options->part_count && !options->shard && gb_rank_read(&rank);
    const gb_status status =
        together ? gb_together_run(options, &rank, &run, err) : gb_campaign_run(options, &run, err);
    if (run && options->json && run->fingerprint[0]) /* else nothing of this run was written */
        print_json(run);
    else if (run && !options->json && !options->quiet)
        printed = print_table(run, status == GB_OK ? err : &ignored);
    gb_run_free(run);
    return status == GB_OK ? printed : status;
}

/* The run as it was started; how much is said, and with how many threads, may be another. */
static gb_status go_on(const gb_options *options, gb_error *err)
{
    gb_job *job = NULL;
    if (options->out || options->shard || options->generator.count || options->dataset.count || options->metric.count)
        return gb_fail(err, GB_E_USAGE, "--resume %s: expected no other selection, the run is gone on with as it was "
                       "started", options->resume);
    GB_TRY(gb_job_read(options->resume, &job, err));
    gb_options again = job->options;
    again.out = options->resume;
    again.going_on = true;
    again.quiet = options->quiet;
    again.json = options->json;
    if (options->threads) again.threads = options->threads;
    const gb_status status = gb_run_and_print(&again, err);
    gb_job_free(job);
    return status;
}

gb_status gb_command_run(const gb_options *options, gb_error *err)
{
    return options->resume ? go_on(options, err) : gb_run_and_print(options, err);
}
