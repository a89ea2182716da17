/* Every number of the page's tables is that of summary.csv, as shown, and summary.csv's are those of frames.jsonl. A
 * digit that is changed in any of them is noticed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/view.h"
#include "support/sample_run.h"
#include "support/support.h"

enum { FIELDS = 13, MEAN = 5, LO = 6, HI = 7, COUNT = 8, SHOTS = 9 };
#define MOST ((size_t)16 << 20)

typedef struct facts {
    gb_run *run;
    char *csv, *page;  /* as on disk; the CSV is taken apart in place */
    char **field;      /* FIELDS for each row of the summary, in its order */
    int compared;      /* numbers that were held against another file's */
    int wrong;
    char first[256];   /* what is wrong first */
} facts;

static void expect(facts *f, bool holds, const char *what, const char *found, const char *wanted)
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

static void read_csv(facts *f)
{
    char *at = strchr(f->csv, '\n') + 1;
    f->field = gb_alloc(f->run->summary_count * FIELDS, sizeof *f->field);
    for (size_t i = 0; i < f->run->summary_count * FIELDS; i++) f->field[i] = take_field(&at);
    assert_int_equal(*at, '\0');
}

/* The next cell before `end`: its data-v (or ""), and its text without tags. False: there is none. */
static bool next_cell(const char **at, const char *end, char *value, char *text, size_t size)
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

static int digits_of(const facts *f, const gb_run_summary *row)
{
    for (size_t m = 0; m < f->run->metric_count; m++)
        if (!strcmp(f->run->metrics[m].id, row->metric)) return f->run->metrics[m].digits;
    return -1;
}

static void expect_number(facts *f, const char *csv, int digits, const char *value, const char *text, const char *what)
{
    char wanted[64] = "none";
    if (*csv) snprintf(wanted, sizeof wanted, "%.*f", digits, strtod(csv, NULL));
    expect(f, !strcmp(text, wanted), what, text, wanted);
    const double number = strtod(csv, NULL);
    if (*csv) expect(f, fabs(strtod(value, NULL) - number) <= 1e-8 * fabs(number), what, value, csv);
}

/* The table of every number, row by row as in the CSV. */
static void check_every_number(facts *f)
{
    const char *at = strstr(f->page, "<section id=\"numbers\">"), *end = strstr(at, "</section>");
    char cell[10][256], value[10][64];
    for (size_t i = 0; i < f->run->summary_count; i++) {
        char *const *field = &f->field[i * FIELDS];
        const bool ok = !strcmp(field[4], "ok");
        for (int c = 0; c < 9; c++) assert_true(next_cell(&at, end, value[c], cell[c], sizeof value[c]));
        expect(f, !strcmp(cell[1], field[2]) && !strcmp(cell[2], field[3]), "every number", cell[1], field[2]);
        for (int k = 0; k < 3 && ok; k++)
            expect_number(f, field[MEAN + k], digits_of(f, &f->run->summary[i]), value[3 + k], cell[3 + k],
                          "every number");
        if (!ok) expect(f, !strcmp(cell[3], field[4]), "every number", cell[3], field[4]);
        expect(f, !strcmp(cell[6], field[COUNT]), "frames", cell[6], field[COUNT]);
        expect(f, !strcmp(cell[7], field[SHOTS]), "shots", cell[7], field[SHOTS]);
    }
    assert_false(next_cell(&at, end, value[0], cell[0], sizeof value[0]));
}

/* "0.1215 best0.1153–0.1292" of a cell in a dataset's table. */
static void check_cell(facts *f, const gb_run_summary *row, const char *value, const char *text)
{
    char *const *field = &f->field[(size_t)(row - f->run->summary) * FIELDS];
    char wanted[128], best[128], interval[80] = "";
    const int digits = digits_of(f, row);
    if (strcmp(field[4], "ok") != 0) {
        expect(f, !strcmp(text, field[4]), "table", text, field[4]);
        return;
    }
    if (*field[LO])
        snprintf(interval, sizeof interval, "%.*f\xe2\x80\x93%.*f", digits, strtod(field[LO], NULL), digits,
                 strtod(field[HI], NULL));
    const double mean = strtod(field[MEAN], NULL);
    snprintf(wanted, sizeof wanted, "%.*f%s", digits, mean, interval);
    snprintf(best, sizeof best, "%.*f best%s", digits, mean, interval);
    expect(f, !strcmp(text, wanted) || !strcmp(text, best), "table", text, wanted);
    expect(f, fabs(strtod(value, NULL) - mean) <= 1e-8 * fabs(mean), "table", value, field[MEAN]);
}

static void check_table(facts *f, size_t d)
{
    const gb_run *run = f->run;
    gb_view_column column[GB_VIEW_COLUMNS];
    const size_t columns = gb_view_columns(run, run->datasets[d].id, column);
    char mark[64], value[64], text[64];
    snprintf(mark, sizeof mark, "id=\"d%zu\"><h2>", d);
    const char *at = strstr(strstr(f->page, mark), "<tbody>"), *end = strstr(at, "</tbody>");
    for (size_t n = 0; n < run->generator_count; n++) {
        at = strstr(at, "<tr data-g=\"");
        assert_true(at && at < end);
        const gb_run_generator *generator = &run->generators[strtol(at + 12, NULL, 10)];
        for (size_t c = 0; c < columns; c++) {
            const gb_run_summary *row =
                gb_view_find(run, run->datasets[d].id, generator->id, column[c].metric->id, column[c].region);
            assert_true(row && next_cell(&at, end, value, text, sizeof text));
            check_cell(f, row, value, text);
        }
    }
}

