/* `ganime-bench run` from the outside: a small folder of frames in, a run's folder out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "support/support.h"
#include "support/moving_case.h"

enum { WIDTH = 256, HEIGHT = 144, FRAMES = 9 };

static int make_pack(void **state)
{
    (void)state;
    return moving_pack_set_up(WIDTH, HEIGHT, FRAMES);
}

static cJSON *read_run(const char *folder)
{
    gb_error err = {0};
    char path[4200];
    cJSON *run = NULL;
    snprintf(path, sizeof path, "%s/run.json", folder);
    assert_ok(gb_json_read(path, 1 << 26, &run, &err), &err);
    return run;
}

static const cJSON *find_summary(const cJSON *run, const char *generator, const char *metric, const char *region)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "summary"))
    {
        if (!strcmp(gb_json_string_or(row, "generator", ""), generator) &&
            !strcmp(gb_json_string_or(row, "metric", ""), metric) &&
            !strcmp(gb_json_string_or(row, "region", ""), region))
            return row;
    }
    return NULL;
}

static void everything_is_written(void **state)
{
    (void)state;
    char output[8192], out[4096];
    snprintf(out, sizeof out, "%s", test_scratch("all"));
    const int code = test_command(output, sizeof output, "$BENCH run --dataset '%s' --metric psnr_rgb,ssim_gauss11_rgb,"
                                  "flicker_excess,flicker_hold,mae_dt --out '%s' --no-timing",
                                  test_scratch("small.h5"), out);
    if (code != 0) fail_msg("exit %d: %s", code, output);
    const char *const files[] = {"run.json", "frames.jsonl", "summary.csv", "summary.md", "report.html", "panels"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s", out, files[i]);
        if (!gb_file_exists(path)) fail_msg("%s was not written", path);
    }
    cJSON *run = read_run(out);
    const cJSON *mirror = find_summary(run, "mirror", "psnr_rgb", "sides");
    assert_non_null(mirror);
    assert_string_equal(gb_json_string_or(mirror, "state", ""), "ok");
    assert_int_equal((int)gb_json_number_or(mirror, "frames", -1), FRAMES);
    assert_true(gb_json_number_or(mirror, "mean", NAN) > 5.0);
    const cJSON *generator;
    cJSON_ArrayForEach(generator, cJSON_GetObjectItem(run, "generators"))
    {
        if (!strcmp(gb_json_string_or(generator, "state", ""), "ok"))
            assert_int_equal((int)gb_json_number_or(generator, "centre_maxabs", -1), 0);
    }
    cJSON_Delete(run);
    assert_int_equal(test_command(NULL, 0, "grep -q 'of these 4 on held drawings' '%s/report.html'", out), 0);
}

/* The study's rule of thumb: no weights, no quality number, and a reason that says how to get some. */
static void no_weights_no_number(void **state)
{
    (void)state;
    cJSON *run = read_run(test_scratch("all"));
    const cJSON *row = find_summary(run, "big-lama", "psnr_rgb", "full");
    assert_non_null(row);
    assert_string_equal(gb_json_string_or(row, "state", ""), "no weights");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "mean")));
    assert_non_null(strstr(gb_json_string_or(row, "why", ""), "--weights"));
    assert_int_not_equal(test_command(NULL, 0, "grep -q big-lama '%s'", test_scratch("all/frames.jsonl")), 0);
    cJSON_Delete(run);
}

static void results_do_not_depend_on_batch_or_threads(void **state)
{
    (void)state;
    const char *const metrics = test_metrics_here("lpips_alex_v0.1,psnr_rgb,ssim_gauss11_rgb,flicker_excess,"
                                                  "flicker_hold,mae_dt,tlp,e_warp");
    const char *const way[] = {"--batch 1 --threads 1", "--batch 3 --threads 2", "--batch 8 --threads 1",
                               "--batch 1 --threads 2"};
    char pack[4096];
    snprintf(pack, sizeof pack, "%s", test_scratch("small.h5"));
    for (int i = 0; i < 4; i++) {
        char out[4096], name[32], output[4096];
        snprintf(name, sizeof name, "way%d", i);
        snprintf(out, sizeof out, "%s", test_scratch(name));
        const int code = test_command(output, sizeof output,
                                      "$BENCH run --generator black,mirror,blur,mirror+hold,edge+hold --dataset '%s' "
                                      "--metric %s %s --out '%s' --no-timing --no-panels --quiet",
                                      pack, metrics, way[i], out);
        if (code != 0) fail_msg("%s: exit %d: %s", way[i], code, output);
        if (i && test_command(output, sizeof output, "cmp '%s/frames.jsonl' '%s/frames.jsonl'", test_scratch("way0"),
                              out))
            fail_msg("%s gives other rows: %s", way[i], output);
        if (i && test_command(output, sizeof output, "cmp '%s/summary.csv' '%s/summary.csv'", test_scratch("way0"),
                              out))
            fail_msg("%s gives another summary: %s", way[i], output);
    }
}

