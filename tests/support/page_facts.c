#include "support/page_facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "support/support.h"

#define MOST ((size_t)16 << 20)

void page_expect(page_facts *f, bool holds, const char *what, const char *found, const char *wanted)
{
    f->compared++;
    if (holds) return;
    if (!f->wrong++) snprintf(f->first, sizeof f->first, "%s: %.60s, expected %.60s", what, found, wanted);
}

/* RFC 4180: one field, its quotes taken off; moves *at past the comma or line's end. */
static char *take_field(char **at)
{
    char *from = *at, *to = from, *out = from;
    if (*from != '"') {
        from += strcspn(from, ",\r");
        to = from;
    } else {
        for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
            from += *from == '"';
            *to++ = *from;
        }
        from++;
    }
    *at = from + (*from == ',' ? 1 : *from == '\r' ? 2 : 0);
    *to = '\0';
    return out;
}

void page_facts_read_csv(page_facts *f)
{
    char *at = strchr(f->csv, '\n') + 1;
    f->field = gb_alloc(f->run->summary_count * PAGE_CSV_FIELDS, sizeof *f->field);
    for (size_t i = 0; i < f->run->summary_count * PAGE_CSV_FIELDS; i++) f->field[i] = take_field(&at);
    assert_int_equal(*at, '\0');
}

bool page_next_cell(const char **at, const char *end, char *value, char *text, size_t size)
{
    const char *cell = strstr(*at, "<td"), *close = cell ? strstr(cell, "</td>") : NULL;
    if (!close || close >= end) return false;
    const char *tag_end = strchr(cell, '>'), *v = strstr(cell, "data-v=\"");
    value[0] = text[0] = '\0';
    if (v && v < tag_end) snprintf(value, size, "%.*s", (int)strcspn(v + 8, "\""), v + 8);
    size_t used = 0;
    bool inside = false;
    for (const char *c = tag_end + 1; c < close && used + 1 < size; c++) {
        if (*c == '<' || *c == '>') inside = *c == '<';
        else if (!inside) text[used++] = *c;
    }
    text[used] = '\0';
    *at = close;
    return true;
}

void page_expect_number(page_facts *f, const char *csv, int digits, const char *value, const char *text,
                        const char *what)
{
    char wanted[64] = "none";
    if (*csv) snprintf(wanted, sizeof wanted, "%.*f", digits, strtod(csv, NULL));
    page_expect(f, !strcmp(text, wanted), what, text, wanted);
    const double number = strtod(csv, NULL);
    if (*csv) page_expect(f, fabs(strtod(value, NULL) - number) <= 1e-8 * fabs(number), what, value, csv);
}

const cJSON *page_item(const page_facts *f, const char *list, size_t i)
{
    const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItem(f->json, list), (int)i);
    assert_non_null(item);
    return item;
}

/* "\xe2\x88\x920.12" as a number. */
static double number_in(const char *text)
{
    const bool minus = !strncmp(text, "\xe2\x88\x92", 3);
    const double number = strtod(minus ? text + 3 : text, NULL);
    return minus ? -number : number;
}

void page_expect_shown(page_facts *f, const cJSON *item, const char *key, int digits, const char *value,
                       const char *text, const char *what)
{
    const cJSON *number = cJSON_GetObjectItem(item, key);
    char wanted[64];
    if (!cJSON_IsNumber(number)) {
        page_expect(f, !strcmp(text, "n/a") || !strcmp(text, "none"), what, text, "no number");
        return;
    }
    const double exact = number->valuedouble;
    const char *point = strchr(text, '.');
    const int shown = digits >= 0 ? digits : point ? (int)strspn(point + 1, "0123456789") : 0;
    const double half = 0.5 * pow(10.0, -shown) * (1.0 + 1e-6);
    snprintf(wanted, sizeof wanted, "%s %.*f", key, shown, exact);
    page_expect(f, fabs(number_in(text) - exact) <= half, what, text, wanted);
    if (digits < 0) page_expect(f, half <= 0.05 * fabs(exact) || shown >= 3, what, text, wanted);
    if (value) page_expect(f, fabs(strtod(value, NULL) - exact) <= 1e-8 * fabs(exact), what, value, wanted);
}

void page_expect_count(page_facts *f, const cJSON *item, const char *key, const char *text, const char *what)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%.0f", gb_json_number_or(item, key, NAN));
    page_expect(f, !strcmp(text, wanted), what, text, wanted);
}

static char *read_file(const char *directory, const char *name)
{
    gb_error err = {0};
    char path[4300], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_ok(gb_file_read(path, MOST, &text, &size, &err), &err);
    return text;
}

void page_facts_write(const char *directory, gb_run *run, page_facts *out)
{
    static const char *const reports[] = {"html", "csv", "json"};
    gb_error err = {0};
    for (int r = 0; r < 3; r++) assert_ok(gb_report_find(reports[r])->write(run, &err), &err);
    char *json = read_file(directory, "run.json");
    *out = (page_facts){.run = run, .page = read_file(directory, "report.html"),
                        .csv = read_file(directory, "summary.csv"), .json = cJSON_Parse(json)};
    free(json);
    assert_non_null(out->json);
}

void page_facts_free(page_facts *f)
{
    cJSON_Delete(f->json);
    free(f->field);
    free(f->csv);
    free(f->page);
    gb_run_free(f->run);
    f->json = NULL;
    f->field = NULL;
    f->csv = f->page = NULL;
    f->run = NULL;
}
