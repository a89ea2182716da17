/* Runs that are cut off, and runs that take scores from the cache: the same bytes as if nothing had been, and nothing
 * that anything about it has changed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/drawn.h"
#include "support/same_run.h"
#include "support/support.h"
#include "support/tiny.h"

enum { WIDTH = 64, HEIGHT = 48, CLIPS = 2, FRAMES = 12 };
#define FRAME_BYTES "9216" /* 64 x 48 x 3 */

static gb_status write_frames(const char *folder, int changed, gb_error *err)
{
    gb_status status = GB_OK;
    for (int i = 0; i < CLIPS * FRAMES && status == GB_OK; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s/c%d/f%03d.png", folder, i / FRAMES, i % FRAMES);
        gb_image image = drawn_picture(i % 3 ? "truth" : "shifted", WIDTH, HEIGHT);
        for (int k = 0; k < WIDTH * HEIGHT * 3; k++) image.rgb[k] = (uint8_t)(image.rgb[k] * (90 - i) / 90);
        if (i == changed) image.rgb[3 * (20 * WIDTH + 32)] ^= 1;
        status = gb_image_write_png(test_scratch(name), &image, err);
        gb_image_free(&image);
    }
    return status;
}

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    unsetenv("GANIME_SCORE_CACHE");
    setenv("METRICS", test_metrics_here("psnr_rgb,ssim_gauss11_rgb,flicker_excess,e_warp"), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/frames/c0 $DIR/frames/c1 $DIR/other/c0 $DIR/other/c1") != 0 ||
        write_frames("frames", -1, &err) != GB_OK || write_frames("other", FRAMES + 7, &err) != GB_OK ||
        tiny_write("tiny/glcic", NULL, test_scratch("one.safetensors"), &err) != GB_OK ||
        tiny_write("tiny/glcic", "another", test_scratch("two.safetensors"), &err) != GB_OK) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return test_command(NULL, 0, "for p in frames other; do $BENCH dataset build $DIR/$p --out $DIR/$p.h5 --split test "
                                 "--id small --quiet --width 64 --height 48 || exit 1; done");
}

#define RUN "$BENCH run --dataset $DIR/frames.h5 --metric $METRICS --no-timing "
#define NET "--generator mirror,glcic --weights glcic=$DIR/one.safetensors "

/* A process that kills the run that it is part of when it is asked for frame number $AT, once. */
#define KILLER "--exec 'sh=n=0; read h; while read l; do n=$((n+1)); if [ $n -eq $AT ] && [ -e $DIR/armed ]; then " \
               "rm $DIR/armed; kill -9 $PPID; fi; echo \"$l\"; head -c " FRAME_BYTES "; done' "

#define CUT "rm -rf $DIR/cut; touch $DIR/armed; " RUN NET KILLER "--threads 1 --quiet --out $DIR/cut; test $? -eq 137"

static int command(char *output, size_t size, const char *text)
{
    return test_command(output, size, "%s", text);
}

static void expect(const char *text, int code, const char *said)
{
    static char output[65536];
    const int found = command(output, sizeof output, text);
    if (found != code || (said && !strstr(output, said)))
        fail_msg("%s: exit %d, expected %d and \"%s\": %s", text, found, code, said ? said : "", output);
}

/* Killed at its first frame, in its second cell and at its last frame. */
static void a_killed_run_goes_on(void **state)
{
    (void)state;
    static const struct {
        const char *at, *said;
    } moments[] = {{"1", NULL}, {"15", "1 of 2 pieces were there already"}, {"24", "1 of 2 pieces were there already"}};
    expect("AT=0; export AT; " RUN NET KILLER "--threads 1 --quiet --out $DIR/whole", 0, NULL);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char text[4096];
        setenv("AT", moments[i].at, 1);
        expect("rm -rf $DIR/cut; touch $DIR/armed; " RUN NET KILLER "--threads 1 --quiet --out $DIR/cut; "
               "test $? -eq 137 && ! test -e $DIR/cut/run.json", 0, NULL);
        snprintf(text, sizeof text, "$BENCH run --resume $DIR/cut --threads 2");
        expect(text, 0, moments[i].said);
        assert_same_run("whole", "cut");
        expect("! test -e $DIR/cut/cells && ! grep -q resume $DIR/cut/run.json", 0, NULL);
        expect("$BENCH run --resume $DIR/cut", 3, "nothing to go on with");
    }
}

