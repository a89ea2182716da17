/* Baseline files. The checksum stands last and covers every byte before it, so that a file that was cut, shuffled or
 * changed by hand is not taken for what was measured. */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "report/run_fields.h"
#include "report/sheet_internal.h"
#include "report/text.h"

#define MAX_FILE ((size_t)256 << 20)
#define SEAL "\"integrity\":"

/* ---- Writing ---- */

static void put_member(gb_buffer *out, const char *key, const char *text)
{
    gb_buffer_printf(out, "\"%s\":", key);
    if (text)
        gb_text_json(out, text);
    else
        gb_buffer_text(out, "null");
    gb_buffer_text(out, ",\n");
}

/* The run's record without what no comparison reads. */
static gb_status put_run(gb_buffer *out, const gb_run *run, gb_error *err)
{
    cJSON *object = NULL, *row;
    GB_TRY(gb_run_json(run, &object, err));
    cJSON *panels = cJSON_CreateArray();
    if (!panels || !cJSON_ReplaceItemInObjectCaseSensitive(object, "panels", panels)) cJSON_Delete(panels);
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(object, "throughput"))
    {
        cJSON *samples = cJSON_CreateArray();
        if (!samples || !cJSON_ReplaceItemInObjectCaseSensitive(row, "samples_ms", samples)) cJSON_Delete(samples);
    }
    char *text = NULL;
    const gb_status status = gb_json_text(object, false, "baseline", &text, err);
    cJSON_Delete(object);
    if (status != GB_OK) return status;
    gb_buffer_printf(out, "\"run\":%s,\n", text);
    cJSON_free(text);
    return GB_OK;
}

static void put_row(gb_buffer *out, const gb_sheet_row *row)
{
    gb_buffer_text(out, "[");
    for (size_t i = 0; i < row->count; i++) {
        const gb_sheet_shot *shot = &row->shot[i];
        gb_buffer_printf(out, "%s[%d,%d,%d,\"%016" PRIx64 "\",", i ? "," : "", shot->shot, shot->values, shot->blanks,
                         shot->which);
        gb_text_number(out, shot->num);
        gb_buffer_text(out, ",");
        gb_text_number(out, shot->den);
        gb_buffer_text(out, "]");
    }
    gb_buffer_text(out, "]");
}

static gb_status seal(gb_buffer *out, gb_error *err)
{
    char hex[GB_SHA256_HEX];
    GB_TRY(gb_buffer_status(out, err));
    gb_sha256_memory(out->data, out->size, hex);
    gb_buffer_printf(out, SEAL "\"%s\"}\n", hex);
    return gb_buffer_status(out, err);
}

static const char *user_name(void)
{
    const char *name = getenv("USER");
    const struct passwd *entry = name && *name ? NULL : getpwuid(getuid());
    return entry ? entry->pw_name : name && *name ? name : "unknown";
}

/* The checksum of the baseline that is replaced, if there is one; borrowed from `text`. */
static const char *seal_of(char *text)
{
    const char *last = NULL;
    for (char *at = text; (at = strstr(at, SEAL)); at++) last = at;
    if (!last || strlen(last) < strlen(SEAL) + 66) return NULL;
    char *hex = text + (last - text) + strlen(SEAL) + 1;
    hex[64] = '\0';
    return hex;
}

gb_status gb_sheet_write(const gb_sheet *sheet, const char *path, const char *why, gb_error *err)
{
    gb_buffer out;
    char utc[21], *old = NULL;
    size_t old_size = 0;
    gb_error ignored;
    gb_clock_utc(utc);
    if (gb_file_exists(path) && gb_file_read(path, MAX_FILE, &old, &old_size, &ignored) != GB_OK) old = NULL;
    gb_buffer_init(&out, MAX_FILE);
    gb_buffer_text(&out, "{\n");
    put_member(&out, "schema", GB_BASELINE_SCHEMA);
    put_member(&out, "who", user_name());
    put_member(&out, "when", utc);
    put_member(&out, "why", why);
    put_member(&out, "replaces", old ? seal_of(old) : NULL);
    gb_status status = put_run(&out, sheet->run, err);
    gb_buffer_text(&out, "\"sums\":[\n");
    for (size_t i = 0; i < sheet->run->summary_count; i++) {
        put_row(&out, &sheet->row[i]);
        gb_buffer_text(&out, i + 1 < sheet->run->summary_count ? ",\n" : "\n");
    }
    gb_buffer_text(&out, "],\n");
    if (status == GB_OK) status = seal(&out, err);
    if (status == GB_OK) status = gb_file_write(path, out.data, out.size, err);
    gb_buffer_free(&out);
    free(old);
    return status;
}

/* ---- Reading ---- */

