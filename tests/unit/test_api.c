/* The public interface, ganime.h: the same numbers and pixels as the inside gives, and every misuse refused. */
#include "support/support.h"
#include "support/tiny.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/memory.h"
#include "metrics/metric.h"
#include "models/net.h"
#include "support/drawn.h"

enum { WIDTH = 64, HEIGHT = 36, SIDE = 8, STRIDE = WIDTH * 3 + 5 };

/* A picture whose rows lie apart, with the pixels of a drawn one; what is between them is 0xee. */
static gb_picture apart(const gb_image *image)
{
    const size_t stride = (size_t)image->width * 3 + 5;
    gb_picture picture = {.width = image->width, .height = image->height, .stride = stride,
                          .rgb = gb_alloc((size_t)image->height, stride)};
    assert_non_null(picture.rgb);
    memset(picture.rgb, 0xee, stride * (size_t)image->height);
    for (int y = 0; y < image->height; y++)
        memcpy(picture.rgb + (size_t)y * stride, image->rgb + (size_t)y * image->width * 3, (size_t)image->width * 3);
    return picture;
}

/* What the metric itself says of `full`. */
static double inside(const char *id, const gb_image *truth, const gb_image *test)
{
    gb_error err;
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = {WIDTH, HEIGHT, SIDE}};
    void *worker = NULL;
    gb_scores scores = {0};
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    assert_ok(metric->reference(worker, truth, &err), &err);
    assert_ok(metric->compare(worker, test, &scores, &err), &err);
    metric->worker_close(worker);
    return scores.region[GB_REGION_FULL].num / scores.region[GB_REGION_FULL].den;
}

static void scores_are_those_of_the_metrics(void **state)
{
    (void)state;
    gb_error err;
    gb_scorer *scorer = NULL;
    gb_image truth = drawn_picture("truth", WIDTH, HEIGHT), test = drawn_picture("strips", WIDTH, HEIGHT);
    gb_picture a = apart(&truth), b = apart(&test);
    static const char *const id[] = {"psnr_rgb", "ssim_gauss11_rgb"};
    double full, sides;
    assert_ok(gb_scorer_new("psnr_rgb,ssim_gauss11_rgb", NULL, "ref", WIDTH, HEIGHT, SIDE, &scorer, &err), &err);
    assert_fails(gb_scorer_value(scorer, id[0], "full", &full, &err), GB_E_ARG, &err, "nothing has been compared");
    assert_ok(gb_scorer_compare(scorer, &a, &b, &err), &err);
    for (int i = 0; i < 2; i++) {
        assert_ok(gb_scorer_value(scorer, id[i], "full", &full, &err), &err);
        assert_ok(gb_scorer_value(scorer, id[i], "sides", &sides, &err), &err);
        assert_true(full == inside(id[i], &truth, &test));
        assert_true(sides < full); /* all that differs is there */
    }
    assert_fails(gb_scorer_value(scorer, "lpips_alex_v0.1", "full", &full, &err), GB_E_NOT_FOUND, &err, "not made for");
    assert_fails(gb_scorer_value(scorer, id[0], "middle", &full, &err), GB_E_NOT_FOUND, &err, "unknown region");
    assert_ok(gb_scorer_compare(scorer, &a, &a, &err), &err);
    assert_fails(gb_scorer_value(scorer, id[0], "full", &full, &err), GB_E_NUMERIC, &err, "no value");
    b.width--;
    assert_fails(gb_scorer_compare(scorer, &a, &b, &err), GB_E_MISMATCH, &err, "expected 64x36 pixels, found 63x36");
    assert_fails(gb_scorer_value(scorer, id[1], "full", &full, &err), GB_E_ARG, &err, "nothing has been compared");
    b = (gb_picture){.width = WIDTH, .height = HEIGHT, .stride = 3, .rgb = b.rgb};
    assert_fails(gb_scorer_compare(scorer, &a, &b, &err), GB_E_ARG, &err, "a stride of 3");
    gb_scorer_free(scorer);
    free(a.rgb);
    free(b.rgb);
    gb_image_free(&truth);
    gb_image_free(&test);
}