/* The same command with the same folder goes on by itself, but trusts no process to be what it was. */
static void the_same_command_goes_on(void **state)
{
    (void)state;
    setenv("AT", "15", 1);
    expect(CUT, 0,
           NULL);
    expect(RUN NET "--out $DIR/cut", 0, "1 of 2 pieces were there already");
    expect(RUN NET "--quiet --out $DIR/plain", 0, NULL);
    assert_same_run("plain", "cut");
    expect(CUT, 0,
           NULL);
    expect("! " RUN NET KILLER "--out $DIR/cut 2>&1 | grep 'there already'", 0, NULL);
    expect("$BENCH run --resume $DIR/cut --generator edge", 2, "expected no other selection");
    expect(CUT, 0,
           NULL);
    expect("for f in $DIR/cut/cells/*.cell; do printf X | dd of=$f bs=1 seek=500 conv=notrunc 2>/dev/null; done; "
           "$BENCH run --resume $DIR/cut", 0, "damaged at byte");
    assert_same_run("whole", "cut");
}

/* A folder that is used again: nothing of the run before is taken for a part of the next, whole or cut off. */
static void a_folder_is_used_again(void **state)
{
    (void)state;
    expect("rm -rf $DIR/used; " RUN "--generator mirror --quiet --out $DIR/used; touch $DIR/used/panels/own.png "
           "$DIR/used/own.txt; ls $DIR/used/panels | grep -q mirror", 0, NULL);
    expect(RUN "--generator edge --quiet --out $DIR/used; cd $DIR/used; ls own.txt panels/own.png run.json && "
           "ls panels | grep -q edge && ! ls panels | grep mirror", 0, NULL);
    setenv("AT", "15", 1);
    expect("touch $DIR/armed; " RUN NET KILLER "--threads 1 --quiet --out $DIR/used; test $? -eq 137", 0, NULL);
    expect("$BENCH report $DIR/used", 3, "found no run.json");
    expect("cd $DIR/used; ls own.txt && ! ls summary.csv summary.md report.html junit.xml 2>/dev/null && "
           "! ls panels | grep edge", 0, NULL);
}

/* A frame that goes wrong once: the rest has its numbers, and only what failed is tried again. */
static void one_failure_stops_nothing(void **state)
{
    (void)state;
    setenv("AT", "15", 1);
    expect("touch $DIR/armed; " RUN NET "--exec 'sh=n=0; read h; while read l; do n=$((n+1)); if [ $n -eq $AT ] && "
           "[ -e "
           "$DIR/armed ]; then rm $DIR/armed; echo no; fi; echo \"$l\"; head -c " FRAME_BYTES "; done' --threads 1 "
           "--out $DIR/once", 3, "rows failed");
    expect("grep '\"generator\":\"sh\"' $DIR/once/frames.jsonl | grep -c '\"failed\"'", 0, NULL);
    expect("! grep '\"generator\":\"mirror\"' $DIR/once/frames.jsonl | grep failed", 0, NULL);
    expect("test $(grep '\"generator\":\"sh\"' $DIR/once/frames.jsonl | grep -c '\"ok\"') -gt 120", 0, NULL);
    expect("$BENCH run --resume $DIR/once", 0, "1 of 2 pieces were there already");
    expect("! grep failed $DIR/once/frames.jsonl && ! test -e $DIR/once/cells", 0, NULL);
}

