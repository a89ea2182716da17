/* run.json: from JSON back to the record, strictly. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "report/run_fields.h"

#define MAX_FILE ((size_t)256 << 20)
#define MAX_ELEMENTS 4000000

/* Where in the file we are, for errors. */
typedef struct place {
    const char *path;
    char at[96]; /* "summary[3]" */
} place;

static gb_status expected(const place *p, const char *key, const char *what, gb_error *err)
{
    return gb_fail(err, GB_E_FORMAT, "%s: %s%s%s: expected %s", p->path, p->at, p->at[0] && key[0] ? "." : "", key,
                   what);
}

static gb_status get_text(const place *p, const gb_field *field, const cJSON *item, char *at, gb_error *err)
{
    if (!cJSON_IsString(item) && !(field->kind != GB_FIELD_TEXT && cJSON_IsNull(item)))
        return expected(p, field->key, field->kind == GB_FIELD_TEXT ? "a string" : "a string or null", err);
    if (cJSON_IsNull(item)) return GB_OK;
    char *text = gb_strdup(item->valuestring);
    if (!text) return gb_fail_memory(err, p->path, strlen(item->valuestring));
    memcpy(at, &text, sizeof text);
    return GB_OK;
}

static gb_status get_number(const place *p, const gb_field *field, const cJSON *item, char *at, gb_error *err)
{
    double value = NAN;
    if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
        value = item->valuedouble;
    else if (field->kind == GB_FIELD_NUMBER || !cJSON_IsNull(item))
        return expected(p, field->key, field->kind == GB_FIELD_NUMBER ? "a number" : "a number or null", err);
    memcpy(at, &value, sizeof value);
    return GB_OK;
}

static gb_status get_count(const place *p, const gb_field *field, const cJSON *item, char *at, gb_error *err)
{
    int value = -1;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= INT_MAX &&
        item->valuedouble == floor(item->valuedouble))
        value = (int)item->valuedouble;
    else if (field->kind == GB_FIELD_COUNT || !cJSON_IsNull(item))
        return expected(p, field->key, "a whole number from 0", err);
    memcpy(at, &value, sizeof value);
    return GB_OK;
}

static gb_status get_field(const place *p, const gb_field *field, const cJSON *object, char *element, gb_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field->key);
    char *at = element + field->offset;
    gb_state state;
    gb_region region;
    bool truth;
    if (!item && field->kind == GB_FIELD_TEXT_OR_NONE) return GB_OK;
    if (!item) return expected(p, field->key, "a value, found none", err);
    switch (field->kind) {
    case GB_FIELD_TEXT:
    case GB_FIELD_TEXT_OR_NULL:
    case GB_FIELD_TEXT_OR_NONE: return get_text(p, field, item, at, err);
    case GB_FIELD_NUMBER:
    case GB_FIELD_NUMBER_OR_NULL:
    case GB_FIELD_ESTIMATE: return get_number(p, field, item, at, err);
    case GB_FIELD_COUNT:
    case GB_FIELD_COUNT_OR_NULL: return get_count(p, field, item, at, err);
    case GB_FIELD_BOOL:
        if (!cJSON_IsBool(item)) return expected(p, field->key, "true or false", err);
        truth = cJSON_IsTrue(item);
        memcpy(at, &truth, sizeof truth);
        return GB_OK;
    case GB_FIELD_STATE:
        if (!cJSON_IsString(item) || !gb_state_parse(item->valuestring, &state))
            return expected(p, field->key, "a state", err);
        memcpy(at, &state, sizeof state);
        return GB_OK;
    case GB_FIELD_REGION:
        if (!cJSON_IsString(item) || !gb_region_parse(item->valuestring, &region))
            return expected(p, field->key, "a region", err);
        memcpy(at, &region, sizeof region);
        return GB_OK;
    }
    return GB_E_ARG;
}

static gb_status get_element(const place *p, const gb_record *record, const cJSON *object, void *element,
                             gb_error *err)
{
    if (!cJSON_IsObject(object)) return expected(p, "", "an object", err);
    for (size_t f = 0; f < record->field_count; f++) GB_TRY(get_field(p, &record->fields[f], object, element, err));
    return GB_OK;
}

/* A member that is a list, and room for its elements. */
static gb_status get_list(const place *p, const char *key, const cJSON *object, size_t size, const cJSON **list,
                          void **elements, size_t *count, gb_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsArray(item)) return expected(p, key, "a list", err);
    const int length = cJSON_GetArraySize(item);
    if (length > MAX_ELEMENTS) return expected(p, key, "a shorter list", err);
    void *array = gb_alloc((size_t)length, size);
    if (!array) return gb_fail_memory(err, key, (size_t)length * size);
    *list = item;
    *elements = array;
    *count = (size_t)length;
    return GB_OK;
}

