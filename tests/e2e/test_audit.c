/* A generator that answers differently while it is timed: the run says so, keeps what it has and ends with 3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/drawn.h"
#include "support/support.h"

enum { WIDTH = 256, HEIGHT = 144, FRAMES = 9 };
#define FRAME_BYTES "110592" /* 256 x 144 x 3 */

static int set_up(void **state)
{
    (void)state;
    gb_error err = {0};
    setenv("DIR", test_scratch("."), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/frames") != 0) return -1;
    for (int i = 0; i < FRAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "frames/f%03d.png", i);
        gb_image image = drawn_picture("truth", WIDTH, HEIGHT);
        for (int k = 0; k < WIDTH * HEIGHT * 3; k++) image.rgb[k] = (uint8_t)(64 + (image.rgb[k] / 2 + 9 * i) % 128);
        const gb_status status = gb_image_write_png(test_scratch(name), &image, &err);
        gb_image_free(&image);
        if (status != GB_OK) return -1;
    }
    return test_command(NULL, 0, "$BENCH dataset build $DIR/frames --out $DIR/small.h5 --split test --id small --quiet "
                                 "--width 256 --height 144");
}

static cJSON *read_run(const char *name)
{
    gb_error err = {0};
    cJSON *run = NULL;
    assert_ok(gb_json_read(test_scratch(name), 1 << 26, &run, &err), &err);
    return run;
}

static const cJSON *row_of(const cJSON *run, const char *list, const char *generator)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, list))
        if (!strcmp(gb_json_string_or(row, "generator", ""), generator)) return row;
    return NULL;
}

#define RUN "$BENCH run --dataset $DIR/small.h5 --generator mirror --metric psnr_rgb --no-panels --quiet --threads 1 "
#define SHELL(in_loop) "'sh=n=0; read h; while read l; do n=$((n+1)); echo \"$l\"; " in_loop " done'"

/* Every frame comes back as it was given; after ten, black has become nearly black. */
static void answering_differently_is_caught(void **state)
{
    (void)state;
    char output[4096];
    const int code = test_command(output, sizeof output, RUN "--out $DIR/cheat --exec " SHELL(
        "if [ $n -gt 10 ]; then head -c " FRAME_BYTES " | tr \"\\000\" \"\\001\"; else head -c " FRAME_BYTES "; fi;"));
    if (code != 3 || !strstr(output, "sh: ") || !strstr(output, "made while timed differ from those scored"))
        fail_msg("exit %d: %s", code, output);
    cJSON *run = read_run("cheat/run.json");
    const cJSON *sh = row_of(run, "audit", "sh"), *mirror = row_of(run, "audit", "mirror");
    assert_string_equal(gb_json_string_or(sh, "state", ""), "failed");
    assert_true(gb_json_number_or(sh, "equal", -1) < gb_json_number_or(sh, "sampled", -1));
    assert_string_equal(gb_json_string_or(mirror, "state", ""), "ok");
    assert_true(gb_json_number_or(mirror, "sampled", 0) > 0);
    assert_int_equal((int)gb_json_number_or(mirror, "equal", -1), (int)gb_json_number_or(mirror, "sampled", -2));
    assert_null(row_of(run, "throughput", "sh")); /* no speed of what was not scored */
    assert_non_null(row_of(run, "throughput", "mirror"));
    assert_non_null(row_of(run, "summary", "sh"));
    cJSON_Delete(run);
    assert_int_equal(test_command(output, sizeof output, "$BENCH report $DIR/cheat --quiet"), 0);
    assert_int_equal(test_command(output, sizeof output, "grep -A1 'name=\"sh\"' $DIR/cheat/junit.xml"), 0);
    assert_non_null(strstr(output, "<failure message=\"failed: "));
}

static void answering_alike_passes(void **state)
{
    (void)state;
    char output[4096];
    const int code =
        test_command(output, sizeof output, RUN "--out $DIR/plain --exec " SHELL("head -c " FRAME_BYTES ";"));
    if (code != 0) fail_msg("exit %d: %s", code, output);
    cJSON *run = read_run("plain/run.json");
    assert_string_equal(gb_json_string_or(row_of(run, "audit", "sh"), "state", ""), "ok");
    assert_non_null(row_of(run, "throughput", "sh"));
    cJSON_Delete(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answering_differently_is_caught),
        cmocka_unit_test(answering_alike_passes),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
