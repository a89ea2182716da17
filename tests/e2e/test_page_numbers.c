/* Every number of the page's tables is that of summary.csv, or of run.json where that one alone has it (speed, steps of
 * a protocol, tags, the domain gap), as shown; and theirs are those of frames.jsonl. A digit that is changed in any of
 * them is noticed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "report/view.h"
#include "support/page_facts.h"
#include "support/sample_run.h"
#include "support/support.h"

static int digits_of(const page_facts *f, const gb_run_summary *row)
{
    for (size_t m = 0; m < f->run->metric_count; m++)
        if (!strcmp(f->run->metrics[m].id, row->metric)) return f->run->metrics[m].digits;
    return -1;
}

/* The table of every number, row by row as in the CSV. */
static void check_every_number(page_facts *f)
{
    const char *at = strstr(f->page, "<section id=\"numbers\">"), *end = strstr(at, "</section>");
    char cell[10][256], value[10][64];
    for (size_t i = 0; i < f->run->summary_count; i++) {
        char *const *field = &f->field[i * PAGE_CSV_FIELDS];
        const bool ok = !strcmp(field[4], "ok");
        for (int c = 0; c < 9; c++) assert_true(page_next_cell(&at, end, value[c], cell[c], sizeof value[c]));
        page_expect(f, !strcmp(cell[1], field[2]) && !strcmp(cell[2], field[3]), "every number", cell[1], field[2]);
        for (int k = 0; k < 3 && ok; k++)
            page_expect_number(f, field[MEAN + k], digits_of(f, &f->run->summary[i]), value[3 + k], cell[3 + k],
                          "every number");
        if (!ok) page_expect(f, !strcmp(cell[3], field[4]), "every number", cell[3], field[4]);
        page_expect(f, !strcmp(cell[6], field[COUNT]), "frames", cell[6], field[COUNT]);
        page_expect(f, !strcmp(cell[7], field[SHOTS]), "shots", cell[7], field[SHOTS]);
    }
    assert_false(page_next_cell(&at, end, value[0], cell[0], sizeof value[0]));
}

/* "0.1215 best0.1153–0.1292" of a cell in a dataset's table. */
static void check_cell(page_facts *f, const gb_run_summary *row, const char *value, const char *text)
{
    char *const *field = &f->field[(size_t)(row - f->run->summary) * PAGE_CSV_FIELDS];
    char wanted[128], best[128], interval[80] = "";
    const int digits = digits_of(f, row);
    if (strcmp(field[4], "ok") != 0) {
        page_expect(f, !strcmp(text, field[4]), "table", text, field[4]);
        return;
    }
    if (*field[LO])
        snprintf(interval, sizeof interval, "%.*f\xe2\x80\x93%.*f", digits, strtod(field[LO], NULL), digits,
                 strtod(field[HI], NULL));
    const double mean = strtod(field[MEAN], NULL);
    snprintf(wanted, sizeof wanted, "%.*f%s", digits, mean, interval);
    snprintf(best, sizeof best, "%.*f best%s", digits, mean, interval);
    page_expect(f, !strcmp(text, wanted) || !strcmp(text, best), "table", text, wanted);
    page_expect(f, fabs(strtod(value, NULL) - mean) <= 1e-8 * fabs(mean), "table", value, field[MEAN]);
}

/* ---- What run.json alone has: its lists are in the record's order ---- */

