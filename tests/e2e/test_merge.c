/* `run --shard K/N` and `merge`: parts of a run put together are the run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/drawn.h"
#include "support/same_run.h"
#include "support/support.h"
#include "support/tiny.h"

enum { WIDTH = 64, HEIGHT = 48 };
static const int clips[] = {36, 5, 3}; /* the first is cut inside: a cell has 32 frames at most */

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    unsetenv("GANIME_SCORE_CACHE");
    setenv("METRICS", test_metrics_here("psnr_rgb,ssim_gauss11_rgb,flicker_excess,flicker_hold,e_warp"), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/frames/c0 $DIR/frames/c1 $DIR/frames/c2") != 0) return -1;
    for (int c = 0, n = 0; c < 3; c++)
        for (int i = 0; i < clips[c]; i++, n++) {
            char name[64];
            snprintf(name, sizeof name, "frames/c%d/f%03d.png", c, i);
            gb_image image = drawn_picture(i % 3 ? "truth" : "shifted", WIDTH, HEIGHT);
            for (int k = 0; k < WIDTH * HEIGHT * 3; k++) image.rgb[k] = (uint8_t)(image.rgb[k] * (200 - n) / 200);
            const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
            gb_image_free(&image);
            if (status != GB_OK) return -1;
        }
    if (tiny_write("tiny/glcic", NULL, test_scratch("w.safetensors"), &err) != GB_OK) return -1;
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width 64 --height 48");
}

static void expect(const char *text, int code, const char *said)
{
    static char output[65536];
    const int found = test_command(output, sizeof output, "%s", text);
    if (found != code || (said && !strstr(output, said)))
        fail_msg("%s: exit %d, expected %d and \"%s\": %s", text, found, code, said ? said : "", output);
}

#define RUN "$BENCH run --dataset $DIR/small.h5 --metric $METRICS " \
            "--generator mirror,glcic --weights glcic=$DIR/w.safetensors --quiet --no-timing "

#define CHEAP "$BENCH run --dataset $DIR/small.h5 --metric psnr_rgb,mae_dt --generator mirror --quiet --no-timing "

static void parts_make_the_run(void **state)
{
    (void)state;
    expect(RUN "--out $DIR/whole --threads 2", 0, NULL);
    expect("for k in 1 2 3; do " RUN "--threads 1 --batch $k --shard $k/3 --out $DIR/part$k || exit 1; done", 0, NULL);
    expect("test -e $DIR/part2/cells/job.json && ! test -e $DIR/part2/panels", 0, NULL);
    expect("$BENCH merge $DIR/part2 $DIR/part3 $DIR/part1 --out $DIR/merged --quiet", 0, NULL);
    assert_same_run("whole", "merged");
    expect("grep -q '\"shard\"' $DIR/part2/run.json && ! grep -q '\"shard\"' $DIR/merged/run.json", 0, NULL);
    expect("$BENCH gate $DIR/part2 --baseline $DIR/whole", 4, "shard");
    expect("$BENCH gate $DIR/merged --baseline $DIR/whole --speed off", 0, NULL);
    /* More parts than cells: some are empty. */
    expect("for k in 1 2 3 4 5 6; do " CHEAP "--shard $k/6 --out $DIR/six$k || exit 1; done; "
           "$BENCH merge $DIR/six* --out $DIR/merged6 --quiet", 0, NULL);
    expect(CHEAP "--out $DIR/whole6", 0, NULL);
    assert_same_run("whole6", "merged6");
}

/* Neighbours by LPIPS' features, where its weights are. */
static void features_of_neighbours_are_right(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "$BENCH list metrics --json | grep -A1 lpips_alex | grep -q ready") != 0)
        skip_because("LPIPS weights are not here");
#define LPIPS "$BENCH run --dataset $DIR/small.h5 --metric tlp --generator mirror,edge --no-timing --quiet "
    expect(LPIPS "--out $DIR/whole_l", 0, NULL);
    expect("for k in 1 2; do " LPIPS "--shard $k/2 --out $DIR/l$k || exit 1; done; $BENCH merge $DIR/l1 $DIR/l2 "
           "--quiet "
           "--out $DIR/merged_l", 0, NULL);
    assert_same_run("whole_l", "merged_l");
    expect("grep -q 'worst frame of' $DIR/merged_l/run.json", 0, NULL);
}

/* Batches of the study's statistics are never taken apart, and every step to its protocol is merged. */
static void the_study_s_protocol_is_merged_too(void **state)
{
    (void)state;
    expect(RUN "--protocol ganime --no-panels --out $DIR/whole_g; mkdir -p $DIR/whole_g/panels; "
           "for k in 1 2; do " RUN "--protocol ganime --no-panels --shard $k/2 --out $DIR/g$k || exit 1; done; "
           "$BENCH merge $DIR/g1 $DIR/g2 --out $DIR/merged_g --quiet; mkdir -p $DIR/merged_g/panels; touch "
           "$DIR/whole_g/panels/x $DIR/merged_g/panels/x", 0, NULL);
    assert_same_run("whole_g", "merged_g");
}

