/* run.json: from the record to JSON. run_read.c is the way back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "report/run_fields.h"
#include "report/text.h"

/* Whether everything could be added is asked once, at the end: the first failure is kept. */
typedef struct json_writer {
    bool short_of_memory;
} json_writer;

static void keep(json_writer *w, const cJSON *added)
{
    if (!added) w->short_of_memory = true;
}

/* cJSON prints doubles to within an epsilon; these must read back bit for bit. */
static cJSON *exact_number(double value)
{
    if (!isfinite(value)) return cJSON_CreateNull();
    gb_buffer text;
    gb_buffer_init(&text, 64);
    gb_text_number(&text, value);
    cJSON *number = text.status == GB_OK ? cJSON_CreateRaw(text.data) : NULL;
    gb_buffer_free(&text);
    return number;
}

static void add_number(json_writer *w, cJSON *object, const char *key, double value)
{
    cJSON *number = exact_number(value);
    keep(w, number);
    if (number) gb_json_attach(object, key, number);
}

static void add_text(json_writer *w, cJSON *object, const char *key, const char *value)
{
    char *text = value ? gb_text_utf8(value) : NULL;
    keep(w, value && !text ? NULL : gb_json_add_string(object, key, text));
    free(text);
}

static const char *text_at(const char *at)
{
    const char *text;
    memcpy(&text, at, sizeof text);
    return text;
}

static double number_at(const char *at)
{
    double number;
    memcpy(&number, at, sizeof number);
    return number;
}

static int integer_at(const char *at)
{
    int integer;
    memcpy(&integer, at, sizeof integer);
    return integer;
}

static void add_field(json_writer *w, cJSON *object, const gb_field *field, const char *element, gb_state state)
{
    const char *key = field->key, *at = element + field->offset;
    switch (field->kind) {
    case GB_FIELD_TEXT: add_text(w, object, key, text_at(at) ? text_at(at) : ""); break;
    case GB_FIELD_TEXT_OR_NULL:
    case GB_FIELD_TEXT_OR_NONE: add_text(w, object, key, text_at(at)); break;
    case GB_FIELD_NUMBER:
    case GB_FIELD_NUMBER_OR_NULL: add_number(w, object, key, number_at(at)); break;
    case GB_FIELD_ESTIMATE: add_number(w, object, key, state == GB_STATE_OK ? number_at(at) : NAN); break;
    case GB_FIELD_COUNT:
    case GB_FIELD_COUNT_OR_NULL:
        add_number(w, object, key, integer_at(at) >= 0 ? (double)integer_at(at) : (double)NAN);
        break;
    case GB_FIELD_BOOL: keep(w, cJSON_AddBoolToObject(object, key, *(const bool *)at)); break;
    case GB_FIELD_STATE: add_text(w, object, key, gb_state_name((gb_state)integer_at(at))); break;
    case GB_FIELD_REGION: add_text(w, object, key, gb_region_name((gb_region)integer_at(at))); break;
    }
}

static gb_state state_of(const gb_record *record, const char *element)
{
    for (size_t f = 0; f < record->field_count; f++)
        if (record->fields[f].kind == GB_FIELD_STATE) return (gb_state)integer_at(element + record->fields[f].offset);
    return GB_STATE_OK;
}

static cJSON *record_object(json_writer *w, const gb_record *record, const char *element)
{
    cJSON *object = cJSON_CreateObject();
    keep(w, object);
    const gb_state state = state_of(record, element);
    for (size_t f = 0; object && f < record->field_count; f++)
        add_field(w, object, &record->fields[f], element, state);
    return object;
}

static void add_times(json_writer *w, cJSON *object, const char *key, const double *ms, int count)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);
    keep(w, list);
    for (int i = 0; list && i < count; i++) {
        cJSON *number = exact_number(ms[i]);
        keep(w, number);
        if (number) gb_json_append(list, number);
    }
}

static void add_samples(json_writer *w, cJSON *object, const gb_run_throughput *row)
{
    add_times(w, object, "samples_ms", row->samples_ms, row->samples);
    add_times(w, object, "round_ms", row->round_ms, row->rounds);
    add_times(w, object, "clock_ms", row->clock_ms, row->rounds);
    add_times(w, object, "yardstick_ms", row->yardstick_ms, row->rounds);
    keep(w, cJSON_AddNumberToObject(object, "rounds_disturbed", row->disturbed));
}

static void add_pictures(json_writer *w, cJSON *object, const gb_run_panel *panel)
{
    cJSON *list = cJSON_AddArrayToObject(object, gb_run_picture_record.key);
    keep(w, list);
    for (int i = 0; list && i < panel->picture_count; i++) {
        cJSON *picture = record_object(w, &gb_run_picture_record, (const char *)&panel->pictures[i]);
        if (picture) gb_json_append(list, picture);
    }
}

static void add_record(json_writer *w, cJSON *root, const gb_run *run, const gb_record *record)
{
    cJSON *list = cJSON_AddArrayToObject(root, record->key);
    keep(w, list);
    const char *array;
    size_t count;
    memcpy(&array, (const char *)run + record->array, sizeof array);
    memcpy(&count, (const char *)run + record->count, sizeof count);
    for (size_t i = 0; list && i < count; i++) {
        cJSON *object = record_object(w, record, array + i * record->size);
        if (!object) return;
        if (!strcmp(record->key, "throughput")) add_samples(w, object, &run->throughput[i]);
        if (!strcmp(record->key, "panels")) add_pictures(w, object, &run->panels[i]);
        gb_json_append(list, object);
    }
}

static void add_copy(json_writer *w, cJSON *root, const char *key, const cJSON *value)
{
    cJSON *copy = value ? cJSON_Duplicate(value, 1) : cJSON_CreateObject();
    keep(w, copy);
    if (copy) gb_json_attach(root, key, copy);
}

gb_status gb_run_json(const gb_run *run, cJSON **out, gb_error *err)
{
    json_writer w = {0};
    cJSON *root = cJSON_CreateObject();
    if (!root) return gb_fail_memory(err, "run.json", 4096);
    add_text(&w, root, "schema", GB_RUN_SCHEMA);
    add_text(&w, root, "created", run->created);
    add_text(&w, root, "command", run->command);
    add_text(&w, root, "fingerprint", run->fingerprint);
    add_copy(&w, root, "protocol", run->protocol);
    add_copy(&w, root, "environment", run->environment);
    for (int i = 0; i < GB_RECORD_COUNT; i++) add_record(&w, root, run, &gb_run_records[i]);
    if (w.short_of_memory) {
        cJSON_Delete(root);
        return gb_fail_memory(err, "run.json", 4096);
    }
    *out = root;
    return GB_OK;
}

cJSON *gb_run_throughput_json(const gb_run_throughput *row)
{
    json_writer w = {0};
    cJSON *object = record_object(&w, gb_run_record_find("throughput"), (const char *)row);
    if (object) add_samples(&w, object, row);
    if (!w.short_of_memory) return object;
    cJSON_Delete(object);
    return NULL;
}

static gb_status write_json(const gb_run *run, gb_error *err)
{
    cJSON *root = NULL;
    char *path = gb_path_join(gb_run_out(run), "run.json");
    if (!path) return gb_fail_memory(err, "run.json", 4096);
    gb_status status = gb_run_json(run, &root, err);
    if (status == GB_OK) status = gb_json_write(path, root, err);
    cJSON_Delete(root);
    free(path);
    return status;
}

const gb_report gb_report_json = {
    .id = "json", .file = "run.json", .summary = "the whole run except its rows, for programs", .write = write_json};