static void check_speed(page_facts *f)
{
    static const char *const keys[] = {"p50_ms", "p90_ms", "p99_ms", "fps", "gflops"};
    const char *at = strstr(f->page, "<section id=\"speed\">"), *end = strstr(at, "</section>");
    char value[12][64], cell[12][128];
    for (size_t i = 0; i < f->run->throughput_count; i++) {
        const cJSON *item = page_item(f, "throughput", i);
        for (int c = 0; c < 11; c++) assert_true(page_next_cell(&at, end, value[c], cell[c], sizeof value[c]));
        page_expect(f, !strcmp(cell[0], gb_json_string_or(item, "stage", "")), "speed", cell[0], "the stage");
        page_expect_count(f, item, "threads", cell[2], "speed");
        page_expect_count(f, item, "batch", cell[3], "speed");
        for (int k = 0; k < 5; k++) page_expect_shown(f, item, keys[k], -1, value[4 + k], cell[4 + k], "speed");
        const double roof = gb_json_number_or(item, "roof_fraction", NAN), shown = strtod(cell[9], NULL);
        page_expect(f, isnan(roof) ? !strcmp(cell[9], "n/a") : fabs(shown - 100.0 * roof) <= 0.5, "speed", cell[9],
                    "the roof's share");
        char samples[32];
        snprintf(samples, sizeof samples, "%d", cJSON_GetArraySize(cJSON_GetObjectItem(item, "samples_ms")));
        page_expect(f, !strcmp(cell[10], samples), "speed", cell[10], samples);
    }
    assert_false(page_next_cell(&at, end, value[0], cell[0], sizeof value[0]));
}

/* The last two columns of a dataset's table. */
static void check_time(page_facts *f, const gb_run_generator *generator, const char **at, const char *end)
{
    char value[64], text[64], wanted[32];
    assert_true(page_next_cell(at, end, value, text, sizeof text));
    snprintf(wanted, sizeof wanted, "%d", generator->centre_maxabs);
    page_expect(f, !strcmp(text, generator->centre_maxabs < 0 ? "not generated" : wanted), "centre", text, wanted);
    assert_true(page_next_cell(at, end, value, text, sizeof text));
    const gb_run_throughput *speed = gb_view_speed(f->run, generator->id);
    if (speed)
        page_expect_shown(f, page_item(f, "throughput", (size_t)(speed - f->run->throughput)), "p50_ms", -1, value,
                          text, "time");
    else page_expect(f, !strcmp(text, "not timed"), "time", text, "not timed");
}

static void check_table(page_facts *f, size_t d)
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
            assert_true(row && page_next_cell(&at, end, value, text, sizeof text));
            check_cell(f, row, value, text);
        }
        check_time(f, generator, &at, end);
    }
}

/* Changes from step to step, the first and the last as they are; the last one is the run's own. */
static void check_ladder(page_facts *f)
{
    const gb_run *run = f->run;
    const gb_run_metric *metric = gb_view_leading(run);
    const char *steps[GB_VIEW_STEPS], *id = run->datasets[0].id;
    const size_t count = gb_view_steps(run, id, metric->id, steps);
    const char *at = strstr(strstr(f->page, "<h3>From the strict"), "<tbody>"), *end = strstr(at, "</tbody>");
    char value[64], text[64];
    assert_true(count == 3);
    for (size_t g = 0; g < run->generator_count; g++)
        for (size_t i = 0; i <= count; i++) {
            const gb_run_step *step =
                gb_view_step(run, id, run->generators[g].id, metric->id, steps[i < count ? i : count - 1]);
            const cJSON *item = page_item(f, "ladder", (size_t)(step - run->ladder));
            const char *const state = gb_json_string_or(item, "state", "");
            assert_true(page_next_cell(&at, end, value, text, sizeof text));
            if (strcmp(state, "ok") != 0) page_expect(f, !strcmp(text, state), "ladder", text, state);
            else
                page_expect_shown(f, item, i % count ? "change" : "mean", metric->digits, value,
                             text + (text[0] == '+'), "ladder");
            const gb_run_summary *row = gb_view_find(run, id, step->generator, metric->id, GB_REGION_FULL);
            const char *mean = f->field[(size_t)(row - run->summary) * PAGE_CSV_FIELDS + MEAN];
            if (i == count && *mean) page_expect_number(f, mean, metric->digits, value, text, "ladder");
        }
    assert_false(page_next_cell(&at, end, value, text, sizeof text));
}