/* Each command fails with its exit code and one line that contains its text.
 * $PACK is the pack, $DIR the scratch folder. */
static const struct {
    int code;
    const char *text, *command;
} bad_input[] = {
    {2, "did you mean 'mirror'", "run --generator miror --dataset $PACK"},
    {2, "did you mean 'mirror'", "run --generator miror+hold --dataset $PACK"},
    {2, "did you mean --generator", "run --generatr mirror --dataset $PACK"},
    {2, "did you mean 'psnr_rgb'", "run --metric psnr_rg --dataset $PACK"},
    {2, "did you mean 'toon'", "run --dataset ton --generator edge --metric psnr_rgb"},
    {2, "did you mean 'score'", "scor a b"},
    {2, "did you mean 'cpu'", "run --device cp --dataset $PACK"},
    {2, "unknown 'model' command", "model frobnicate"},
    {2, "whole number", "run --limit many --dataset $PACK"},
    {2, "expected REF TEST", "score $PACK"},
    {2, "expected one of lpips, torchmetrics, skimage, ffmpeg\n", "score $PACK $PACK --dialect foo"},
    {2, "expected REF TEST, found an empty argument", "score $PACK ''"},
    {2, "unknown format 'htm'", "report $DIR/all --format htm"},
    {3, "/nowhere/x.h5: no such dataset", "run --dataset /nowhere/x.h5 --metric psnr_rgb --out $DIR/bad"},
    {3, "cut.h5", "run --quiet --dataset $DIR/cut.h5 --metric psnr_rgb --out $DIR/bad"},
    {3, "bad.pt",
     "run --quiet --generator glcic --weights $DIR/bad.pt --dataset $PACK --metric psnr_rgb --out $DIR/bad"},
    {3, "/proc/x", "run --generator edge --metric psnr_rgb --dataset $PACK --out /proc/x"},
    {3, "/nowhere.pt: no such weights", "run --generator glcic --weights /nowhere.pt --dataset $PACK"},
    {3, "cuda", "run --generator edge --device cuda --metric psnr_rgb --dataset $PACK --out $DIR/bad"},
    {3, "split 'train'", "run --quiet --generator edge --split train --metric psnr_rgb --dataset $PACK --out $DIR/bad"},
    {3, "frames: expected a run's folder, found no run.json", "report $DIR/frames"},
    {3, "nowhere.h5: no such dataset", "run --dataset nowhere.h5 --metric psnr_rgb --out $DIR/bad"},
    {3, "nowhere.h5: no such dataset", "dataset info nowhere.h5"},
    {2, "unknown metric 'psnr_rg': did you mean 'psnr_rgb'", "score $PACK $PACK --metric psnr_rg"},
    {3, "empty.png: expected a dataset (a pack,",
     "run --quiet --dataset $DIR/empty.png --metric psnr_rgb --out $DIR/bad"},
    {3, "empty.png: expected a dataset (a pack,", "dataset build $DIR/empty.png --out $DIR/empty.h5"},
    {3, "half.png: damaged PNG", "run --quiet --dataset $DIR/half.png --metric psnr_rgb --out $DIR/bad"},
    {3, "text.txt: expected a video or a picture", "dataset info $DIR/text.txt"},
    {2, "value of --domain 'inside': expected one of in, out", "dataset build $PACK --domain inside"},
    {2, "run: unknown option --domain", "run --domain out --dataset $PACK"},
    {3, "text.png: expected a PNG or JPEG", "score $DIR/text.png $DIR/text.png"},
};

