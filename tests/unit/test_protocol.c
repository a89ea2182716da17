/* The fingerprint's text: everything that a number depends on is in it, and what differs is named. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"
#include "flow/estimate.h"
#include "protocol/protocol.h"
#include "report/protocol_diff.h"
#include "support/drawn.h"

#define SHOTS 2
#define PICKS 4

/* All that the text is made of, so that a test can change one thing. */
typedef struct facts {
    gb_protocol protocol;
    const char *precision, *split;
    gb_metric metric[2];
    const gb_metric *metrics[2];
    int metric_count;
    gb_pack_info info;
    gb_shot shot[SHOTS];
    gb_pick pick[PICKS];
    gb_picks picks;
} facts;

static facts usual(void)
{
    facts f = {.protocol = gb_protocol_named("strict", NULL),
               .precision = "fp32",
               .split = "test",
               .metric = {{.id = "lpips_alex_v0.1", .recipe = "five taps", .weights = "aa"},
                          {.id = "psnr_rgb", .recipe = "10 log10(255^2 / MSE)"}},
               .metric_count = 2,
               .info = {.id = "toon", .geometry = {.width = 512, .height = 288, .side = 64}, .content = "c0ffee"},
               .shot = {{.first = 0, .count = 2, .stride = 1}, {.first = 2, .count = 9, .stride = 1}},
               .pick = {{.frame = 0}, {.frame = 1}, {.frame = 4, .shot = 1}, {.frame = 5, .shot = 1}},
               .picks = {.count = PICKS, .shots = SHOTS}};
    return f;
}

static cJSON *describe(facts *f)
{
    gb_error err = {0};
    cJSON *dataset = NULL;
    for (int m = 0; m < 2; m++) f->metrics[m] = &f->metric[m];
    f->picks.pick = f->pick;
    cJSON *object = gb_protocol_describe(&f->protocol, f->precision, "fp32", f->metrics, f->metric_count);
    assert_non_null(object);
    assert_ok(gb_protocol_describe_dataset(&f->info, f->shot, &f->picks, f->split, f->metrics, f->metric_count,
                                           &dataset, &err), &err);
    cJSON *datasets = cJSON_AddObjectToObject(object, "datasets");
    cJSON_AddItemToObject(datasets, f->info.id, dataset);
    return object;
}