static void check_tags(page_facts *f)
{
    const gb_run_metric *metric = gb_view_leading(f->run);
    const char *at = strstr(strstr(f->page, "<details class=\"tags\">"), "<tbody>"), *end = strstr(at, "</tbody>");
    char value[6][64], cell[6][128];
    int rows = 0;
    for (size_t i = 0; i < f->run->tag_count; i++) {
        const cJSON *item = page_item(f, "by_tag", i);
        if (strcmp(gb_json_string_or(item, "metric", ""), metric->id) != 0) continue;
        for (int c = 0; c < 6; c++) assert_true(page_next_cell(&at, end, value[c], cell[c], sizeof value[c]));
        page_expect_shown(f, item, "mean", metric->digits, value[1], cell[1], "tags");
        page_expect_count(f, item, "shots", cell[2], "tags");
        page_expect_shown(f, item, "rest", metric->digits, value[3], cell[3], "tags");
        page_expect_count(f, item, "rest_shots", cell[4], "tags");
        page_expect_shown(f, item, "difference", metric->digits, value[5], cell[5] + (cell[5][0] == '+'), "tags");
        const char *lo = strchr(cell[5], '['), *hi = lo ? strchr(lo, ',') : NULL;
        page_expect(f, hi || cJSON_IsNull(cJSON_GetObjectItem(item, "difference_lo")), "tags", cell[5], "an interval");
        if (hi) page_expect_shown(f, item, "difference_lo", metric->digits, NULL, lo + 1, "tags");
        if (hi) page_expect_shown(f, item, "difference_hi", metric->digits, NULL, hi + 2, "tags");
        rows++;
    }
    assert_true(rows > 8);
    assert_false(page_next_cell(&at, end, value[0], cell[0], sizeof value[0]));
}

static const cJSON *gap_of(const page_facts *f, const gb_run_generator *generator, const gb_run_metric *metric)
{
    for (size_t i = 0; i < f->run->gap_count; i++) {
        const gb_run_gap *gap = &f->run->gaps[i];
        if (gap->region == GB_REGION_SIDES && !strcmp(gap->metric, metric->id) &&
            !strcmp(gap->generator, generator->id))
            return page_item(f, "gaps", i);
    }
    return NULL;
}

static double mean_in_csv(const page_facts *f, size_t dataset, const char *generator, const char *metric)
{
    const gb_run_summary *row =
        gb_view_find(f->run, f->run->datasets[dataset].id, generator, metric, GB_REGION_SIDES);
    return strtod(f->field[(size_t)(row - f->run->summary) * PAGE_CSV_FIELDS + MEAN], NULL);
}

/* "+0.0123 [0.0100, 0.0140] ..." beside each row; of one dataset of each domain the CSV has the means. */
static void check_gap(page_facts *f)
{
    const gb_run_metric *metric = gb_view_leading(f->run);
    const char *at = strstr(f->page, "<section id=\"gap\">"), *end = strstr(at, "</section>");
    char wanted[64];
    int rows = 0;
    while ((at = strstr(at, "<div class=\"row\" data-g=\"")) && at < end) {
        const gb_run_generator *generator = &f->run->generators[strtol(at + 25, NULL, 10)];
        const cJSON *item = gap_of(f, generator, metric);
        at = strstr(at, "<span class=\"value\">") + 20;
        assert_non_null(item);
        const char *lo = strchr(at, '[') + 1, *hi = strchr(lo, ',') + 2;
        page_expect_shown(f, item, "mean", metric->digits, NULL, at + (*at == '+'), "gap");
        page_expect_shown(f, item, "lo", metric->digits, NULL, lo + (*lo == '+'), "gap");
        page_expect_shown(f, item, "hi", metric->digits, NULL, hi + (*hi == '+'), "gap");
        const double in = mean_in_csv(f, 0, generator->id, metric->id);
        const double out = mean_in_csv(f, 1, generator->id, metric->id);
        snprintf(wanted, sizeof wanted, "%.17g", out - in);
        page_expect(f, fabs(gb_json_number_or(item, "mean", NAN) - (out - in)) <= 1e-9, "gap", generator->id, wanted);
        rows++;
    }
    assert_int_equal(rows, 6);
}

enum { MOST_SHOTS = 4 };

