/* Temporal metrics against what other programs give: LPIPS between frames by the authors' package. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/memory.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tlp_matches_the_authors_lpips),
                                       cmocka_unit_test(tlp_of_the_golden_clip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
