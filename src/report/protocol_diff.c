#include "report/protocol_diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"

#define SHOWN 48 /* characters of a value in the one line */

static gb_status value_text(const cJSON *value, char **out, gb_error *err)
{
    *out = NULL;
    if (!value) return GB_OK;
    char *text = NULL;
    GB_TRY(gb_json_text(value, false, "a protocol field", &text, err));
    *out = gb_strdup(text);
    cJSON_free(text);
    return *out ? GB_OK : gb_fail_memory(err, "a protocol field", 64);
}

static gb_status add(gb_protocol_differences *list, const char *field, const cJSON *a, const cJSON *b, gb_error *err)
{
    if (gb_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item))
        return gb_fail_memory(err, "protocol differences", list->count * sizeof *list->item);
    gb_protocol_difference *item = &list->item[list->count++];
    *item = (gb_protocol_difference){.field = gb_strdup(field)};
    if (!item->field) return gb_fail_memory(err, "a protocol field", strlen(field));
    GB_TRY(value_text(a, &item->a, err));
    return value_text(b, &item->b, err);
}

static gb_status compare(gb_protocol_differences *list, const char *field, const cJSON *a, const cJSON *b,
                         gb_error *err);

static gb_status compare_member(gb_protocol_differences *list, const char *field, const char *key, const cJSON *a,
                                const cJSON *b, gb_error *err)
{
    char *path = gb_format("%s%s%s", field, *field ? "." : "", key);
    if (!path) return gb_fail_memory(err, "a protocol field", strlen(key));
    const gb_status status = compare(list, path, a, b, err);
    free(path);
    return status;
}

static gb_status compare_objects(gb_protocol_differences *list, const char *field, const cJSON *a, const cJSON *b,
                                 gb_error *err)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, a)
        GB_TRY(compare_member(list, field, item->string, item, cJSON_GetObjectItemCaseSensitive(b, item->string), err));
    cJSON_ArrayForEach(item, b)
        if (!cJSON_GetObjectItemCaseSensitive(a, item->string))
            GB_TRY(compare_member(list, field, item->string, NULL, item, err));
    return GB_OK;
}

static gb_status compare_lists(gb_protocol_differences *list, const char *field, const cJSON *a, const cJSON *b,
                               gb_error *err)
{
    const cJSON *x = a->child, *y = b->child;
    for (int i = 0; x || y; i++) {
        char *path = gb_format("%s[%d]", field, i);
        if (!path) return gb_fail_memory(err, "a protocol field", strlen(field));
        const gb_status status = compare(list, path, x, y, err);
        free(path);
        if (status != GB_OK) return status;
        x = x ? x->next : NULL;
        y = y ? y->next : NULL;
    }
    return GB_OK;
}

static gb_status compare(gb_protocol_differences *list, const char *field, const cJSON *a, const cJSON *b,
                         gb_error *err)
{
    if (a && b && cJSON_IsObject(a) && cJSON_IsObject(b)) return compare_objects(list, field, a, b, err);
    if (a && b && cJSON_IsArray(a) && cJSON_IsArray(b)) return compare_lists(list, field, a, b, err);
    bool same = a && b && (a->type & 0xff) == (b->type & 0xff);
    if (same && cJSON_IsNumber(a)) same = a->valuedouble == b->valuedouble;
    if (same && (cJSON_IsString(a) || cJSON_IsRaw(a))) same = !strcmp(a->valuestring, b->valuestring);
    return same ? GB_OK : add(list, field, a, b, err);
}

gb_status gb_protocol_diff(const cJSON *a, const cJSON *b, gb_protocol_differences *out, gb_error *err)
{
    gb_protocol_differences list = {0};
    if (!a || !b) return gb_fail(err, GB_E_ARG, "protocols: expected two, found %s", a || b ? "one" : "none");
    const gb_status status = compare(&list, "", a, b, err);
    if (status == GB_OK)
        *out = list;
    else
        gb_protocol_differences_free(&list);
    return status;
}

void gb_protocol_differences_free(gb_protocol_differences *differences)
{
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->item[i].field);
        free(differences->item[i].a);
        free(differences->item[i].b);
    }
    free(differences->item);
    *differences = (gb_protocol_differences){0};
}

/* Where to begin so that the first difference of two long values is seen. */
static size_t first_shown(const char *a, const char *b)
{
    size_t same = 0;
    while (a && b && a[same] && a[same] == b[same]) same++;
    return same > SHOWN / 2 ? same - SHOWN / 4 : 0;
}

/* At most SHOWN bytes from `start`; a character of several bytes is not cut. */
static void print_value(const char *value, size_t start, gb_buffer *out)
{
    if (!value) {
        gb_buffer_printf(out, "none");
        return;
    }
    while (((unsigned char)value[start] & 0xc0) == 0x80) start--;
    size_t length = strlen(value + start);
    const bool cut = length > SHOWN;
    for (length = cut ? SHOWN : length; cut && ((unsigned char)value[start + length] & 0xc0) == 0x80;) length--;
    gb_buffer_printf(out, "%s%.*s%s", start ? "..." : "", (int)length, value + start, cut ? "..." : "");
}

void gb_protocol_differences_print(const gb_protocol_differences *differences, gb_buffer *out)
{
    for (size_t i = 0; i < differences->count; i++) {
        const gb_protocol_difference *item = &differences->item[i];
        const size_t start = first_shown(item->a, item->b);
        gb_buffer_printf(out, "%s%s (", i ? ", " : "", item->field);
        print_value(item->a, start, out);
        gb_buffer_printf(out, " / ");
        print_value(item->b, start, out);
        gb_buffer_printf(out, ")");
    }
}
