/* junit.xml: one test case per generator and dataset. A failed row fails it; a row that was not measured skips it. */
#include <math.h>
#include <string.h>

#include "report/report_file.h"
#include "report/text.h"

#define MAX_FILE ((size_t)1 << 30)

typedef enum verdict { PASSED, FAILED, SKIPPED } verdict;

static verdict verdict_of(gb_state state)
{
    switch (state) {
    case GB_STATE_OK:
    case GB_STATE_UNDEFINED: return PASSED;
    case GB_STATE_SKIPPED:
    case GB_STATE_NO_WEIGHTS: return SKIPPED;
    default: return FAILED;
    }
}

static bool belongs(const gb_run_summary *row, const char *generator, const char *dataset)
{
    return !strcmp(row->generator, generator) && !strcmp(row->dataset, dataset);
}

/* The state that decides the case, and its reason: failed before skipped before passed. No row at all is a failure. */
static verdict judge(const gb_run *run, const gb_run_generator *generator, const gb_run_dataset *dataset,
                     gb_state *state, const char **why)
{
    verdict worst = verdict_of(dataset->state);
    *state = dataset->state;
    *why = dataset->why;
    bool any = false;
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (!belongs(row, generator->id, dataset->id)) continue;
        any = true;
        const verdict own = verdict_of(row->state);
        if (own == PASSED || worst == FAILED || (worst == SKIPPED && own == SKIPPED)) continue;
        worst = own;
        *state = row->state;
        *why = row->why;
    }
    for (size_t i = 0; i < run->audit_count; i++) {
        const gb_run_audit *audit = &run->audit[i];
        if (audit->state != GB_STATE_FAILED || worst == FAILED || strcmp(audit->generator, generator->id) != 0 ||
            strcmp(audit->dataset, dataset->id) != 0)
            continue;
        worst = FAILED;
        *state = audit->state;
        *why = audit->why;
    }
    if (any || worst != PASSED) return worst;
    *state = GB_STATE_FAILED;
    *why = "the run has no row for it";
    return FAILED;
}

static void numbers(gb_buffer *out, const gb_run *run, const gb_run_generator *generator,
                    const gb_run_dataset *dataset)
{
    gb_buffer_text(out, "      <system-out>");
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (!belongs(row, generator->id, dataset->id)) continue;
        gb_text_markup(out, row->metric);
        gb_buffer_printf(out, " %s: ", gb_region_name(row->region));
        if (row->state == GB_STATE_OK)
            gb_buffer_printf(out, "%.6g", row->mean);
        else
            gb_buffer_text(out, gb_state_name(row->state));
        if (row->state == GB_STATE_OK && isfinite(row->lo)) gb_buffer_printf(out, " [%.6g, %.6g]", row->lo, row->hi);
        gb_buffer_text(out, "\n");
    }
    gb_buffer_text(out, "</system-out>\n");
}

static void test_case(gb_buffer *out, const gb_run *run, const gb_run_generator *generator,
                      const gb_run_dataset *dataset)
{
    static const char *const element[] = {[FAILED] = "failure", [SKIPPED] = "skipped"};
    gb_state state;
    const char *why;
    const verdict v = judge(run, generator, dataset, &state, &why);
    gb_buffer_text(out, "    <testcase classname=\"");
    gb_text_markup(out, dataset->id);
    gb_buffer_text(out, "\" name=\"");
    gb_text_markup(out, generator->id);
    gb_buffer_text(out, "\">\n");
    if (v != PASSED) {
        gb_buffer_printf(out, "      <%s message=\"%s: ", element[v], gb_state_name(state));
        gb_text_markup(out, why ? why : "no reason was recorded");
        gb_buffer_text(out, "\"/>\n");
    }
    numbers(out, run, generator, dataset);
    gb_buffer_text(out, "    </testcase>\n");
}

static void test_suite(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset)
{
    int count[3] = {0};
    for (size_t g = 0; g < run->generator_count; g++) {
        gb_state state;
        const char *why;
        count[judge(run, &run->generators[g], dataset, &state, &why)]++;
    }
    gb_buffer_text(out, "  <testsuite name=\"");
    gb_text_markup(out, dataset->id);
    gb_buffer_printf(out, "\" tests=\"%zu\" failures=\"%d\" errors=\"0\" skipped=\"%d\" timestamp=\"",
                     run->generator_count, count[FAILED], count[SKIPPED]);
    gb_text_markup(out, run->created);
    gb_buffer_text(out, "\">\n");
    for (size_t g = 0; g < run->generator_count; g++) test_case(out, run, &run->generators[g], dataset);
    gb_buffer_text(out, "  </testsuite>\n");
}

static gb_status write_junit(const gb_run *run, gb_error *err)
{
    gb_buffer out;
    gb_buffer_init(&out, MAX_FILE);
    gb_buffer_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ganime-bench\">\n");
    for (size_t d = 0; d < run->dataset_count; d++) test_suite(&out, run, &run->datasets[d]);
    gb_buffer_text(&out, "</testsuites>\n");
    const gb_status status = gb_report_file_write(run, "junit.xml", &out, err);
    gb_buffer_free(&out);
    return status;
}

const gb_report gb_report_junit = {.id = "junit",
                                   .file = "junit.xml",
                                   .summary = "one test case per generator and dataset, for CI",
                                   .write = write_junit};
