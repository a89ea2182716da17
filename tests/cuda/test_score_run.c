/* The whole program on the stand-in card: frames that are scored where they are made give the rows that they give when
 * they come back and the processor scores them, byte for byte. */
#include "support/support.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/with_standin.h"
#include "support/moving_case.h"

enum { WIDTH = 48, HEIGHT = 32, FRAMES = 11 };
#define RUN_ON                                                                                                       \
    "$BENCH run --weights glcic=$DIR/glcic.safetensors --dataset $DIR/small.h5 --quiet --no-panels --no-timing "

static int set_up(void **state)
{
    (void)state;
    return moving_case_set_up(WIDTH, HEIGHT, FRAMES);
}

static bool have_lpips(void)
{
    return test_command(NULL, 0, "$BENCH list metrics --json | grep -A1 lpips_alex | grep -q ready") == 0;
}

/* The same run with its frames scored on the card and by the processor: the same rows, byte for byte. Nets' frames stay
 * there; baselines', stabilised and JPEG ones are put there. Some metrics need pictures. */
static void compare_places(const char *name, const char *how)
{
    char output[4096];
    for (int here = 0; here < 2; here++) {
        const int code = test_command(output, sizeof output, "GANIME_CUDA_SCORES=%d " RUN_ON "--device cuda %s "
                                      "--out $DIR/%s-%d", 1 - here, how, name, here);
        if (code != 0) fail_msg("%s: exit %d: %s", how, code, output);
    }
    if (test_command(output, sizeof output, "cmp $DIR/%s-0/frames.jsonl $DIR/%s-1/frames.jsonl", name, name))
        fail_msg("%s: the card gives other rows than the processor: %s", how, output);
    for (int here = 0; here < 2; here++)
        if (test_command(NULL, 0, "tr -d '\\t ' <$DIR/%s-%d/run.json | grep -A9 '\"id\":\"psnr_rgb\"' | "
                         "grep -q '\"computed_on\":\"%s\"'", name, here, here ? "processor" : "cuda"))
            fail_msg("%s: where metrics were computed is not said", how);
}

static void test_scores_are_the_same_on_card_and_processor(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    setenv("NETS", test_metrics_here("psnr_rgb,ssim_gauss11_rgb,flicker_excess,flicker_hold,mae_dt,e_warp"), 1);
    setenv("SOME", test_metrics_here("psnr_rgb,mae_dt,e_warp"), 1);
    compare_places("nets", "--generator glcic,mirror --batch 3 --metric $NETS");
    compare_places("held", "--generator glcic,glcic+hold --batch 4 --metric $SOME,flicker_excess");
    compare_places("pictures", "--generator glcic --batch 8 --metric $SOME,ssim_skimage");
    compare_places("study", "--generator glcic,edge --protocol ganime --metric $SOME,ssim_gauss11_rgb");
    if (!have_lpips()) skip_because("LPIPS weights are not here: all else was compared");
    compare_places("features", "--generator glcic,edge --batch 4 --threads 2 --metric lpips_alex_v0.1,tlp,psnr_rgb");
}

/* Frames are sent by the thread that decodes while others compute. The same rows where everything on the card happens
 * as late as may be: nothing is read before it has arrived. */
static void test_late_copies_change_nothing(void **state)
{
    (void)state;
    static const char *const order[] = {"", "GANIME_STANDIN_LATE=1"};
    char output[4096];
    if (test_command(NULL, 0, "$BENCH list devices | grep -q '^ *cuda  *ready'")) skip_because("no plugin was built");
    for (int i = 0; i < 2; i++) {
        const int code = test_command(output, sizeof output, "%s " RUN_ON "--device cuda --generator glcic,mirror "
                                      "--batch 2 --threads 2 --metric psnr_rgb,ssim_gauss11_rgb,mae_dt "
                                      "--out $DIR/late-%d", order[i], i);
        if (code != 0) fail_msg("%s: exit %d: %s", order[i], code, output);
    }
    if (test_command(output, sizeof output, "cmp $DIR/late-0/frames.jsonl $DIR/late-1/frames.jsonl"))
        fail_msg("late copies give other rows: %s", output);
}

int main(int argc, char **argv)
{
    (void)argc;
    with_standin(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores_are_the_same_on_card_and_processor),
        cmocka_unit_test(test_late_copies_change_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
