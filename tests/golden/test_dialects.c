/* Our metrics as other tools have them, against what those tools gave on small drawn pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "metrics/metric.h"
#include "support/drawn.h"
#include "support/golden_pairs.h"
#include "support/support.h"

typedef struct dialect_value {
    const char *metric, *ref, *test;
    int width, height;
    double value;
} dialect_value;

typedef struct dialect_pooled {
    const char *metric;
    double value;
} dialect_pooled;

#include "golden/dialect_values.h"

enum { VALUES = sizeof dialect_values / sizeof *dialect_values,
       POOLED = sizeof dialect_pooled_values / sizeof *dialect_pooled_values };

/* Formulas in double agree to rounding; FFmpeg prints six digits; LPIPS is in single precision on both sides. */
static double tolerance(const char *metric)
{
    return !strncmp(metric, "lpips", 5) ? 1e-5 : 2e-6;
}

static double measure(const gb_metric *metric, const dialect_value *v)
{
    gb_error err;
    gb_device_info info;
    void *state = NULL;
    gb_metric_env env = {.geometry = {v->width, v->height, 0}};
    if (metric->ready && metric->ready(&env, &err) != GB_OK) skip_because("%s", err.text);
    assert_ok(gb_backend_select("auto", &env.backend, &info, &err), &err);
    if (metric->open) assert_ok(metric->open(&env, &state, &err), &err);
    gb_image ref = drawn_picture(v->ref, v->width, v->height), test = drawn_picture(v->test, v->width, v->height);
    const gb_scores scores = golden_measure(metric, state, &env, &ref, &test);
    if (state) metric->close(state);
    gb_image_free(&ref);
    gb_image_free(&test);
    const gb_score *const full = &scores.region[GB_REGION_FULL];
    assert_true(full->present && !full->undefined);
    return full->num / full->den;
}

static void check(const char *tool)
{
    int checked = 0;
    for (int i = 0; i < VALUES; i++) {
        const dialect_value *const v = &dialect_values[i];
        const gb_metric *const metric = gb_metric_find(v->metric);
        assert_non_null(metric);
        if (strcmp(metric->tool, tool) != 0) continue;
        const double value = measure(metric, v);
        if (!(fabs(value - v->value) <= tolerance(v->metric)))
            fail_msg("%s, %s, %dx%d: %.9f, %s gives %.9f", v->metric, v->test, v->width, v->height, value, tool,
                     v->value);
        checked++;
    }
    assert_true(checked >= 4);
}

static void scikit_image(void **state)
{
    (void)state;
    check("skimage");
}

static void torchmetrics(void **state)
{
    (void)state;
    check("torchmetrics");
}

static void ffmpeg(void **state)
{
    (void)state;
    check("ffmpeg");
}

static void lpips(void **state)
{
    (void)state;
    check("lpips");
}

/* Each other tool's metric has values here, is taken only when named, and goes beside one of ours. */
static void every_dialect_is_checked(void **state)
{
    (void)state;
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    for (size_t m = 0; m < count; m++) {
        int values = 0;
        if (!metrics[m]->tool) continue;
        for (int i = 0; i < VALUES; i++) values += !strcmp(dialect_values[i].metric, metrics[m]->id);
        assert_true(values >= 4);
        assert_true(metrics[m]->on_request);
        const gb_metric *const like = gb_metric_find(metrics[m]->like);
        assert_non_null(like);
        assert_null(like->tool);
    }
}

/* The differences are real: no tool's SSIM would pass for ours or for another's on a picture of little contrast. */
static void dialects_differ(void **state)
{
    (void)state;
    const char *const id[] = {"ssim_gauss11_rgb", "ssim_skimage", "ssim_skimage_gauss", "ssim_torchmetrics",
                              "ssim_torchmetrics_255", "ssim_ffmpeg_rgb", "ssim_ffmpeg_yuv420p"};
    enum { COUNT = sizeof id / sizeof *id };
    const dialect_value v = {.ref = "dim truth", .test = "dim shifted", .width = 96, .height = 64};
    double value[COUNT];
    for (int i = 0; i < COUNT; i++) {
        value[i] = measure(gb_metric_find(id[i]), &v);
        for (int k = 0; k < i; k++) assert_true(fabs(value[i] - value[k]) > 100 * tolerance(id[i]));
    }
}

