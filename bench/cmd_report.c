#include <stdio.h>

#include "commands.h"
#include "core/file.h"
#include "machine/environment.h"
#include "report/run.h"

static gb_status write_one(const gb_options *options, const gb_report *report, const gb_run *run, gb_error *err)
{
    GB_TRY(report->write(run, err));
    if (!options->quiet) printf("%s/%s\n", gb_run_out(run), report->file);
    return GB_OK;
}

static gb_status write_named(const gb_options *options, const gb_run *run, gb_error *err)
{
    size_t count;
    const gb_report *const *all = gb_reports(&count);
    if (!options->format.count) {
        for (size_t i = 0; i < count; i++)
            if (!all[i]->on_request) GB_TRY(write_one(options, all[i], run, err));
        return GB_OK;
    }
    for (int f = 0; f < options->format.count; f++)
        GB_TRY(write_one(options, gb_report_find(options->format.item[f]), run, err));
    return GB_OK;
}

gb_status gb_command_report(const gb_options *options, gb_error *err)
{
    size_t count;
    const gb_report *const *all = gb_reports(&count);
    const char *known[32];
    for (size_t i = 0; i < count && i < 32; i++) known[i] = all[i]->id;
    for (int f = 0; f < options->format.count; f++)
        if (!gb_report_find(options->format.item[f]))
            return gb_cli_unknown("format", options->format.item[f], known, count, err);
    gb_run *run = NULL;
    GB_TRY(gb_run_read(options->argument[0], &run, err));
    run->threads = options->threads ? (int)options->threads : gb_environment_cores();
    run->out = options->out;
    gb_status status = options->out ? gb_directory_make(options->out, err) : GB_OK;
    if (status == GB_OK) status = write_named(options, run, err);
    gb_run_free(run);
    return status;
}
