/* Reports: what is written is read back the same, and what was damaged or edited by hand is refused in one line.
 * GANIME_KEEP=DIR keeps the run that the reports were made from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "report/run.h"
#include "report/text.h"
#include "support/sample_run.h"
#include "support/support.h"

static const sample_size small = {.shots = 4, .frames = 6, .panels = 3};

static gb_run *make(const char *directory, sample_size size)
{
    gb_error err = {0};
    gb_run *run = NULL;
    assert_ok(sample_run_make(directory, size, &run, &err), &err);
    return run;
}

static void write_all(const gb_run *run)
{
    gb_error err = {0};
    size_t count;
    const gb_report *const *reports = gb_reports(&count);
    for (size_t i = 0; i < count; i++)
        if (!reports[i]->on_request) assert_ok(reports[i]->write(run, &err), &err);
}

static char *slurp(const char *directory, const char *name, size_t *size)
{
    gb_error err = {0};
    char *path = gb_path_join(directory, name), *text = NULL;
    assert_ok(gb_file_read(path, (size_t)1 << 28, &text, size, &err), &err);
    free(path);
    return text;
}

static void put(const char *directory, const char *name, const char *text, size_t size)
{
    gb_error err = {0};
    char *path = gb_path_join(directory, name);
    assert_ok(gb_file_write(path, text, size, &err), &err);
    free(path);
}

static void regenerated_reports_are_the_same_bytes(void **state)
{
    (void)state;
    const char *keep = getenv("GANIME_KEEP"), *directory = keep && *keep ? keep : test_scratch("same");
    gb_run *run = make(directory, small), *again = NULL;
    gb_error err = {0};
    size_t count;
    const gb_report *const *reports = gb_reports(&count);
    char *first[16];
    size_t size[16];
    write_all(run);
    for (size_t i = 0; i < count; i++)
        if (!reports[i]->on_request) first[i] = slurp(directory, reports[i]->file, &size[i]);
    assert_ok(gb_run_read(directory, &again, &err), &err);
    write_all(again);
    for (size_t i = 0; i < count; i++) {
        size_t now;
        if (reports[i]->on_request) continue; /* figures have their own test */
        char *text = slurp(directory, reports[i]->file, &now);
        if (now != size[i] || memcmp(text, first[i], now) != 0)
            fail_msg("%s differs when made again", reports[i]->file);
        free(text);
        free(first[i]);
    }
    gb_run_free(again);
    gb_run_free(run);
}

static void a_run_reads_back_as_it_was(void **state)
{
    (void)state;
    const char *directory = test_scratch("back");
    gb_run *run = make(directory, small), *again = NULL;
    gb_error err = {0};
    run->summary[0].mean = 0.1 + 0.2; /* seventeen digits */
    assert_ok(gb_report_find("json")->write(run, &err), &err);
    assert_ok(gb_run_read(directory, &again, &err), &err);
    assert_int_equal(again->summary_count, run->summary_count);
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *a = &run->summary[i], *b = &again->summary[i];
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->region, b->region);
        assert_int_equal(a->frames, b->frames);
        if (a->state == GB_STATE_OK)
            assert_memory_equal(&a->mean, &b->mean, sizeof a->mean);
        else
            assert_true(isnan(b->mean));
    }
    assert_string_equal(again->generators[3].why, run->generators[3].why);
    assert_int_equal(again->generators[3].centre_maxabs, -1);
    assert_int_equal(again->throughput[1].samples, 3);
    assert_true(again->throughput[1].samples_ms[2] == run->throughput[1].samples_ms[2]);
    assert_int_equal(again->panels[1].picture_count, run->panels[1].picture_count);
    assert_true(isnan(again->panels[1].pictures[0].lpips));
    assert_string_equal(again->fingerprint, run->fingerprint);
    gb_run_free(again);
    gb_run_free(run);
}

