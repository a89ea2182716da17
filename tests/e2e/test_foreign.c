/* Generators outside the program: `run --external`, `run --exec`, `dataset export`. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "image/image.h"
#include "support/support.h"
#include "support/moving_case.h"
#include "support/video_file.h"

enum { WIDTH = 256, HEIGHT = 144, FRAMES = 9 };
#define FRAME_BYTES "110592" /* 256 x 144 x 3 */

/* A whole generator in shell: gives every frame back as it came, strips black. $1 before the loop, $2 in it. */
#define SHELL(before, in_loop)                                                                          \
    "'sh=" before "read h; while read l; do " in_loop " echo \"$l\"; head -c " FRAME_BYTES "; done'"
#define PLAIN "--dataset $PACK --metric psnr_rgb,flicker_excess --no-timing --quiet"

static int set_up(void **state)
{
    (void)state;
    if (moving_pack_set_up(WIDTH, HEIGHT, FRAMES) != 0) return -1;
    return test_command(NULL, 0, "for w in input canvas truth; do "
                                 "$BENCH dataset export $PACK --what $w --out $DIR/$w --quiet || exit 1; done");
}

/* Runs `$BENCH run ARGUMENTS --out $DIR/out`; the exit code must be `code` and the output contain `text`. */
static void run(int code, const char *text, const char *out, const char *arguments)
{
    char output[16384];
    const int found = test_command(output, sizeof output, "rm -rf $DIR/%s; $BENCH run " PLAIN " --out $DIR/%s %s", out,
                                   out, arguments);
    if (found != code || (text && !strstr(output, text)))
        fail_msg("%s: exit %d (expected %d and \"%s\"): %s", arguments, found, code, text ? text : "", output);
    if (code == 0 && output[0]) fail_msg("%s: said %s", arguments, output);
}

static cJSON *read_run(const char *out)
{
    gb_error err = {0};
    cJSON *value = NULL;
    char name[64];
    snprintf(name, sizeof name, "%s/run.json", out);
    assert_ok(gb_json_read(test_scratch(name), 1 << 26, &value, &err), &err);
    return value;
}

static const cJSON *find(const cJSON *run, const char *list, const char *key, const char *id)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(run, list)) if (!strcmp(gb_json_string_or(item, key, ""), id))
        return item;
    fail_msg("no %s with %s %s", list, key, id);
    return NULL;
}

/* The rows of one generator in two runs, its name aside, must be the same. */
static void assert_same_rows(const char *out_a, const char *a, const char *out_b, const char *b)
{
    char output[4096];
    const int code = test_command(output, sizeof output,
                                  "grep '\"generator\":\"%s\"' $DIR/%s/frames.jsonl | cut -d, -f2- >$DIR/a.rows; "
                                  "grep '\"generator\":\"%s\"' $DIR/%s/frames.jsonl | cut -d, -f2- >$DIR/b.rows; "
                                  "test -s $DIR/a.rows && cmp $DIR/a.rows $DIR/b.rows", a, out_a, b, out_b);
    if (code) fail_msg("%s of %s and %s of %s differ: %s", a, out_a, b, out_b, output);
}

static void export_writes_what_was_asked(void **state)
{
    (void)state;
    char output[4096];
    gb_error err = {0};
    gb_image narrow = {0}, canvas = {0}, truth = {0};
    assert_ok(gb_image_read(test_scratch("input/small-000004.png"), &narrow, &err), &err);
    assert_ok(gb_image_read(test_scratch("canvas/small-000004.png"), &canvas, &err), &err);
    assert_ok(gb_image_read(test_scratch("truth/small-000004.png"), &truth, &err), &err);
    assert_int_equal(narrow.width, WIDTH - 2 * 32);
    assert_int_equal(canvas.width, WIDTH);
    for (int y = 0; y < HEIGHT; y += 37) {
        assert_int_equal(canvas.rgb[y * WIDTH * 3], 0);
        assert_memory_equal(&canvas.rgb[(y * WIDTH + 32) * 3], &narrow.rgb[y * narrow.width * 3], 192 * 3);
        assert_memory_equal(&truth.rgb[(y * WIDTH + 32) * 3], &narrow.rgb[y * narrow.width * 3], 192 * 3);
    }
    gb_image_free(&narrow);
    gb_image_free(&canvas);
    gb_image_free(&truth);
    assert_int_equal(test_command(output, sizeof output, "cat $DIR/input/frames.csv | head -n 3"), 0);
    assert_non_null(strstr(output, "file,clip,shot,frame,follows\nsmall-000000.png,\""));
    assert_int_equal(test_command(output, sizeof output, "ls $DIR/input | wc -l"), 0);
    assert_int_equal(strtol(output, NULL, 10), FRAMES + 1);
    assert_int_equal(test_command(output, sizeof output, "$BENCH dataset export $PACK"), 2);
    assert_non_null(strstr(output, "expected --out DIR"));
}

