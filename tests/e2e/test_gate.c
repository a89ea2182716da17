/* `ganime-bench compare` and `gate` from the outside: every exit code from real runs of the drawn show, and everything
 * that was tampered with refused in one line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/schema.h"
#include "support/support.h"

#define SELECTION "--dataset toon --metric psnr_rgb,ssim_gauss11_rgb,flicker_excess --no-panels --quiet"

static int in_scratch(char *output, size_t size, const char *command)
{
    return test_command(output, size, "BENCH=$(readlink -f $BENCH); cd '%s' && %s", test_scratch(""), command);
}

/* Each of the runs that the cases below need. `swapped` is `a` with black's numbers under edge's name. */
static const char *const runs[] = {
    "$BENCH run --generator black,edge,mirror --limit 24 --no-timing --out a " SELECTION,
    "$BENCH run --generator black,edge,mirror --limit 24 --batch 3 --threads 1 --no-timing --out b " SELECTION,
    "$BENCH run --generator edge --limit 24 --no-timing --out one " SELECTION,
    "$BENCH run --generator edge --limit 12 --no-timing --out short " SELECTION,
    "$BENCH run --generator edge --limit 24 --protocol ganime --no-timing --out study " SELECTION,
    "cp -r a swapped && sed -i 's/\"black\"/\"swap\"/; s/\"edge\"/\"black\"/; s/\"swap\"/\"edge\"/' swapped/run.json "
    "swapped/frames.jsonl",
    "$BENCH gate a --rebaseline --why 'the first' --baseline base.json",
};

static int make_runs(void **state)
{
    (void)state;
    char output[4096];
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        if (in_scratch(output, sizeof output, runs[i]) != 0) {
            print_error("%s: %s\n", runs[i], output);
            return -1;
        }
    return 0;
}

/* What is done first, the command, its exit code, and what its output contains. */
typedef struct gate_case {
    int code;
    const char *text, *before, *command;
} gate_case;

static void try_case(const gate_case *one)
{
    char output[16384], command[1024];
    snprintf(command, sizeof command, "%s $BENCH %s", one->before, one->command);
    const int code = in_scratch(output, sizeof output, command);
    if (code != one->code || !strstr(output, one->text))
        fail_msg("%s: exit %d, expected %d with \"%s\": %s", command, code, one->code, one->text, output);
}