static int write_pictures(void **state)
{
    (void)state;
    gb_error err;
    const char *const test[] = {"strips", "shifted"};
    setenv("DIR", test_scratch("."), 1);
    if (test_command(NULL, 0, "mkdir -p $DIR/ref $DIR/test") != 0) return -1;
    for (int i = 0; i < 2; i++) {
        char name[32];
        gb_image a = drawn_picture("truth", 96, 64), b = drawn_picture(test[i], 96, 64);
        snprintf(name, sizeof name, "ref/%d.png", i);
        if (gb_image_write_png(test_scratch(name), &a, &err) != GB_OK) return -1;
        snprintf(name, sizeof name, "test/%d.png", i);
        if (gb_image_write_png(test_scratch(name), &b, &err) != GB_OK) return -1;
        gb_image_free(&a);
        gb_image_free(&b);
    }
    return 0;
}

/* `score --dialect` over two frames gives the tools' one number for both: errors are pooled where they pool them. */
static void score_pools_as_the_tools_do(void **state)
{
    (void)state;
    gb_error err;
    char output[32768];
    assert_int_equal(test_command(output, sizeof output, "$BENCH score $DIR/ref $DIR/test --side 12 "
                                  "--dialect torchmetrics,ffmpeg --metric psnr_rgb --json >$DIR/out.json || "
                                  "$BENCH score $DIR/ref $DIR/test --dialect ffmpeg --json >$DIR/out.json"), 0);
    cJSON *root = NULL;
    const cJSON *row;
    assert_ok(gb_json_read(test_scratch("out.json"), 1 << 20, &root, &err), &err);
    int found = 0;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(root, "dialects"))
    {
        const double theirs = gb_json_number_or(row, "theirs", NAN), ours = gb_json_number_or(row, "ours", NAN);
        const char *id = gb_json_string_or(row, "metric", "");
        assert_true(fabs(gb_json_number_or(row, "difference", NAN) - (theirs - ours)) < 1e-9);
        for (int i = 0; i < POOLED; i++) {
            if (strcmp(dialect_pooled_values[i].metric, id) != 0) continue;
            if (!(fabs(theirs - dialect_pooled_values[i].value) <= 2e-6))
                fail_msg("%s: %.9f, expected %.9f", id, theirs, dialect_pooled_values[i].value);
            if (!strncmp(id, "psnr", 4)) assert_true(fabs(theirs - ours) > 0.01); /* ours is the mean of dB */
            found++;
        }
    }
    assert_true(found >= 4);
    cJSON_Delete(root);
}

static void score_says_what_it_shows(void **state)
{
    (void)state;
    char output[8192];
    assert_int_equal(test_command(output, sizeof output, "$BENCH score $DIR/ref/0.png $DIR/test/0.png "
                                  "--dialect skimage"), 0);
    assert_non_null(strstr(output, "as other tools have it"));
    assert_non_null(strstr(output, "uniform 7x7"));
    assert_int_equal(test_command(output, sizeof output, "$BENCH score $DIR/ref/0.png $DIR/test/0.png "
                                  "--dialect skimmage"), 2);
    assert_non_null(strstr(output, "did you mean 'skimage'?"));
    assert_int_equal(test_command(output, sizeof output, "$BENCH score $DIR/ref/0.png $DIR/ref/0.png "
                                  "--dialect ffmpeg --json | tail -n 1"), 0);
    assert_non_null(strstr(output, "\"theirs\":null")); /* PSNR of identical frames */
    assert_null(strstr(output, "nan"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scikit_image),
        cmocka_unit_test(torchmetrics),
        cmocka_unit_test(ffmpeg),
        cmocka_unit_test(lpips),
        cmocka_unit_test(every_dialect_is_checked),
        cmocka_unit_test(dialects_differ),
        cmocka_unit_test(score_pools_as_the_tools_do),
        cmocka_unit_test(score_says_what_it_shows),
    };
    return cmocka_run_group_tests(tests, write_pictures, NULL);
}
