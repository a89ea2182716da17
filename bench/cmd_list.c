#include <stdio.h>
#include <string.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "commands.h"
#include "contenders/contender.h"
#include "core/json.h"
#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "report/run.h"

/* One line of a list; strings are borrowed until the line is put. */
typedef struct list_line {
    const char *id, *state, *why, *summary;
} list_line;

/* Where lines go: an array for --json, else the terminal. */
typedef struct list_sink {
    cJSON *array;
    FILE *out;
} list_sink;

static void put(list_sink *sink, const list_line *line)
{
    if (sink->array) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "id", line->id);
        cJSON_AddStringToObject(object, "state", line->state);
        gb_json_add_string(object, "why", line->why);
        cJSON_AddStringToObject(object, "summary", line->summary);
        gb_json_append(sink->array, object);
        return;
    }
    fprintf(sink->out, "  %-26s %-12s  %s\n", line->id, line->state, line->summary);
    if (line->why) fprintf(sink->out, "  %-26s %-12s  -> %s\n", "", "", line->why);
}

static void put_generator(list_sink *sink, const gb_contender *c)
{
    char summary[256];
    snprintf(summary, sizeof summary, "%s, its strips stabilised; only when named", c->generator->id);
    put(sink, &(list_line){.id = c->id,
                      .state = c->state == GB_STATE_OK ? "ready" : gb_state_name(c->state),
                      .why = c->state == GB_STATE_OK ? c->weights : c->holds ? NULL : c->why,
                      .summary = c->holds ? summary : c->generator->summary});
}

/* As they are, then stabilised. */
static gb_status list_generators(list_sink *sink, gb_error *err)
{
    for (int stabilise = 0; stabilise < 2; stabilise++) {
        gb_contenders contenders = {0};
        const gb_options all = {.stabilise = stabilise};
        GB_TRY(gb_contenders_select(&all, &contenders, err));
        for (int i = 0; i < contenders.count; i++) put_generator(sink, &contenders.item[i]);
        gb_contenders_free(&contenders);
    }
    return GB_OK;
}

static gb_status list_metrics(list_sink *sink, gb_error *err)
{
    (void)err;
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    const gb_metric_env env = {0};
    for (size_t i = 0; i < count; i++) {
        gb_error why = {0};
        const gb_status status = metrics[i]->ready ? metrics[i]->ready(&env, &why) : GB_OK;
        put(sink, &(list_line){.id = metrics[i]->id,
                          .state = status == GB_OK                ? "ready"
                                   : status == GB_E_UNSUPPORTED ? "not built"
                                                                : "no weights",
                          .why = status == GB_OK ? NULL : why.text,
                          .summary = metrics[i]->summary});
    }
    return GB_OK;
}

static gb_status list_datasets(list_sink *sink, gb_error *err)
{
    (void)err;
    size_t count;
    const gb_dataset *const *datasets = gb_datasets(&count);
    for (size_t i = 0; i < count; i++) {
        const gb_dataset_state state = gb_dataset_get_state(datasets[i]);
        char why[256];
        snprintf(why, sizeof why, "get it with: ganime-bench dataset fetch %s [--from DIR]", datasets[i]->id);
        put(sink, &(list_line){.id = datasets[i]->id,
                          .state = state == GB_DATASET_NOT_FETCHED ? "not fetched" : "ready",
                          .why = state == GB_DATASET_NOT_FETCHED ? why : NULL,
                          .summary = datasets[i]->summary});
    }
    return GB_OK;
}

static gb_status list_devices(list_sink *sink, gb_error *err)
{
    (void)err;
    size_t count;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t i = 0; i < count; i++) {
        gb_device_info info = {0};
        gb_error why = {0};
        const gb_status status = backends[i]->probe(0, &info, &why);
        char text[300];
        snprintf(text, sizeof text, "%s, %s, %s", info.name, info.library, info.precision);
        put(sink, &(list_line){.id = backends[i]->id,
                          .state = status == GB_OK ? "ready" : "no device",
                          .why = status == GB_OK ? text : why.text,
                          .summary = backends[i]->summary});
    }
    return GB_OK;
}

static gb_status list_formats(list_sink *sink, gb_error *err)
{
    (void)err;
    size_t count;
    const gb_report *const *reports = gb_reports(&count);
    for (size_t i = 0; i < count; i++)
        put(sink, &(list_line){.id = reports[i]->id, .state = "ready", .summary = reports[i]->summary});
    return GB_OK;
}

typedef struct kind {
    const char *name;
    gb_status (*list)(list_sink *sink, gb_error *err);
} kind;

static const kind kinds[] = {{"generators", list_generators}, {"metrics", list_metrics}, {"datasets", list_datasets},
                             {"devices", list_devices},       {"formats", list_formats}};
enum { KINDS = sizeof kinds / sizeof *kinds };

gb_status gb_command_list(const gb_options *options, gb_error *err)
{
    const char *wanted = options->argument_count ? options->argument[0] : NULL;
    const char *known[KINDS];
    bool any = false;
    for (int k = 0; k < KINDS; k++) {
        known[k] = kinds[k].name;
        any = any || !wanted || !strcmp(wanted, kinds[k].name);
    }
    if (!any) return gb_cli_unknown("kind of list", wanted, known, KINDS, err);
    cJSON *all = options->json ? cJSON_CreateObject() : NULL;
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    gb_status status = GB_OK;
    for (int k = 0; k < KINDS && status == GB_OK; k++) {
        if (wanted && strcmp(wanted, kinds[k].name) != 0) continue;
        list_sink sink = {.array = all ? cJSON_AddArrayToObject(all, kinds[k].name) : NULL, .out = out};
        if (!all) fprintf(out, "%s%s\n", !wanted && k ? "\n" : "", kinds[k].name);
        status = kinds[k].list(&sink, err);
    }
    gb_error ignored;
    const gb_status printed = gb_fold_close(&fold, out, status == GB_OK ? err : &ignored);
    if (status == GB_OK) status = printed;
    if (status == GB_OK && all) return gb_print_json(stdout, all, err);
    cJSON_Delete(all);
    return status;
}
