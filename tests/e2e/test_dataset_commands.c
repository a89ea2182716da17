/* `ganime-bench dataset` as scripts use it: one JSON object on stdout, and a user's own material in or out of the
 * training domain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/drawn.h"
#include "support/support.h"

#define SIZE "--width 64 --height 36 "

enum { WIDTH = 64, HEIGHT = 36, FRAMES = 4 };

static int draw_frames(const char *folder)
{
    gb_error err = {0};
    if (test_command(NULL, 0, "mkdir -p $DIR/%s", folder) != 0) return -1;
    for (int i = 0; i < FRAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/%03d.png", folder, i);
        gb_image image = drawn_picture(folder, WIDTH, HEIGHT);
        image.rgb[i] ^= 0x40; /* no two frames are the same */
        const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    setenv("DIR", test_scratch("."), 1);
    setenv("GANIME_CACHE", test_scratch("cache"), 1);
    return draw_frames("truth") || draw_frames("shifted") ? -1 : 0;
}

/* What the command says on stdout, which must be one JSON value and nothing else. */
static cJSON *said(const char *command)
{
    gb_error err = {0};
    char output[65536];
    cJSON *value = NULL;
    const int code = test_command(output, sizeof output, "$BENCH %s 2>$DIR/said", command);
    if (code != 0) fail_msg("%s: exit %d: %s", command, code, output);
    assert_ok(gb_json_parse(output, strlen(output), command, &value, &err), &err);
    assert_true(cJSON_IsObject(value));
    assert_int_equal(test_command(NULL, 0, "test ! -s $DIR/said"), 0);
    return value;
}

static void expect_text(const cJSON *object, const char *key, const char *value)
{
    assert_string_equal(gb_json_string_or(object, key, "(none)"), value);
}

/* `dataset info` says the same of the pack that `dataset build` says. */
static void a_build_is_said_as_json(void **state)
{
    (void)state;
    cJSON *built = said("dataset build $DIR/truth --out $DIR/one.h5 --id one --split test --json " SIZE);
    cJSON *info = said("dataset info $DIR/one.h5 --json");
    expect_text(built, "path", test_scratch("./one.h5"));
    expect_text(built, "domain", "own");
    assert_int_equal((int)gb_json_number_or(built, "frames", 0), FRAMES);
    cJSON_DeleteItemFromObject(built, "path");
    assert_true(cJSON_Compare(built, info, 1));
    cJSON *good = said("dataset verify $DIR/one.h5 --json --quiet");
    expect_text(good, "content", gb_json_string_or(info, "content", ""));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(good, "good")));
    cJSON *exported = said("dataset export $DIR/one.h5 --out $DIR/frames --what truth --json");
    expect_text(exported, "what", "truth");
    assert_int_equal((int)gb_json_number_or(exported, "frames", 0), FRAMES);
    assert_int_equal(test_command(NULL, 0, "test $(wc -l <$DIR/frames/frames.csv) = %d", FRAMES + 1), 0);
    cJSON_Delete(built);
    cJSON_Delete(info);
    cJSON_Delete(good);
    cJSON_Delete(exported);
}

static void what_is_fetched_is_said_as_json(void **state)
{
    (void)state;
    cJSON *drawn = said("dataset fetch toon_b --json --width 32 --height 18");
    expect_text(drawn, "id", "toon_b");
    expect_text(drawn, "domain", "out");
    assert_int_equal(test_command(NULL, 0, "test -s '%s'", gb_json_string_or(drawn, "path", "")), 0);
    cJSON_Delete(drawn);
}