static void bad_input_is_one_line(void **state)
{
    (void)state;
    test_command(NULL, 0, "head -c 3000 $PACK >$DIR/cut.h5; echo no >$DIR/bad.pt; "
                          "echo no >$DIR/text.png; : >$DIR/empty.png; "
                          "echo no >$DIR/text.txt; cp results/pictures/truth.png $DIR/half.png && truncate -s 300 "
                          "$DIR/half.png");
    for (size_t i = 0; i < sizeof bad_input / sizeof *bad_input; i++) {
        char output[8192];
        const int code = test_command(output, sizeof output, "$BENCH %s", bad_input[i].command);
        const char *newline = strchr(output, '\n');
        if (code != bad_input[i].code || !strstr(output, bad_input[i].text) || !newline || newline[1])
            fail_msg("%s: exit %d (expected %d and one line with \"%s\"): %s", bad_input[i].command, code,
                     bad_input[i].code, bad_input[i].text, output);
    }
}

/* A generator that fails is recorded as failed; the others' numbers are there. */
static void one_failure_does_not_stop_the_rest(void **state)
{
    (void)state;
    char output[8192];
    const int code = test_command(output, sizeof output,
                                  "$BENCH run --quiet --generator glcic,edge --weights $DIR/bad.pt "
                                  "--dataset $PACK --metric psnr_rgb --out $DIR/partly --no-timing");
    assert_int_equal(code, 3);
    cJSON *run = read_run(test_scratch("partly"));
    assert_string_equal(gb_json_string_or(find_summary(run, "glcic", "psnr_rgb", "full"), "state", ""), "failed");
    assert_string_equal(gb_json_string_or(find_summary(run, "edge", "psnr_rgb", "full"), "state", ""), "ok");
    cJSON_Delete(run);
}

/* Writing stops after 1024 bytes, as on a full disk: one line, exit 3, and what was written stays. */
static void full_disk_is_said(void **state)
{
    (void)state;
    char output[8192];
    const int code = test_command(output, sizeof output,
                                  "trap '' XFSZ; ulimit -f 2; $BENCH run --quiet --metric psnr_rgb "
                                  "--generator edge --dataset $PACK --out $DIR/full --no-timing");
    if (code != 3 || !strstr(output, "cannot write")) fail_msg("exit %d: %s", code, output);
    assert_true(gb_file_exists(test_scratch("full/frames.jsonl")));
}

static void limit_takes_runs_of_frames(void **state)
{
    (void)state;
    for (int limit = 1; limit <= 3; limit++) {
        char output[8192];
        const int code = test_command(output, sizeof output, "$BENCH run --quiet --limit %d --metric psnr_rgb,mae_dt "
                                      "--generator edge --dataset $PACK --out $DIR/limit --no-timing --no-panels",
                                      limit);
        if (code != 0) fail_msg("limit %d: exit %d: %s", limit, code, output);
        cJSON *run = read_run(test_scratch("limit"));
        const cJSON *change = find_summary(run, "edge", "mae_dt", "sides");
        assert_int_equal((int)gb_json_number_or(find_summary(run, "edge", "psnr_rgb", "full"), "frames", -1), limit);
        assert_int_equal((int)gb_json_number_or(change, "frames", -1), limit - 1);
        assert_string_equal(gb_json_string_or(change, "state", ""), limit > 1 ? "ok" : "undefined");
        cJSON_Delete(run);
    }
}

/* Known weights through the whole program, twice: the report made again is the same, byte for byte. */
static void report_again_is_the_same(void **state)
{
    (void)state;
    char output[8192];
    const int code = test_command(output, sizeof output, "cp -r $DIR/all $DIR/again && rm $DIR/again/summary.* "
                                  "$DIR/again/report.html && $BENCH report $DIR/again --quiet && "
                                  "for f in summary.csv summary.md report.html; do "
                                  "cmp $DIR/all/$f $DIR/again/$f; done");
    if (code != 0 || *output) fail_msg("exit %d: %s", code, output);
}

