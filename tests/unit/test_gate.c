/* What the gate says of speed, and of limits: runs in memory, with times that were made up. (Quality, files and exit
 * codes: tests/e2e/test_gate.c.) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "gate/speed.h"
#include "gate/words.h"
#include "metrics/metric.h"
#include "support/support.h"

enum { ROUNDS = 9, GENERATORS = 2 };
static const char *const names[GENERATORS] = {"mirror", "glcic"};

/* A run of two generators that was timed in rounds: glcic takes `ms`, a machine with this clock `slow` times as long as
 * usual, each time with `noise` of chance. */
static gb_sheet *timed(const char *host, double ms, double slow, double noise, uint64_t seed)
{
    gb_error err = {0};
    gb_random random = {.state = seed};
    gb_sheet *sheet = gb_alloc(1, sizeof *sheet);
    assert_ok(gb_run_new(&sheet->run, &err), &err);
    gb_run *run = sheet->run;
    sheet->path = gb_strdup("made-up");
    run->environment = cJSON_CreateObject();
    static const char *const texts[] = {"machine", "device_name", "device", "engine", "precision"};
    cJSON_AddStringToObject(run->environment, "host", host);
    for (size_t i = 0; i < 5; i++) cJSON_AddStringToObject(run->environment, texts[i], "x");
    cJSON_AddNumberToObject(run->environment, "cores", 4);
    cJSON_AddNumberToObject(run->environment, "threads", 4);
    run->throughput = gb_alloc(GENERATORS, sizeof *run->throughput);
    for (int g = 0; g < GENERATORS; g++) {
        gb_run_throughput *row = &run->throughput[run->throughput_count++];
        *row = (gb_run_throughput){.generator = gb_strdup(names[g]), .stage = gb_strdup("generate"), .batch = 1,
                                   .threads = 4, .rounds = ROUNDS, .round_ms = gb_alloc(ROUNDS, sizeof(double)),
                                   .clock_ms = gb_alloc(ROUNDS, sizeof(double)),
                                   .yardstick_ms = gb_alloc(ROUNDS, sizeof(double))};
        for (int i = 0; i < ROUNDS; i++) {
            const double now = slow * (1.0 + 0.3 * gb_random_uniform(&random));
            row->clock_ms[i] = 0.1 * now;
            row->yardstick_ms[i] = now * (1.0 + 0.02 * gb_random_uniform(&random));
            row->round_ms[i] = (g ? ms : 0.5) * now * (1.0 + noise * (2.0 * gb_random_uniform(&random) - 1.0));
        }
    }
    return sheet;
}

/* Others had a share of the cores in all rounds of glcic from `from` on. */
static gb_sheet *busy(gb_sheet *sheet, int from)
{
    gb_run_throughput *row = &sheet->run->throughput[1];
    for (int i = from; i < ROUNDS; i++) {
        row->yardstick_ms[i] *= 1.6;
        row->round_ms[i] *= 1.4;
    }
    return sheet;
}

static gb_limits *limits;

static int read_limits(void **state)
{
    (void)state;
    gb_error err = {0};
    return gb_limits_read(NULL, NULL, 0, &limits, &err) == GB_OK ? 0 : -1;
}

static int free_limits(void **state)
{
    (void)state;
    gb_limits_free(limits);
    return 0;
}

static char note[200]; /* of glcic's row */

/* The verdict on glcic; `gate` is left for more questions when it is not NULL. Frees the sheets but for `gate`'s. */
static gb_verdict judge(gb_sheet *base, gb_sheet *run, const gb_sheet *again, gb_gate *out)
{
    gb_error err = {0};
    gb_gate_row rows[GENERATORS] = {{.generator = names[0]}, {.generator = names[1]}};
    gb_gate gate = {.base = base, .run = run, .row = rows, .count = GENERATORS};
    assert_ok(gb_gate_judge_speed(&gate, limits, &err), &err);
    if (again) assert_ok(gb_gate_time_again(&gate, again, limits, &err), &err);
    gb_gate_conclude_speed(&gate);
    const gb_verdict verdict = gate.speed_count > 1 ? gate.speed[1].decision.verdict : GB_VERDICT_INFORMATIVE;
    if (out) {
        *out = gate;
        snprintf(note, sizeof note, "%s", gate.speed_count > 1 ? gate.speed[1].note : "");
    }
    free(gate.speed);
    gb_sheet_free(base);
    gb_sheet_free(run);
    return verdict;
}

static void a_slow_moment_is_no_slow_program(void **state)
{
    (void)state;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 30, 1.0, 0.02, 2), NULL, NULL), GB_VERDICT_PASS);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 30, 2.5, 0.02, 3), NULL, NULL), GB_VERDICT_PASS);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 24, 2.5, 0.02, 3), NULL, NULL), GB_VERDICT_BETTER);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.5, 1), timed("a", 31, 1.0, 0.5, 4), NULL, NULL), GB_VERDICT_UNDECIDED);
}