static gb_status get_times(const place *p, const char *key, const cJSON *object, double **out, int *count,
                           gb_error *err)
{
    const cJSON *list = NULL, *item;
    void *times = NULL;
    size_t length;
    GB_TRY(get_list(p, key, object, sizeof **out, &list, &times, &length, err));
    *out = times;
    *count = 0;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsNumber(item)) return expected(p, key, "numbers", err);
        (*out)[(*count)++] = item->valuedouble;
    }
    return GB_OK;
}

/* Runs from before there were rounds, or with another yardstick beside them, have none. */
static gb_status get_samples(const place *p, const cJSON *object, gb_run_throughput *row, gb_error *err)
{
    int yardsticks = 0, clocks = 0;
    const cJSON *const disturbed = cJSON_GetObjectItemCaseSensitive(object, "rounds_disturbed");
    GB_TRY(get_times(p, "samples_ms", object, &row->samples_ms, &row->samples, err));
    if (!cJSON_GetObjectItemCaseSensitive(object, "clock_ms")) return GB_OK;
    GB_TRY(get_times(p, "round_ms", object, &row->round_ms, &row->rounds, err));
    GB_TRY(get_times(p, "clock_ms", object, &row->clock_ms, &clocks, err));
    GB_TRY(get_times(p, "yardstick_ms", object, &row->yardstick_ms, &yardsticks, err));
    if (!cJSON_IsNumber(disturbed) || disturbed->valuedouble < 0 || disturbed->valuedouble > MAX_ELEMENTS)
        return expected(p, "rounds_disturbed", "a count", err);
    row->disturbed = disturbed->valueint;
    if (clocks != row->rounds) return expected(p, "clock_ms", "as many numbers as in round_ms", err);
    return yardsticks == row->rounds ? GB_OK : expected(p, "yardstick_ms", "as many numbers as in round_ms", err);
}

/* Pictures lie in the run's folder: a path that leads out of it is not one of ours. */
static bool stays_inside(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (!strncmp(part, "..", 2) && (part[2] == '/' || part[2] == '\0')) return false;
    return path[0] != '/' && path[0] != '\0';
}

static gb_status get_pictures(const place *p, const cJSON *object, gb_run_panel *panel, gb_error *err)
{
    const cJSON *list = NULL, *item;
    void *pictures = NULL;
    size_t count;
    GB_TRY(get_list(p, gb_run_picture_record.key, object, sizeof *panel->pictures, &list, &pictures, &count, err));
    panel->pictures = pictures;
    cJSON_ArrayForEach(item, list)
    {
        place inner = {.path = p->path};
        gb_run_picture *picture = &panel->pictures[panel->picture_count++];
        snprintf(inner.at, sizeof inner.at, "%.60s.pictures[%d]", p->at, panel->picture_count - 1);
        GB_TRY(get_element(&inner, &gb_run_picture_record, item, picture, err));
        if (!stays_inside(picture->path) || (picture->heat && !stays_inside(picture->heat)))
            return expected(&inner, "path", "a path inside the run's folder", err);
    }
    return GB_OK;
}

static gb_status get_record(const char *path, const gb_record *record, const cJSON *root, gb_run *run, gb_error *err)
{
    place p = {.path = path};
    const cJSON *list = NULL, *item;
    void *elements = NULL;
    size_t length, count = 0;
    if (record->optional && !cJSON_GetObjectItemCaseSensitive(root, record->key)) return GB_OK;
    GB_TRY(get_list(&p, record->key, root, record->size, &list, &elements, &length, err));
    memcpy((char *)run + record->array, &elements, sizeof elements);
    cJSON_ArrayForEach(item, list)
    {
        char *element = (char *)elements + count * record->size;
        snprintf(p.at, sizeof p.at, "%s[%zu]", record->key, count++);
        memcpy((char *)run + record->count, &count, sizeof count);
        GB_TRY(get_element(&p, record, item, element, err));
        if (!strcmp(record->key, "throughput")) GB_TRY(get_samples(&p, item, (gb_run_throughput *)element, err));
        if (!strcmp(record->key, "panels")) GB_TRY(get_pictures(&p, item, (gb_run_panel *)element, err));
    }
    return GB_OK;
}

static bool is_known(const gb_run *run, const gb_record *record, const char *id)
{
    const char *array;
    size_t count;
    memcpy(&array, (const char *)run + record->array, sizeof array);
    memcpy(&count, (const char *)run + record->count, sizeof count);
    for (size_t i = 0; i < count; i++) {
        const char *known; /* the id is the first member of all three */
        memcpy(&known, array + i * record->size, sizeof known);
        if (!strcmp(known, id)) return true;
    }
    return false;
}