/* A failed row's mean may be lying about: it is never written. */
static void only_ok_rows_have_numbers(void **state)
{
    (void)state;
    const char *directory = test_scratch("states");
    gb_run *run = make(directory, small);
    gb_error err = {0};
    size_t size;
    run->summary[0].state = GB_STATE_FAILED;
    run->summary[0].mean = 0.123456;
    run->summary[0].lo = run->summary[0].hi = NAN;
    assert_ok(gb_report_find("json")->write(run, &err), &err);
    assert_ok(gb_report_find("csv")->write(run, &err), &err);
    char *json = slurp(directory, "run.json", &size), *csv = slurp(directory, "summary.csv", &size);
    assert_null(strstr(json, "0.123456"));
    assert_null(strstr(csv, "0.123456"));
    cJSON *root = cJSON_Parse(json);
    const cJSON *row, *rows = cJSON_GetObjectItemCaseSensitive(root, "summary");
    cJSON_ArrayForEach(row, rows)
    {
        const bool ok = !strcmp(gb_json_string_or(row, "state", ""), "ok");
        assert_int_equal(ok, cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(row, "mean")));
        if (!ok) assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(row, "mean")));
    }
    assert_null(strstr(json, "\tnan"));
    assert_null(strstr(json, "\tinf"));
    cJSON_Delete(root);
    free(csv);
    free(json);
    gb_run_free(run);
}

static gb_status count_row(void *user, const gb_row *row, gb_error *err)
{
    (void)row;
    (void)err;
    ++*(long *)user;
    return GB_OK;
}

static void rows_read_back_as_they_were(void **state)
{
    (void)state;
    const char *directory = test_scratch("rows");
    gb_error err = {0};
    gb_row_writer *writer = NULL;
    const gb_row rows[] = {
        {.generator = "a", .dataset = "d", .clip = "c\"\\\n\x01", .metric = "m", .num = 1.0 / 3.0, .den = 1.0},
        {.generator = "a",
         .dataset = "d",
         .clip = "",
         .metric = "m",
         .num = 5.0,
         .den = 0.0,
         .region = GB_REGION_SEAM,
         .state = GB_STATE_UNDEFINED,
         .why = "w"},
        {.generator = "a",
         .dataset = "d",
         .clip = "c",
         .metric = "m",
         .num = 0.1,
         .den = 0.3,
         .shot = 7,
         .frame = 1 << 30},
        {.generator = "a",
         .dataset = "d",
         .clip = "c",
         .metric = "m",
         .num = NAN,
         .state = GB_STATE_FAILED,
         .why = "w"},
    };
    assert_ok(gb_directory_make(directory, &err), &err);
    char *path = gb_path_join(directory, "frames.jsonl");
    assert_ok(gb_row_writer_open(path, &writer, &err), &err);
    for (size_t i = 0; i < 4; i++) assert_ok(gb_row_writer_put(writer, &rows[i], &err), &err);
    gb_row bad = rows[0];
    bad.den = 0.0;
    assert_fails(gb_row_writer_put(writer, &bad, &err), GB_E_NUMERIC, &err, "expected a finite value");
    bad.num = NAN;
    assert_fails(gb_row_writer_put(writer, &bad, &err), GB_E_NUMERIC, &err, "expected a finite value");
    assert_ok(gb_row_writer_close(writer, &err), &err);
    size_t size;
    char *text = slurp(directory, "frames.jsonl", &size);
    assert_non_null(strstr(text, "\"clip\":\"c\\\"\\\\\\n\\u0001\""));
    assert_non_null(strstr(text, "\"value\":null,\"num\":5,\"den\":0,\"state\":\"undefined\""));
    assert_non_null(strstr(text, "\"value\":null,\"state\":\"failed\",\"why\":\"w\""));
    assert_ok(gb_report_find("jsonl")->write(&(gb_run){.directory = (char *)(size_t)directory}, &err), &err);
    char *again = slurp(directory, "frames.jsonl", &size);
    assert_string_equal(text, again);
    long count = 0;
    assert_ok(gb_run_read_rows(directory, count_row, &count, &err), &err);
    assert_int_equal(count, 4);
    free(again);
    free(text);
    free(path);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_row_writer *writer = NULL;
    const gb_row row = {.generator = "g", .dataset = "d", .clip = "c", .metric = "m", .num = 1.0, .den = 1.0};
    assert_ok(gb_row_writer_open("/dev/full", &writer, &err), &err);
    assert_ok(gb_row_writer_put(writer, &row, &err), &err);
    assert_fails(gb_row_writer_close(writer, &err), GB_E_IO, &err, "/dev/full: cannot write: No space");
    assert_fails(gb_row_writer_open("/nowhere/x", &writer, &err), GB_E_IO, &err, "/nowhere/x: cannot write");
}