/* A frame that cannot be read any more has failed rows, and so has the pair after it; all else has numbers. */
static void an_unreadable_frame_fails_alone(void **state)
{
    (void)state;
    char output[8192];
    expect("cp $DIR/frames.h5 $DIR/broken.h5; $BENCH dataset verify $DIR/broken.h5", 0, NULL);
    for (int at = 10000; at < 200000; at += 10000) {
        const int code = test_command(output, sizeof output, "cp $DIR/frames.h5 $DIR/broken.h5; head -c 64 "
            "/dev/urandom | "
                                      "dd of=$DIR/broken.h5 bs=1 seek=%d conv=notrunc 2>/dev/null; $BENCH run "
                                      "--dataset "
                                      "$DIR/broken.h5 --generator mirror,edge --metric psnr_rgb,flicker_excess "
                                      "--no-timing "
                                      "--quiet --no-panels --out $DIR/broken", at);
        if (code != 3 || !strstr(output, "rows failed")) continue;
        expect("test $(grep psnr_rgb $DIR/broken/frames.jsonl | grep -c failed) -le 12 && "
               "test $(grep psnr_rgb $DIR/broken/frames.jsonl | grep -c '\"ok\"') -ge 132", 0, NULL);
        return;
    }
    fail_msg("no place in the pack made a frame unreadable: %s", output);
}

#define CACHED "$BENCH run --metric psnr_rgb,flicker_excess --no-timing --no-panels --cache "
#define BASE CACHED "--dataset $DIR/frames.h5 --generator glcic --weights glcic=$DIR/one.safetensors "

/* Every ingredient alone: a cell that it changes is computed, the others are taken. */
static void nothing_stale_is_taken(void **state)
{
    (void)state;
    static const char *const hit = "2 of 2 pieces were there already, in part in the cache";
    static const struct {
        const char *what, *arguments, *said; /* NULL: nothing was there */
    } changes[] = {
        {"threads and batch", BASE "--threads 2 --batch 5", hit},
        {"the name of the weights", CACHED "--dataset $DIR/frames.h5 --generator glcic --weights "
         "$DIR/copy.safetensors", hit},
        {"one frame", CACHED "--dataset $DIR/other.h5 --generator glcic --weights glcic=$DIR/one.safetensors",
         "1 of 2 pieces"},
        {"which frames", BASE "--limit 10", NULL},
        {"weights", CACHED "--dataset $DIR/frames.h5 --generator glcic --weights glcic=$DIR/two.safetensors", NULL},
        {"generator", CACHED "--dataset $DIR/frames.h5 --generator edge", NULL},
        {"metrics", BASE "--metric ssim_gauss11_rgb", NULL},
        {"statistics", BASE "--batchnorm batch", NULL},
        {"protocol", BASE "--protocol ganime --batchnorm running", "2 of 8 pieces"}, /* its step that is strict */
        {"nothing", CACHED "--dataset $DIR/frames.h5 --generator edge", hit},
        {"device", CACHED "--dataset $DIR/frames.h5 --generator edge --device ref", NULL},
        {"instructions", "ONEDNN_MAX_CPU_ISA=SSE41 " CACHED "--dataset $DIR/frames.h5 --generator edge", NULL},
    };
    char text[1024], output[16384];
    expect("$BENCH cache clear; cp $DIR/one.safetensors $DIR/copy.safetensors; " BASE "--out $DIR/base", 0, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        snprintf(text, sizeof text, "rm -rf $DIR/now; %s --out $DIR/now", changes[i].arguments);
        const int code = command(output, sizeof output, text);
        const char *said = strstr(output, "there already");
        if (code != 0 || (changes[i].said ? !strstr(output, changes[i].said) : said != NULL))
            fail_msg("%s: exit %d, expected \"%s\": %s", changes[i].what, code,
                     changes[i].said ? changes[i].said : "nothing there", output);
    }
    expect(BASE "--out $DIR/now", 0, hit);
    expect("cmp $DIR/base/frames.jsonl $DIR/now/frames.jsonl && cmp $DIR/base/summary.csv "
           "$DIR/now/summary.csv", 0, NULL);
}

