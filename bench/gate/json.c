#include "core/json.h"
#include "gate/words.h"

static void add_decision(cJSON *object, const gb_decision *d)
{
    static const char *const better[] = {"unsaid", "lower", "higher", "near"};
    cJSON_AddStringToObject(object, "verdict", gb_verdict_name(d->verdict));
    gb_json_add_number(object, "baseline", d->base);
    gb_json_add_number(object, "run", d->run);
    gb_json_add_number(object, "difference", d->difference);
    gb_json_add_number(object, "lo", d->lo);
    gb_json_add_number(object, "hi", d->hi);
    cJSON_AddNumberToObject(object, "p_worse", d->p_worse);
    cJSON_AddNumberToObject(object, "p_better", d->p_better);
    cJSON_AddBoolToObject(object, "exact", d->exact);
    cJSON_AddNumberToObject(object, "frames", d->frames);
    cJSON_AddNumberToObject(object, "shots", d->shots);
    cJSON_AddNumberToObject(object, "shots_needed", d->shots_needed);
    cJSON_AddStringToObject(object, "better", better[d->effect.better]);
    if (d->effect.better == GB_BETTER_NEAR) cJSON_AddNumberToObject(object, "target", d->effect.target);
    cJSON_AddNumberToObject(object, "least", d->effect.least);
}

static cJSON *row_json(const gb_gate_row *row)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "generator", row->generator);
    gb_json_add_string(object, "against", row->against);
    cJSON_AddStringToObject(object, "dataset", row->dataset);
    cJSON_AddStringToObject(object, "metric", row->metric);
    cJSON_AddStringToObject(object, "region", gb_region_name(row->region));
    add_decision(object, &row->decision);
    gb_json_add_string(object, "note", row->note[0] ? row->note : NULL);
    return object;
}

static cJSON *speed_json(const gb_gate_speed *speed)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "generator", speed->generator);
    cJSON_AddStringToObject(object, "stage", speed->stage);
    cJSON_AddNumberToObject(object, "threads", speed->threads);
    cJSON_AddNumberToObject(object, "timings", speed->pace.timings);
    add_decision(object, &speed->decision);
    gb_json_add_string(object, "note", speed->note[0] ? speed->note : NULL);
    return object;
}

static void add_sheet(cJSON *object, const char *key, const gb_sheet *sheet)
{
    cJSON *one = cJSON_AddObjectToObject(object, key);
    cJSON_AddStringToObject(one, "path", sheet->path);
    gb_json_add_string(one, "created", sheet->run->created);
    gb_json_add_string(one, "commit", gb_json_string_or(sheet->run->environment, "commit", NULL));
    cJSON_AddStringToObject(one, "fingerprint", sheet->run->fingerprint);
    if (!sheet->when) return;
    cJSON_AddStringToObject(one, "who", sheet->who);
    cJSON_AddStringToObject(one, "when", sheet->when);
    cJSON_AddStringToObject(one, "why", sheet->why);
}

static void add_counts(cJSON *object, const char *key, const int *tally)
{
    cJSON *counts = cJSON_AddObjectToObject(object, key);
    for (int v = 0; v < GB_VERDICT_COUNT; v++)
        cJSON_AddNumberToObject(counts, gb_verdict_name((gb_verdict)v), tally[v]);
}

cJSON *gb_gate_json(const gb_gate *gate)
{
    const gb_verdict verdict = gb_gate_verdict(gate);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "schema", GB_GATE_SCHEMA);
    cJSON_AddStringToObject(object, "verdict", gb_verdict_name(verdict));
    cJSON_AddBoolToObject(object, "pass", verdict == GB_VERDICT_PASS || verdict == GB_VERDICT_BETTER);
    add_sheet(object, "baseline", gate->base);
    add_sheet(object, "run", gate->run);
    add_counts(object, "counts", gate->tally);
    cJSON_AddNumberToObject(object, "exact", gate->exact);
    cJSON_AddNumberToObject(object, "new", gate->fresh);
    cJSON *rows = cJSON_AddArrayToObject(object, "rows");
    for (size_t i = 0; i < gate->count; i++) gb_json_append(rows, row_json(&gate->row[i]));
    add_counts(object, "speed_counts", gate->speed_tally);
    cJSON_AddNumberToObject(object, "speed_open", gb_gate_open_ends(gate));
    cJSON *speed = cJSON_AddArrayToObject(object, "speed");
    for (size_t i = 0; i < gate->speed_count; i++) gb_json_append(speed, speed_json(&gate->speed[i]));
    gb_json_add_string(object, "speed_note", gate->speed_note[0] ? gate->speed_note : NULL);
    return object;
}