/* Replaces `from` (which must be there) by `to` in a copy of the file, and gives the refusal. */
static void refuses_run(const char *directory, const char *json, const char *from, const char *to, gb_status code,
                        const char *part)
{
    gb_error err = {0};
    gb_run *run = NULL;
    const char *at = strstr(json, from);
    if (!at) fail_msg("run.json has no %s", from);
    char *edited = gb_format("%.*s%s%s", (int)(at - json), json, to, at + strlen(from));
    put(directory, "run.json", edited, strlen(edited));
    assert_fails(gb_run_read(directory, &run, &err), code, &err, part);
    assert_null(strchr(err.text, '\n'));
    assert_null(run);
    free(edited);
}

static void damaged_runs_are_refused(void **state)
{
    (void)state;
    const char *directory = test_scratch("damaged");
    gb_run *run = make(directory, small);
    gb_error err = {0};
    size_t size;
    assert_ok(gb_report_find("json")->write(run, &err), &err);
    gb_run_free(run);
    run = NULL;
    char *json = slurp(directory, "run.json", &size);
    for (size_t cut = 0; cut < size - 2; cut += 1 + size / 40) {
        put(directory, "run.json", json, cut);
        assert_fails(gb_run_read(directory, &run, &err), GB_E_FORMAT, &err, "run.json: expected JSON");
    }
    refuses_run(directory, json, GB_RUN_SCHEMA, "ganime-bench/run/9", GB_E_FORMAT, "found \"ganime-bench/run/9\"");
    refuses_run(directory, json, "\"schema\"", "\"scheme\"", GB_E_FORMAT, "found \"none\"");
    refuses_run(directory, json, "\"strict\"", "\"lax\"", GB_E_MISMATCH, "to be the sha256 of the protocol");
    refuses_run(directory, json, "\"domain\"", "\"domains\"", GB_E_FORMAT, "datasets[0].domain: expected a value");
    refuses_run(directory, json, "\"frames\":\t24", "\"frames\":\t\"24\"", GB_E_FORMAT,
                "datasets[0].frames: expected a whole");
    refuses_run(directory, json, "\"frames\":\t24", "\"frames\":\t-24", GB_E_FORMAT,
                "datasets[0].frames: expected a whole");
    refuses_run(directory, json, "\"state\":\t\"ok\"", "\"state\":\t\"fine\"", GB_E_FORMAT, "expected a state");
    refuses_run(directory, json, "\"summary\"", "\"summaries\"", GB_E_FORMAT, "summary: expected a list");
    refuses_run(directory, json, "\"region\":\t\"full\"", "\"region\":\t\"half\"", GB_E_FORMAT, "expected a region");
    refuses_run(directory, json, "\"mean\":\t0", "\"mean\":\tnull, \"was\": 0", GB_E_FORMAT,
                "mean: expected a number");
    refuses_run(directory, json, "\"random_weights\":\tfalse", "\"random_weights\":\t0", GB_E_FORMAT,
                "true or false");
    refuses_run(directory, json, "\"path\":\t\"panels/", "\"path\":\t\"../../", GB_E_FORMAT,
                "inside the run's folder");
    refuses_run(directory, json, "\"generator\":\t\"lama", "\"generator\":\t\"lamb", GB_E_FORMAT,
                "one of the run's generators");
    put(directory, "run.json", json, size); /* and as it was, it is taken */
    assert_ok(gb_run_read(directory, &run, &err), &err);
    gb_run_free(run);
    free(json);
    run = NULL;
    assert_fails(gb_run_read(test_scratch("nowhere"), &run, &err), GB_E_NOT_FOUND, &err, "run.json");
}

static void refuses_rows(const char *directory, const char *text, const char *part)
{
    gb_error err = {0};
    long count = 0;
    put(directory, "frames.jsonl", text, strlen(text));
    assert_fails(gb_run_read_rows(directory, count_row, &count, &err), GB_E_FORMAT, &err, part);
    assert_null(strchr(err.text, '\n'));
}

