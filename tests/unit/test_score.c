#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "datasets/dataset.h"
#include "score/score.h"
#include "support/support.h"

static const char *const psnr[] = {"psnr_rgb"};
static const char *const three[] = {"psnr_rgb", "flicker_excess", "mae_dt"};

/* A soft scene of the given size, moved by `shift` pixels and lifted by `lift` levels. */
static gb_image picture(int width, int height, int shift, int lift)
{
    gb_error err;
    gb_image image = {0};
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.rgb[3 * (y * width + x) + c] = (uint8_t)(100 + 50 * sin(0.2 * (x + shift) + 0.1 * y + c) + lift);
    return image;
}

static void put(const char *folder, const char *name, gb_image image)
{
    gb_error err;
    char relative[128], directory[256];
    snprintf(directory, sizeof directory, "%s", test_scratch(folder));
    snprintf(relative, sizeof relative, "%s/%s", folder, name);
    assert_ok(gb_directory_make(directory, &err), &err);
    assert_ok(gb_image_write_png(test_scratch(relative), &image, &err), &err);
    gb_image_free(&image);
}

/* Runs and keeps the output, which the caller frees. */
static gb_status run(const gb_score_options *options, char **text, gb_error *err)
{
    size_t size = 0;
    *text = NULL;
    FILE *const out = open_memstream(text, &size);
    assert_non_null(out);
    const gb_status status = gb_score_run(options, out, err);
    assert_int_equal(fclose(out), 0);
    return status;
}

static gb_score_options options_for(const char *ref, const char *test, const char *const *metric, int count)
{
    return (gb_score_options){.ref = test_scratch(ref), .test = test_scratch(test), .metric = metric,
                              .metric_count = count, .side = -1, .json = true, .device = "ref", .threads = 2};
}

static cJSON *run_json(const gb_score_options *options)
{
    gb_error err;
    char *text;
    cJSON *json = NULL;
    assert_ok(run(options, &text, &err), &err);
    assert_ok(gb_json_parse(text, strlen(text), "output", &json, &err), &err);
    free(text);
    return json;
}

/* The item at a path of keys and indices such as "pairs/0/scores". */
static const cJSON *at(const cJSON *json, const char *path)
{
    char key[128];
    for (const char *next = path; json && next; path = next + 1) {
        next = strchr(path, '/');
        snprintf(key, sizeof key, "%.*s", next ? (int)(next - path) : (int)strlen(path), path);
        json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, (int)strtol(key, NULL, 10))
                                   : cJSON_GetObjectItemCaseSensitive(json, key);
    }
    return json;
}

static double number(const cJSON *json, const char *path)
{
    const cJSON *const item = at(json, path);
    if (!cJSON_IsNumber(item)) fail_msg("%s is not a number", path);
    return item->valuedouble;
}

static void two_images(void **state)
{
    (void)state;
    put("two", "a.png", picture(64, 36, 0, 0));
    put("two", "b.png", picture(64, 36, 0, 5));
    gb_score_options options = options_for("two/a.png", "two/b.png", psnr, 1);
    cJSON *json = run_json(&options);
    const double value = 20.0 * log10(255.0 / 5.0);
    assert_true(fabs(number(json, "pairs/0/scores/psnr_rgb/full") - value) < 1e-12);
    assert_true(fabs(number(json, "pairs/0/scores/psnr_rgb/sides") - value) < 1e-12); /* 64x36 is 16:9: side 8 */
    assert_true(fabs(number(json, "mean/psnr_rgb/seam") - value) < 1e-12);
    assert_string_equal(at(json, "pairs/0/test")->valuestring, options.test);
    cJSON_Delete(json);
    options.side = 0;
    json = run_json(&options);
    assert_null(at(json, "pairs/0/scores/psnr_rgb/sides"));
    cJSON_Delete(json);
    options.test = options.ref;
    json = run_json(&options);
    assert_true(cJSON_IsNull(at(json, "pairs/0/scores/psnr_rgb/full")));
    assert_string_equal(at(json, "pairs/0/undefined/psnr_rgb/full")->valuestring, "identical frames");
    assert_true(cJSON_IsNull(at(json, "mean/psnr_rgb/full")));
    assert_true(number(json, "notes/undefined/psnr_rgb/full") == 1.0);
    cJSON_Delete(json);
}

/* Another scene: bright and dark bands instead. */
static void redraw(gb_image *image)
{
    for (int k = 0; k < 3 * image->width * image->height; k++) {
        const int dim = image->rgb[k] / 4;
        image->rgb[k] = (uint8_t)(k / (3 * image->width) % 18 < 9 ? dim : 255 - dim);
    }
}

