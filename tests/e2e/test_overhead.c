/* `perf --dataset`: the parts that it times, and how they become a share. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/clip_file.h"
#include "support/support.h"
#include "timing/overhead.h"

/* Packs of test clips are no use to anyone later. */
static int set_up(void **state)
{
    (void)state;
    return setenv("GANIME_CACHE", test_scratch("cache"), 1);
}

static void a_share_is_what_is_done_once_divided_and_what_is_done_for_each(void **state)
{
    (void)state;
    double own[] = {100.0};
    const gb_overhead o = {.decode = 3.0, .truth = {9.0, 6.0}, .each = {4.0, 1.0}, .generate = own};
    assert_true(fabs(gb_overhead_share(&o, 2, 0, 1) - 0.23) < 1e-12);
    assert_true(fabs(gb_overhead_share(&o, 2, 0, 3) - 0.11) < 1e-12);
    assert_true(fabs(gb_overhead_share(&o, 1, 0, 1) - 0.16) < 1e-12);
}

static void every_part_of_a_run_is_timed(void **state)
{
    (void)state;
    char text[8192];
    const char *const clip = test_scratch("overhead.mkv");
    const clip_spec spec = {.width = 128, .height = 72, .frames = 6};
    assert_int_equal(write_clip(clip, &spec), 0);
    if (test_command(text, sizeof text, "$BENCH perf --dataset '%s' --generator mirror,edge --metric "
                     "psnr_rgb,ssim_gauss11_rgb,flicker_excess --width 128 --height 72 --threads 2 --json", clip) != 0)
        fail_msg("%s", text);
    cJSON *list = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(list), 2); /* one thread, both */
    const cJSON *record;
    cJSON_ArrayForEach(record, list)
    {
        const cJSON *metrics = cJSON_GetObjectItem(record, "metrics"), *row;
        const cJSON *generators = cJSON_GetObjectItem(record, "generators");
        double added = gb_json_number_or(record, "decode_ms", NAN);
        assert_true(gb_json_number_or(record, "frames", 0) == 6 && gb_json_number_or(record, "pairs", 0) == 5);
        assert_true(cJSON_GetArraySize(metrics) == 3 && cJSON_GetArraySize(generators) == 2);
        cJSON_ArrayForEach(row, metrics)
        {
            const double truth = gb_json_number_or(row, "truth_ms", NAN), each = gb_json_number_or(row, "each_ms", NAN);
            assert_true(truth > 0.0 && each > 0.0 && each < 1000.0);
            added += truth + each;
        }
        row = cJSON_GetArrayItem(generators, 0);
        const double share = gb_json_number_or(row, "added_alone", NAN) * gb_json_number_or(row, "generate_ms", NAN);
        assert_true(fabs(share - added) < 1e-6 * added);
    }
    cJSON_Delete(list);
}

static void every_dataset_that_is_named_is_timed(void **state)
{
    (void)state;
    char text[8192];
    const char *const clip = test_scratch("overhead.mkv");
    const clip_spec spec = {.width = 128, .height = 72, .frames = 6};
    assert_int_equal(write_clip(clip, &spec), 0);
    if (test_command(text, sizeof text, "cp '%s' '%s.mkv' && $BENCH perf --dataset '%s' --dataset '%s.mkv' --generator "
                     "mirror --metric psnr_rgb --width 128 --height 72 --threads 1 --json", clip, clip, clip,
                     clip) != 0)
        fail_msg("%s", text);
    cJSON *list = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(list), 2);
    assert_string_equal(gb_json_string_or(cJSON_GetArrayItem(list, 1), "dataset", ""), "overhead.mkv");
    cJSON_Delete(list);
}

/* --quiet leaves tables out, here as elsewhere. */
static void quiet_says_nothing(void **state)
{
    (void)state;
    static const char *const commands[] = {"--model --generator glcic --width 128 --height 72",
                                           "--generator mirror --width 128 --height 72"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char text[8192];
        assert_int_equal(test_command(text, sizeof text, "$BENCH perf %s --quiet --threads 1", commands[i]), 0);
        assert_string_equal(text, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_is_what_is_done_once_divided_and_what_is_done_for_each),
        cmocka_unit_test(every_part_of_a_run_is_timed),
        cmocka_unit_test(every_dataset_that_is_named_is_timed),
        cmocka_unit_test(quiet_says_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