#define ROW(rest)                                                                                    \
    "{\"generator\":\"g\",\"dataset\":\"d\",\"clip\":\"c\",\"shot\":0,\"frame\":3,\"metric\":\"m\"," \
    "\"region\":\"full\"," rest

static void damaged_rows_are_refused(void **state)
{
    (void)state;
    const char *directory = test_scratch("bad-rows");
    gb_error err = {0};
    long count = 0;
    assert_ok(gb_directory_make(directory, &err), &err);
    const char *good = ROW("\"value\":0.5,\"num\":1,\"den\":2,\"state\":\"ok\"}\n");
    put(directory, "frames.jsonl", good, strlen(good));
    assert_ok(gb_run_read_rows(directory, count_row, &count, &err), &err);
    refuses_rows(directory, ROW("\"value\":0.5,\"state\":\"ok\"}"), "frames.jsonl:1: expected a whole row");
    refuses_rows(directory, ROW("\"value\":0.5,\n"), "frames.jsonl:1: expected JSON");
    refuses_rows(directory, ROW("\"value\":0.6,\"num\":1,\"den\":2,\"state\":\"ok\"}\n"), "to be \"num\" / \"den\"");
    refuses_rows(directory, ROW("\"value\":null,\"state\":\"ok\"}\n"), "expected a finite value");
    refuses_rows(directory, ROW("\"value\":NaN,\"state\":\"ok\"}\n"), "expected JSON");
    refuses_rows(directory, ROW("\"value\":0.5,\"state\":\"no weights\"}\n"), "expected no value");
    refuses_rows(directory, ROW("\"value\":0.5,\"num\":1,\"state\":\"ok\"}\n"), "\"num\" and \"den\"");
    refuses_rows(directory, ROW("\"value\":null,\"num\":1,\"den\":2,\"state\":\"undefined\"}\n"),
                 "expected no value");
    refuses_rows(directory, ROW("\"value\":0.5,\"state\":\"fine\"}\n"), "expected a state");
    refuses_rows(directory, ROW("\"value\":\"0.5\",\"state\":\"ok\"}\n"), "a number or null");
    refuses_rows(directory, "\n", "expected JSON");
    refuses_rows(directory, "[1]\n", "expected an object");
}

