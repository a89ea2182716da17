/* Temporal metrics against what other programs give: LPIPS between frames by the authors' package, flow by OpenCV and
 * warping by NumPy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
#include "flow/estimate.h"
#include "image/video.h"
#include "models/generator.h"
#include "support/drawn.h"
#include "support/golden_pairs.h"
#include "support/support.h"

typedef struct lpips_value {
    const char *metric, *ref, *test;
    int width, height;
    double value, misused, layer[5];
} lpips_value;
#include "golden/lpips_values.h"

typedef struct temporal_value {
    double tof, e_warp, e_warp_exact; /* by the estimated flow; by exact flow */
} temporal_value;
#include "golden/temporal_values.h"

/* LPIPS and tLP opened together, as an evaluation does it. */
typedef struct features {
    const gb_metric *lpips, *tlp;
    gb_metric_env env;
    void *state, *worker, *pair_worker;
} features;

static features open_features(gb_geometry geometry)
{
    gb_error err;
    gb_device_info info;
    features f = {.lpips = gb_metric_find("lpips_alex_v0.1"), .tlp = gb_metric_find("tlp")};
    f.env.geometry = geometry;
    if (f.tlp->ready(&f.env, &err) != GB_OK) skip_because("%s", err.text);
    assert_ok(gb_backend_select("auto", &f.env.backend, &info, &err), &err);
    assert_ok(f.lpips->open(&f.env, &f.state, &err), &err);
    assert_ok(f.lpips->worker_open(f.state, &f.env, &f.worker, &err), &err);
    f.env.shared = f.state;
    assert_ok(f.tlp->worker_open(NULL, &f.env, &f.pair_worker, &err), &err);
    return f;
}

static void close_features(features *f)
{
    f->tlp->worker_close(f->pair_worker);
    f->lpips->worker_close(f->worker);
    f->lpips->close(f->state);
}

/* What LPIPS keeps of a frame; the caller frees. */
static void *features_of(const features *f, const gb_image *frame)
{
    gb_error err;
    void *const kept = gb_alloc_aligned(f->lpips->kept_size(f->state), 1);
    assert_non_null(kept);
    assert_ok(f->lpips->reference(f->worker, frame, &err), &err);
    f->lpips->keep(f->worker, kept);
    return kept;
}

static gb_scores tlp(const features *f, const gb_frame_pair *truth, const gb_frame_pair *test)
{
    gb_error err;
    gb_scores scores;
    assert_ok(f->tlp->pair_reference(f->pair_worker, truth, &err), &err);
    assert_ok(f->tlp->pair(f->pair_worker, test, &scores, &err), &err);
    return scores;
}

static double published(const char *ref, const char *test)
{
    for (size_t i = 0; i < sizeof lpips_values / sizeof *lpips_values; i++) {
        const lpips_value *const v = &lpips_values[i];
        if (strcmp(v->metric, "lpips_alex_v0.1") == 0 && strcmp(v->ref, ref) == 0 && strcmp(v->test, test) == 0 &&
            v->width == 96)
            return v->value;
    }
    fail_msg("no value for %s and %s", ref, test);
    return NAN;
}

/* The truth goes from "truth" to "shifted", the test from "truth" to "strips". */
static void tlp_matches_the_authors_lpips(void **state)
{
    (void)state;
    features f = open_features((gb_geometry){96, 64, 12});
    gb_image image[3] = {drawn_picture("truth", 96, 64), drawn_picture("shifted", 96, 64),
                         drawn_picture("strips", 96, 64)};
    void *kept[3];
    for (int i = 0; i < 3; i++) kept[i] = features_of(&f, &image[i]);
    const gb_frame_pair truth = {.kept = {kept[0], kept[1]}}, test = {.kept = {kept[0], kept[2]}};
    const double expected = 100.0 * fabs(published("truth", "strips") - published("truth", "shifted"));
    assert_true(expected > 1.0);
    const gb_scores scores = tlp(&f, &truth, &test), same = tlp(&f, &test, &test);
    if (!(fabs(scores.region[GB_REGION_FULL].num - expected) <= 1e-3))
        fail_msg("tLP is %.6f, expected %.6f", scores.region[GB_REGION_FULL].num, expected);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        assert_true(scores.region[r].present && scores.region[r].den == 1.0);
        assert_true(same.region[r].num == 0.0);
    }
    const gb_frame_pair missing = {.kept = {kept[0], NULL}};
    gb_error err;
    assert_fails(f.tlp->pair_reference(f.pair_worker, &missing, &err), GB_E_ARG, &err, "features of both");
    for (int i = 0; i < 3; i++) {
        free(kept[i]);
        gb_image_free(&image[i]);
    }
    close_features(&f);
}

