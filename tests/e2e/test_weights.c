/* Which nets take part in a run, and by what name: weights found, one's own, frames that a net does not take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/moving.h"
#include "support/support.h"
#include "support/tiny.h"

enum { WIDTH = 136, HEIGHT = 72, FRAMES = 3 }; /* GLCIC's and LaMa's, no Context Encoder's */

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    setenv("GANIME_WEIGHTS", test_scratch("found"), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/found $DIR/frames") != 0) return -1;
    if (moving_clip_write("frames", WIDTH, HEIGHT, FRAMES, &err) != GB_OK ||
        tiny_write("tiny/ce", NULL, test_scratch("found/ce@tiny.safetensors"), &err) != GB_OK ||
        tiny_write("tiny/glcic", NULL, test_scratch("found/glcic@tiny.safetensors"), &err) != GB_OK ||
        tiny_write("tiny/glcic", "mine", test_scratch("mine.safetensors"), &err) != GB_OK)
        return -1;
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width %d --height %d", WIDTH, HEIGHT);
}

static cJSON *run(int expected, const char *arguments)
{
    gb_error err = {0};
    cJSON *value = NULL;
    char output[8192];
    const int code = test_command(output, sizeof output, "rm -rf $DIR/out; $BENCH run --dataset $DIR/small.h5 --quiet "
                                  "--no-timing --no-panels --metric psnr_rgb --out $DIR/out %s", arguments);
    if (code != expected) fail_msg("%s: exit %d, expected %d: %s", arguments, code, expected, output);
    assert_ok(gb_json_read(test_scratch("out/run.json"), 1 << 26, &value, &err), &err);
    return value;
}

/* "STATE: why" of the generator's row, or "" where it took no part. */
static const char *summary_of(const cJSON *run, const char *generator)
{
    static char text[512];
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "summary"))
        if (!strcmp(gb_json_string_or(row, "generator", ""), generator)) {
            snprintf(text, sizeof text, "%s: %s", gb_json_string_or(row, "state", ""),
                     gb_json_string_or(row, "why", ""));
            return text;
        }
    return "";
}

static void ids_are(const char *arguments, const char *expected)
{
    char found[1024] = "";
    cJSON *value = run(0, arguments);
    const cJSON *generator;
    cJSON_ArrayForEach(generator, cJSON_GetObjectItem(value, "generators"))
    {
        const size_t length = strlen(found);
        snprintf(found + length, sizeof found - length, "%s%s", length ? " " : "",
                 gb_json_string_or(generator, "id", ""));
    }
    if (strcmp(found, expected) != 0) fail_msg("%s: expected %s, found %s", arguments, expected, found);
    cJSON_Delete(value);
}

static void own_weights_take_the_place_of_those_found(void **state)
{
    (void)state;
    ids_are("--generator edge,glcic@tiny", "edge glcic@tiny");
    ids_are("--generator edge,glcic --weights $DIR/mine.safetensors", "edge glcic");
    ids_are("--generator glcic,glcic@tiny --weights glcic=$DIR/mine.safetensors", "glcic@tiny glcic");
    ids_are("--generator glcic --weights glcic@a=$DIR/mine.safetensors --weights glcic@b=$DIR/mine.safetensors",
            "glcic@a glcic@b");
    ids_are("--generator glcic+hold --weights $DIR/mine.safetensors", "glcic+hold");
}

/* Of several that a base name stands for, the one of that very name is what a clip is widened with. */
static void a_clip_is_widened_with_the_one_of_that_name(void **state)
{
    (void)state;
    char output[4096];
#define EXTEND "GANIME_WEIGHTS=$DIR/found2 $BENCH extend $(ls $DIR/in/*.png) $DIR/wide.png --work-height 72 " \
               "--generator "
    const int code = test_command(output, sizeof output, "cp -r $DIR/found $DIR/found2 && cp $DIR/mine.safetensors "
                                  "$DIR/found2/glcic@two.safetensors && $BENCH dataset export $DIR/small.h5 --limit 1 "
                                  "--out $DIR/in --quiet && " EXTEND "glcic");
    if (code != 2 || !strstr(output, "expected one generator, found ")) fail_msg("%d: %s", code, output);
    if (test_command(output, sizeof output, "cp $DIR/mine.safetensors $DIR/found2/glcic.safetensors && " EXTEND
                     "glcic && " EXTEND "glcic --stabilise && " EXTEND "glcic+hold") != 0)
        fail_msg("%s", output);
#undef EXTEND
}