/* Frames move by 1 pixel in the truth and by 2 in the test; between frames 3 and 4 lies a cut. */
static void make_clips(void)
{
    for (int i = 0; i < 8; i++) {
        char name[32];
        snprintf(name, sizeof name, "%03d.png", i);
        gb_image truth = picture(64, 36, i, 0), test = picture(64, 36, 2 * i, 1);
        if (i > 3) {
            redraw(&truth);
            redraw(&test);
        }
        put("truth", name, truth);
        put("test", name, test);
    }
}

static void folders_are_clips(void **state)
{
    (void)state;
    make_clips();
    const gb_score_options options = options_for("truth", "test", three, 3);
    cJSON *json = run_json(&options);
    assert_int_equal(cJSON_GetArraySize(at(json, "pairs")), 8);
    assert_null(at(json, "pairs/0/scores/flicker_excess")); /* nothing before it */
    assert_null(at(json, "pairs/4/scores/flicker_excess")); /* the cut */
    assert_true(number(json, "notes/cuts") == 1.0);
    const double first = number(json, "pairs/1/scores/flicker_excess/full");
    assert_true(first > 1.8 && first < 2.2);
    assert_true(number(json, "mean/flicker_excess/sides") > 1.5);
    double sum = 0.0;
    char path[64];
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "pairs/%d/scores/psnr_rgb/full", i);
        sum += number(json, path);
    }
    assert_true(fabs(sum / 8.0 - number(json, "mean/psnr_rgb/full")) < 1e-9);
    cJSON_Delete(json);
}

static void threads_do_not_show(void **state)
{
    (void)state;
    make_clips();
    gb_error err;
    char *first, *other;
    for (int json = 0; json < 2; json++) {
        gb_score_options options = options_for("truth", "test", three, 3);
        options.json = json;
        options.threads = 1;
        assert_ok(run(&options, &first, &err), &err);
        const int threads[] = {2, 5, 8, 300};
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            options.threads = threads[t];
            assert_ok(run(&options, &other, &err), &err);
            assert_string_equal(first, other);
            free(other);
        }
        assert_non_null(strstr(first, json ? "\"mean\"" : "mean of 8"));
        free(first);
    }
}

static void sizes_may_differ_between_pairs(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.png", i);
        put("sizes_a", name, picture(40 + i % 3, 30, 0, 0));
        put("sizes_b", name, picture(40 + i % 3, 30, 0, i + 1));
    }
    const gb_score_options options = options_for("sizes_a", "sizes_b", psnr, 1);
    cJSON *json = run_json(&options);
    assert_true(fabs(number(json, "pairs/4/scores/psnr_rgb/full") - 20.0 * log10(255.0 / 5.0)) < 1e-12);
    cJSON_Delete(json);
}

static void packs_are_read(void **state)
{
    (void)state;
    gb_error err;
    static const char *const name[] = {"a.h5", "b.h5"};
    for (int p = 0; p < 2; p++) {
        const gb_pack_info info = {.id = "p", .geometry = {64, 36, 8}};
        gb_pack_writer *writer = NULL;
        assert_ok(gb_pack_create(test_scratch(name[p]), &info, &writer, &err), &err);
        for (int i = 0; i < 4; i++) {
            gb_image image = picture(64, 36, i, p);
            const gb_shot shot = {.clip = "c", .split = "test", .stride = 1};
            if (i % 2 == 0) assert_ok(gb_pack_begin_shot(writer, &shot, &err), &err);
            assert_ok(gb_pack_append(writer, &image, NULL, &err), &err);
            gb_image_free(&image);
        }
        assert_ok(gb_pack_finish(writer, &err), &err);
    }
    const gb_score_options options = options_for("a.h5", "b.h5", three, 3);
    cJSON *json = run_json(&options);
    assert_int_equal(cJSON_GetArraySize(at(json, "pairs")), 4);
    assert_true(fabs(number(json, "mean/psnr_rgb/full") - 20.0 * log10(255.0)) < 1e-9);
    assert_true(number(json, "mean/flicker_excess/full") == 1.0);
    assert_null(at(json, "pairs/2/scores/mae_dt")); /* begins a shot */
    assert_true(number(json, "notes/cuts") == 1.0);
    cJSON_Delete(json);
}

