/* The whole program on the stand-in card: `run --device cuda` gives the same rows whatever the number of frames that a
 * run takes, of threads and of the card; and rows near those of the processor. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"
#include "core/json.h"
#include "cuda/with_standin.h"
#include "golden/tiny_nets.h"
#include "support/moving.h"

enum { WIDTH = 48, HEIGHT = 24, FRAMES = 19 };
#define RUN                                                                                                          \
    "$BENCH run --generator glcic --weights glcic=$DIR/glcic.safetensors --dataset $DIR/small.h5 --quiet --no-panels " \
    "--no-timing --metric psnr_rgb,ssim_gauss11_rgb,flicker_excess "

static int write_weights(void)
{
    gb_error err;
    const size_t count = sizeof glcic_width_tensors / sizeof glcic_width_tensors[0];
    gb_weights *const weights = formula_weights("tiny/glcic-width", glcic_width_tensors, count);
    const gb_status status = gb_checkpoint_write_safetensors(test_scratch("glcic.safetensors"), weights, false, &err);
    gb_weights_free(weights);
    return status == GB_OK ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    gb_error err;
    if (moving_clip_write("frames", WIDTH, HEIGHT, FRAMES, &err) != GB_OK || write_weights()) return -1;
    setenv("DIR", test_scratch("."), 1);
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width %d --height %d", WIDTH, HEIGHT);
}

static void run(const char *name, const char *how)
{
    char output[4096];
    const int code = test_command(output, sizeof output, RUN "%s --out $DIR/%s", how, name);
    if (code != 0) fail_msg("%s: exit %d: %s", how, code, output);
}

/* 19 frames in sixteens leave three, in fours three too: what fills the last run up must not show. */
static void test_rows_do_not_depend_on_frames_threads_or_card(void **state)
{
    (void)state;
    static const char *const how[] = {"--device cuda --batch 1 --threads 1", "--device cuda --batch 4 --threads 2",
                                      "--device cuda --batch 16 --threads 1", "--device cuda:1 --batch 40 --threads 2"};
    char output[4096];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "way%d", i);
        run(name, how[i]);
        if (i && test_command(output, sizeof output, "cmp $DIR/way0/frames.jsonl $DIR/%s/frames.jsonl", name))
            fail_msg("%s gives other rows: %s", how[i], output);
    }
}

static double mean_of(const char *name)
{
    gb_error err;
    char path[4200];
    cJSON *run_json = NULL;
    snprintf(path, sizeof path, "%s/run.json", test_scratch(name));
    assert_ok(gb_json_read(path, 1 << 26, &run_json, &err), &err);
    const cJSON *const row = cJSON_GetArrayItem(cJSON_GetObjectItem(run_json, "summary"), 0);
    const double mean = gb_json_number_or(row, "mean", NAN);
    cJSON_Delete(run_json);
    return mean;
}

/* Pixels that lie between two levels may fall to either side: the mean of PSNR hardly moves. */
static void test_rows_are_those_of_the_processor(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    run("cpu", "--device cpu");
    const double cuda = mean_of("way0"), cpu = mean_of("cpu");
    if (!(fabs(cuda - cpu) < 1e-3)) fail_msg("PSNR of cuda %.6f, of cpu %.6f", cuda, cpu);
}

/* What generators computed in is in the fingerprint, and what scores were computed in. */
static void test_precision_is_named(void **state)
{
    (void)state;
    char output[4096];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    run("narrow", "--device cuda --batch 4 --precision bf16");
    const int code = test_command(output, sizeof output,
                                  "grep -q '\"precision\":.*\"bf16\"' $DIR/narrow/run.json && "
                                  "grep -q '\"score_precision\":.*\"fp32\"' $DIR/narrow/run.json && "
                                  "! cmp -s $DIR/narrow/frames.jsonl $DIR/way0/frames.jsonl");
    if (code != 0) fail_msg("%s", output);
    assert_int_equal(test_command(output, sizeof output, "$BENCH compare $DIR/way0 $DIR/narrow"), 4);
    assert_non_null(strstr(output, "precision"));
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_do_not_depend_on_frames_threads_or_card),
        cmocka_unit_test(test_rows_are_those_of_the_processor),
        cmocka_unit_test(test_precision_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