static void text_is_escaped(void **state)
{
    (void)state;
    static const struct {
        void (*write)(gb_buffer *, const char *);
        const char *text, *expected;
    } cases[] = {
        {gb_text_markup, "<a href=\"x\">'&", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;"},
        {gb_text_markup, "\x01\xc3\xa9\xff", "\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd"},
        {gb_text_csv, "a,\"b\"\n", "\"a,\"\"b\"\"\n\""},
        {gb_text_csv, "plain", "plain"},
        {gb_text_csv, "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
        {gb_text_csv, "@a", "'@a"},
        {gb_text_csv, "-1+2", "'-1+2"},
        {gb_text_csv, "\t=1", "'\t=1"},
        {gb_text_json, "\"\\\x1f", "\"\\\"\\\\\\u001f\""},
        {gb_text_json, "\xed\xa0\x80\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {gb_text_json, "\xe4\xb8", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {gb_text_markdown, "a|b\n<i>`_", "a\\|b &lt;i&gt;\\`\\_"},
        {gb_text_markdown, "[a](javascript:b) <script>", "\\[a\\](javascript:b) &lt;script&gt;"},
        {gb_text_markdown, "# $x$ ~~y~~", "\\# \\$x\\$ \\~\\~y\\~\\~"},
        {gb_text_markup, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gb_buffer out;
        gb_buffer_init(&out, 1000);
        cases[i].write(&out, cases[i].text);
        if (cases[i].expected) assert_string_equal(out.data, cases[i].expected);
        gb_buffer_free(&out);
    }
}

static void numbers_are_short_and_exact(void **state)
{
    (void)state;
    static const double values[] = {0.0, 0.1, 0.1 + 0.2, 1.0 / 3.0, 1e300, 5e-324, -2.5, 9007199254740993.0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        gb_buffer out;
        gb_buffer_init(&out, 100);
        gb_text_number(&out, values[i]);
        assert_true(strtod(out.data, NULL) == values[i]);
        gb_buffer_free(&out);
    }
    gb_buffer out;
    gb_buffer_init(&out, 100);
    gb_text_number(&out, 0.1);
    gb_text_number(&out, NAN);
    gb_text_number(&out, -INFINITY);
    assert_string_equal(out.data, "0.1nullnull");
    gb_buffer_free(&out);
}

/* The number of fields of each line of a CSV text; every line must have as many. */
static int csv_fields(const char *text)
{
    int fields = 1, first = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"') quoted = !quoted;
        if (quoted) continue;
        if (*text == ',') fields++;
        if (*text != '\n') continue;
        if (first && fields != first) return -1;
        first = fields;
        fields = 1;
    }
    return quoted ? -1 : first;
}

static int occurrences(const char *text, const char *what)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) count++;
    return count;
}

static void tables_hold_words_where_there_is_no_number(void **state)
{
    (void)state;
    const char *directory = test_scratch("tables");
    gb_run *run = make(directory, (sample_size){.shots = 1, .frames = 4, .panels = 0});
    size_t size;
    write_all(run);
    char *csv = slurp(directory, "summary.csv", &size), *md = slurp(directory, "summary.md", &size);
    char *junit = slurp(directory, "junit.xml", &size);
    assert_int_equal(csv_fields(csv), 13);
    /* Scripts rely on this order: a new column comes last. */
    static const char columns[] = "generator,dataset,metric,region,state,mean,lo,hi,frames,shots,unit,direction,why";
    assert_memory_equal(csv, columns, sizeof columns - 1);
    assert_non_null(strstr(csv, "ce,toon,psnr_rgb,full,no weights,,,,0,0,dB,higher,no file ce.ckpt"));
    assert_non_null(strstr(md, "| ce | no weights | no weights |"));
    assert_non_null(strstr(md, "- ce: no weights: no file ce.ckpt"));
    assert_non_null(strstr(md, "| broken | failed |"));
    assert_non_null(strstr(md, "skipped: get it with"));
    assert_null(strstr(md, "nan"));
    assert_null(strstr(md, "<script"));
    /* Six pass on two datasets; the third dataset is skipped, and so is ce everywhere. */
    assert_int_equal(occurrences(junit, "<testcase "), 24);
    assert_int_equal(occurrences(junit, "<failure message=\"failed: weights.pt: expected finite"), 2);
    assert_int_equal(occurrences(junit, "<skipped message=\"no weights: "), 2);
    assert_int_equal(occurrences(junit, "<skipped message=\"skipped: get it with"), 8);
    assert_non_null(strstr(junit, "tests=\"8\" failures=\"1\" errors=\"0\" skipped=\"1\""));
    assert_null(strstr(junit, "<script"));
    free(junit);
    free(md);
    free(csv);
    gb_run_free(run);
}

/* A user's own dataset is neither in the training show's domain nor out of it. */
static void own_datasets_are_not_out(void **state)
{
    (void)state;
    const char *directory = test_scratch("domains");
    gb_run *run = make(directory, small);
    gb_error err = {0};
    size_t size;
    for (int out = 0; out < 2; out++) {
        free(run->datasets[1].domain);
        run->datasets[1].domain = gb_strdup(out ? "out" : "own");
        assert_ok(gb_report_find("html")->write(run, &err), &err);
        char *page = slurp(directory, "report.html", &size);
        assert_int_equal(strstr(page, "; outside the training domain") != NULL, out);
        assert_int_equal(strstr(page, "Domain gap") != NULL, out);
        free(page);
    }
    gb_run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(numbers_are_short_and_exact),
        cmocka_unit_test(rows_read_back_as_they_were),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(damaged_rows_are_refused),
        cmocka_unit_test(a_run_reads_back_as_it_was),
        cmocka_unit_test(only_ok_rows_have_numbers),
        cmocka_unit_test(damaged_runs_are_refused),
        cmocka_unit_test(tables_hold_words_where_there_is_no_number),
        cmocka_unit_test(regenerated_reports_are_the_same_bytes),
        cmocka_unit_test(own_datasets_are_not_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