/* ---- The clip of golden/lpips.json ---- */

enum { CLIP_FRAMES = 9, SIDE = 64 };
static const gb_geometry clip_geometry = {512, 288, SIDE};

static void read_clip(const cJSON *record, gb_image frame[CLIP_FRAMES])
{
    char relative[256];
    snprintf(relative, sizeof relative, "data/%s", gb_json_string_or(record, "clip", ""));
    const char *const path = test_shared(relative);
    if (!path) skip_because("no %s among the shared facts", relative);
    const gb_video_options options = {
        .crop_w = 1184, .crop_h = 666, .width = clip_geometry.width, .height = clip_geometry.height};
    const int first = (int)gb_json_number_or(record, "first", -1.0);
    gb_error err;
    gb_video *video = NULL;
    bool end = false;
    assert_ok(gb_video_open(path, &options, &video, &err), &err);
    for (int i = 0; i < first + CLIP_FRAMES; i++) {
        assert_ok(gb_video_next(video, &frame[i < first ? 0 : i - first], &end, &err), &err);
        assert_false(end);
    }
    gb_video_close(video);
}

/* Decoded without accurate rounding there, so the frames differ by a level here and there. */
static void near_clip(const cJSON *list, int i, double value)
{
    const double golden = cJSON_GetArrayItem(list, i)->valuedouble;
    if (!(fabs(value - golden) <= 2e-3)) fail_msg("pair %d: LPIPS %.6f, expected %.6f", i, value, golden);
}

static double distance(const features *f, const void *a, const void *b)
{
    /* Against a pair that does not change, tLP is 100 LPIPS. */
    const gb_frame_pair still = {.kept = {a, a}}, moving = {.kept = {a, b}};
    return tlp(f, &still, &moving).region[GB_REGION_FULL].num / 100.0;
}

static void tlp_of_the_golden_clip(void **state)
{
    (void)state;
    const char *const path = test_shared("golden/lpips.json");
    if (!path) skip_because("no golden/lpips.json among the shared facts");
    gb_error err;
    cJSON *file = NULL;
    assert_ok(gb_json_read(path, 1 << 20, &file, &err), &err);
    const cJSON *const record = cJSON_GetObjectItem(file, "temporal");
    gb_image frame[CLIP_FRAMES] = {0};
    read_clip(record, frame);
    features f = open_features(clip_geometry);
    void *truth[CLIP_FRAMES], *test[CLIP_FRAMES];
    double sum = 0.0;
    for (int i = 0; i < CLIP_FRAMES; i++) {
        truth[i] = features_of(&f, &frame[i]);
        assert_ok(gb_generator_find("mirror")->paint(&frame[i], SIDE, &err), &err);
        test[i] = features_of(&f, &frame[i]);
        gb_image_free(&frame[i]);
        if (i == 0) continue;
        const gb_frame_pair x = {.kept = {truth[i - 1], truth[i]}}, g = {.kept = {test[i - 1], test[i]}};
        near_clip(cJSON_GetObjectItem(record, "lpips_truth"), i - 1, distance(&f, truth[i - 1], truth[i]));
        near_clip(cJSON_GetObjectItem(record, "lpips_result"), i - 1, distance(&f, test[i - 1], test[i]));
        sum += tlp(&f, &x, &g).region[GB_REGION_FULL].num;
    }
    const double golden = gb_json_number_or(record, "tLP", NAN), mean = sum / (CLIP_FRAMES - 1);
    if (!(fabs(mean - golden) <= 0.05)) fail_msg("tLP is %.5f, expected %.5f", mean, golden);
    for (int i = 0; i < CLIP_FRAMES; i++) {
        free(truth[i]);
        free(test[i]);
    }
    close_features(&f);
    cJSON_Delete(file);
}