static gb_status damaged(const gb_sheet *sheet, const char *what, gb_error *err)
{
    return gb_fail(err, GB_E_FORMAT, "%s: %s: expected a baseline as it was written; make a new one with "
                   "'gate --rebaseline --why TEXT'", sheet->path, what);
}

static gb_status check_seal(const gb_sheet *sheet, const char *text, size_t size, gb_error *err)
{
    char hex[GB_SHA256_HEX], expected[128];
    const char *last = NULL;
    for (const char *at = text; (at = strstr(at, SEAL)); at++) last = at;
    if (!last) return damaged(sheet, "it has no checksum at its end (cut off?)", err);
    gb_sha256_memory(text, (size_t)(last - text), hex);
    snprintf(expected, sizeof expected, SEAL "\"%s\"}\n", hex);
    if (strlen(text) != size || strcmp(last, expected) != 0)
        return damaged(sheet, "it was changed after it was written (its checksum does not fit)", err);
    return GB_OK;
}

static bool is_count(const cJSON *item)
{
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble == (double)item->valueint;
}

static gb_status get_shot(const gb_sheet *sheet, const cJSON *list, gb_sheet_row *row, gb_error *err)
{
    const cJSON *item[6];
    for (int i = 0; i < 6; i++) item[i] = cJSON_GetArrayItem(list, i);
    if (cJSON_GetArraySize(list) != 6 || !is_count(item[0]) || !is_count(item[1]) || !is_count(item[2]) ||
        !cJSON_IsString(item[3]) || !cJSON_IsNumber(item[4]) || !cJSON_IsNumber(item[5]))
        return damaged(sheet, "a shot is not [shot, values, blanks, which, num, den]", err);
    gb_sheet_shot *shot = gb_sheet_row_append(row, item[0]->valueint);
    if (!shot) return gb_fail_memory(err, "shots", sizeof *shot);
    shot->values = item[1]->valueint;
    shot->blanks = item[2]->valueint;
    shot->which = strtoull(item[3]->valuestring, NULL, 16);
    shot->num = item[4]->valuedouble;
    shot->den = item[5]->valuedouble;
    return GB_OK;
}

static gb_status get_sums(gb_sheet *sheet, const cJSON *root, gb_error *err)
{
    const cJSON *sums = cJSON_GetObjectItemCaseSensitive(root, "sums"), *list, *one;
    const size_t count = sheet->run->summary_count;
    sheet->row = gb_alloc(count, sizeof *sheet->row);
    if (!sheet->row) return gb_fail_memory(err, "rows", count * sizeof *sheet->row);
    if (!cJSON_IsArray(sums) || (size_t)cJSON_GetArraySize(sums) != count)
        return damaged(sheet, "it does not have the sums of every row", err);
    size_t at = 0;
    cJSON_ArrayForEach(list, sums)
    {
        cJSON_ArrayForEach(one, list) GB_TRY(get_shot(sheet, one, &sheet->row[at], err));
        at++;
    }
    return GB_OK;
}

static gb_status get_story(gb_sheet *sheet, const cJSON *root, gb_error *err)
{
    const char *who, *when, *why;
    GB_TRY(gb_json_get_string(root, "who", sheet->path, &who, err));
    GB_TRY(gb_json_get_string(root, "when", sheet->path, &when, err));
    GB_TRY(gb_json_get_string(root, "why", sheet->path, &why, err));
    sheet->who = gb_strdup(who);
    sheet->when = gb_strdup(when);
    sheet->why = gb_strdup(why);
    sheet->replaces = gb_strdup(gb_json_string_or(root, "replaces", NULL));
    return sheet->who && sheet->when && sheet->why ? GB_OK : gb_fail_memory(err, sheet->path, 0);
}

gb_status gb_sheet_parse(gb_sheet *sheet, const char *text, size_t size, gb_error *err)
{
    cJSON *root = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_json_parse(text, size, sheet->path, &root, err));
    const char *schema = gb_json_string_or(root, "schema", NULL);
    if (!schema || strcmp(schema, GB_BASELINE_SCHEMA) != 0) {
        status = gb_fail(err, GB_E_FORMAT, "%s: expected schema \"%s\", found \"%.80s\"", sheet->path,
                         GB_BASELINE_SCHEMA, schema ? schema : "none");
        goto done;
    }
    GB_GO(check_seal(sheet, text, size, err));
    GB_GO(gb_run_parse(sheet->path, cJSON_GetObjectItemCaseSensitive(root, "run"), &sheet->run, err));
    GB_GO(get_sums(sheet, root, err));
    GB_GO(get_story(sheet, root, err));
done:
    cJSON_Delete(root);
    return status;
}
