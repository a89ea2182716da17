#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory) gb_text_lost();
    return memory;
}

void gb_json_watch_memory(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = allocate, .free_fn = free});
}

gb_status gb_json_text(const cJSON *value, bool indented, const char *what, char **out, gb_error *err)
{
    char *text = !value ? NULL : indented ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
    if (text && !gb_text_was_lost()) {
        *out = text;
        return GB_OK;
    }
    cJSON_free(text);
    return gb_fail_memory(err, what, 4096);
}

gb_status gb_json_parse(const char *text, size_t size, const char *what, cJSON **out, gb_error *err)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, size, &end, 0);
    if (!value && gb_text_was_lost()) return gb_fail_memory(err, what, size);
    if (!value) {
        const size_t at = end ? (size_t)(end - text) : 0;
        return gb_fail(err, GB_E_FORMAT, "%s: expected JSON, found an error at byte %zu of %zu", what, at, size);
    }
    while (end < text + size && strchr(" \t\r\n", *end)) end++;
    if (end != text + size) {
        cJSON_Delete(value);
        return gb_fail(err, GB_E_FORMAT, "%s: expected one JSON value, found more after byte %zu", what,
                       (size_t)(end - text));
    }
    *out = value;
    return GB_OK;
}

gb_status gb_json_read(const char *path, size_t max, cJSON **out, gb_error *err)
{
    char *text = NULL;
    size_t size = 0;
    GB_TRY(gb_file_read(path, max, &text, &size, err));
    const gb_status status = gb_json_parse(text, size, path, out, err);
    free(text);
    return status;
}

gb_status gb_json_write(const char *path, const cJSON *value, gb_error *err)
{
    char *text = NULL;
    GB_TRY(gb_json_text(value, true, path, &text, err));
    const size_t size = strlen(text);
    text[size] = '\n'; /* in the place of the NUL */
    const gb_status status = gb_file_write(path, text, size + 1, err);
    cJSON_free(text);
    return status;
}

bool gb_json_append(cJSON *array, cJSON *item)
{
    const bool added = cJSON_AddItemToArray(array, item);
    if (!added) cJSON_Delete(item);
    return added;
}

bool gb_json_attach(cJSON *object, const char *key, cJSON *item)
{
    const bool added = cJSON_AddItemToObject(object, key, item);
    if (!added) cJSON_Delete(item);
    return added;
}

cJSON *gb_json_add_number(cJSON *object, const char *key, double value)
{
    return isfinite(value) ? cJSON_AddNumberToObject(object, key, value) : cJSON_AddNullToObject(object, key);
}

cJSON *gb_json_add_string(cJSON *object, const char *key, const char *value)
{
    return value ? cJSON_AddStringToObject(object, key, value) : cJSON_AddNullToObject(object, key);
}

gb_status gb_json_get_string(const cJSON *object, const char *key, const char *what, const char **out, gb_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsString(item)) return gb_fail(err, GB_E_FORMAT, "%s: expected a string \"%s\", found none", what, key);
    *out = item->valuestring;
    return GB_OK;
}

gb_status gb_json_get_integer(const cJSON *object, const char *key, const char *what, long long *out, gb_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= 9007199254740992.0) ||
        item->valuedouble != floor(item->valuedouble))
        return gb_fail(err, GB_E_FORMAT, "%s: expected a whole number \"%s\", found none", what, key);
    *out = (long long)item->valuedouble;
    return GB_OK;
}

const char *gb_json_string_or(const cJSON *object, const char *key, const char *fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : fallback;
}

double gb_json_number_or(const cJSON *object, const char *key, double fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}