static void external_frames_are_scored_like_our_own(void **state)
{
    (void)state;
    run(0, NULL, "ext", "--generator black --external mine=$DIR/canvas --external best=$DIR/truth");
    assert_same_rows("ext", "black", "ext", "mine");
    cJSON *value = read_run("ext");
    const cJSON *mine = find(value, "generators", "id", "mine"), *best = find(value, "generators", "id", "best");
    assert_string_equal(gb_json_string_or(mine, "kind", ""), "external");
    assert_non_null(strstr(gb_json_string_or(mine, "origin", ""), "/canvas"));
    assert_int_equal(strlen(gb_json_string_or(mine, "frames_sha256", "")), 64);
    assert_string_not_equal(gb_json_string_or(mine, "frames_sha256", ""), gb_json_string_or(best, "frames_sha256", ""));
    assert_int_equal((int)gb_json_number_or(mine, "delivered_centre", -1), 0);
    assert_string_equal(gb_json_string_or(find(value, "generators", "id", "black"), "kind", ""), "baseline");
    cJSON_Delete(value);
    assert_int_equal(test_command(NULL, 0, "ls $DIR/ext/panels/*-mine.png && grep -q mine $DIR/ext/summary.md && "
                                  "$BENCH report $DIR/ext --quiet"), 0);
    /* Part of the frames, other order of work: the frames exported are more than are asked for. */
    run(0, NULL, "ext2", "--generator black --external mine=$DIR/canvas --limit 4 --threads 2 --batch 3");
    assert_same_rows("ext2", "black", "ext2", "mine");
}

static void missing_frames_are_failed_rows(void **state)
{
    (void)state;
    test_command(NULL, 0, "cp -r $DIR/canvas $DIR/holes; rm $DIR/holes/small-000003.png; "
                 "head -c 500 $DIR/canvas/small-000006.png >$DIR/holes/small-000006.png");
    run(3, "rows failed, the first: ", "holes1", "--generator black --external mine=$DIR/holes");
    run(3, "small-000003.png: missing", "holes2",
        "--generator black --external mine=$DIR/holes --batch 4 --threads 2");
    assert_same_rows("holes1", "mine", "holes2", "mine");
    assert_int_equal(test_command(NULL, 0, "grep '\"mine\"' $DIR/holes1/frames.jsonl | grep psnr_rgb | grep full | "
                                  "grep failed | grep -c 'small-00000[36].png' | grep -qx 2"), 0);
    /* As many rows as without the holes: nothing is dropped. */
    char output[256];
    test_command(output, sizeof output, "grep -c '\"mine\".*psnr_rgb.*full' $DIR/holes1/frames.jsonl");
    assert_int_equal(strtol(output, NULL, 10), FRAMES);
    cJSON *value = read_run("holes1");
    assert_string_equal(gb_json_string_or(find(value, "summary", "generator", "mine"), "state", ""), "failed");
    assert_string_equal(gb_json_string_or(find(value, "summary", "generator", "black"), "state", ""), "ok");
    cJSON_Delete(value);
}

/* The same frames as JPEG files under the same names. */
static void write_jpegs(void)
{
    gb_error err = {0};
    assert_ok(gb_directory_make(test_scratch("jpeg"), &err), &err);
    for (int i = 0; i < FRAMES; i++) {
        char name[64];
        gb_image image = {0};
        uint8_t *bytes = NULL;
        size_t size = 0;
        snprintf(name, sizeof name, "truth/small-%06d.png", i);
        assert_ok(gb_image_read(test_scratch(name), &image, &err), &err);
        assert_ok(gb_image_encode_jpeg(&image, 90, &bytes, &size, &err), &err);
        snprintf(name, sizeof name, "jpeg/small-%06d.JPG", i);
        assert_ok(gb_file_write(test_scratch(name), bytes, size, &err), &err);
        free(bytes);
        gb_image_free(&image);
    }
}

