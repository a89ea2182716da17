/* `run --protocol ganime`: the study's way of scoring, with the strict number and every step between them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/drawn.h"
#include "support/support.h"
#include "support/tiny.h"

enum { WIDTH = 128, HEIGHT = 72, FRAMES = 20, STEPS = 5 };

static const char *const step_names[STEPS] = {"strict", "+ batch statistics", "+ truncation", "+ JPEG 95",
                                              "+ first 264 frames"};

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/frames") != 0) return -1;
    if (tiny_write("tiny/glcic", NULL, test_scratch("glcic.safetensors"), &err) != GB_OK) return -1;
    for (int i = 0; i < FRAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "frames/f%03d.png", i);
        gb_image image = drawn_picture(i % 3 ? "truth" : "shifted", WIDTH, HEIGHT);
        for (int k = 0; k < WIDTH * HEIGHT * 3; k++) image.rgb[k] = (uint8_t)(image.rgb[k] * (90 - i) / 90);
        const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width 128 --height 72");
}

static cJSON *run(const char *out, const char *arguments)
{
    char output[4096], name[64];
    gb_error err = {0};
    cJSON *value = NULL;
    const int code = test_command(output, sizeof output, "$BENCH run --dataset $DIR/small.h5 --generator edge,glcic "
                                  "--weights glcic=$DIR/glcic.safetensors --metric psnr_rgb,ssim_gauss11_rgb,mae_dt "
                                  "--no-timing --no-panels --quiet --out $DIR/%s %s", out, arguments);
    if (code != 0) fail_msg("%s: exit %d: %s", arguments, code, output);
    snprintf(name, sizeof name, "%s/run.json", out);
    assert_ok(gb_json_read(test_scratch(name), 1 << 26, &value, &err), &err);
    return value;
}

static double mean_of(const cJSON *run, const char *generator, const char *metric)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "summary"))
        if (!strcmp(gb_json_string_or(row, "generator", ""), generator) &&
            !strcmp(gb_json_string_or(row, "metric", ""), metric) &&
            !strcmp(gb_json_string_or(row, "region", ""), "full"))
            return gb_json_number_or(row, "mean", NAN);
    fail_msg("no mean of %s", generator);
    return NAN;
}

static const cJSON *step_of(const cJSON *run, const char *generator, const char *metric, const char *step)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "ladder"))
        if (!strcmp(gb_json_string_or(row, "generator", ""), generator) &&
            !strcmp(gb_json_string_or(row, "metric", ""), metric) && !strcmp(gb_json_string_or(row, "step", ""), step))
            return row;
    fail_msg("no step %s of %s", step, generator);
    return NULL;
}

/* The first step is a strict run, the second one with batch statistics, the last the run itself, bit for bit; each
 * change is the difference of two means. */
static void steps_are_runs(void **state)
{
    (void)state;
    cJSON *study = run("study", "--protocol ganime"), *strict = run("strict", "");
    cJSON *batch = run("batch", "--batchnorm batch");
    static const char *const generators[] = {"edge", "glcic"}, *const metrics[] = {"psnr_rgb", "ssim_gauss11_rgb"};
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(study, "ladder")), 2 * 2 * STEPS);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(strict, "ladder")), 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(batch, "ladder")), 0);
    for (int g = 0; g < 2; g++)
        for (int m = 0; m < 2; m++) {
            double before = NAN;
            for (int s = 0; s < STEPS; s++) {
                const cJSON *row = step_of(study, generators[g], metrics[m], step_names[s]);
                const double mean = gb_json_number_or(row, "mean", NAN);
                assert_int_equal((int)gb_json_number_or(row, "frames", -1), FRAMES);
                if (s == 0) assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "change")));
                else assert_true(gb_json_number_or(row, "change", NAN) == mean - before);
                if (s == 0) assert_true(mean == mean_of(strict, generators[g], metrics[m]));
                if (s == 1) assert_true(mean == mean_of(batch, generators[g], metrics[m]));
                if (s == STEPS - 1) assert_true(mean == mean_of(study, generators[g], metrics[m]));
                /* Only a net has batch statistics and anything to round; all pictures go through the JPEG. */
                const bool moves = s == 3 || (g == 1 && (s == 1 || s == 2));
                if (s > 0) assert_true((mean != before) == moves);
                before = mean;
            }
        }
    cJSON_Delete(study);
    cJSON_Delete(strict);
    cJSON_Delete(batch);
}

/* The study's frames are the first ones in order, not runs spread over the shots. */
static void frames_are_the_first(void **state)
{
    (void)state;
    char output[4096];
    cJSON *study = run("first", "--protocol ganime --limit 3"), *strict = run("spread", "--limit 3");
    assert_int_equal((int)gb_json_number_or(step_of(study, "edge", "psnr_rgb", "+ first 3 frames"), "frames", -1), 3);
    assert_true(gb_json_number_or(step_of(study, "edge", "psnr_rgb", "strict"), "mean", NAN) ==
                mean_of(strict, "edge", "psnr_rgb"));
    assert_int_equal(test_command(output, sizeof output, "grep -o '\"frame\":[0-9]*' $DIR/first/frames.jsonl | sort -u "
                                  "| tr '\\n' ' '"), 0);
    assert_string_equal(output, "\"frame\":0 \"frame\":1 \"frame\":2 ");
    cJSON_Delete(study);
    cJSON_Delete(strict);
}

static void reports_show_both_numbers(void **state)
{
    (void)state;
    char output[16384];
    assert_int_equal(test_command(output, sizeof output, "$BENCH report $DIR/study --format md --quiet && "
                                  "cat $DIR/study/summary.md"), 0);
    assert_non_null(strstr(output, "| generator | strict | + batch statistics | + truncation | + JPEG 95 | "
                                   "+ first 264 frames | = ganime |"));
    assert_int_equal(test_command(output, sizeof output, "$BENCH report $DIR/strict --format md --quiet && "
                                  "grep -c 'What each step' $DIR/strict/summary.md"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_runs),
        cmocka_unit_test(frames_are_the_first),
        cmocka_unit_test(reports_show_both_numbers),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