/* `compare` knows them by the names that `run` takes. */
static void a_base_name_is_enough_to_compare(void **state)
{
    (void)state;
    static const struct {
        int code;
        const char *run, *names, *said;
    } cases[] = {
        {1, "--generator edge,glcic@tiny", "edge,glcic", "glcic@tiny against edge"},
        {3, "--generator edge,glcic@tiny", "edge,glci", "a generator 'glci' in this run, found none"},
        {3, "--generator edge,glcic --weights glcic@a=$DIR/mine.safetensors --weights glcic@b=$DIR/mine.safetensors",
         "edge,glcic", "one generator 'glcic' in this run, found several"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char output[16384];
        cJSON_Delete(run(0, cases[i].run));
        const int code = test_command(output, sizeof output, "$BENCH compare $DIR/out --generator %s", cases[i].names);
        if (code != cases[i].code || !strstr(output, cases[i].said))
            fail_msg("%s: %d: %s", cases[i].names, code, output);
    }
}

/* The numbers are those of the file that was given. */
static void own_weights_are_used(void **state)
{
    (void)state;
    cJSON *both = run(0, "--generator glcic,glcic@tiny --weights glcic=$DIR/mine.safetensors");
    const cJSON *row;
    double mean[2] = {0, 0};
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(both, "summary"))
        if (!strcmp(gb_json_string_or(row, "region", ""), "sides"))
            mean[strcmp(gb_json_string_or(row, "generator", ""), "glcic") != 0] = gb_json_number_or(row, "mean", 0);
    assert_true(mean[0] > 0 && mean[1] > 0 && mean[0] != mean[1]);
    cJSON_Delete(both);
}

/* A net that cannot is passed over, with its reason; one that was asked for has failed. The rest goes on. */
static void frames_that_a_net_does_not_take(void **state)
{
    (void)state;
    const char *const why = "in steps of 32 pixels, found 136x72";
    cJSON *all = run(0, "");
    if (strncmp(summary_of(all, "ce@tiny"), "skipped: ", 9) != 0 || !strstr(summary_of(all, "ce@tiny"), why))
        fail_msg("%s", summary_of(all, "ce@tiny"));
    assert_int_equal(strncmp(summary_of(all, "glcic@tiny"), "ok: ", 4), 0);
    char count[64];
    test_command(count, sizeof count, "grep -c 'ce@tiny: skipped: takes frames' $DIR/out/summary.md");
    assert_string_equal(count, "1\n");
    cJSON_Delete(all);
    cJSON *asked = run(3, "--generator ce@tiny,edge");
    if (strncmp(summary_of(asked, "ce@tiny"), "failed: ", 8) != 0 || !strstr(summary_of(asked, "ce@tiny"), why))
        fail_msg("%s", summary_of(asked, "ce@tiny"));
    assert_int_equal(strncmp(summary_of(asked, "edge"), "ok: ", 4), 0);
    cJSON_Delete(asked);
}

/* What one dataset's size made impossible is possible for the next. */
static void another_size_is_another_chance(void **state)
{
    (void)state;
    gb_error err = {0};
    char output[4096];
    assert_int_equal(test_command(NULL, 0, "mkdir -p $DIR/larger"), 0);
    assert_ok(moving_clip_write("larger", 128, 64, FRAMES, &err), &err);
    const int code = test_command(output, sizeof output, "$BENCH dataset build $DIR/larger --out $DIR/fits.h5 "
                                  "--id fits --split test --quiet --width 128 --height 64 --side 16");
    if (code != 0) fail_msg("exit %d: %s", code, output);
    cJSON *both = run(0, "--dataset $DIR/fits.h5");
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(both, "summary"))
        if (!strcmp(gb_json_string_or(row, "generator", ""), "ce@tiny"))
            assert_string_equal(gb_json_string_or(row, "state", ""),
                                strcmp(gb_json_string_or(row, "dataset", ""), "fits") ? "skipped" : "ok");
    const cJSON *generator;
    cJSON_ArrayForEach(generator, cJSON_GetObjectItem(both, "generators"))
        if (!strcmp(gb_json_string_or(generator, "id", ""), "ce@tiny"))
            assert_string_equal(gb_json_string_or(generator, "state", ""), "ok");
    cJSON_Delete(both);
}

static void one_id_is_one_dataset(void **state)
{
    (void)state;
    char output[4096];
    const int code = test_command(output, sizeof output, "$BENCH run --dataset $DIR/small.h5,$DIR/small.h5 --quiet");
    assert_int_equal(code, 2);
    assert_non_null(strstr(output, "twice"));
    cJSON *other = NULL;
    assert_int_equal(test_command(NULL, 0, "cp $DIR/small.h5 $DIR/again.h5"), 0);
    other = run(3, "--generator edge --dataset $DIR/again.h5");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(other, "datasets")), 1);
    cJSON_Delete(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_weights_take_the_place_of_those_found),
        cmocka_unit_test(a_clip_is_widened_with_the_one_of_that_name),
        cmocka_unit_test(a_base_name_is_enough_to_compare),
        cmocka_unit_test(own_weights_are_used),
        cmocka_unit_test(frames_that_a_net_does_not_take),
        cmocka_unit_test(another_size_is_another_chance),
        cmocka_unit_test(one_id_is_one_dataset),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