static void a_changed_centre_is_refused_or_put_back(void **state)
{
    (void)state;
    write_jpegs();
    run(3, "small-000000: expected the input's centre untouched, found it changed by up to ", "jpeg1",
        "--generator black --external mine=$DIR/jpeg");
    cJSON *value = read_run("jpeg1");
    assert_string_equal(gb_json_string_or(find(value, "summary", "generator", "mine"), "state", ""), "failed");
    cJSON_Delete(value);
    run(0, NULL, "jpeg2", "--generator black --external mine=$DIR/jpeg --composite mine");
    value = read_run("jpeg2");
    const cJSON *mine = find(value, "generators", "id", "mine");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(mine, "composited")));
    assert_int_equal((int)gb_json_number_or(mine, "centre_maxabs", -1), 0);
    assert_true(gb_json_number_or(mine, "delivered_centre", -1) > 3);
    cJSON_Delete(value);
    /* One level in one pixel of one frame is enough. */
    gb_image image = {0};
    gb_error err = {0};
    test_command(NULL, 0, "cp -r $DIR/canvas $DIR/one");
    assert_ok(gb_image_read(test_scratch("one/small-000005.png"), &image, &err), &err);
    image.rgb[(70 * WIDTH + 32) * 3] ^= 1;
    assert_ok(gb_image_write_png(test_scratch("one/small-000005.png"), &image, &err), &err);
    gb_image_free(&image);
    run(3, "small-000005: expected the input's centre untouched, found it changed by up to 1 of", "one1",
        "--generator black --external mine=$DIR/one");
}

static void unfit_folders_are_refused(void **state)
{
    (void)state;
    test_command(NULL, 0, "cp -r $DIR/canvas $DIR/more && cp $DIR/more/small-000001.png $DIR/more/small-000009.png; "
                 "cp -r $DIR/canvas $DIR/twice && cp $DIR/jpeg/small-000001.JPG $DIR/twice/small-000001.jpg; "
                 "mkdir $DIR/none; cp $DIR/canvas/small-000001.png $DIR/none/0001.png; "
                 "cp -r $DIR/canvas $DIR/other; cp $DIR/input/small-000002.png $DIR/other/small-000002.png; "
                 "cp $DIR/input/small-000002.png $DIR/other/toon-000002.png");
    run(3, "small-000009.png: expected frames small-000000 to small-000008, found another", "bad",
        "--generator black --external mine=$DIR/more");
    run(3, "expected one file a frame, found both small-000001.jpg and small-000001.png", "bad",
        "--generator black --external mine=$DIR/twice");
    run(3, "small-000000.png: missing", "bad", "--generator black --external mine=$DIR/none");
    run(3, "small-000002.png: expected a widened frame of 256x144, found 192x144", "bad",
        "--generator black --external mine=$DIR/other");
}

/* A pack of frames goes by order, and its count must fit. */
static void a_stream_is_paired_by_order(void **state)
{
    (void)state;
    run(0, NULL, "pack", "--generator black --external mine=$PACK");
    run(0, NULL, "stream", "--generator black --external mine=$DIR/truth --threads 1");
    assert_same_rows("pack", "mine", "stream", "mine");
    run(3, "expected the 4 frames of small that are scored, in order, found 9", "bad",
        "--generator black --external mine=$PACK --limit 4");
    cJSON *value = read_run("bad");
    assert_string_equal(gb_json_string_or(find(value, "generators", "id", "mine"), "state", ""), "failed");
    cJSON_Delete(value);
    if (write_mp4(test_scratch("wide.mp4"), WIDTH, HEIGHT, FRAMES, 0) != 0) fail_msg("cannot make a video");
    run(3, "centre untouched", "video", "--generator black --external mine=$DIR/wide.mp4");
    run(0, NULL, "video1", "--generator black --external mine=$DIR/wide.mp4 --composite mine --threads 1");
    run(0, NULL, "video2", "--generator black --external mine=$DIR/wide.mp4 --composite mine --threads 3 --batch 2");
    assert_same_rows("video1", "mine", "video2", "mine");
    test_command(NULL, 0, "head -c 3000 $DIR/wide.mp4 >$DIR/cut.mp4");
    run(3, "cut.mp4", "bad", "--generator black --external mine=$DIR/cut.mp4 --composite mine");
}

static void wrong_words_are_usage_errors(void **state)
{
    (void)state;
    run(2, "--external mine: expected NAME=DIR", "bad", "--external mine");
    run(2, "--exec =cat: expected NAME='COMMAND'", "bad", "--exec =cat");
    run(2, "found 'a/b'", "bad", "--exec a/b=cat");
    run(2, "there is a generator 'mirror' already", "bad", "--exec mirror=cat");
    run(2, "there is a generator 'x' already", "bad", "--exec x=cat --external x=$DIR/canvas");
    run(2, "stands for something else", "bad", "--exec truth=cat");
    run(2, "--composite x: expected a generator of --external or --exec, found none", "bad", "--composite x");
    run(2, "did you mean 'mine'", "bad", "--external mine=$DIR/canvas --composite mime");
    run(2, "did you mean 'mine'", "bad", "--external mine=$DIR/canvas --generator mime");
    run(2, "--exec-timeout: expected a whole number from 1", "bad", "--exec x=cat --exec-timeout 0");
    run(3, "nowhere: expected a folder, a video or a pack of widened frames, found nothing", "bad",
        "--external mine=$DIR/nowhere");
}