static void slower_takes_two_timings(void **state)
{
    (void)state;
    gb_gate gate;
    gb_sheet *slow = timed("a", 33, 1.2, 0.02, 7), *fast = timed("a", 30, 1.2, 0.02, 8);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 33, 1.0, 0.02, 5), NULL, &gate),
                     GB_VERDICT_UNCONFIRMED);
    assert_int_equal(gate.speed_tally[GB_VERDICT_UNCONFIRMED], 1);
    const gb_verdict once = judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 33, 1.0, 0.02, 5), fast, NULL);
    assert_true(once == GB_VERDICT_PASS || once == GB_VERDICT_UNCONFIRMED || once == GB_VERDICT_UNDECIDED);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("a", 33, 1.0, 0.02, 5), slow, &gate), GB_VERDICT_WORSE);
    assert_int_equal(gate.speed_tally[GB_VERDICT_WORSE], 1);
    assert_int_equal(gb_gate_verdict(&gate), GB_VERDICT_WORSE);
    gb_sheet_free(slow);
    gb_sheet_free(fast);
}

static void a_busy_machine_is_no_slow_program_either(void **state)
{
    (void)state;
    gb_gate gate;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), busy(timed("a", 30, 1.0, 0.02, 2), 3), NULL, NULL),
                     GB_VERDICT_PASS);
    /* Busy all the time: neither a slower program passes as a busy machine, nor a busy machine as a slower program. */
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), busy(timed("a", 30, 1.0, 0.02, 2), 0), NULL, &gate),
                     GB_VERDICT_UNDECIDED);
    assert_non_null(strstr(note, "while the run was timed, others took 3"));
    assert_int_equal(judge(busy(timed("a", 30, 1.0, 0.02, 1), 0), timed("a", 33, 1.0, 0.02, 2), NULL, &gate),
                     GB_VERDICT_UNDECIDED);
    assert_non_null(strstr(note, "while the baseline was timed"));
    gb_sheet *hopeless = timed("a", 30, 1.0, 0.02, 2);
    hopeless->run->throughput[1].rounds = 2;
    hopeless->run->throughput[1].disturbed = 16;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), hopeless, NULL, &gate), GB_VERDICT_UNDECIDED);
    assert_non_null(strstr(note, "2 of 18 rounds of the run"));
}

static void what_is_undecided_is_timed_again_and_never_silent(void **state)
{
    (void)state;
    gb_gate gate;
    gb_sheet *more = timed("a", 30, 1.0, 0.02, 3);
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), busy(timed("a", 30, 1.0, 0.02, 2), 0), more, NULL),
                     GB_VERDICT_PASS);
    gb_sheet_free(more);
    judge(timed("a", 30, 1.0, 0.02, 1), busy(timed("a", 30, 1.0, 0.02, 2), 0), NULL, &gate);
    gate.count = 1;
    assert_int_equal(gb_gate_open_ends(&gate), 1);
    assert_int_equal(gb_gate_verdict(&gate), GB_VERDICT_PASS);
    assert_string_equal(gb_gate_headline(&gate), "pass: exactly equal, but speed is undecided");
    gate.strict_speed = true;
    assert_int_equal(gb_gate_verdict(&gate), GB_VERDICT_UNDECIDED);
    assert_string_equal(gb_gate_headline(&gate), "undecided: speed");
}

static void times_that_are_none_are_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_sheet *base = timed("a", 30, 1.0, 0.02, 1), *run = timed("a", 30, 1.0, 0.02, 2);
    gb_pace pace;
    assert_ok(gb_pace_open(&base->run->throughput[1], &run->run->throughput[1], 0.1, &pace, &err), &err);
    run->run->throughput[1].clock_ms[4] = 0.0;
    assert_fails(gb_pace_open(&base->run->throughput[1], &run->run->throughput[1], 0.1, &pace, &err), GB_E_NUMERIC,
                 &err, "round 4 of glcic");
    assert_ok(gb_pace_open(&base->run->throughput[1], &base->run->throughput[1], 0.1, &pace, &err), &err);
    assert_true(pace.decision.exact && pace.decision.verdict == GB_VERDICT_PASS);
    gb_sheet_free(base);
    gb_sheet_free(run);
}

static void other_machines_are_not_compared(void **state)
{
    (void)state;
    gb_gate gate;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), timed("b", 60, 1.0, 0.02, 2), NULL, &gate),
                     GB_VERDICT_INFORMATIVE);
    assert_string_equal(gate.speed_note, "not compared: other machines, host: a and b");
    gb_sheet *untimed = timed("a", 30, 1.0, 0.02, 1);
    for (int g = 0; g < GENERATORS; g++) untimed->run->throughput[g].rounds = 0;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), untimed, NULL, &gate), GB_VERDICT_INFORMATIVE);
    assert_non_null(strstr(gate.speed_note, "the run was not timed"));
}

static void a_time_that_is_gone_is_missing(void **state)
{
    (void)state;
    gb_gate gate;
    gb_sheet *run = timed("a", 30, 1.0, 0.02, 1);
    run->run->throughput[1].rounds = 0;
    assert_int_equal(judge(timed("a", 30, 1.0, 0.02, 1), run, NULL, &gate), GB_VERDICT_MISSING);
    assert_int_equal(gate.speed_tally[GB_VERDICT_MISSING], 1);
}

