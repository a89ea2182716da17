#include <stdio.h>

#include "cli/print_json.h"
#include "commands.h"
#include "core/file.h"
#include "core/json.h"
#include "core/parallel.h"
#include "report/run.h"
#include "report/sheet.h"

/* `written`: for --json, else NULL. */
static gb_status write_one(const gb_options *options, const gb_report *report, const gb_run *run, cJSON *written,
                           gb_error *err)
{
    GB_TRY(report->write(run, err));
    if (written) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "format", report->id);
        cJSON_AddStringToObject(object, "file", report->file);
        gb_json_append(written, object);
    } else if (!options->quiet && !options->json) {
        printf("%s/%s\n", gb_run_out(run), report->file);
    }
    return GB_OK;
}

static gb_status write_named(const gb_options *options, const gb_run *run, cJSON *written, gb_error *err)
{
    size_t count;
    const gb_report *const *all = gb_reports(&count);
    if (!options->format.count) {
        for (size_t i = 0; i < count; i++)
            if (!all[i]->on_request) GB_TRY(write_one(options, all[i], run, written, err));
        return GB_OK;
    }
    for (int f = 0; f < options->format.count; f++)
        GB_TRY(write_one(options, gb_report_find(options->format.item[f]), run, written, err));
    return GB_OK;
}

static gb_status write_and_list(const gb_options *options, const gb_run *run, gb_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "run", run->directory);
    cJSON_AddStringToObject(object, "out", gb_run_out(run));
    const gb_status status = write_named(options, run, cJSON_AddArrayToObject(object, "written"), err);
    if (status == GB_OK) return gb_print_json(stdout, object, err);
    cJSON_Delete(object);
    return status;
}

/* A summary that its rows do not give is in no report. */
static gb_status check_whole(const char *directory, gb_error *err)
{
    gb_sheet *sheet = NULL;
    GB_TRY(gb_sheet_read(directory, &sheet, err));
    gb_sheet_free(sheet);
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
    gb_status status = check_whole(options->argument[0], err);
    run->threads = options->threads ? (int)options->threads : gb_parallel_cores();
    run->out = options->out;
    if (status == GB_OK && options->out) status = gb_directory_make(options->out, err);
    if (status == GB_OK)
        status = options->json ? write_and_list(options, run, err) : write_named(options, run, NULL, err);
    gb_run_free(run);
    return status;
}
