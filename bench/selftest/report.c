#include <math.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/json.h"
#include "selftest/selftest.h"

#define MOST_BYTES ((size_t)1 << 20)

static double percent(long part, const gb_outcome *o)
{
    const long all = o->worse + o->undecided + o->passed;
    return all ? 100.0 * (double)part / (double)all : 0.0;
}

/* "colour 6", or the name alone. */
static void put_name(const gb_case *one, char *out, size_t size)
{
    if (isnan(one->size)) snprintf(out, size, "%s", one->id);
    else snprintf(out, size, "%s %g", one->id, one->size);
}

static void put_worst(const gb_outcome *o, char *out, size_t size)
{
    if (o->worst) snprintf(out, size, "%s %s", o->worst->metric, o->worst->region);
    else snprintf(out, size, "-");
}

static const char *area(bool speed)
{
    return speed ? "speed" : "quality";
}

static const char *wanted(gb_selftest_group group)
{
    static const char *const text[GB_GROUP_COUNT] = {"not pass", "not pass", "not worse", "pass", "-"};
    return text[group];
}

static void put_limit(const gb_selftest_line *line, char *out, size_t size)
{
    if (isnan(line->limit)) snprintf(out, size, "-");
    else snprintf(out, size, "%g %%", 100.0 * line->limit);
}

/* ---- Terminal ---- */

static void print_case(FILE *out, const gb_case *one, const gb_outcome *o)
{
    char name[64], worst[64];
    put_name(one, name, sizeof name);
    put_worst(o, worst, sizeof worst);
    fprintf(out, "  %-7s %-14s %-12s %4d  %7.2f  %-24s  %6.1f  %6.1f  %6.1f  %s\n", one->base, name,
            gb_case_kind_name(one->kind), o->units, o->loss, worst, percent(o->worse, o),
            percent(o->undecided, o), percent(o->passed, o),
            wanted(gb_selftest_group_of(one, o)));
}

static void print_line(FILE *out, const gb_selftest_line *line)
{
    char limit[32];
    put_limit(line, limit, sizeof limit);
    if (line->group == GB_GROUP_BELOW) return;
    fprintf(out, "  %-7s %-26s %4d  %5d  %8ld/%-8ld  %6.2f %%  (%.2f to %.2f)  %6s  %s%s%s\n",
            area(line->speed), gb_selftest_group_name(line->group), line->units, line->cases, line->errors,
            line->trials, 100.0 * line->rate.rate, 100.0 * line->rate.lo, 100.0 * line->rate.hi, limit,
            line->holds ? "holds" : "FAILS", line->over ? ", over it: " : "", line->over ? line->over : "");
}

void gb_selftest_print(FILE *out, const gb_selftest *test)
{
    fprintf(out, "\n  %-7s %-14s %-12s %4s  %7s  %-24s  %6s  %6s  %6s  %s\n", "of", "change", "how", "n", "loss",
            "greatest in", "worse", "undec.", "pass", "right");
    for (int i = 0; i < test->cases.count; i++)
        for (int s = 0; s < GB_SELFTEST_SAMPLES; s++)
            print_case(out, &test->cases.item[i], &test->outcome[i * GB_SELFTEST_SAMPLES + s]);
    fprintf(out, "\n  n: shots (rounds of timing) in a sample; loss: of the whole pool, in least effects of its row;\n"
                 "  worse, undecided and pass in %% of %d samples\n\n", test->resamples);
    fprintf(out, "  %-7s %-26s %4s  %5s  %17s  %8s  %-16s  %6s\n", "of", "error", "n", "cases", "errors/samples",
            "rate", "95 %", "limit");
    for (int i = 0; i < test->lines; i++) print_line(out, &test->line[i]);
    fprintf(out, "\n  %s in %.0f s\n", test->passed ? "passed" : "FAILED", test->seconds);
}

/* ---- JSON ---- */

static cJSON *case_json(const gb_case *one, const gb_outcome *o)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "of", area(one->timings != NULL));
    gb_json_add_string(object, "widened_by", *one->base ? one->base : NULL);
    cJSON_AddStringToObject(object, "change", one->id);
    gb_json_add_number(object, "size", one->size);
    cJSON_AddStringToObject(object, "what", one->what);
    cJSON_AddStringToObject(object, "how", gb_case_kind_name(one->kind));
    cJSON_AddNumberToObject(object, "sample", o->units);
    gb_json_add_number(object, "loss", o->loss);
    gb_json_add_string(object, "metric", o->worst ? o->worst->metric : NULL);
    gb_json_add_string(object, "region", o->worst ? o->worst->region : NULL);
    cJSON_AddNumberToObject(object, "worse", (double)o->worse);
    cJSON_AddNumberToObject(object, "undecided", (double)o->undecided);
    cJSON_AddNumberToObject(object, "passed", (double)o->passed);
    cJSON_AddNumberToObject(object, "errors", (double)gb_selftest_errors(one, o));
    cJSON_AddStringToObject(object, "group", gb_selftest_group_name(gb_selftest_group_of(one, o)));
    return object;
}