static void every_exit_code_from_a_real_run(void **state)
{
    (void)state;
    static const gate_case cases[] = {
        {0, "pass: exactly equal", "", "compare a a"},
        {0, "pass: exactly equal", "", "compare a b"}, /* other batch and threads */
        {0, "pass: exactly equal", "", "compare a base.json"},
        {0, "pass: exactly equal", "", "gate b --baseline base.json"},
        {0, "the first", "", "gate b --baseline base.json"},
        {0, "better than the baseline", "", "compare a --generator black,edge --limits only_psnr.json"},
        {1, "worse than the baseline", "", "compare a --generator edge,black"},
        {1, "worse than the baseline", "", "gate swapped --baseline base.json"},
        {1, "worse than the baseline", "", "compare a swapped --generator edge"},
        {1, "the run has no such row", "", "gate one --baseline base.json"},
        {1, "would decide", "", "compare a --generator edge,mirror"},
        {3, "expected a generator 'nosuch' in this run, found none", "", "compare a --generator edge,nosuch"},
        {3, "expected a generator 'nosuch' in one of them, found none", "", "compare a b --generator edge,nosuch"},
        {2, "--why", "", "gate a --rebaseline --baseline base2.json"},
        {2, "expected A B", "", "compare a"},
        {2, "did you mean", "", "gate a --baselin base.json"},
        {3, "nowhere: no such run or baseline", "", "compare a nowhere"}, /* either side: both were asked for */
        {3, "nowhere: no such run or baseline", "", "compare nowhere a"},
        {3, "found no run.json", "mkdir -p hollow;", "compare hollow a"},
        {3, "found no run.json", "", "compare a hollow"},
        {3, "found no run.json", "", "gate a --baseline hollow"}, /* it is there, but it is none */
        {3, "nowhere", "", "gate nowhere --baseline base.json"},
        {3, "nowhere", "", "gate nowhere --baseline missing.json"}, /* 3 before 5 */
        {3, "nobody", "", "compare a --generator edge,nobody"},
        {3, "/proc/x", "", "compare a --generator edge,black --summary /proc/x"},     /* 3 before 1 */
        {3, "/proc/x", "", "gate swapped --baseline base.json --junit /proc/x"},      /* 3 before 1 */
        {3, "GITHUB", "unset GITHUB_STEP_SUMMARY;", "gate swapped --baseline base.json --github"},
        {3, "no.json", "", "compare one short --limits no.json"},                     /* 3 before 4 */
        {3, "no.json", "", "gate short --baseline base.json --limits no.json"},       /* 3 before 4 */
        {3, "no.json", "", "gate a --baseline missing.json --limits no.json"},        /* 3 before 5 */
        {3, "nowhere.h5", "", "gate --baseline base.json --dataset nowhere.h5 --quiet --out none"},
        {4, "datasets.toon.frames", "", "compare short swapped"},                     /* 4 before 1 */
        {4, "datasets.toon.frames", "", "compare one short"},
        {4, "file_format", "", "compare one study"},
        {4, "datasets.toon.frames", "", "gate short --baseline base.json"}, /* 4 before 1: rows are missing too */
        {5, "--rebaseline", "", "gate a --baseline missing.json"},
        {5, "--rebaseline", "", "gate --baseline missing.json"},
    };
    in_scratch(NULL, 0, "printf '{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr_rgb\":{\"least\":0.2}},"
                        "\"speed\":{\"least\":0.1}}' >only_psnr.json");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) try_case(&cases[i]);
}

/* Without RUN, the baseline's run is made again. */
static void the_baseline_is_run_again(void **state)
{
    (void)state;
    static const gate_case again = {0, "pass: exactly equal", "", "gate --baseline base.json --out again"};
    static const gate_case changed = {4, "rounding", "",
                                      "gate --baseline base.json --protocol ganime --quiet --out changed"};
    try_case(&again);
    try_case(&changed);
    assert_int_equal(in_scratch(NULL, 0, "cmp a/frames.jsonl again/frames.jsonl"), 0);
}

static void what_was_tampered_with_is_refused_in_one_line(void **state)
{
    (void)state;
    static const gate_case cases[] = {
        {3, "cut.json", "head -c 20000 base.json >cut.json;", "gate a --baseline cut.json"},
        {3, "expected JSON", "head -n 20 base.json >cut2.json; printf ']}' >>cut2.json;",
         "gate a --baseline cut2.json"},
        {3, "checksum", "sed '$d' base.json >open.json; echo '\"end\":1}' >>open.json;",
         "gate a --baseline open.json"},
        {3, "shuffled.json", "tac base.json >shuffled.json;", "gate a --baseline shuffled.json"},
        {3, "checksum", "awk 'NR==12{x=$0;next}NR==13{print;print x;next}1' base.json >moved.json;",
         "gate a --baseline moved.json"},
        {3, "checksum", "sed 's/the first/the best/' base.json >story.json;", "gate a --baseline story.json"},
        {3, "checksum", "sed 's/\"mean\":1/\"mean\":2/' base.json >edited.json;", "gate a --baseline edited.json"},
        {3, "expected schema", "sed 's|baseline/1|baseline/9|' base.json >other.json;", "gate a --baseline other.json"},
        {3, "expected schema", "echo '{}' >empty.json;", "gate a --baseline empty.json"},
        {3, "expected JSON", "echo 'no' >text.json;", "gate a --baseline text.json"},
        {3, "expected schema", "cp -r a alien; sed -i 's|run/1|run/9|' alien/run.json;", "compare alien a"},
        {3, "changed by hand", "cp -r a mean; sed -i '0,/\"mean\":\\t1/s//\"mean\":\\t2/' mean/run.json;",
         "compare mean a"},
        {3, "changed by hand", "cp -r a lost; sed -i '$d' lost/frames.jsonl;", "compare lost a"},
        {3, "cut off", "cp -r a torn; truncate -s -9 torn/frames.jsonl;", "compare torn a"},
        {3, "changed by hand", "cp -r lost told;", "report told --format md"},
        {3, "order of the frames", "cp -r a mixed; tac a/frames.jsonl >mixed/frames.jsonl;", "compare mixed a"},
        {3, "changed by hand", "cp -r a value; sed -i '0,/\"value\":1/s//\"value\":2/' value/frames.jsonl;",
         "compare a value"},
        {3, "fingerprint", "cp -r a print; sed -i 's/nearest even/truncate/' print/run.json;", "compare a print"},
        {3, "did you mean", "sed 's/psnr_rgb/psnr_rg/' only_psnr.json >typo.json;", "compare a b --limits typo.json"},
        {3, "did you mean", "sed 's/least/leats/' only_psnr.json >typo2.json;", "compare a b --limits typo2.json"},
    };
    char output[4096], command[1024];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        try_case(&cases[i]);
        snprintf(command, sizeof command, "$BENCH %s", cases[i].command);
        in_scratch(output, sizeof output, command);
        const char *newline = strchr(output, '\n');
        if (!newline || newline[1]) fail_msg("%s: expected one line: %s", cases[i].command, output);
    }
}