/* How often 10 % slower is passed, and nothing is called slower, over timings with 2 % of chance. */
static void ten_percent_is_found_and_nothing_is_not(void **state)
{
    (void)state;
    int missed = 0, alarms = 0;
    for (uint64_t i = 0; i < 400; i++) {
        gb_sheet *second = timed("a", 33, 1.1, 0.02, 5000 + i), *same = timed("a", 30, 1.1, 0.02, 7000 + i);
        const gb_verdict slow = judge(timed("a", 30, 1.0, 0.02, i), timed("a", 33, 1.3, 0.02, 1000 + i), second, NULL);
        const gb_verdict null = judge(timed("a", 30, 1.0, 0.02, i), timed("a", 30, 1.3, 0.02, 3000 + i), same, NULL);
        missed += slow == GB_VERDICT_PASS || slow == GB_VERDICT_BETTER;
        alarms += null == GB_VERDICT_WORSE;
        gb_sheet_free(second);
        gb_sheet_free(same);
    }
    if (missed > 20 || alarms > 4) fail_msg("of 400, %d were missed and %d false alarms", missed, alarms);
}

static void write_text(const char *path, const char *text)
{
    gb_error err = {0};
    assert_ok(gb_file_write(path, text, strlen(text), &err), &err);
}

static void limits_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } bad[] = {
        {"[]", "expected an object"},
        {"{\"schema\":\"ganime-bench/limits/2\",\"metrics\":{},\"speed\":{\"least\":0.1}}", "expected schema"},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{},\"speed\":{\"least\":-1}}", "speed"},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{}}", "speed"},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr\":{\"least\":1}},\"speed\":{\"least\":0.1}}",
         "psnr_rgb"},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr_rgb\":{\"least\":-1}},\"speed\":{\"least\":0.1}}",
         "least"},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr_rgb\":{\"least\":{\"side\":1}}},\"speed\":"
         "{\"least\":0.1}}", "did you mean \"sides\""},
        {"{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr_rgb\":{}},\"speed\":{\"least\":0.1}}", "least"},
    };
    static const char *const known[] = {"psnr_rgb"};
    gb_error err = {0};
    gb_limits *read = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text(test_scratch("bad.json"), bad[i].text);
        assert_fails(gb_limits_read(test_scratch("bad.json"), known, 1, &read, &err), GB_E_FORMAT, &err,
                     bad[i].complaint);
    }
    write_text(test_scratch("good.json"), "{\"schema\":\"ganime-bench/limits/1\",\"metrics\":{\"psnr_rgb\":{\"least\":"
                                          "{\"full\":0.5,\"seam\":null}}},\"speed\":{\"least\":0.2}}");
    assert_ok(gb_limits_read(test_scratch("good.json"), known, 1, &read, &err), &err);
    const gb_effect full = gb_limits_effect(read, "psnr_rgb", "higher", GB_REGION_FULL);
    assert_true(full.better == GB_BETTER_HIGHER && full.least == 0.5);
    assert_int_equal(gb_limits_effect(read, "psnr_rgb", "higher", GB_REGION_SEAM).better, GB_BETTER_UNSAID);
    assert_int_equal(gb_limits_effect(read, "psnr_rgb", "higher", GB_REGION_SIDES).better, GB_BETTER_UNSAID);
    assert_int_equal(gb_limits_effect(read, "mae_dt", "lower", GB_REGION_FULL).better, GB_BETTER_UNSAID);
    assert_true(gb_limits_speed(read) == 0.2);
    gb_limits_free(read);
}

/* The built-in limits name metrics that exist. */
static void built_in_limits_are_of_known_metrics(void **state)
{
    (void)state;
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    const char *known[64];
    gb_error err = {0};
    gb_limits *read = NULL;
    for (size_t i = 0; i < count && i < 64; i++) known[i] = metrics[i]->id;
    assert_ok(gb_limits_read(NULL, known, count, &read, &err), &err);
    const gb_effect flicker = gb_limits_effect(read, "flicker_excess", "informative", GB_REGION_SIDES);
    assert_true(flicker.better == GB_BETTER_NEAR && flicker.target == 1.0);
    assert_int_equal(gb_limits_effect(read, "lpips_alex_v0.1", "lower", GB_REGION_FULL).better, GB_BETTER_LOWER);
    gb_limits_free(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_moment_is_no_slow_program),
        cmocka_unit_test(slower_takes_two_timings),
        cmocka_unit_test(a_busy_machine_is_no_slow_program_either),
        cmocka_unit_test(what_is_undecided_is_timed_again_and_never_silent),
        cmocka_unit_test(times_that_are_none_are_refused),
        cmocka_unit_test(other_machines_are_not_compared),
        cmocka_unit_test(a_time_that_is_gone_is_missing),
        cmocka_unit_test(ten_percent_is_found_and_nothing_is_not),
        cmocka_unit_test(limits_are_read_strictly),
        cmocka_unit_test(built_in_limits_are_of_known_metrics),
    };
    return cmocka_run_group_tests(tests, read_limits, free_limits);
}