/* Of each row of the summary, and of its shots. */
typedef struct sums {
    page_facts *f;
    double *num, *den, (*shot_num)[MOST_SHOTS], (*shot_den)[MOST_SHOTS];
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
    assert_true(row->shot >= 0 && row->shot < MOST_SHOTS);
    if (ok || counts) {
        s->num[at] += row->num;
        s->shot_num[at][row->shot] += row->num;
    }
    if (ok) {
        s->den[at] += row->den;
        s->shot_den[at][row->shot] += row->den;
    }
    return GB_OK;
}

/* As sample_run.c tags the shots of its first dataset. */
static bool has_tag(int shot, const char *tag)
{
    return strstr(shot % 3 ? "outdoors figures" : "indoors", tag) != NULL;
}

/* Means of shots with a tag, and of the others, from their rows. */
static void check_tag_rows(page_facts *f, const sums *s)
{
    for (size_t i = 0; i < f->run->tag_count; i++) {
        const gb_run_tag *tag = &f->run->by_tag[i];
        const size_t at =
            (size_t)(gb_view_find(f->run, tag->dataset, tag->generator, tag->metric, tag->region) - f->run->summary);
        double num[2] = {0.0, 0.0}, den[2] = {0.0, 0.0};
        for (int shot = 0; shot < MOST_SHOTS; shot++) {
            num[has_tag(shot, tag->tag)] += s->shot_num[at][shot];
            den[has_tag(shot, tag->tag)] += s->shot_den[at][shot];
        }
        const cJSON *item = page_item(f, "by_tag", i);
        const double mean = gb_json_number_or(item, "mean", NAN), rest = gb_json_number_or(item, "rest", NAN);
        page_expect(f, fabs(mean - num[1] / den[1]) <= 1e-9, "tag mean", tag->tag, tag->generator);
        page_expect(f, fabs(rest - num[0] / den[0]) <= 1e-9, "tag rest", tag->tag, tag->generator);
    }
}

/* Means in the CSV, from the rows that they were made of. */
static void check_rows(page_facts *f)
{
    gb_error err = {0};
    const size_t count = f->run->summary_count;
    sums s = {f, gb_alloc(count, sizeof(double)), gb_alloc(count, sizeof(double)), gb_alloc(count, sizeof *s.shot_num),
              gb_alloc(count, sizeof *s.shot_den)};
    assert_ok(gb_run_read_rows(f->run->directory, add_row, &s, &err), &err);
    for (size_t i = 0; i < count; i++) {
        char *const *field = &f->field[i * PAGE_CSV_FIELDS], wanted[64];
        if (strcmp(field[4], "ok") != 0) continue;
        const double mean = s.num[i] / s.den[i];
        snprintf(wanted, sizeof wanted, "%.17g", mean);
        page_expect(f, fabs(strtod(field[MEAN], NULL) - mean) <= 1e-9 * (fabs(mean) + 1e-9), "mean", field[MEAN],
                    wanted);
    }
    check_tag_rows(f, &s);
    free(s.num);
    free(s.den);
    free(s.shot_num);
    free(s.shot_den);
}

/* One digit at `at` becomes another. */
static void spoil(char *at)
{
    *at = *at == '7' ? '3' : '7';
}

typedef enum fault_place {
    NO_FAULT,
    FAULT_IN_NUMBERS,
    FAULT_IN_TABLE,
    FAULT_IN_CSV,
    FAULT_IN_TIME,
    FAULT_IN_SPEED,
    FAULT_IN_LADDER,
    FAULT_IN_TAGS,
    FAULT_IN_GAP,
    FAULTS
} fault_place;

/* Where a number begins of which a digit is changed: one before the point in the CSV, which no rounding hides; on the
 * page the second one after it, of large times the first. */
