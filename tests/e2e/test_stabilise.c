/* "+hold" from the outside: in a run it is one more generator, in `extend` an option, and both give the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "support/clip_file.h"
#include "support/moving_case.h"
#include "support/support.h"

enum { WIDTH = 256, HEIGHT = 144, FRAMES = 12 };

static int set_up(void **state)
{
    (void)state;
    return moving_pack_set_up(WIDTH, HEIGHT, FRAMES);
}

static void must(const char *command)
{
    char output[8192];
    const int code = test_command(output, sizeof output, "%s", command);
    if (code != 0) fail_msg("%s: exit %d: %s", command, code, output);
}

#define RUN "$BENCH run --quiet --dataset $PACK --metric psnr_rgb,flicker_hold "

static const cJSON *find(const cJSON *run, const char *list, const char *generator)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, list))
        if (!strcmp(gb_json_string_or(row, "generator", gb_json_string_or(row, "id", "")), generator)) return row;
    fail_msg("no %s of %s", list, generator);
    return NULL;
}

static cJSON *read_run(const char *name)
{
    gb_error err = {0};
    cJSON *value = NULL;
    assert_ok(gb_json_read(test_scratch(name), 1 << 26, &value, &err), &err);
    return value;
}

/* The same rows alone and beside its base; a speed of its own; flicker on holds is gone. */
static void it_is_a_generator_like_any(void **state)
{
    (void)state;
    must(RUN "--generator blur+hold --out $DIR/alone --no-timing --no-panels");
    must(RUN "--generator blur,blur+hold,mirror --out $DIR/both");
    must("grep -h 'blur+hold' $DIR/both/frames.jsonl | cmp - $DIR/alone/frames.jsonl");
    cJSON *run = read_run("both/run.json");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(run, "generators")), 3);
    assert_non_null(strstr(gb_json_string_or(find(run, "generators", "blur+hold"), "filter", ""), "bit for bit"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(find(run, "generators", "blur"), "filter")));
    const cJSON *audit = find(run, "audit", "blur+hold");
    assert_string_equal(gb_json_string_or(audit, "state", ""), "skipped");
    assert_true(gb_json_number_or(find(run, "throughput", "blur+hold"), "p50_ms", 0) > 0);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(run, "summary"))
    {
        if (strcmp(gb_json_string_or(row, "metric", ""), "flicker_hold") != 0 ||
            strcmp(gb_json_string_or(row, "generator", ""), "blur+hold") != 0)
            continue;
        assert_string_equal(gb_json_string_or(row, "state", ""), "ok");
        if (!strcmp(gb_json_string_or(row, "region", ""), "sides"))
            assert_true(gb_json_number_or(row, "mean", NAN) == 0.0);
    }
    cJSON_Delete(run);
}

/* A picture of the report is the frame that was scored, although it is made again. */
static void its_pictures_are_what_was_scored(void **state)
{
    (void)state;
    char output[4096];
    must(RUN "--generator mirror+hold --out $DIR/pictures --no-timing");
    const int code = test_command(output, sizeof output,
        "f=$(ls $DIR/pictures/panels | sed -n 's/small-0*\\([0-9]*\\)-mirror+hold.png/\\1/p' | tail -1) && "
        "b=$DIR/pictures/panels/$(printf small-%%06d- $f) && "
        "$BENCH score ${b}truth.png ${b}mirror+hold.png --metric psnr_rgb --json | "
        "tr -d ' \\n\\t' | grep -o '\"sides\":[0-9.]*' | head -1 | cut -c9-18 && "
        "grep \"\\\"frame\\\":$f,\" $DIR/pictures/frames.jsonl | grep psnr_rgb | grep '\"sides\"'");
    if (code != 0) fail_msg("%s", output);
    char *row = strchr(output, '\n');
    assert_non_null(row);
    *row++ = '\0';
    assert_true(strlen(output) > 5);
    const double value = strtod(output, NULL);
    const char *at = strstr(row, "\"value\":");
    if (!at) fail_msg("no value in %s", row);
    if (fabs(strtod(at + strlen("\"value\":"), NULL) - value) > 1e-5) fail_msg("%s is not %s", row, output);
}

/* `extend --stabilise` gives what a run scores, for any threads, frames at a time and segments. */
static void extend_gives_the_same(void **state)
{
    (void)state;
    const clip_spec clip = {.width = 96, .height = 72, .frames = 60};
    assert_int_equal(write_clip(test_scratch("in.mkv"), &clip), 0);
    must("$BENCH extend $DIR/in.mkv $DIR/a --generator edge --stabilise --segment 16 --threads 1 --quiet");
    must("$BENCH extend $DIR/in.mkv $DIR/b --generator edge+hold --segment 7 --threads 3 --batch 5 --quiet");
    must("diff -r $DIR/a $DIR/b");
    must("$BENCH extend $DIR/in.mkv $DIR/plain --generator edge --quiet && ! diff -rq $DIR/a $DIR/plain");
    must("$BENCH extend $DIR/in.mkv $DIR/c.gif --compare edge,edge+hold --panel 72 --quiet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_generator_like_any),
        cmocka_unit_test(its_pictures_are_what_was_scored),
        cmocka_unit_test(extend_gives_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