static void a_process_is_scored_like_our_own(void **state)
{
    (void)state;
    const char *const way[] = {"--threads 1", "--threads 2 --batch 3", "--threads 3 --batch 8"};
    for (int i = 0; i < 3; i++) {
        char out[32], arguments[512];
        snprintf(out, sizeof out, "exec%d", i);
        snprintf(arguments, sizeof arguments, "--generator black,sh %s --exec " SHELL("", ""), way[i]);
        run(0, NULL, out, arguments);
        assert_same_rows(out, "black", out, "sh");
        assert_same_rows("exec0", "sh", out, "sh");
    }
    cJSON *value = read_run("exec2"), *first = read_run("exec0");
    const cJSON *sh = find(value, "generators", "id", "sh");
    assert_string_equal(gb_json_string_or(sh, "kind", ""), "exec");
    assert_non_null(strstr(gb_json_string_or(sh, "origin", ""), "head -c"));
    assert_string_equal(gb_json_string_or(sh, "frames_sha256", ""),
                        gb_json_string_or(find(first, "generators", "id", "sh"), "frames_sha256", "!"));
    cJSON_Delete(value);
    cJSON_Delete(first);
    /* It is timed, and frames that were made elsewhere are not. */
    char output[4096];
    const int code = test_command(output, sizeof output, "$BENCH run --dataset $PACK --metric psnr_rgb --quiet "
                                  "--out $DIR/timed --external mine=$DIR/canvas --generator black --exec "
                                  SHELL("", "") "; cat $DIR/timed/summary.md");
    assert_int_equal(code, 0);
    value = read_run("timed");
    assert_true(gb_json_number_or(find(value, "throughput", "generator", "sh"), "fps", 0) > 0);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(value, "throughput"))
        assert_string_not_equal(gb_json_string_or(item, "generator", ""), "mine");
    cJSON_Delete(value);
}

/* What each broken process comes to: the first failed row's words. */
static const struct {
    const char *text, *arguments;
} broken[] = {
    {"sh: ended with exit code 127: expected an answer of 110611 bytes, found 0; it last said: /bin/sh: 1: no-such,: "
     "not found", "--exec 'sh=no-such, with a comma'"},
    {"sh: ended with exit code 7: expected an answer of 110611 bytes, found 1000; it last said: out of memory",
     "--exec " SHELL("", "echo \"$l\"; head -c 981; echo out of memory >&2; exit 7;")},
    {"sh: expected an answer that begins 'FRAME small-000000', found 'Loading model'",
     "--exec " SHELL("echo Loading model; ", "")},
    {"sh: expected an answer that begins 'FRAME small-000000', found 'GANIME-FRAMES 1", "--exec sh=cat"},
    {"sh: was ended by signal 11", "--exec " SHELL("", "kill -SEGV $$;")},
    {"centre untouched, found it changed by up to ",
     "--exec " SHELL("", "echo \"$l\"; head -c 110592 | tr '\\\\100-\\\\377' '\\\\377'; continue;")},
    {"sh: expected one answer a frame, found 4 bytes more after the last",
     "--exec " SHELL("trap \"echo end\" EXIT; ", "")},
};

static void broken_processes_are_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char arguments[1024];
        snprintf(arguments, sizeof arguments, "--generator black --no-panels %s", broken[i].arguments);
        run(3, broken[i].text, "broken", arguments);
        char output[256];
        test_command(output, sizeof output, "grep -c '\"sh\".*psnr_rgb.*full' $DIR/broken/frames.jsonl");
        assert_int_equal(strtol(output, NULL, 10), FRAMES);
    }
}