/* Of a command that fails nothing is on stdout: a script that reads it finds no half of an answer. */
static void a_failure_says_nothing_on_stdout(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *command;
    } failing[] = {
        {3, "dataset build $DIR/nowhere --out $DIR/x.h5 --json"},
        {3, "dataset build $DIR/empty.png --out $DIR/x.h5 --json"},
        {2, "dataset build $DIR/truth --out $DIR/x.h5 --domain inside --json"},
        {3, "dataset verify $DIR/bent.h5 --json"},
        {3, "dataset verify $DIR/nowhere.h5 --json"},
        {2, "dataset fetch nowhere --json"},
        {3, "dataset fetch popeye --from $DIR/truth --json"},
        {3, "dataset export $DIR/one.h5 --split train --out $DIR/x --json"},
        {3, "model fetch lpips --archive $DIR/empty.png --json"},
        {3, "report $DIR/truth --json"},
        {3, "gate $DIR/truth --rebaseline --why x --baseline $DIR/x.json --json"},
    };
    char output[4096];
    assert_int_equal(test_command(NULL, 0, ": >$DIR/empty.png; cp $DIR/one.h5 $DIR/bent.h5 && size=$(stat -c %%s "
                                           "$DIR/bent.h5) && printf XXXX | dd of=$DIR/bent.h5 bs=1 conv=notrunc "
                                           "seek=$((size / 2)) 2>/dev/null"), 0);
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        const int code = test_command(output, sizeof output, "$BENCH %s 2>$DIR/said", failing[i].command);
        if (code != failing[i].code || *output)
            fail_msg("%s: exit %d, expected %d and nothing on stdout: %s", failing[i].command, code, failing[i].code,
                     output);
        assert_int_equal(test_command(NULL, 0, "test $(wc -l <$DIR/said) = 1"), 0);
    }
}

/* Two folders of a user's, one said to be in the domain and one out of it, make a run that knows the gap. */
static void own_material_is_in_the_domain_or_out_of_it(void **state)
{
    (void)state;
    gb_error err = {0};
    cJSON *in = said("dataset build $DIR/truth --domain in --out $DIR/in.h5 --split test --json " SIZE);
    cJSON *out = said("dataset build $DIR/shifted --domain=out --out $DIR/out.h5 --split test --json " SIZE);
    cJSON *run = NULL;
    expect_text(in, "domain", "in");
    expect_text(out, "domain", "out");
    assert_int_equal(test_command(NULL, 0, "$BENCH run --dataset $DIR/in.h5,$DIR/out.h5 --generator edge,mirror "
                                           "--metric psnr_rgb --no-timing --quiet --out $DIR/run"), 0);
    assert_ok(gb_json_read(test_scratch("run/run.json"), 1 << 26, &run, &err), &err);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(run, "gaps")) > 0);
    assert_int_equal(test_command(NULL, 0, "grep -q 'outside the training domain' $DIR/run/report.html && "
                                           "grep -q '## Outside the training domain' $DIR/run/summary.md"), 0);
    assert_int_equal(test_command(NULL, 0, "$BENCH run --dataset $DIR/one.h5,$DIR/out.h5 --generator edge --metric "
                                           "psnr_rgb --no-timing --no-panels --quiet --out $DIR/neither && "
                                           "! grep -q '## Outside the training domain' $DIR/neither/summary.md"), 0);
    cJSON_Delete(in);
    cJSON_Delete(out);
    cJSON_Delete(run);
}

/* Frames, not labels, are what a run is keyed by: the same material under another label is comparable. */
static void a_label_changes_no_number(void **state)
{
    (void)state;
    assert_int_equal(test_command(NULL, 0, "for d in in out; do $BENCH dataset build $DIR/truth --domain $d --id same "
                                           "--out $DIR/same.h5 --split test --quiet " SIZE " && $BENCH run --dataset "
                                           "$DIR/same.h5 --generator edge --metric psnr_rgb --no-timing --no-panels "
                                           "--quiet --out $DIR/label_$d || exit; done; cmp $DIR/label_in/frames.jsonl "
                                           "$DIR/label_out/frames.jsonl"), 0);
    char output[8192];
    const int code = test_command(output, sizeof output, "$BENCH compare $DIR/label_in $DIR/label_out");
    if (code != 0 || !strstr(output, "exactly equal")) fail_msg("exit %d: %s", code, output);
}