static cJSON *line_json(const gb_selftest_line *line)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "of", area(line->speed));
    cJSON_AddStringToObject(object, "group", gb_selftest_group_name(line->group));
    cJSON_AddNumberToObject(object, "sample", line->units);
    cJSON_AddNumberToObject(object, "cases", line->cases);
    cJSON_AddNumberToObject(object, "errors", (double)line->errors);
    cJSON_AddNumberToObject(object, "trials", (double)line->trials);
    gb_json_add_number(object, "rate", line->rate.rate);
    gb_json_add_number(object, "lo", line->rate.lo);
    gb_json_add_number(object, "hi", line->rate.hi);
    gb_json_add_number(object, "limit", line->limit);
    cJSON_AddBoolToObject(object, "holds", line->holds);
    return object;
}

cJSON *gb_selftest_json(const gb_selftest *test)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "schema", "ganime-bench/self-test/1");
    cJSON_AddBoolToObject(object, "passed", test->passed);
    cJSON_AddStringToObject(object, "show", test->show);
    cJSON_AddNumberToObject(object, "shots", test->shots);
    cJSON_AddNumberToObject(object, "frames", test->frames);
    cJSON_AddNumberToObject(object, "width", test->geometry.width);
    cJSON_AddNumberToObject(object, "height", test->geometry.height);
    cJSON_AddNumberToObject(object, "resamples", test->resamples);
    gb_json_add_number(object, "seconds", test->seconds);
    cJSON *rates = cJSON_AddArrayToObject(object, "rates"), *cases = cJSON_AddArrayToObject(object, "cases");
    for (int i = 0; i < test->lines; i++) gb_json_append(rates, line_json(&test->line[i]));
    for (int i = 0; i < test->cases.count; i++)
        for (int s = 0; s < GB_SELFTEST_SAMPLES; s++)
            gb_json_append(cases, case_json(&test->cases.item[i], &test->outcome[i * GB_SELFTEST_SAMPLES + s]));
    return object;
}

/* ---- Markdown ---- */

static void write_lines(const gb_selftest *test, gb_buffer *b)
{
    gb_buffer_text(b, "| of | error | n | cases | errors / samples | rate (95 %) | limit | |\n"
                      "|---|---|--:|--:|--:|--:|--:|---|\n");
    for (int i = 0; i < test->lines; i++) {
        const gb_selftest_line *const line = &test->line[i];
        char limit[32];
        put_limit(line, limit, sizeof limit);
        if (line->group == GB_GROUP_BELOW) continue;
        gb_buffer_printf(b, "| %s | %s | %d | %d | %ld / %ld | %.2f %% (%.2f–%.2f) | %s | %s%s%s |\n",
                         area(line->speed), gb_selftest_group_name(line->group), line->units, line->cases,
                         line->errors, line->trials, 100.0 * line->rate.rate, 100.0 * line->rate.lo,
                         100.0 * line->rate.hi, limit, line->holds ? "holds" : "**fails**",
                         line->over ? ", over it: " : "", line->over ? line->over : "");
    }
}

static void write_cases(const gb_selftest *test, gb_buffer *b)
{
    gb_buffer_text(b, "| of | change | how | n | loss | greatest in | worse % | undecided % | pass % | right |\n"
                      "|---|---|---|--:|--:|---|--:|--:|--:|---|\n");
    for (int i = 0; i < test->cases.count; i++)
        for (int s = 0; s < GB_SELFTEST_SAMPLES; s++) {
            const gb_case *const one = &test->cases.item[i];
            const gb_outcome *const o = &test->outcome[i * GB_SELFTEST_SAMPLES + s];
            char worst[64];
            put_worst(o, worst, sizeof worst);
            gb_buffer_printf(b, "| %s | %s | %s | %d | %.2f | %s | %.1f | %.1f | %.1f | %s |\n", one->base, one->what,
                             gb_case_kind_name(one->kind), o->units, o->loss, worst, percent(o->worse, o),
                             percent(o->undecided, o), percent(o->passed, o), wanted(gb_selftest_group_of(one, o)));
        }
}

gb_status gb_selftest_write(const gb_selftest *test, const char *command, const char *path, gb_error *err)
{
    gb_buffer b;
    gb_buffer_init(&b, MOST_BYTES);
    gb_buffer_printf(&b, "# The gate's self-test\n\n`%s`: %s. Pool: %d shots of %d frames of `%s`, %dx%d; %d "
                         "samples a case and size n of sample; %.0f s.\n\n", command,
                     test->passed ? "passed" : "**failed**", test->shots, test->frames, test->show,
                     test->geometry.width, test->geometry.height, test->resamples, test->seconds);
    write_lines(test, &b);
    gb_buffer_text(&b, "\n");
    write_cases(test, &b);
    gb_status status = gb_buffer_status(&b, err);
    if (status == GB_OK) status = gb_file_write(path, b.data, b.size, err);
    gb_buffer_free(&b);
    return status;
}