/* A run's folder stays as it is; the reports in another one are the same bytes. */
static void a_report_goes_where_it_is_told(void **state)
{
    (void)state;
    char output[8192];
    const int code = test_command(output, sizeof output,
                                  "find $DIR/all -type f | xargs ls -l --full-time >$DIR/before; "
                                  "$BENCH report $DIR/all --out $DIR/else/where --quiet || exit; "
                                  "find $DIR/all -type f | xargs ls -l --full-time | cmp - $DIR/before; "
                                  "for f in run.json frames.jsonl junit.xml summary.csv summary.md report.html; do "
                                  "cmp $DIR/all/$f $DIR/else/where/$f; done; ls $DIR/else/where | wc -l | grep -vx 6");
    if (code > 1 || *output) fail_msg("exit %d: %s", code, output);
    assert_int_equal(test_command(output, sizeof output, "$BENCH report $DIR/all --out $PACK --format md"), 3);
    assert_non_null(strstr(output, "expected a folder, found a file of that name"));
}

static int set_up(void **state)
{
    setenv("PACK", test_scratch("small.h5"), 1);
    setenv("DIR", test_scratch("."), 1);
    return make_pack(state);
}

/* Without --out each run has a folder of its own, also of those that begin within one second. */
static void no_two_runs_share_a_folder(void **state)
{
    (void)state;
    char output[8192];
    if (test_command(output, sizeof output,
                     "b=$(realpath $BENCH); mkdir $DIR/alone && cd $DIR/alone && for i in 1 2 3; do $b run --dataset "
                     "$PACK --generator edge --metric psnr_rgb --no-timing --no-panels --quiet & done; wait; "
                     "test $(ls results/runs/*/run.json | wc -l) -eq 3 && test -f results/latest/run.json") != 0)
        fail_msg("%s", output);
}

/* Files may be called anything; what is written is UTF-8 all the same, and so is what goes to standard output. */
static void names_may_be_any_bytes(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "cp -r $DIR/frames \"$ODD\" && mv \"$ODD/f000.png\" \"$ODD/$(printf 'f000\\376.png')\" && cp $PACK \"$ODD.h5\"",
        "GANIME_CACHE=$DIR/cache $BENCH run --dataset \"$ODD\" --split all --generator mirror --metric psnr_rgb "
        "--no-timing --width 256 --height 144 --json --out $DIR/odd.run >$DIR/odd.json 2>$DIR/odd.err",
        "test -s $DIR/odd.json && cmp $DIR/odd.json $DIR/odd.run/run.json",
        "for f in run.json frames.jsonl summary.csv summary.md report.html junit.xml; do "
        "iconv -f utf-8 -t utf-8 $DIR/odd.run/$f >/dev/null || exit 1; done",
        "$BENCH score \"$ODD\" \"$ODD\" --metric psnr_rgb --json >$DIR/odd.score && "
        "iconv -f utf-8 -t utf-8 $DIR/odd.score >/dev/null",
        "$BENCH model info \"$ODD.h5\" --json >$DIR/odd.info; iconv -f utf-8 -t utf-8 $DIR/odd.info >/dev/null",
        "$BENCH report $DIR/odd.run --out $DIR/odd.again --quiet",
        "! grep 'held drawings' $DIR/odd.run/report.html", /* nothing counted them */
        "$BENCH gate $DIR/odd.run --baseline $DIR/odd.run --quiet",
    };
    char odd[4200];
    snprintf(odd, sizeof odd, "%s/odd\xff", test_scratch("."));
    setenv("ODD", odd, 1);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char output[8192];
        if (test_command(output, sizeof output, "%s", commands[i]) != 0) fail_msg("%s: %s", commands[i], output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_written),
        cmocka_unit_test(no_weights_no_number),
        cmocka_unit_test(report_again_is_the_same),
        cmocka_unit_test(a_report_goes_where_it_is_told),
        cmocka_unit_test(results_do_not_depend_on_batch_or_threads),
        cmocka_unit_test(bad_input_is_one_line),
        cmocka_unit_test(one_failure_does_not_stop_the_rest),
        cmocka_unit_test(full_disk_is_said),
        cmocka_unit_test(limit_takes_runs_of_frames),
        cmocka_unit_test(names_may_be_any_bytes),
        cmocka_unit_test(no_two_runs_share_a_folder),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