static void what_does_not_belong_is_refused(void **state)
{
    (void)state;
    expect("$BENCH merge $DIR/part1 $DIR/part3 --out $DIR/m", 3, "missing: 2/3");
    expect("$BENCH merge $DIR/part1 $DIR/part3 $DIR/part1/ $DIR/part2 --out $DIR/m", 3, "are both part 1/3");
    expect("$BENCH merge $DIR/part1 $DIR/whole --out $DIR/m", 3, "nothing to go on with");
    expect("$BENCH merge $DIR/part1 $DIR/six2 --out $DIR/m", 4, "parts of different runs");
    expect("$BENCH merge $DIR/part1 $DIR/six2 $DIR/nowhere --out $DIR/m", 3, "nowhere"); /* 3 before 4 */
    expect("$BENCH merge $DIR/part1 $DIR/part2 $DIR/part3", 2, "expected --out DIR");
    expect("$BENCH merge $DIR/part1 $DIR/part2 $DIR/part3 --out $DIR/part1", 2, "expected another folder");
    expect(RUN "--batchnorm batch --shard 2/3 --out $DIR/unlike; $BENCH merge $DIR/part1 $DIR/unlike $DIR/part3 "
               "--out $DIR/m",
           4, "batchnorm");
    expect(RUN "--limit 20 --shard 2/3 --out $DIR/unlike; $BENCH merge $DIR/part1 $DIR/unlike $DIR/part3 --out $DIR/m",
           4, "datasets.small");
    expect("cp -r $DIR/part2 $DIR/cut; rm $DIR/cut/run.json; $BENCH merge $DIR/part1 $DIR/cut $DIR/part3 --out "
           "$DIR/m", 3,
           "part 2/3 is not finished");
    expect("! test -e $DIR/m", 0, NULL);
    expect(RUN "--shard 4/3 --out $DIR/m", 2, "expected K/N");
    expect(RUN "--shard 1/3x --out $DIR/m", 2, "expected K/N");
    expect("$BENCH run --resume $DIR/cut --quiet && cmp $DIR/cut/frames.jsonl $DIR/part2/frames.jsonl", 0, NULL);
    expect("f=$(ls $DIR/cut/cells/*.cell | head -1); printf X | dd of=$f bs=1 seek=300 conv=notrunc 2>/dev/null; "
           "$BENCH merge $DIR/part1 $DIR/cut $DIR/part3 --out $DIR/m --quiet", 3, "found damage");
    expect("rm $DIR/cut/cells/*.cell; $BENCH merge $DIR/part1 $DIR/cut $DIR/part3 --out $DIR/m --quiet", 3,
           "found no file");
}

/* What is missing is marked, row by row, and its means are no numbers; the rest of the rows is there. */
static void a_missing_part_may_be_allowed(void **state)
{
    (void)state;
    expect("$BENCH merge $DIR/part1 $DIR/part3 --out $DIR/holes --allow-missing --quiet --no-panels", 3, "rows failed");
    expect("grep -c 'its part of the run is missing' $DIR/holes/frames.jsonl", 0, NULL);
    expect("grep -v failed $DIR/holes/frames.jsonl >$DIR/rest; cat $DIR/part1/frames.jsonl $DIR/part3/frames.jsonl "
           "| cmp - "
           "$DIR/rest", 0, NULL);
    expect("grep psnr_rgb $DIR/holes/summary.csv | grep -v failed", 1, NULL);
}

static void times_stay_those_of_each_part(void **state)
{
    (void)state;
    gb_error err = {0};
    cJSON *run = NULL;
    int rows[2] = {0, 0};
    expect("for k in 1 2; do $BENCH run --dataset $DIR/small.h5 --metric psnr_rgb --generator mirror --quiet "
           "--threads 1 "
           "--shard $k/2 --out $DIR/t$k || exit 1; done; $BENCH merge $DIR/t1 $DIR/t2 --out $DIR/times "
           "--quiet", 0, NULL);
    assert_ok(gb_json_read(test_scratch("times/run.json"), 1 << 26, &run, &err), &err);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "throughput"))
    {
        const char *device = gb_json_string_or(row, "device", "");
        rows[0] += strstr(device, "part 1/2") != NULL;
        rows[1] += strstr(device, "part 2/2") != NULL;
    }
    assert_true(rows[0] > 0 && rows[0] == rows[1]);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(run, "environment"), "parts")), 2);
    cJSON_Delete(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts_make_the_run),
                                       cmocka_unit_test(features_of_neighbours_are_right),
                                       cmocka_unit_test(the_study_s_protocol_is_merged_too),
                                       cmocka_unit_test(what_does_not_belong_is_refused),
                                       cmocka_unit_test(a_missing_part_may_be_allowed),
                                       cmocka_unit_test(times_stay_those_of_each_part)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