/* A mean stands exactly in the ok rows, an interval has both ends, and names are those of the lists above. */
static gb_status check_summary(const char *path, const gb_run *run, gb_error *err)
{
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        place p = {.path = path};
        snprintf(p.at, sizeof p.at, "summary[%zu]", i);
        const bool ok = row->state == GB_STATE_OK;
        if (ok != (bool)isfinite(row->mean))
            return expected(&p, "mean",
                            ok ? "a number, because the state is ok" : "null, because the state is not ok", err);
        if (isnan(row->lo) != isnan(row->hi) || row->lo > row->hi || (!ok && !isnan(row->lo)))
            return expected(&p, "lo", "an interval lo <= hi, or null for both", err);
        if (!is_known(run, gb_run_record_find("generators"), row->generator))
            return expected(&p, "generator", "one of the run's generators", err);
        if (!is_known(run, gb_run_record_find("datasets"), row->dataset))
            return expected(&p, "dataset", "one of the run's datasets", err);
        if (!is_known(run, gb_run_record_find("metrics"), row->metric))
            return expected(&p, "metric", "one of the run's metrics", err);
    }
    return GB_OK;
}

/* The fingerprint is the sha256 of the protocol that stands beside it. */
static gb_status check_fingerprint(const char *path, const gb_run *run, gb_error *err)
{
    char *text = NULL, hex[GB_SHA256_HEX];
    GB_TRY(gb_json_text(run->protocol, false, path, &text, err));
    gb_sha256_memory(text, strlen(text), hex);
    cJSON_free(text);
    if (!strcmp(hex, run->fingerprint)) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH,
                   "%s: expected the fingerprint to be the sha256 of the protocol (%.12s...), found "
                   "\"%.12s...\"",
                   path, hex, run->fingerprint);
}

static gb_status get_head(const char *path, const cJSON *root, gb_run *run, gb_error *err)
{
    static const gb_field head[] = {{"created", GB_FIELD_TEXT_OR_NULL, offsetof(gb_run, created)},
                                    {"command", GB_FIELD_TEXT_OR_NULL, offsetof(gb_run, command)}};
    const place p = {.path = path};
    const char *fingerprint;
    for (int i = 0; i < 2; i++) GB_TRY(get_field(&p, &head[i], root, (char *)run, err));
    GB_TRY(gb_json_get_string(root, "fingerprint", path, &fingerprint, err));
    snprintf(run->fingerprint, sizeof run->fingerprint, "%s", fingerprint);
    const cJSON *protocol = cJSON_GetObjectItemCaseSensitive(root, "protocol");
    const cJSON *environment = cJSON_GetObjectItemCaseSensitive(root, "environment");
    if (!cJSON_IsObject(protocol)) return expected(&p, "protocol", "an object", err);
    if (!cJSON_IsObject(environment)) return expected(&p, "environment", "an object", err);
    run->protocol = cJSON_Duplicate(protocol, 1);
    run->environment = cJSON_Duplicate(environment, 1);
    return run->protocol && run->environment ? GB_OK : gb_fail_memory(err, path, 4096);
}

static gb_status get_run(const char *path, const cJSON *root, gb_run *run, gb_error *err)
{
    if (!cJSON_IsObject(root)) return gb_fail(err, GB_E_FORMAT, "%s: expected an object", path);
    const char *schema = gb_json_string_or(root, "schema", NULL);
    if (!schema || strcmp(schema, GB_RUN_SCHEMA) != 0)
        return gb_fail(err, GB_E_FORMAT, "%s: expected schema \"%s\", found \"%.80s\"", path, GB_RUN_SCHEMA,
                       schema ? schema : "none");
    GB_TRY(get_head(path, root, run, err));
    for (int i = 0; i < GB_RECORD_COUNT; i++) GB_TRY(get_record(path, &gb_run_records[i], root, run, err));
    GB_TRY(check_summary(path, run, err));
    return check_fingerprint(path, run, err);
}

gb_status gb_run_parse(const char *path, const cJSON *root, gb_run **out, gb_error *err)
{
    gb_run *run = NULL;
    GB_TRY(gb_run_new(&run, err));
    const gb_status status = get_run(path, root, run, err);
    if (status == GB_OK)
        *out = run;
    else
        gb_run_free(run);
    return status;
}

gb_status gb_run_read(const char *directory, gb_run **out, gb_error *err)
{
    gb_run *run = NULL;
    cJSON *root = NULL;
    gb_status status = GB_OK;
    char *path = gb_path_join(directory, "run.json");
    if (!path) return gb_fail_memory(err, "run.json", strlen(directory));
    if (!gb_file_exists(path))
        GB_GO(gb_fail(err, GB_E_NOT_FOUND, "%s: expected a run's folder, found no run.json", directory));
    GB_GO(gb_json_read(path, MAX_FILE, &root, err));
    GB_GO(gb_run_parse(path, root, &run, err));
    run->directory = gb_strdup(directory);
    if (!run->directory) {
        status = gb_fail_memory(err, "run", strlen(directory));
        goto done;
    }
    *out = run;
    run = NULL;
done:
    gb_run_free(run);
    cJSON_Delete(root);
    free(path);
    return status;
}
