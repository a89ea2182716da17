/* What cJSON leaves out: bounded files, checked members, atomic writing. Values are cJSON's own. */
#ifndef GB_CORE_JSON_H
#define GB_CORE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/* The whole text must be one JSON value. `what` names the source in errors. The caller frees with cJSON_Delete. */
gb_status gb_json_parse(const char *text, size_t size, const char *what, cJSON **out, gb_error *err) GB_MUST_CHECK;
gb_status gb_json_read(const char *path, size_t max, cJSON **out, gb_error *err) GB_MUST_CHECK;

/* cJSON leaves out what it has no memory for and says nothing. Called once, before anything else here and before there
 * are threads, this makes it count as a lost text (core/memory.h). */
void gb_json_watch_memory(void);

/* The value as text; GB_E_NOMEM for NULL and once a text was lost. The caller frees with cJSON_free. */
gb_status gb_json_text(const cJSON *value, bool indented, const char *what, char **out, gb_error *err) GB_MUST_CHECK;

/* Indented, newline at the end, atomically. */
gb_status gb_json_write(const char *path, const cJSON *value, gb_error *err) GB_MUST_CHECK;

/* As cJSON's AddItemToArray and AddItemToObject, but `item` is never left to the caller: where memory was short for it
 * or for what it goes into (NULL), it is deleted. False then. */
bool gb_json_append(cJSON *array, cJSON *item);
bool gb_json_attach(cJSON *object, const char *key, cJSON *item);

/* Adds a number, or null when it is not finite (bare NaN is not JSON). NULL when memory is short. */
cJSON *gb_json_add_number(cJSON *object, const char *key, double value);
/* Adds a string, or null for NULL. */
cJSON *gb_json_add_string(cJSON *object, const char *key, const char *value);

/* Members by key; `what` names the source. Strings are borrowed from `object`. */
gb_status gb_json_get_string(const cJSON *object, const char *key, const char *what, const char **out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_json_get_integer(const cJSON *object, const char *key, const char *what, long long *out, gb_error *err)
    GB_MUST_CHECK;
const char *gb_json_string_or(const cJSON *object, const char *key, const char *fallback);
double gb_json_number_or(const cJSON *object, const char *key, double fallback);

#endif