typedef struct sums {
    facts *f;
    double *num, *den;
} sums;

static gb_status add_row(void *user, const gb_row *row, gb_error *err)
{
    sums *s = user;
    (void)err;
    const gb_run *run = s->f->run;
    const bool known = gb_view_generator(run, row->generator) != NULL; /* else it has bytes that are no UTF-8 */
    const gb_run_summary *to =
        gb_view_find(run, row->dataset, known ? row->generator : SAMPLE_NASTY, row->metric, row->region);
    assert_non_null(to);
    const size_t at = (size_t)(to - s->f->run->summary);
    const bool ok = row->state == GB_STATE_OK, counts = row->state == GB_STATE_UNDEFINED && row->den == 0.0;
    if (ok || counts) s->num[at] += row->num;
    if (ok) s->den[at] += row->den;
    return GB_OK;
}

/* Means in the CSV, from the rows that they were made of. */
static void check_rows(facts *f)
{
    gb_error err = {0};
    const size_t count = f->run->summary_count;
    sums s = {f, gb_alloc(count, sizeof(double)), gb_alloc(count, sizeof(double))};
    assert_ok(gb_run_read_rows(f->run->directory, add_row, &s, &err), &err);
    for (size_t i = 0; i < count; i++) {
        char *const *field = &f->field[i * FIELDS], wanted[64];
        if (strcmp(field[4], "ok") != 0) continue;
        const double mean = s.num[i] / s.den[i];
        snprintf(wanted, sizeof wanted, "%.17g", mean);
        expect(f, fabs(strtod(field[MEAN], NULL) - mean) <= 1e-9 * (fabs(mean) + 1e-9), "mean", field[MEAN], wanted);
    }
    free(s.num);
    free(s.den);
}

/* One digit at `at` becomes another. */
static void spoil(char *at)
{
    *at = *at == '7' ? '3' : '7';
}

typedef enum fault_place { NO_FAULT, FAULT_IN_NUMBERS, FAULT_IN_TABLE, FAULT_IN_CSV } fault_place;

/* The digit before the point, which no rounding hides. */
static void seed(facts *f, fault_place fault)
{
    if (fault == FAULT_IN_CSV) {
        char *line = strstr(f->csv, "psnr_rgb,sides,ok,");
        assert_non_null(line);
        spoil(strchr(line, '.') - 1);
    } else if (fault != NO_FAULT) {
        char *from = strstr(f->page, fault == FAULT_IN_TABLE ? "<tbody>" : "<section id=\"numbers\">");
        char *cell = strstr(strstr(from, "<td data-v=\""), "\">");
        spoil(strchr(cell, '.') + 2);
    }
}

static facts check(fault_place fault)
{
    gb_error err = {0};
    facts f = {0};
    char directory[4200], path[4300];
    size_t size = 0;
    snprintf(directory, sizeof directory, "%s", test_scratch("page"));
    assert_ok(sample_run_make(directory, (sample_size){.shots = 4, .frames = 6, .panels = 1}, &f.run, &err), &err);
    assert_ok(gb_report_find("html")->write(f.run, &err), &err);
    assert_ok(gb_report_find("csv")->write(f.run, &err), &err);
    snprintf(path, sizeof path, "%s/report.html", directory);
    assert_ok(gb_file_read(path, MOST, &f.page, &size, &err), &err);
    snprintf(path, sizeof path, "%s/summary.csv", directory);
    assert_ok(gb_file_read(path, MOST, &f.csv, &size, &err), &err);
    seed(&f, fault);
    read_csv(&f);
    check_every_number(&f);
    for (size_t d = 0; d < f.run->dataset_count; d++)
        if (f.run->datasets[d].state == GB_STATE_OK) check_table(&f, d);
    check_rows(&f);
    free(f.field);
    free(f.csv);
    free(f.page);
    gb_run_free(f.run);
    return f;
}

static void every_number_is_the_files_own(void **state)
{
    (void)state;
    const facts f = check(NO_FAULT);
    if (f.wrong) fail_msg("%d of %d numbers: %s", f.wrong, f.compared, f.first);
    printf("%d numbers compared\n", f.compared);
    assert_true(f.compared > 1000);
}

static void a_changed_digit_is_noticed(void **state)
{
    (void)state;
    static const struct {
        fault_place fault;
        const char *first;
    } seeded[] = {{FAULT_IN_NUMBERS, "every number: "}, {FAULT_IN_TABLE, "table: "}, {FAULT_IN_CSV, "every number: "}};
    for (int i = 0; i < 3; i++) {
        const facts f = check(seeded[i].fault);
        assert_true(f.wrong >= 1 && f.wrong <= 8);
        if (strncmp(f.first, seeded[i].first, strlen(seeded[i].first)) != 0) fail_msg("%s", f.first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_the_files_own),
        cmocka_unit_test(a_changed_digit_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