static void lpips_is_scored_unasked(void **state)
{
    (void)state;
    gb_error err;
    gb_scorer *scorer = NULL;
    gb_image truth = drawn_picture("truth", WIDTH, HEIGHT), test = drawn_picture("strips", WIDTH, HEIGHT);
    gb_picture a = apart(&truth), b = apart(&test);
    double value;
    const gb_status status = gb_scorer_new(NULL, NULL, "cpu", WIDTH, HEIGHT, SIDE, &scorer, &err);
    if (status == GB_OK) {
        assert_ok(gb_scorer_compare(scorer, &a, &b, &err), &err);
        assert_ok(gb_scorer_value(scorer, "lpips_alex_v0.1", "full", &value, &err), &err);
        assert_true(value > 0.01);
        assert_ok(gb_scorer_compare(scorer, &a, &a, &err), &err);
        assert_ok(gb_scorer_value(scorer, "lpips_alex_v0.1", "full", &value, &err), &err);
        assert_true(value == 0);
    }
    gb_scorer_free(scorer);
    free(a.rgb);
    free(b.rgb);
    gb_image_free(&truth);
    gb_image_free(&test);
    if (status == GB_E_NOT_FOUND) skip_because("LPIPS weights are not here: %s", err.text);
    assert_int_equal(status, GB_OK);
}

static void scorers_refuse_what_they_cannot_be(void **state)
{
    (void)state;
    gb_error err;
    gb_scorer *scorer = NULL;
    double value;
    assert_fails(gb_scorer_new("psnr", NULL, "ref", WIDTH, HEIGHT, SIDE, &scorer, &err), GB_E_NOT_FOUND, &err,
                 "did you mean 'psnr_rgb'");
    assert_fails(gb_scorer_new("tlp", NULL, "ref", WIDTH, HEIGHT, SIDE, &scorer, &err), GB_E_UNSUPPORTED, &err,
                 "consecutive frames");
    assert_fails(gb_scorer_new("psnr_rgb,psnr_rgb", NULL, "ref", WIDTH, HEIGHT, SIDE, &scorer, &err), GB_E_ARG, &err,
                 "named twice");
    assert_fails(gb_scorer_new(NULL, "/nowhere", "ref", WIDTH, HEIGHT, SIDE, &scorer, &err), GB_E_NOT_FOUND, &err,
                 "/nowhere");
    assert_fails(gb_scorer_new("psnr_rgb", NULL, "abacus", WIDTH, HEIGHT, SIDE, &scorer, &err), GB_E_NOT_FOUND, &err,
                 "abacus");
    assert_fails(gb_scorer_new("psnr_rgb", NULL, "ref", WIDTH, HEIGHT, WIDTH, &scorer, &err), GB_E_ARG, &err, "strips");
    assert_null(scorer);
    assert_fails(gb_scorer_compare(NULL, NULL, NULL, &err), GB_E_ARG, &err, "found none");
    assert_fails(gb_scorer_value(NULL, "psnr_rgb", "full", &value, &err), GB_E_ARG, &err, "expected a scorer");
    gb_scorer_free(NULL);
}

/* The picture between the strips, as rows of the wide one. */
static gb_picture centre_of(const gb_picture *wide, int side)
{
    return (gb_picture){.width = wide->width - 2 * side, .height = wide->height, .stride = wide->stride,
                        .rgb = wide->rgb + 3 * side};
}

