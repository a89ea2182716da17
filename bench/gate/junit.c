/* One test case a row, one suite a dataset and one for speed. What is worse, missing or undecided fails. */
#include <string.h>

#include "core/file.h"
#include "gate/words.h"
#include "report/text.h"

#define MAX_FILE ((size_t)64 << 20)

typedef enum result { PASSED, FAILED, SKIPPED } result;

static result result_of(gb_verdict verdict)
{
    switch (verdict) {
    case GB_VERDICT_PASS:
    case GB_VERDICT_BETTER: return PASSED;
    case GB_VERDICT_INFORMATIVE:
    case GB_VERDICT_UNCONFIRMED: return SKIPPED;
    default: return FAILED;
    }
}

/* Speed that was not decided fails when the user said so: see gb_gate_verdict. */
static result speed_result(const gb_gate *gate, gb_verdict verdict)
{
    if (verdict == GB_VERDICT_UNDECIDED || verdict == GB_VERDICT_UNCONFIRMED)
        return gate->strict_speed ? FAILED : SKIPPED;
    return result_of(verdict);
}

static void put_case(gb_buffer *out, const char *suite, const char *name, result r, const gb_buffer *message,
                     const gb_buffer *numbers)
{
    gb_buffer_text(out, "    <testcase classname=\"");
    gb_text_markup(out, suite);
    gb_buffer_text(out, "\" name=\"");
    gb_text_markup(out, name);
    gb_buffer_text(out, "\">\n");
    if (r != PASSED) {
        gb_buffer_printf(out, "      <%s message=\"", r == FAILED ? "failure" : "skipped");
        gb_text_markup(out, message->data);
        gb_buffer_text(out, "\"/>\n");
    }
    gb_buffer_text(out, "      <system-out>");
    gb_text_markup(out, numbers->data);
    gb_buffer_text(out, "</system-out>\n    </testcase>\n");
}

static void put_row(gb_buffer *out, const gb_gate_row *row)
{
    gb_buffer name, message, numbers;
    gb_buffer_init(&name, 4096);
    gb_buffer_init(&message, 4096);
    gb_buffer_init(&numbers, 4096);
    gb_gate_who(&name, row);
    gb_buffer_printf(&name, " %s %s", row->metric, gb_region_name(row->region));
    gb_gate_verdict_words(&message, row);
    gb_buffer_text(&numbers, "baseline ");
    gb_gate_value(&numbers, row, row->decision.base);
    gb_buffer_text(&numbers, ", run ");
    gb_gate_value(&numbers, row, row->decision.run);
    gb_buffer_text(&numbers, ", difference ");
    gb_gate_difference(&numbers, row);
    put_case(out, row->dataset, name.data, result_of(row->decision.verdict), &message, &numbers);
    gb_buffer_free(&name);
    gb_buffer_free(&message);
    gb_buffer_free(&numbers);
}

static void open_suite(gb_buffer *out, const char *name, const int count[3])
{
    gb_buffer_text(out, "  <testsuite name=\"");
    gb_text_markup(out, name);
    gb_buffer_printf(out, "\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\">\n",
                     count[PASSED] + count[FAILED] + count[SKIPPED], count[FAILED], count[SKIPPED]);
}

static bool is_first_of_dataset(const gb_gate *gate, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!strcmp(gate->row[i].dataset, gate->row[at].dataset)) return false;
    return true;
}

static void put_dataset(gb_buffer *out, const gb_gate *gate, const char *dataset)
{
    int count[3] = {0};
    for (size_t i = 0; i < gate->count; i++)
        if (!strcmp(gate->row[i].dataset, dataset)) count[result_of(gate->row[i].decision.verdict)]++;
    open_suite(out, dataset, count);
    for (size_t i = 0; i < gate->count; i++)
        if (!strcmp(gate->row[i].dataset, dataset)) put_row(out, &gate->row[i]);
    gb_buffer_text(out, "  </testsuite>\n");
}

static void put_speed(gb_buffer *out, const gb_gate *gate)
{
    int count[3] = {0};
    for (size_t i = 0; i < gate->speed_count; i++) count[speed_result(gate, gate->speed[i].decision.verdict)]++;
    open_suite(out, "speed", count);
    for (size_t i = 0; i < gate->speed_count; i++) {
        const gb_gate_speed *speed = &gate->speed[i];
        gb_buffer name, message, numbers;
        gb_buffer_init(&name, 4096);
        gb_buffer_init(&message, 4096);
        gb_buffer_init(&numbers, 4096);
        gb_buffer_printf(&name, "%s %s, %d thread", speed->generator, speed->stage, speed->threads);
        gb_gate_speed_words(&message, speed);
        gb_gate_speed_difference(&numbers, speed);
        put_case(out, "speed", name.data, speed_result(gate, speed->decision.verdict), &message, &numbers);
        gb_buffer_free(&name);
        gb_buffer_free(&message);
        gb_buffer_free(&numbers);
    }
    gb_buffer_text(out, "  </testsuite>\n");
}

gb_status gb_gate_write_junit(const gb_gate *gate, const char *path, gb_error *err)
{
    gb_buffer out;
    gb_buffer_init(&out, MAX_FILE);
    gb_buffer_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ganime-bench gate\">\n");
    for (size_t i = 0; i < gate->count; i++)
        if (is_first_of_dataset(gate, i)) put_dataset(&out, gate, gate->row[i].dataset);
    if (gate->speed_count) put_speed(&out, gate);
    gb_buffer_text(&out, "</testsuites>\n");
    gb_status status = gb_buffer_status(&out, err);
    if (status == GB_OK) status = gb_file_write(path, out.data, out.size, err);
    gb_buffer_free(&out);
    return status;
}