/* Exactly `fields` (separated by blanks) differ between the usual facts and `changed`. */
static void expect_named(facts *changed, const char *fields)
{
    facts before = usual();
    gb_error err = {0};
    gb_protocol_differences found = {0};
    char names[1024] = "";
    cJSON *a = describe(&before), *b = describe(changed);
    assert_ok(gb_protocol_diff(a, b, &found, &err), &err);
    for (size_t i = 0; i < found.count; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", used ? " " : "", found.item[i].field);
    }
    assert_string_equal(names, fields);
    gb_protocol_differences_free(&found);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

static void test_what_a_run_sets_is_named(void **state)
{
    (void)state;
    facts f = usual();
    expect_named(&f, "");
#define CHANGED(change, fields) (f = usual(), (change), expect_named(&f, fields))
    CHANGED(f.protocol = gb_protocol_named("ganime", NULL), "protocol rounding file_format batchnorm frames");
    CHANGED(f.protocol = gb_protocol_named("strict", "batch"), "batchnorm");
    CHANGED(f.protocol.rounding = GB_ROUND_TRUNCATE, "rounding");
    CHANGED(f.protocol.jpeg_quality = 95, "file_format");
    CHANGED(f.protocol.first_frames = 264, "frames");
    CHANGED(f.precision = "fp16", "precision score_precision");
    CHANGED(f.metric[0].recipe = "four taps", "metrics.lpips_alex_v0.1.recipe");
    CHANGED(f.metric[0].weights = "ab", "metrics.lpips_alex_v0.1.weights");
    CHANGED(f.metric[0].weights = NULL, "metrics.lpips_alex_v0.1.weights");
    CHANGED(f.metric_count = 1, "metrics.psnr_rgb");
    CHANGED(f.metric[1].id = "psnr_y", "metrics.psnr_rgb metrics.psnr_y");
    CHANGED(f.info.content[0] = 'd', "datasets.toon.content");
    CHANGED(f.info.id[0] = 'm', "datasets.toon datasets.moon");
    CHANGED(f.info.geometry.side = 63, "datasets.toon.side");
    CHANGED(f.info.geometry.width = 510, "datasets.toon.width");
    CHANGED(f.info.geometry.height = 286, "datasets.toon.height");
    CHANGED(f.shot[1].stride = 2, "datasets.toon.stride");
    CHANGED(f.pick[3].frame = 6, "datasets.toon.picks");
    CHANGED(f.picks.count = 3, "datasets.toon.frames datasets.toon.picks");
    CHANGED(f.split = "val", "datasets.toon.split");
#undef CHANGED
}

/* The library's version counts where it estimates flow, and only there: exact flow is the same everywhere. */
static void test_a_library_of_flow_is_named(void **state)
{
    (void)state;
    if (!gb_flow_library()) skip_because("built without OpenCV");
    facts f = usual();
#define CHANGED(change, fields) (f = usual(), (change), expect_named(&f, fields))
    CHANGED(f.metric[1].estimates_flow = true, "datasets.toon.flow");
    CHANGED(f.metric[1].estimates_flow = f.metric[1].uses_flow = true, "datasets.toon.flow");
    CHANGED(f.metric[1].estimates_flow = f.metric[1].uses_flow = f.info.has_flow = true, "");
    CHANGED(f.metric[1].estimates_flow = f.info.has_flow = true, "datasets.toon.flow");
#undef CHANGED
}

/* Batch statistics of another number of frames are another protocol. */
static void test_size_of_a_batch_is_named(void **state)
{
    (void)state;
    facts f = usual();
    f.protocol = gb_protocol_named("ganime", NULL);
    cJSON *a = describe(&f);
    f.protocol.stat_batch = 8;
    f.protocol.jpeg_quality = 90;
    cJSON *b = describe(&f);
    gb_error err = {0};
    gb_protocol_differences found = {0};
    assert_ok(gb_protocol_diff(a, b, &found, &err), &err);
    gb_buffer line;
    gb_buffer_init(&line, 4096);
    gb_protocol_differences_print(&found, &line);
    assert_string_equal(line.data, "file_format (\"JPEG 95, 4:2:0\" / \"JPEG 90, 4:2:0\"), batchnorm "
                                   "(\"batch statistics of 15 frames\" / \"batch statistics of 8 frames\")");
    gb_buffer_free(&line);
    gb_protocol_differences_free(&found);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

/* Changes every leaf under `at`, one after the other, and expects its path, and no other, to be named. */
static int change_leaves(const cJSON *a, cJSON *b, cJSON *at, const char *path)
{
    int leaves = 0;
    cJSON *item;
    cJSON_ArrayForEach(item, at)
    {
        char below[512];
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", item->string);
        if (cJSON_IsObject(item)) {
            leaves += change_leaves(a, b, item, below);
            continue;
        }
        gb_error err = {0};
        gb_protocol_differences found = {0};
        const cJSON kept = *item;
        item->type = cJSON_True;
        assert_ok(gb_protocol_diff(a, b, &found, &err), &err);
        *item = kept;
        assert_int_equal(found.count, 1);
        assert_string_equal(found.item[0].field, below);
        assert_string_equal(found.item[0].b, "true");
        gb_protocol_differences_free(&found);
        leaves++;
    }
    return leaves;
}

static void test_every_field_is_compared(void **state)
{
    (void)state;
    facts f = usual();
    cJSON *a = describe(&f), *b = cJSON_Duplicate(a, 1);
    const int leaves = change_leaves(a, b, b, "");
    assert_int_equal(leaves, 11 + 3 + 4 + 8); /* general, regions, two metrics, one dataset */
    static const char *const promised[] = {"preprocessing", "range", "rounding", "file_format", "batchnorm",
                                           "mask", "composite", "frames", "pairing", "precision", "regions",
                                           "metrics", "datasets"};
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        assert_non_null(cJSON_GetObjectItemCaseSensitive(a, promised[i]));
    cJSON_Delete(a);
    cJSON_Delete(b);
}

/* Values made by tests/reference/make_jpeg.py with OpenCV 5.0: sha256 of the pixels that imwrite's default leaves. */
static void test_jpeg_is_opencv_s(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        int width, height;
        const char *sha256;
    } values[] = {
        {"truth", 96, 64, "f9614f3f8109fa78d29100506122b30f24ef155c10ec8365a41b8efb7a5c6ffd"},
        {"shifted", 77, 45, "7c477f4ee36e5c9dea35e37fc4d3eda06c039d51f0dd6563ad11598ec38a6a74"},
        {"strips", 512, 288, "f2f9ee42a8385a4b1a0eb1224c96ddf050fba2e50846e9cebef2d737f4cc25d1"},
    };
    const gb_protocol study = gb_protocol_named("ganime", NULL), strict = gb_protocol_named("strict", NULL);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        gb_error err = {0};
        char before[GB_SHA256_HEX], after[GB_SHA256_HEX];
        const size_t size = (size_t)values[i].width * (size_t)values[i].height * 3;
        gb_image image = drawn_picture(values[i].kind, values[i].width, values[i].height);
        gb_sha256_memory(image.rgb, size, before);
        assert_ok(gb_protocol_finish(&strict, &image, &err), &err);
        gb_sha256_memory(image.rgb, size, after);
        assert_string_equal(before, after);
        assert_ok(gb_protocol_finish(&study, &image, &err), &err);
        gb_sha256_memory(image.rgb, size, after);
        assert_string_equal(after, values[i].sha256);
        gb_image_free(&image);
    }
}