static void a_baseline_paints_the_strips(void **state)
{
    (void)state;
    gb_error err;
    gb_extender *extender = NULL;
    gb_image image = drawn_picture("truth", WIDTH, HEIGHT), blank = drawn_picture("strips", WIDTH, HEIGHT);
    gb_picture truth = apart(&image), wide = apart(&blank);
    const gb_picture narrow = centre_of(&truth, SIDE);
    assert_ok(gb_extender_new("mirror", NULL, NULL, WIDTH, HEIGHT, SIDE, &extender, &err), &err);
    assert_ok(gb_extender_run(extender, &narrow, &wide, &err), &err);
    assert_ok(gb_generator_find("mirror")->paint(&image, SIDE, &err), &err);
    for (int y = 0; y < HEIGHT; y++) {
        assert_memory_equal(wide.rgb + (size_t)y * STRIDE, image.rgb + (size_t)y * WIDTH * 3, WIDTH * 3);
        assert_int_equal(wide.rgb[(size_t)y * STRIDE + WIDTH * 3], 0xee); /* nothing beyond the row */
    }
    assert_fails(gb_extender_run(extender, &wide, &wide, &err), GB_E_MISMATCH, &err, "narrow: expected 48x36");
    gb_extender_free(extender);
    free(truth.rgb);
    free(wide.rgb);
    gb_image_free(&image);
    gb_image_free(&blank);
}

/* A tiny net from a file, against the same net run inside. */
static void a_net_is_opened_with_its_weights(void **state)
{
    (void)state;
    gb_error err;
    const tiny_net *const tiny = tiny_find("tiny/glcic");
    const char *const path = test_scratch("glcic.safetensors");
    const gb_net_options options = {.batch = 1, .width = tiny->width, .height = tiny->height, .side = tiny->side};
    gb_weights *weights = tiny_weights(tiny, NULL);
    gb_image *const frame = formula_frames("api", 1, tiny->height, tiny->width);
    const gb_image *const frames[1] = {frame};
    const gb_backend *backend = NULL;
    gb_net_plan *plan = NULL;
    gb_net_worker *worker = NULL;
    gb_extender *extender = NULL;
    const float *raw = NULL;
    assert_ok(gb_checkpoint_write_safetensors(path, weights, false, &err), &err);
    gb_picture wide = apart(frame);
    const gb_picture narrow = centre_of(&wide, tiny->side);
    assert_ok(gb_extender_new(tiny->generator, path, "cpu", tiny->width, tiny->height, tiny->side, &extender, &err),
              &err);
    assert_ok(gb_extender_run(extender, &narrow, &wide, &err), &err);
    assert_ok(gb_backend_select("cpu", &backend, NULL, &err), &err);
    assert_ok(gb_net_plan_new(gb_generator_find(tiny->generator)->net, weights, &options, backend, &plan, &err), &err);
    assert_ok(gb_net_worker_new(plan, &worker, &err), &err);
    assert_ok(gb_net_run(worker, frames, &raw, &err), &err);
    assert_ok(gb_net_composite(plan, raw, 0, GB_ROUND_NEAREST, frame, &err), &err);
    for (int y = 0; y < tiny->height; y++)
        assert_memory_equal(wide.rgb + (size_t)y * wide.stride, frame->rgb + (size_t)y * tiny->width * 3,
                            (size_t)tiny->width * 3);
    gb_net_worker_free(worker);
    gb_net_plan_free(plan);
    gb_weights_free(weights);
    gb_extender_free(extender);
    frames_free(frame, 1);
    free(wide.rgb);
}

typedef struct job {
    gb_extender *extender;
    gb_picture narrow, wide;
    bool failed;
} job;

static void *widen_often(void *user)
{
    job *const j = user;
    for (int i = 0; i < 20 && !j->failed; i++)
        j->failed = gb_extender_run(j->extender, &j->narrow, &j->wide, NULL) != GB_OK;
    return NULL;
}