static void bad_input_is_one_clear_line(void **state)
{
    (void)state;
    gb_error err;
    char *text;
    static const char *const none[] = {"psnr_rgb", "psnr"}, *const ssim[] = {"ssim_gauss11_rgb"};
    put("bad", "a.png", picture(64, 36, 0, 0));
    put("bad", "wide.png", picture(65, 36, 0, 0));
    put("bad", "tiny.png", picture(8, 8, 0, 0));
    put("few", "a.png", picture(64, 36, 0, 0));
    assert_ok(gb_file_write(test_scratch("bad/cut.png"), "\x89PNG\r\n\x1a\n", 8, &err), &err);
    assert_ok(gb_file_write(test_scratch("empty.png"), "", 0, &err), &err);
    assert_ok(gb_directory_make(test_scratch("nothing"), &err), &err);
    const struct {
        const char *ref, *test;
        const char *const *metric;
        int count;
        gb_status status;
        const char *part;
    } cases[] = {
        {"bad/a.png", "bad/wide.png", psnr, 1, GB_E_MISMATCH, "wide.png is 65x36"},
        {"bad/a.png", "bad/gone.png", psnr, 1, GB_E_NOT_FOUND, "gone.png"},
        {"bad/a.png", "bad/cut.png", psnr, 1, GB_E_FORMAT, "cut.png"},
        {"bad/a.png", "empty.png", psnr, 1, GB_E_FORMAT, "empty"},
        {"nothing", "bad", psnr, 1, GB_E_FORMAT, "nothing"},
        {"bad", "few", psnr, 1, GB_E_MISMATCH, "bad/cut.png: expected its like"},
        {"few", "bad", psnr, 1, GB_E_MISMATCH, "bad/cut.png: expected its like"},
        {"bad/a.png", "bad/a.png", none, 2, GB_E_USAGE, "psnr_rgb"},
        {"bad/a.png", "bad/a.png", three, 2, GB_E_ARG, "flicker_excess needs consecutive frames"},
        {"bad/tiny.png", "bad/tiny.png", ssim, 1, GB_E_UNSUPPORTED, "at least 11x11"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gb_score_options options = options_for(cases[i].ref, cases[i].test, cases[i].metric, cases[i].count);
        assert_fails(run(&options, &text, &err), cases[i].status, &err, cases[i].part);
        if (strcmp(cases[i].part, "flicker_excess needs consecutive frames") != 0) assert_string_equal(text, "");
        free(text);
    }
}

/* Nothing that was scored is lost when a later frame is damaged: the JSON is whole and says what happened. */
static void failure_keeps_what_was_scored(void **state)
{
    (void)state;
    gb_error err;
    char *text;
    cJSON *json = NULL;
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.png", i);
        put("part_a", name, picture(64, 36, 0, 0));
        put("part_b", name, picture(64, 36, 0, 1));
    }
    assert_ok(gb_file_write(test_scratch("part_b/3.png"), "\x89PNG\r\n\x1a\n", 8, &err), &err);
    const gb_score_options options = options_for("part_a", "part_b", psnr, 1);
    assert_fails(run(&options, &text, &err), GB_E_FORMAT, &err, "part_b/3.png");
    assert_ok(gb_json_parse(text, strlen(text), "output", &json, &err), &err);
    assert_int_equal(cJSON_GetArraySize(at(json, "pairs")), 3);
    assert_non_null(strstr(at(json, "notes/error")->valuestring, "part_b/3.png"));
    cJSON_Delete(json);
    free(text);
}

/* Without a choice, what cannot be used is named with its reason, and the rest is scored. */
static void unusable_metrics_are_named(void **state)
{
    (void)state;
    put("small", "a.png", picture(9, 9, 0, 0));
    put("small", "b.png", picture(9, 9, 0, 2));
    gb_score_options options = options_for("small/a.png", "small/b.png", NULL, 0);
    options.weights_dir = test_scratch("no weights here");
    options.quiet = true; /* of tables alone */
    gb_error err;
    char *text;
    cJSON *json = NULL;
    assert_fails(run(&options, &text, &err), GB_E_NOT_FOUND, &err, "model fetch lpips"); /* a file is missing */
    assert_ok(gb_json_parse(text, strlen(text), "output", &json, &err), &err);
    free(text);
    assert_true(number(json, "mean/psnr_rgb/full") > 0.0);
    assert_non_null(strstr(at(json, "notes/skipped/ssim_gauss11_rgb")->valuestring, "11x11"));
    assert_non_null(strstr(at(json, "notes/skipped/lpips_alex_v0.1")->valuestring, "model fetch lpips"));
    assert_non_null(strstr(at(json, "notes/error")->valuestring, "model fetch lpips"));
    assert_non_null(at(json, "notes/skipped/mae_dt"));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_images),
        cmocka_unit_test(folders_are_clips),
        cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(sizes_may_differ_between_pairs),
        cmocka_unit_test(packs_are_read),
        cmocka_unit_test(bad_input_is_one_clear_line),
        cmocka_unit_test(failure_keeps_what_was_scored),
        cmocka_unit_test(unusable_metrics_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
