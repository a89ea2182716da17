#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print_json.h"
#include "commands.h"
#include "core/file.h"
#include "model/fetch.h"
#include "model/info.h"
#include "model/run_file.h"
#include "model/which.h"

gb_status gb_command_model_info(const gb_options *options, gb_error *err)
{
    return gb_model_info_print(options->argument[0], options->json, stdout, err);
}

gb_status gb_command_model_verify(const gb_options *options, gb_error *err)
{
    return gb_model_verify(options->argument[0], options->net, options->json, stdout, err);
}

gb_status gb_command_model_import(const gb_options *options, gb_error *err)
{
    const char *from = options->argument[0], *to = options->argument[1];
    return gb_model_import(from, options->net, to, options->half, options->json, stdout, err);
}

static gb_status print_fetched(const gb_fetchable *what, const char *path, bool fetched, gb_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "id", what->id);
    cJSON_AddStringToObject(object, "path", path);
    cJSON_AddStringToObject(object, "sha256", what->sha256);
    cJSON_AddBoolToObject(object, "fetched", fetched);
    return gb_print_json(stdout, object, err);
}

gb_status gb_command_model_fetch(const gb_options *options, gb_error *err)
{
    size_t count;
    const gb_fetchable *table = gb_model_fetchables(&count), *what = NULL;
    const char *known[8];
    for (size_t i = 0; i < count && i < 8; i++) {
        known[i] = table[i].id;
        if (!strcmp(options->argument[0], table[i].id)) what = &table[i];
    }
    if (!what) return gb_cli_unknown("weights", options->argument[0], known, count, err);
    bool fetched = false;
    char *path = NULL;
    GB_TRY(gb_model_fetch(what, options->archive, &fetched, err));
    if (options->quiet && !options->json) return GB_OK;
    GB_TRY(gb_cache_path(what->cache, &path, err));
    gb_status status = GB_OK;
    if (options->json) status = print_fetched(what, path, fetched, err);
    else printf("%s: %s (%s)\n", what->id, path, fetched ? "fetched" : "already there");
    free(path);
    return status;
}

/* The one file of --weights; `NET=FILE` is taken too, as `run` has it. */
static gb_status weights_file(const gb_options *options, const char **out, gb_error *err)
{
    if (options->weights.count != 1)
        return gb_fail(err, GB_E_USAGE, "model run: expected one --weights FILE, found %d", options->weights.count);
    const char *given = options->weights.item[0];
    const size_t length = strlen(options->argument[0]);
    const bool named = !strncmp(given, options->argument[0], length) && given[length] == '=';
    *out = named ? given + length + 1 : given;
    return GB_OK;
}

gb_status gb_command_model_run(const gb_options *options, gb_error *err)
{
    gb_model_run_options run = {.net = options->argument[0],
                                .input = options->input,
                                .output = options->output,
                                .device = options->device,
                                .precision = options->precision,
                                .side = (int)options->side,
                                .batch_stats = options->batchnorm && !strcmp(options->batchnorm, "batch"),
                                .threads = (int)options->threads,
                                .batch = (int)options->batch};
    gb_model_run_result result;
    const gb_generator *known = NULL;
    GB_TRY(gb_model_which(run.net, &known, err));
    GB_TRY(weights_file(options, &run.weights, err));
    if (!run.input || !run.output)
        return gb_fail(err, GB_E_USAGE, "model run: expected --%s FILE.h5, found none", run.input ? "output" : "input");
    GB_TRY(gb_model_run_file(&run, &result, err));
    if (options->quiet && !options->json) return GB_OK;
    return gb_model_run_print(&run, &result, options->json, stdout, err);
}
