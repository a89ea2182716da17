/* `ganime-bench gate --self-test` from the outside, small. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "support/support.h"

#define SMALL "--width 128 --height 72 --limit 64 --resamples 40 --metric psnr_rgb,flicker_hold,flicker_excess"

/* So small a pool need not show what the gate promises; what it shows must be what the exit code says. */
static cJSON *run(const char *options)
{
    char output[65536 * 4];
    gb_error err;
    cJSON *json = NULL;
    const int code = test_command(output, sizeof output, "$BENCH gate --self-test " SMALL " --json %s 2>'%s'", options,
                                  test_scratch("stderr"));
    assert_ok(gb_json_parse(output, strlen(output), "--json", &json, &err), &err);
    const bool passed = cJSON_IsTrue(cJSON_GetObjectItem(json, "passed"));
    if (code != (passed ? 0 : 1)) fail_msg("exit code %d, passed %d", code, passed);
    char said[4200];
    snprintf(said, sizeof said, passed ? "! test -s %s" : "grep -q 'self-test failed' %s", test_scratch("stderr"));
    assert_int_equal(test_command(NULL, 0, "%s", said), 0);
    return json;
}

static int count_of(const cJSON *test, const char *group)
{
    int count = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(test, "cases"))
    {
        count += !strcmp(gb_json_string_or(one, "group", ""), group);
    }
    return count;
}

static void every_case_is_judged_and_written(void **state)
{
    (void)state;
    char options[4200], path[4096], text[64] = "";
    snprintf(path, sizeof path, "%s", test_scratch("self-test.md"));
    snprintf(options, sizeof options, "--speed off --summary '%s'", path);
    cJSON *test = run(options);
    assert_int_equal((int)gb_json_number_or(test, "shots", 0), 16);
    assert_int_equal(count_of(test, "misses at the least effect"), 28); /* 7 changes, 2 bases, 2 sizes */
    assert_int_equal(count_of(test, "false alarms"), 68);
    assert_int_equal(count_of(test, "alarms on exact repeats"), 8);
    const cJSON *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(test, "cases"))
    {
        const double all = gb_json_number_or(one, "worse", -1) + gb_json_number_or(one, "undecided", -1) +
                           gb_json_number_or(one, "passed", -1);
        assert_true(all == 40.0);
    }
    assert_true(gb_file_exists(path));
    test_command(text, sizeof text, "grep -c '^| quality |' '%s'", path);
    assert_int_equal(strtol(text, NULL, 10), 8);
    cJSON_Delete(test);
}

static void it_is_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    char *text[2];
    for (int i = 0; i < 2; i++) {
        cJSON *test = run(i ? "--speed off --threads 3" : "--speed off --threads 1");
        cJSON_DeleteItemFromObject(test, "seconds");
        text[i] = cJSON_PrintUnformatted(test);
        cJSON_Delete(test);
    }
    assert_string_equal(text[0], text[1]);
    cJSON_free(text[0]);
    cJSON_free(text[1]);
}

static void what_it_cannot_do_is_one_line(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"--generator glcic", "needs no weights"}, {"--generator mirror,edge", "more than one"},
        {"some-run", "a RUN"},                     {"--limit 8", "at least 32"},
        {"--resamples 3", "from 20"},              {"--dataset toon", "--dataset"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char output[4096];
        const int code = test_command(output, sizeof output, "$BENCH gate --self-test %s", bad[i][0]);
        if (code != 2 || !strstr(output, bad[i][1]) || strchr(output, '\n') != output + strlen(output) - 1)
            fail_msg("%s: exit code %d: %s", bad[i][0], code, output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_judged_and_written),
        cmocka_unit_test(it_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(what_it_cannot_do_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
