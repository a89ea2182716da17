#include "gate/rerun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/precision.h"
#include "cli/options.h"
#include "core/json.h"
#include "models/stabiliser.h"

static void add(gb_list *list, const char *name)
{
    if (list->count < GB_MAX_LIST) list->item[list->count++] = name;
}

static bool is_default(int option, long value)
{
    const char *initial = gb_option_table[option].initial;
    return initial && strtol(initial, NULL, 10) == value;
}

static void select_datasets(gb_options *o, const gb_run *run)
{
    const bool chosen = o->dataset.count > 0;
    long most = 0;
    for (size_t i = 0; i < run->dataset_count; i++) {
        const gb_run_dataset *dataset = &run->datasets[i];
        if (dataset->state != GB_STATE_OK) continue;
        if (!chosen) add(&o->dataset, dataset->id);
        if (dataset->frames > most) most = dataset->frames;
        if (!o->split) o->split = dataset->split;
        if (is_default(GB_OPT_WIDTH, o->width)) o->width = dataset->geometry.width;
        if (is_default(GB_OPT_HEIGHT, o->height)) o->height = dataset->geometry.height;
        if (is_default(GB_OPT_SIDE, o->side)) o->side = dataset->geometry.side;
    }
    if (o->limit == 0) o->limit = most; /* of a dataset that has fewer, all are taken, as they were */
}

/* That of nets; what the device itself says of its strict one is not an option's value. */
static void select_precision(gb_options *o, const char *name)
{
    gb_precision precision;
    gb_error ignored;
    if (o->precision && strcmp(o->precision, gb_option_table[GB_OPT_PRECISION].initial)) return;
    if (gb_precision_read(name, &precision, &ignored) == GB_OK) o->precision = gb_precision_name(precision);
}

static void select_protocol(gb_options *o, const cJSON *protocol)
{
    const char *id = gb_json_string_or(protocol, "protocol", o->protocol);
    if (!strcmp(o->protocol, gb_option_table[GB_OPT_PROTOCOL].initial)) o->protocol = id;
    if (!o->batchnorm)
        o->batchnorm = strncmp(gb_json_string_or(protocol, "batchnorm", "running"), "batch", 5) ? "running" : "batch";
    select_precision(o, gb_json_string_or(protocol, "precision", ""));
    if (o->metric.count) return;
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(protocol, "metrics");
    for (const cJSON *one = metrics ? metrics->child : NULL; one; one = one->next) add(&o->metric, one->string);
}

gb_options gb_gate_rerun_options(const gb_options *options, const gb_sheet *baseline)
{
    gb_options o = *options;
    const gb_run *run = baseline->run;
    if (!o.generator.count)
        for (size_t i = 0; i < run->generator_count; i++)
            if (run->generators[i].state == GB_STATE_OK) add(&o.generator, run->generators[i].id);
    select_datasets(&o, run);
    select_protocol(&o, run->protocol);
    if (!run->throughput_count || !strcmp(o.speed, "off")) o.no_timing = true;
    return o;
}

static bool is_given(const gb_list *list, const char *id)
{
    const size_t length = strlen(id);
    for (int i = 0; i < list->count; i++)
        if (!strncmp(list->item[i], id, length) && list->item[i][length] == '=') return true;
    return false;
}

/* By its own name, or that which it is stabilised from. */
static bool is_given_at_all(const gb_options *options, const gb_run_generator *one)
{
    char name[128];
    const size_t length = strlen(one->id), suffix = strlen(GB_HOLD_SUFFIX);
    const bool holds = one->filter && length > suffix;
    snprintf(name, sizeof name, "%.*s", (int)(holds ? length - suffix : length), one->id);
    return is_given(&options->exec, name) || is_given(&options->external, name);
}

/* A command out of a file is never run: the user gives it again. */
gb_status gb_gate_check_rerun(const gb_options *options, const gb_sheet *baseline, gb_error *err)
{
    const gb_run *run = baseline->run;
    for (size_t i = 0; i < run->generator_count && !options->generator.count; i++) {
        const gb_run_generator *one = &run->generators[i];
        const bool foreign = !strcmp(one->kind, "exec") || !strcmp(one->kind, "external");
        if (!foreign || one->state != GB_STATE_OK || is_given_at_all(options, one)) continue;
        return gb_fail(err, GB_E_USAGE, "%s: its generator '%s' is not this program's own: give it again, "
                       "--%s '%s=%.500s'", baseline->path, one->id, one->kind, one->id, one->origin ? one->origin : "");
    }
    return GB_OK;
}