static void expect_line(const char *a, const char *b, const char *expected)
{
    gb_error err = {0};
    gb_protocol_differences found = {0};
    cJSON *x = cJSON_Parse(a), *y = cJSON_Parse(b);
    assert_ok(gb_protocol_diff(x, y, &found, &err), &err);
    gb_buffer line;
    gb_buffer_init(&line, 4096);
    gb_protocol_differences_print(&found, &line);
    assert_string_equal(line.data ? line.data : "", expected);
    gb_buffer_free(&line);
    gb_protocol_differences_free(&found);
    cJSON_Delete(x);
    cJSON_Delete(y);
}

static void test_any_json(void **state)
{
    (void)state;
    expect_line("{\"a\":1,\"b\":{\"c\":[1,2]}}", "{\"b\":{\"c\":[1,2]},\"a\":1.0}", "");
    expect_line("{\"a\":[1,2,3]}", "{\"a\":[1,4]}", "a[1] (2 / 4), a[2] (3 / none)");
    expect_line("{\"a\":null}", "{}", "a (null / none)");
    expect_line("{\"a\":1}", "{\"a\":\"1\"}", "a (1 / \"1\")");
    expect_line("{\"a\":{}}", "{\"a\":[]}", "a ({} / [])");
    expect_line("{\"a\":\"0123456789012345678901234567890123456789 one and more\"}",
                "{\"a\":\"0123456789012345678901234567890123456789 two and more and more and more and more\"}",
                "a (...90123456789 one and more\" / ...90123456789 two and more and more and more and m...)");
    gb_error err = {0};
    gb_protocol_differences found = {0};
    assert_fails(gb_protocol_diff(NULL, NULL, &found, &err), GB_E_ARG, &err, "expected two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_run_sets_is_named), cmocka_unit_test(test_a_library_of_flow_is_named),
        cmocka_unit_test(test_size_of_a_batch_is_named),
        cmocka_unit_test(test_every_field_is_compared),  cmocka_unit_test(test_any_json),
        cmocka_unit_test(test_jpeg_is_opencv_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