/* ---- Flow ---- */

enum { WIDTH = 96, HEIGHT = 64, STRIP = 20 };
static const gb_geometry scene_geometry = {WIDTH, HEIGHT, STRIP};

static int zigzag(int u)
{
    return u % 64 < 32 ? u % 32 : 32 - u % 32;
}

/* As scene() of tests/reference/make_temporal.py; `other` changes the strips. */
static gb_image scene(int shift_x, int shift_y, bool other)
{
    gb_error err;
    gb_image image = {0};
    assert_ok(gb_image_new(WIDTH, HEIGHT, &image, &err), &err);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++) {
                const int u = x + shift_x, v = y + shift_y, du = u % 48 - 24, dv = v % 40 - 20;
                const int disc = du * du + dv * dv;
                int value = disc < 130 ? 220 - 50 * c - disc / 4 : 60 + 2 * zigzag(u) + zigzag(v) * (c + 1);
                if (other && (x < STRIP || x >= WIDTH - STRIP)) value += (x * 7 + y * 13 + shift_x * 29) % 23 - 11;
                image.rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
            }
    return image;
}

static gb_scores measure(const char *id, const gb_frame_pair *truth, const gb_frame_pair *test)
{
    gb_error err;
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = scene_geometry};
    void *worker = NULL;
    gb_scores scores;
    if (metric->ready(&env, &err) != GB_OK) skip_because("%s: %s", id, err.text);
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    assert_ok(metric->pair_reference(worker, truth, &err), &err);
    assert_ok(metric->pair(worker, test, &scores, &err), &err);
    metric->worker_close(worker);
    return scores;
}

/* Within `share`. */
static void near_value(const char *what, gb_score score, double expected, double share)
{
    const double value = score.num / score.den;
    if (!score.present || score.undefined || !(fabs(value - expected) <= share * expected))
        fail_msg("%s: %.9g, expected %.9g", what, value, expected);
}

static void flow_metrics_match_opencv_and_numpy(void **state)
{
    (void)state;
    gb_error err;
    gb_image x[2] = {scene(0, 0, false), scene(3, 1, false)}, g[2] = {scene(0, 0, true), scene(3, 1, true)};
    unsigned sum = 0;
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) sum += x[0].rgb[i] + x[1].rgb[i] + g[0].rgb[i] + g[1].rgb[i];
    assert_int_equal(sum, scene_sum);
    gb_flow exact = {0};
    assert_ok(gb_flow_reserve(&exact, WIDTH, HEIGHT, &err), &err);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        exact.uv[2 * i] = -3.25f;
        exact.uv[2 * i + 1] = -1.5f;
        exact.valid[i] = i % WIDTH % 5 != 0;
    }
    const gb_frame_pair truth = {.frame = {&x[0], &x[1]}}, test = {.frame = {&g[0], &g[1]}};
    gb_frame_pair known = truth;
    known.flow = &exact;
    const gb_scores tof = measure("tof", &truth, &test), warp = measure("e_warp", &truth, &test);
    const gb_scores exact_warp = measure("e_warp", &known, &test);
    /* OpenCV 5.0.0 refines DIS otherwise than 4.6.0: 5.5 % here. */
    const double share = strcmp(gb_flow_library(), opencv_version) == 0 ? 1e-3 : 8e-2;
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        near_value("tOF", tof.region[r], temporal_values[r].tof, 1e-3);
        near_value("warping error", warp.region[r], temporal_values[r].e_warp, share);
        near_value("warping error, exact flow", exact_warp.region[r], temporal_values[r].e_warp_exact, 1e-5);
    }
    gb_flow_free(&exact);
    for (int i = 0; i < 2; i++) {
        gb_image_free(&x[i]);
        gb_image_free(&g[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tlp_matches_the_authors_lpips),
                                       cmocka_unit_test(tlp_of_the_golden_clip),
                                       cmocka_unit_test(flow_metrics_match_opencv_and_numpy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