/* One frame's crash is one frame's failure, whoever shares a process or a batch with it. */
static void a_crash_stays_with_its_frame(void **state)
{
    (void)state;
    const char *const way[] = {"--threads 1", "--threads 2 --batch 4"};
    for (int i = 0; i < 2; i++) {
        char out[32], arguments[512];
        snprintf(out, sizeof out, "crash%d", i);
        snprintf(arguments, sizeof arguments, "--generator black --no-panels %s --exec "
                 SHELL("", "case $l in *-000004) exit 9;; esac;"), way[i]);
        run(3, "small-000004: sh: ended with exit code 9", out, arguments);
    }
    assert_same_rows("crash0", "sh", "crash1", "sh");
    assert_int_equal(test_command(NULL, 0, "grep '\"sh\".*psnr_rgb.*full' $DIR/crash0/frames.jsonl | grep -c failed | "
                                  "grep -qx 1"), 0);
}

static void silence_ends(void **state)
{
    (void)state;
    run(3, "small-000000: sh: no answer in 1 seconds", "silent",
        "--generator black --no-panels --threads 1 --exec-timeout 1 --exec " SHELL("sleep 3600; ", ""));
    assert_int_equal(test_command(NULL, 0, "grep -c 'not asked for: sh gave no answer in 1 seconds 3 times' "
                                  "$DIR/silent/frames.jsonl >/dev/null"), 0);
}

/* Whether some process has `mark` among its arguments; the pattern does not match itself. */
#define RUNNING "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -qx '[%.1s]%s'"
static bool is_running(const char *mark)
{
    return test_command(NULL, 0, RUNNING, mark, mark + 1) == 0;
}

/* Neither a run that ends nor one that is killed leaves a process behind. */
static void nothing_is_left_running(void **state)
{
    (void)state;
    char mark[32], arguments[512];
    snprintf(mark, sizeof mark, "1234%d", (int)getpid());
    snprintf(arguments, sizeof arguments, "--generator black --no-panels --exec "
             SHELL("sleep %s & ", ""), mark);
    run(0, NULL, "left", arguments);
    assert_false(is_running(mark));
    const int code = test_command(NULL, 0, "$BENCH run " PLAIN " --out $DIR/left --generator black "
                                  "--exec 'sh=sleep %s' & for i in $(seq 100); do " RUNNING
                                  " && break; sleep 0.05; done; " RUNNING " || exit 9; "
                                  "kill -9 $!; wait $!; test $? = 137",
                                  mark, mark, mark + 1, mark, mark + 1);
    assert_int_equal(code, 0);
    for (int i = 0; i < 50 && is_running(mark); i++) usleep(20000);
    assert_false(is_running(mark));
}

/* A baseline that holds such a generator: the gate makes the run again once it is given again, never by itself. */
static void the_gate_asks_for_the_command(void **state)
{
    (void)state;
    char output[8192];
    int code = test_command(output, sizeof output, "$BENCH gate --rebaseline --why test --baseline $DIR/base.json "
                            PLAIN " --generator black --out $DIR/gate1 --exec " SHELL("", "")
                            " && $BENCH gate --baseline $DIR/base.json --dataset $PACK --quiet --out $DIR/gate2");
    if (code != 2 || !strstr(output, "its generator 'sh' is not this program's own: give it again, --exec 'sh=read h;"))
        fail_msg("exit %d: %s", code, output);
    code = test_command(output, sizeof output, "$BENCH gate --baseline $DIR/base.json --dataset $PACK --out $DIR/gate3 "
                        "--exec " SHELL("", ""));
    if (code != 0 || !strstr(output, "pass: exactly equal")) fail_msg("exit %d: %s", code, output);
}

/* The example in models/examples gives what the built-in of the same name gives. */
static void the_example_works(void **state)
{
    (void)state;
    if (test_command(NULL, 0, "python3 -c pass") != 0) skip_because("python3 is not here: models/examples is not run");
    run(0, NULL, "example", "--generator edge --threads 2 "
        "--exec 'py=python3 models/examples/edge.py {in} {out}'");
    assert_same_rows("example", "edge", "example", "py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(export_writes_what_was_asked),
        cmocka_unit_test(external_frames_are_scored_like_our_own),
        cmocka_unit_test(missing_frames_are_failed_rows),
        cmocka_unit_test(a_changed_centre_is_refused_or_put_back),
        cmocka_unit_test(unfit_folders_are_refused),
        cmocka_unit_test(a_stream_is_paired_by_order),
        cmocka_unit_test(wrong_words_are_usage_errors),
        cmocka_unit_test(a_process_is_scored_like_our_own),
        cmocka_unit_test(broken_processes_are_one_line),
        cmocka_unit_test(a_crash_stays_with_its_frame),
        cmocka_unit_test(silence_ends),
        cmocka_unit_test(nothing_is_left_running),
        cmocka_unit_test(the_gate_asks_for_the_command),
        cmocka_unit_test(the_example_works),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