static const struct {
    const char *section, *cell, *first; /* first: what is said of it */
} faults[FAULTS] = {
    [FAULT_IN_NUMBERS] = {"<section id=\"numbers\">", "<td data-v=\"", "every number: "},
    [FAULT_IN_TABLE] = {"<tbody>", "<td data-v=\"", "table: "},
    [FAULT_IN_CSV] = {NULL, NULL, "every number: "},
    [FAULT_IN_TIME] = {"<tbody>", "<td data-v=\"740\"", "time: "},
    [FAULT_IN_SPEED] = {"<section id=\"speed\">", "<td data-v=\"2.7", "speed: "},
    [FAULT_IN_LADDER] = {"<h3>From the strict", "<td data-v=\"", "ladder: "},
    [FAULT_IN_TAGS] = {"<details class=\"tags\">", "<td data-v=\"0", "tags: "},
    [FAULT_IN_GAP] = {"<section id=\"gap\">", "<span class=\"value\"", "gap: "},
};

static void seed(page_facts *f, fault_place fault)
{
    if (fault == FAULT_IN_CSV) {
        char *line = strstr(f->csv, "psnr_rgb,sides,ok,");
        assert_non_null(line);
        spoil(strchr(line, '.') - 1);
    } else if (fault == FAULT_IN_TIME) {
        spoil(strchr(strstr(strstr(f->page, faults[fault].section), faults[fault].cell), '>') + 1);
    } else if (fault != NO_FAULT) {
        char *cell = strstr(strstr(f->page, faults[fault].section), faults[fault].cell);
        assert_non_null(cell);
        spoil(strchr(strchr(cell, '>'), '.') + 2);
    }
}

/* The study's steps on the first dataset, as `run --protocol ganime` records them. */
static void add_ladder(gb_run *run)
{
    static const char *const names[] = {"strict", "+ truncation", "+ JPEG 95"};
    const gb_run_metric *metric = gb_view_leading(run);
    run->ladder = gb_alloc(3 * run->generator_count, sizeof *run->ladder);
    assert_non_null(run->ladder);
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_summary *row =
            gb_view_find(run, run->datasets[0].id, run->generators[g].id, metric->id, GB_REGION_FULL);
        for (int s = 0; s < 3; s++)
            run->ladder[run->ladder_count++] =
                (gb_run_step){.dataset = gb_strdup(row->dataset), .generator = gb_strdup(row->generator),
                              .metric = gb_strdup(metric->id), .region = GB_REGION_FULL, .step = gb_strdup(names[s]),
                              .state = row->state, .mean = row->mean + 0.0123 * (2 - s), .lo = row->lo, .hi = row->hi,
                              .change = s ? -0.0123 : NAN, .frames = row->frames, .shots = row->shots};
    }
}

static page_facts check(fault_place fault)
{
    gb_error err = {0};
    gb_run *run = NULL;
    page_facts f;
    char directory[4200];
    snprintf(directory, sizeof directory, "%s", test_scratch("page"));
    assert_ok(sample_run_make(directory, (sample_size){.shots = MOST_SHOTS, .frames = 6, .panels = 1}, &run, &err),
              &err);
    add_ladder(run);
    page_facts_write(directory, run, &f);
    seed(&f, fault);
    page_facts_read_csv(&f);
    check_every_number(&f);
    for (size_t d = 0; d < run->dataset_count; d++)
        if (run->datasets[d].state == GB_STATE_OK) check_table(&f, d);
    check_speed(&f);
    check_ladder(&f);
    check_tags(&f);
    check_gap(&f);
    check_rows(&f);
    page_facts_free(&f);
    return f;
}

static void every_number_is_the_files_own(void **state)
{
    (void)state;
    const page_facts f = check(NO_FAULT);
    if (f.wrong) fail_msg("%d of %d numbers: %s", f.wrong, f.compared, f.first);
    printf("%d numbers compared\n", f.compared);
    assert_true(f.compared > 1000);
}

static void a_changed_digit_is_noticed(void **state)
{
    (void)state;
    for (fault_place fault = NO_FAULT + 1; fault < FAULTS; fault++) {
        const page_facts f = check(fault);
        if (f.wrong < 1 || f.wrong > 8 || strncmp(f.first, faults[fault].first, strlen(faults[fault].first)) != 0)
            fail_msg("fault %d: %d wrong, expected %s found %s", (int)fault, f.wrong, faults[fault].first, f.first);
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