/* Of a drawn show, too: another net may have learned from another one. */
static void a_drawn_show_takes_a_label(void **state)
{
    (void)state;
    cJSON *drawn = said("dataset build toon --shots test=1 --stride 8 --domain out --out $DIR/show.h5 --json " SIZE);
    expect_text(drawn, "domain", "out");
    cJSON_Delete(drawn);
}

/* Flow that is estimated while a pack is built is named wherever the dataset is described. */
static void kept_flow_is_said(void **state)
{
    (void)state;
    gb_error err = {0};
    cJSON *run = NULL;
    char output[4096];
    if (test_command(output, sizeof output, "$BENCH dataset build $DIR/truth --flow --id flow --split test --out "
                     "$DIR/flow.h5 --quiet " SIZE) != 0) {
        assert_true(strstr(output, "built without OpenCV") != NULL);
        output[strcspn(output, "\n")] = '\0';
        skip_because("%s", output);
    }
    cJSON *info = said("dataset info $DIR/flow.h5 --json"), *good = said("dataset verify $DIR/flow.h5 --json");
    cJSON *none = said("dataset info $DIR/one.h5 --json");
    const char *const from = gb_json_string_or(info, "flow_from", "");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(info, "flow")) && strstr(from, "estimated by DIS of OpenCV"));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(none, "flow")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(none, "flow_from")));
    expect_text(good, "flow_from", from);
    assert_int_equal(test_command(NULL, 0, "$BENCH dataset info $DIR/flow.h5 | grep -q '  flow *estimated by DIS' && "
                                           "$BENCH dataset verify $DIR/flow.h5 | grep -q 'flow (estimated by DIS'"), 0);
    assert_int_equal(test_command(NULL, 0, "$BENCH run --dataset $DIR/flow.h5,$DIR/one.h5 --generator edge --metric "
                                           "e_warp --no-timing --no-panels --quiet --out $DIR/flowing"), 0);
    assert_ok(gb_json_read(test_scratch("flowing/run.json"), 1 << 26, &run, &err), &err);
    const cJSON *const datasets = cJSON_GetObjectItem(run, "datasets");
    expect_text(cJSON_GetArrayItem(datasets, 0), "flow_from", from);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(datasets, 1), "flow_from")));
    assert_int_equal(test_command(NULL, 0, "grep -q '<dt>flow</dt><dd>estimated by DIS' $DIR/flowing/report.html && "
                                           "grep -q '^The truth.s flow in it: estimated by DIS' "
                                           "$DIR/flowing/summary.md"),
                     0);
    cJSON_Delete(info);
    cJSON_Delete(good);
    cJSON_Delete(none);
    cJSON_Delete(run);
}

static void reports_are_said_as_json(void **state)
{
    (void)state;
    cJSON *made = said("report $DIR/run --format md,csv --out $DIR/again --json");
    const cJSON *list = cJSON_GetObjectItem(made, "written"), *one;
    expect_text(made, "out", test_scratch("./again"));
    assert_int_equal(cJSON_GetArraySize(list), 2);
    cJSON_ArrayForEach(one, list)
        assert_int_equal(test_command(NULL, 0, "test -s $DIR/again/%s", gb_json_string_or(one, "file", "?")), 0);
    cJSON_Delete(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_is_said_as_json),
        cmocka_unit_test(what_is_fetched_is_said_as_json),
        cmocka_unit_test(a_failure_says_nothing_on_stdout),
        cmocka_unit_test(own_material_is_in_the_domain_or_out_of_it),
        cmocka_unit_test(a_label_changes_no_number),
        cmocka_unit_test(a_drawn_show_takes_a_label),
        cmocka_unit_test(kept_flow_is_said),
        cmocka_unit_test(reports_are_said_as_json),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
