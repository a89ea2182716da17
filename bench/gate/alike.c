#include "gate/alike.h"

#include <stdio.h>
#include <string.h>

#include "report/protocol_diff.h"

#define MOST_TEXT 720 /* an error's line has room for it and two paths */

/* Every field with both values, or the names alone where that would be too long. */
static void put_differences(const gb_protocol_differences *differences, gb_buffer *out)
{
    gb_protocol_differences_print(differences, out);
    if (out->status == GB_OK && out->size <= MOST_TEXT) return;
    gb_buffer_free(out);
    gb_buffer_init(out, (size_t)1 << 20);
    for (size_t i = 0; i < differences->count; i++) {
        if (out->size + strlen(differences->item[i].field) > MOST_TEXT) {
            gb_buffer_printf(out, " and %zu more fields", differences->count - i);
            return;
        }
        gb_buffer_printf(out, "%s%s", i ? ", " : "", differences->item[i].field);
    }
}

gb_status gb_gate_check_alike(const gb_sheet *base, const gb_sheet *run, gb_error *err)
{
    gb_protocol_differences differences = {0};
    gb_status status = GB_OK;
    gb_buffer text;
    if (!strcmp(base->run->fingerprint, run->run->fingerprint)) return GB_OK;
    GB_TRY(gb_protocol_diff(base->run->protocol, run->run->protocol, &differences, err));
    gb_buffer_init(&text, (size_t)1 << 20);
    put_differences(&differences, &text);
    if (differences.count) /* else only the order of members differs, which means nothing */
        status = gb_fail(err, GB_E_UNLIKE, "not comparable: %.120s and %.120s differ in %s", base->path, run->path,
                         text.data ? text.data : "their protocols");
    gb_buffer_free(&text);
    gb_protocol_differences_free(&differences);
    return status;
}

static void put_value(const cJSON *item, char *text, size_t size)
{
    if (cJSON_IsString(item))
        snprintf(text, size, "%s", item->valuestring);
    else if (cJSON_IsNumber(item))
        snprintf(text, size, "%.15g", item->valuedouble);
    else
        snprintf(text, size, "unknown");
}

void gb_gate_host_difference(const gb_sheet *base, const gb_sheet *run, char *text, size_t size)
{
    static const char *const field[] = {"host", "machine", "device_name", "cores", "device", "engine", "precision",
                                        "threads"};
    text[0] = '\0';
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        const cJSON *a = cJSON_GetObjectItemCaseSensitive(base->run->environment, field[i]);
        const cJSON *b = cJSON_GetObjectItemCaseSensitive(run->run->environment, field[i]);
        char one[80], other[80];
        if (a && b && cJSON_Compare(a, b, 1)) continue;
        put_value(a, one, sizeof one);
        put_value(b, other, sizeof other);
        snprintf(text, size, "%s: %s and %s", field[i], one, other);
        return;
    }
}