static cJSON *read_json(const char *name)
{
    gb_error err = {0};
    cJSON *value = NULL;
    assert_ok(gb_json_read(test_scratch(name), 1 << 26, &value, &err), &err);
    return value;
}

static void outputs_say_the_same(void **state)
{
    (void)state;
    assert_int_equal(in_scratch(NULL, 0, "export GITHUB_STEP_SUMMARY=$PWD/step.md; echo before >step.md; "
                                         "$BENCH gate swapped --baseline base.json --json --summary gate.md --junit "
                                         "gate.xml --github >gate.json"), 1);
    gb_error err = {0};
    cJSON *gate = read_json("gate.json"), *schema = NULL;
    assert_ok(gb_json_read("results/schema/gate.schema.json", 1 << 20, &schema, &err), &err);
    assert_ok(schema_check(schema, gate, &err), &err);
    cJSON_Delete(schema);
    assert_string_equal(gb_json_string_or(gate, "verdict", ""), "worse");
    const cJSON *counts = cJSON_GetObjectItem(gate, "counts"), *row;
    const int worse = (int)gb_json_number_or(counts, "worse", -1);
    int found = 0;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(gate, "rows"))
    {
        const bool is_worse = !strcmp(gb_json_string_or(row, "verdict", ""), "worse");
        found += is_worse;
        if (is_worse) assert_true(gb_json_number_or(row, "p_worse", 1.0) < 0.01);
    }
    assert_true(worse > 0 && worse == found);
    char command[256];
    snprintf(command, sizeof command, "test $(grep -c '^| worse (p' gate.md) = %d", worse);
    assert_int_equal(in_scratch(NULL, 0, command), 0);
    snprintf(command, sizeof command, "test $(grep -c '<failure message=\"worse' gate.xml) = %d", worse);
    assert_int_equal(in_scratch(NULL, 0, command), 0);
    assert_int_equal(in_scratch(NULL, 0, "(echo before; cat gate.md) | cmp - step.md"), 0);
    cJSON_Delete(gate);
}

/* A summary that cannot be written keeps neither the verdict nor the other files back, and no row ends in a blank. */
static void one_lost_output_loses_no_other(void **state)
{
    (void)state;
    static const gate_case lost = {3, "/proc/x: cannot write", "rm -f kept.xml;",
                                   "gate swapped --baseline base.json --summary /proc/x --junit kept.xml"};
    try_case(&lost);
    assert_int_equal(in_scratch(NULL, 0, "grep -q '<failure' kept.xml"), 0);
    assert_int_equal(in_scratch(NULL, 0, "$BENCH gate swapped --baseline base.json --summary whole.md --quiet "
                                         "2>/dev/null"), 1);
    assert_int_equal(in_scratch(NULL, 0, "grep -q '^| pass' whole.md && ! grep -n ' $' whole.md"), 0);
}

