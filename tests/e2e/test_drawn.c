/* Packs of the drawn shows from the command line, and what a run over both domains says of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "support/support.h"

#define SIZE "--width 64 --height 36"

static void build(const char *show, const char *options, const char *out)
{
    assert_int_equal(test_command(NULL, 0, "$BENCH dataset build %s %s " SIZE " --quiet --out '%s'", show, options,
                                  test_scratch(out)), 0);
}

static void as_many_shots_as_asked_for(void **state)
{
    (void)state;
    char text[4096];
    build("toon", "--shots train=3,test=1 --stride 4 --threads 3 --id many", "many.h5");
    assert_int_equal(test_command(text, sizeof text, "$BENCH dataset info '%s' " SIZE, test_scratch("many.h5")), 0);
    assert_non_null(strstr(text, "many: Toon\n  14 frames of 64 x 36"));
    assert_non_null(strstr(text, "train02-meadow"));
    assert_non_null(strstr(text, "indoors pattern"));
    assert_null(strstr(text, "val00"));
    assert_int_equal(test_command(NULL, 0, "$BENCH dataset verify '%s'", test_scratch("many.h5")), 0);
}

static void wrong_shots_are_one_line(void **state)
{
    (void)state;
    static const char *const wrong[4][2] = {{"toon --shots trai=3", "found 'trai=3'"},
                                            {"toon --shots train=-3", "found 'train=-3'"},
                                            {"toon --shots train=3x", "found 'train=3x'"},
                                            {"toon --first 3", "expected --shots for a drawn show"}};
    char text[4096];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(test_command(text, sizeof text, "$BENCH dataset build %s --out '%s' 2>&1", wrong[i][0],
                                      test_scratch("wrong.h5")), 2);
        assert_non_null(strstr(text, wrong[i][1]));
        assert_int_equal(strchr(text, '\n') - text, (long)strlen(text) - 1);
    }
}

static const cJSON *first_with(const cJSON *run, const char *list, const char *member, const char *value)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, list))
        if (!strcmp(gb_json_string_or(row, member, ""), value)) return row;
    return NULL;
}

static double number(const cJSON *row, const char *member)
{
    const cJSON *item = cJSON_GetObjectItem(row, member);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static double mean_of(const cJSON *run, const char *dataset, const char *generator)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "summary"))
        if (!strcmp(gb_json_string_or(row, "dataset", ""), dataset) &&
            !strcmp(gb_json_string_or(row, "generator", ""), generator) &&
            !strcmp(gb_json_string_or(row, "region", ""), "sides"))
            return number(row, "mean");
    return NAN;
}

static void a_run_says_more_than_means(void **state)
{
    (void)state;
    gb_error err = {0};
    char text[16384];
    cJSON *run = NULL;
    build("toon", "--shots test=6 --stride 5", "in.h5");
    build("toon_b", "--shots test=4 --stride 5", "out.h5");
    assert_int_equal(test_command(text, sizeof text, "$BENCH run --dataset '%s' --dataset '%s' --generator edge,mirror "
                                  "--metric ssim_gauss11_rgb --no-timing --no-panels " SIZE " --out '%s'",
                                  test_scratch("in.h5"), test_scratch("out.h5"), test_scratch("run")), 0);
    assert_non_null(strstr(text, "each less the next"));
    assert_non_null(strstr(text, "by what a shot shows"));
    assert_non_null(strstr(text, "Outside the training domain less inside"));
    assert_ok(gb_json_read(test_scratch("run/run.json"), 1 << 26, &run, &err), &err);
    const cJSON *difference = first_with(run, "differences", "region", "sides");
    const char *a = gb_json_string_or(difference, "generator", ""), *b = gb_json_string_or(difference, "other", "");
    assert_true(fabs(number(difference, "mean") - (mean_of(run, "toon", a) - mean_of(run, "toon", b))) < 1e-12);
    assert_int_equal((int)number(difference, "shots"), 6);
    const cJSON *gap = first_with(run, "gaps", "region", "sides");
    a = gb_json_string_or(gap, "generator", "");
    assert_true(fabs(number(gap, "mean") - (mean_of(run, "toon_b", a) - mean_of(run, "toon", a))) < 1e-12);
    const cJSON *pattern = first_with(run, "by_tag", "tag", "pattern");
    const double shots = number(pattern, "shots"), rest = number(pattern, "rest_shots");
    assert_true(shots > 0 && rest > 0 && shots + rest == 6);
    assert_int_equal(test_command(NULL, 0, "grep -q '## Outside the training domain' '%s'",
                                  test_scratch("run/summary.md")), 0);
    cJSON_Delete(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_shots_as_asked_for),
        cmocka_unit_test(wrong_shots_are_one_line),
        cmocka_unit_test(a_run_says_more_than_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