/* Two handles in two threads give what one gives alone. */
static void handles_do_not_meet(void **state)
{
    (void)state;
    gb_error err;
    const tiny_net *const tiny = tiny_find("tiny/glcic");
    const char *const path = test_scratch("threads.safetensors");
    gb_weights *weights = tiny_weights(tiny, NULL);
    gb_image *const frame = formula_frames("api", 1, tiny->height, tiny->width);
    const size_t bytes = (size_t)tiny->height * ((size_t)tiny->width * 3 + 5);
    pthread_t thread[2];
    job jobs[3] = {0};
    assert_ok(gb_checkpoint_write_safetensors(path, weights, false, &err), &err);
    for (int i = 0; i < 3; i++) {
        jobs[i].wide = apart(frame);
        jobs[i].narrow = centre_of(&jobs[i].wide, tiny->side);
        assert_ok(gb_extender_new(tiny->generator, path, "cpu", tiny->width, tiny->height, tiny->side,
                                  &jobs[i].extender, &err), &err);
    }
    widen_often(&jobs[2]);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&thread[i], NULL, widen_often, &jobs[i]), 0);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < 3; i++) {
        assert_false(jobs[i].failed);
        assert_memory_equal(jobs[i].wide.rgb, jobs[2].wide.rgb, bytes);
        gb_extender_free(jobs[i].extender);
    }
    for (int i = 0; i < 3; i++) free(jobs[i].wide.rgb);
    gb_weights_free(weights);
    frames_free(frame, 1);
}

static void extenders_refuse_what_they_cannot_be(void **state)
{
    (void)state;
    gb_error err;
    gb_extender *extender = NULL;
    assert_fails(gb_extender_new("miror", NULL, NULL, WIDTH, HEIGHT, SIDE, &extender, &err), GB_E_NOT_FOUND, &err,
                 "did you mean 'mirror'");
    assert_fails(gb_extender_new("glcic", NULL, NULL, WIDTH, HEIGHT, SIDE, &extender, &err), GB_E_ARG, &err,
                 "expected a file of weights, found none");
    assert_fails(gb_extender_new("mirror", "x.pt", NULL, WIDTH, HEIGHT, SIDE, &extender, &err), GB_E_ARG, &err,
                 "expected no weights, found x.pt");
    assert_fails(gb_extender_new("glcic", "nowhere.pt", "cpu", WIDTH, HEIGHT, SIDE, &extender, &err), GB_E_NOT_FOUND,
                 &err, "nowhere.pt");
    assert_fails(gb_extender_new("mirror", NULL, NULL, WIDTH, HEIGHT, 0, &extender, &err), GB_E_ARG, &err, "0 pixels");
    assert_null(extender);
    assert_fails(gb_extender_run(NULL, NULL, NULL, &err), GB_E_ARG, &err, "found none");
    gb_extender_free(NULL);
}

static void pictures_come_back_from_a_file(void **state)
{
    (void)state;
    gb_error err;
    gb_image image = drawn_picture("truth", WIDTH, HEIGHT);
    gb_picture picture = apart(&image), again = {0};
    assert_ok(gb_picture_write_png(test_scratch("a.png"), &picture, &err), &err);
    assert_ok(gb_picture_read(test_scratch("a.png"), &again, &err), &err);
    assert_int_equal(again.stride, WIDTH * 3);
    assert_memory_equal(again.rgb, image.rgb, (size_t)WIDTH * HEIGHT * 3);
    gb_picture_free(&again);
    assert_null(again.rgb);
    assert_fails(gb_picture_read("nowhere.png", &again, &err), GB_E_NOT_FOUND, &err, "nowhere.png");
    picture.height = 0;
    assert_fails(gb_picture_write_png("a.png", &picture, &err), GB_E_ARG, &err, "found none");
    free(picture.rgb);
    gb_image_free(&image);
}

static void the_version_is_the_headers(void **state)
{
    (void)state;
    assert_string_equal(gb_library_version(), GB_VERSION);
    assert_int_equal(gb_library_api_version(), GB_API_VERSION);
    assert_string_equal(gb_status_name(GB_E_FORMAT), "format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_metrics),
        cmocka_unit_test(lpips_is_scored_unasked),
        cmocka_unit_test(scorers_refuse_what_they_cannot_be),
        cmocka_unit_test(a_baseline_paints_the_strips),
        cmocka_unit_test(a_net_is_opened_with_its_weights),
        cmocka_unit_test(handles_do_not_meet),
        cmocka_unit_test(extenders_refuse_what_they_cannot_be),
        cmocka_unit_test(pictures_come_back_from_a_file),
        cmocka_unit_test(the_version_is_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