/* `--json` of a new baseline, too. */
static void a_new_baseline_is_said_as_json(void **state)
{
    (void)state;
    assert_int_equal(in_scratch(NULL, 0, "$BENCH gate a --rebaseline --why 'as JSON' --baseline said.json --json "
                                         ">said.out"), 0);
    cJSON *said = read_json("said.out"), *run = read_json("a/run.json");
    assert_string_equal(gb_json_string_or(said, "baseline", ""), "said.json");
    assert_string_equal(gb_json_string_or(said, "why", ""), "as JSON");
    assert_string_equal(gb_json_string_or(said, "fingerprint", ""), gb_json_string_or(run, "fingerprint", "-"));
    cJSON_Delete(said);
    cJSON_Delete(run);
}

/* The pull request's summary as GitHub's own renderer shows it. */
static void a_summary_renders_on_github(void **state)
{
    (void)state;
    char html[65536];
    if (in_scratch(NULL, 0, "command -v cmark-gfm >/dev/null") != 0) {
        print_message("skipped: cmark-gfm is not here\n");
        skip();
    }
    assert_int_equal(in_scratch(NULL, 0, "cp base.json 'a_b_c|d.json'; $BENCH gate swapped --baseline 'a_b_c|d.json' "
                                         "--summary github.md --quiet 2>/dev/null"), 1);
    assert_int_equal(in_scratch(html, sizeof html, "cmark-gfm --unsafe -e table -e tagfilter -e autolink "
                                                   "-e strikethrough github.md >github.html && grep -c '<table>' "
                                                   "github.html && grep -v '^<t[dh]' github.html"), 0);
    assert_int_equal(strtol(html, NULL, 10), 2); /* what needs attention, and the rest, folded away */
    assert_non_null(strstr(html, "<h3>ganime-bench: worse than the baseline</h3>"));
    assert_non_null(strstr(html, "<details>"));
    assert_non_null(strstr(html, "</details>"));
    assert_non_null(strstr(html, "a_b_c|d.json"));
    assert_null(strstr(html, "\\"));
    assert_null(strstr(html, "| "));
}

/* A new baseline names the one that it replaces. */
static void baselines_have_a_history(void **state)
{
    (void)state;
    assert_int_equal(in_scratch(NULL, 0, "cp base.json next.json && $BENCH gate b --rebaseline --quiet "
                                         "--why 'other \"threads\"' --baseline next.json"), 0);
    cJSON *first = read_json("base.json"), *next = read_json("next.json");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "replaces")));
    assert_string_equal(gb_json_string_or(next, "replaces", ""), gb_json_string_or(first, "integrity", "-"));
    assert_string_equal(gb_json_string_or(next, "why", ""), "other \"threads\"");
    assert_true(strlen(gb_json_string_or(next, "who", "")) > 0 && strlen(gb_json_string_or(next, "when", "")) == 20);
    cJSON_Delete(first);
    cJSON_Delete(next);
    static const gate_case again = {0, "exactly equal", "", "gate a --baseline next.json"};
    try_case(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exit_code_from_a_real_run),
        cmocka_unit_test(the_baseline_is_run_again),
        cmocka_unit_test(what_was_tampered_with_is_refused_in_one_line),
        cmocka_unit_test(outputs_say_the_same),
        cmocka_unit_test(one_lost_output_loses_no_other),
        cmocka_unit_test(a_new_baseline_is_said_as_json),
        cmocka_unit_test(a_summary_renders_on_github),
        cmocka_unit_test(baselines_have_a_history),
    };
    return cmocka_run_group_tests(tests, make_runs, NULL);
}