static void the_cache_is_used_only_when_asked_for(void **state)
{
    (void)state;
    expect("$BENCH cache clear; " BASE "--quiet --out $DIR/now; $BENCH cache info", 0, ": 4 entries");
    expect("! " BASE "--no-cache --out $DIR/now", 0, "expected one of them");
    expect("$BENCH run --metric psnr_rgb,flicker_excess --no-timing --no-panels --generator glcic --dataset "
           "$DIR/frames.h5 "
           "--weights glcic=$DIR/one.safetensors --out $DIR/now 2>&1 | (! grep 'there already')", 0, NULL);
    expect("GANIME_SCORE_CACHE=1 $BENCH run --metric psnr_rgb,flicker_excess --no-timing --no-panels --generator glcic "
           "--dataset $DIR/frames.h5 --weights glcic=$DIR/one.safetensors --out $DIR/now", 0, "2 of 2 pieces");
    expect("for f in $DIR/cache/cells/*/*.cell; do printf X | dd of=$f bs=1 seek=400 conv=notrunc 2>/dev/null; "
           "done; " BASE
           "--out $DIR/now", 0, "a damaged entry was removed");
    expect("cmp $DIR/base/frames.jsonl $DIR/now/frames.jsonl", 0, NULL);
    expect("$BENCH cache clear --json", 0, "\"removed\":\t4");
}

/* Scores may come from the cache; times never do. */
static void times_are_measured(void **state)
{
    (void)state;
    gb_error err = {0};
    cJSON *run[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        expect("$BENCH run --dataset $DIR/frames.h5 --generator mirror --metric psnr_rgb --no-panels --cache "
               "--threads 1 "
               "--out $DIR/now", 0, i ? "2 of 2 pieces" : NULL);
        assert_ok(gb_json_read(test_scratch("now/run.json"), 1 << 26, &run[i], &err), &err);
    }
    const cJSON *one = cJSON_GetObjectItem(run[0], "throughput"), *other = cJSON_GetObjectItem(run[1], "throughput");
    assert_true(cJSON_GetArraySize(one) > 0 && cJSON_GetArraySize(one) == cJSON_GetArraySize(other));
    assert_false(cJSON_Compare(cJSON_GetObjectItem(cJSON_GetArrayItem(one, 0), "samples_ms"),
                               cJSON_GetObjectItem(cJSON_GetArrayItem(other, 0), "samples_ms"), 1));
    const cJSON *audit = cJSON_GetArrayItem(cJSON_GetObjectItem(run[1], "audit"), 0);
    assert_true(gb_json_number_or(audit, "sampled", 0) > 0);
    assert_true(gb_json_number_or(audit, "sampled", 0) == gb_json_number_or(audit, "equal", -1));
    cJSON_Delete(run[0]);
    cJSON_Delete(run[1]);
}

/* Frames that were made elsewhere are known by their bytes. */
static void frames_from_elsewhere_are_looked_at(void **state)
{
    (void)state;
    expect("$BENCH dataset export $DIR/frames.h5 --what canvas --out $DIR/mine --quiet; $BENCH cache clear; "
           CACHED "--dataset $DIR/frames.h5 --generator mirror --external mine=$DIR/mine --out $DIR/now", 0, NULL);
    expect(CACHED "--dataset $DIR/frames.h5 --generator mirror --external mine=$DIR/mine --out $DIR/again", 0,
           "2 of 2 pieces");
    expect("cmp $DIR/now/frames.jsonl $DIR/again/frames.jsonl", 0, NULL);
    expect("$BENCH dataset export $DIR/frames.h5 --what truth --out $DIR/full --quiet; cp $DIR/full/small-000020.png "
           "$DIR/mine/; " CACHED "--dataset $DIR/frames.h5 --generator mirror --external mine=$DIR/mine --out "
           "$DIR/again", 0,
           "1 of 2 pieces");
    expect("! cmp -s $DIR/now/frames.jsonl $DIR/again/frames.jsonl", 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_run_goes_on),         cmocka_unit_test(the_same_command_goes_on),
        cmocka_unit_test(a_folder_is_used_again),       cmocka_unit_test(one_failure_stops_nothing),
        cmocka_unit_test(an_unreadable_frame_fails_alone), cmocka_unit_test(nothing_stale_is_taken),
        cmocka_unit_test(the_cache_is_used_only_when_asked_for), cmocka_unit_test(times_are_measured),
        cmocka_unit_test(frames_from_elsewhere_are_looked_at)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
