/* LPIPS through each of its nets against the authors' package on small drawn pictures, and where its taps look. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/lpips_weights.h"
#include "support/drawn.h"
#include "support/golden_pairs.h"
#include "support/support.h"

#define TOLERANCE 1e-5

typedef struct lpips_value {
    const char *metric, *ref, *test;
    int width, height;
    double full, unit_range; /* unit_range: pictures given in [0, 1], as the package must not be given them */
    double layer[GB_LPIPS_TAPS];
} lpips_value;

#include "golden/lpips_values.h"

static gb_scores measure(const char *id, const char *device, const gb_image *ref, const gb_image *test, int side)
{
    gb_error err;
    gb_device_info info;
    void *state = NULL;
    const gb_metric *const metric = gb_metric_find(id);
    gb_metric_env env = {.geometry = {ref->width, ref->height, side}};
    if (metric->ready(&env, &err) != GB_OK) skip_because("%s", err.text);
    assert_ok(gb_backend_select(device, &env.backend, &info, &err), &err);
    assert_ok(metric->open(&env, &state, &err), &err);
    const gb_scores scores = golden_measure(metric, state, &env, ref, test);
    metric->close(state);
    return scores;
}

static void near(const lpips_value *v, const char *what, double value, double expected)
{
    if (!(fabs(value - expected) <= TOLERANCE))
        fail_msg("%s, %s, %dx%d, %s: %.8f, expected %.8f", v->metric, v->test, v->width, v->height, what, value,
                 expected);
}

static void check_values(const char *id, const char *device, int most)
{
    for (size_t i = 0; i < sizeof lpips_values / sizeof *lpips_values; i++) {
        const lpips_value *const v = &lpips_values[i];
        if (strcmp(v->metric, id) != 0 || v->width > most) continue;
        gb_image ref = drawn_picture(v->ref, v->width, v->height), test = drawn_picture(v->test, v->width, v->height);
        const gb_scores scores = measure(id, device, &ref, &test, v->width / 8);
        near(v, "all layers", scores.region[GB_REGION_FULL].num, v->full);
        assert_int_equal(scores.layers, GB_LPIPS_TAPS);
        for (int l = 0; l < GB_LPIPS_TAPS; l++) near(v, "a layer", scores.layer[l], v->layer[l]);
        assert_true(fabs(v->unit_range - v->full) > 10 * TOLERANCE); /* the usual mistake would be noticed */
        gb_image_free(&ref);
        gb_image_free(&test);
    }
}

static void alexnet_matches(void **state)
{
    (void)state;
    check_values("lpips_alex_v0.1", "auto", 512);
}

static void vgg16_matches(void **state)
{
    (void)state;
    check_values("lpips_vgg_v0.1", "auto", 512);
}

static void vgg16_matches_on_the_oracle(void **state)
{
    (void)state;
    check_values("lpips_vgg_v0.1", "ref", 77);
}

/* What a strip alone changes is mostly seen in the strips: the regions of the VGG16 metric follow its finer taps. */
static void vgg16_has_regions(void **state)
{
    (void)state;
    gb_image ref = drawn_picture("truth", 96, 64), test = drawn_picture("strips", 96, 64);
    const gb_scores scores = measure("lpips_vgg_v0.1", "auto", &ref, &test, 12);
    assert_true(scores.region[GB_REGION_SIDES].present && !scores.region[GB_REGION_SIDES].undefined);
    assert_true(scores.region[GB_REGION_SIDES].num > 1.5 * scores.region[GB_REGION_FULL].num);
    gb_image_free(&ref);
    gb_image_free(&test);
}

/* Pixels that output position `x` of convolution `number` sees, from kernels and poolings alone. */
static double footprint_centre(const gb_lpips_net *net, int number, int x)
{
    double lo = x, hi = x;
    for (int i = number; i >= 0; i--) {
        const gb_lpips_conv *const conv = &net->conv[i];
        lo = lo * conv->stride - conv->pad;
        hi = hi * conv->stride - conv->pad + conv->kernel - 1;
        if (!conv->pool) continue;
        lo = 2 * lo;
        hi = 2 * hi + conv->pool - 1;
    }
    return 0.5 * (lo + hi + 1.0);
}

static void taps_lie_on_their_footprints(void **state)
{
    (void)state;
    const gb_lpips_net *const nets[] = {&gb_lpips_alexnet, &gb_lpips_vgg16};
    for (int n = 0; n < 2; n++) {
        int taps = 0;
        for (int i = 0; i < nets[n]->convs; i++) {
            const gb_lpips_conv *const conv = &nets[n]->conv[i];
            if (!conv->tap) continue;
            assert_ptr_equal(gb_lpips_tap(nets[n], taps++), conv);
            for (int x = 0; x < 3; x++)
                assert_true(footprint_centre(nets[n], i, x) == conv->first + x * conv->step);
        }
        assert_int_equal(taps, GB_LPIPS_TAPS);
        assert_null(gb_lpips_tap(nets[n], taps));
    }
}

static void smallest_frame(void **state)
{
    (void)state;
    gb_error err;
    void *opened = NULL;
    gb_image a = drawn_picture("truth", 16, 16);
    assert_true(measure("lpips_vgg_v0.1", "auto", &a, &a, 0).region[GB_REGION_FULL].num == 0.0);
    gb_device_info info;
    gb_metric_env env = {.geometry = {16, 15, 0}};
    assert_ok(gb_backend_select("auto", &env.backend, &info, &err), &err);
    assert_fails(gb_metric_find("lpips_vgg_v0.1")->open(&env, &opened, &err), GB_E_UNSUPPORTED, &err,
                 "at least 16x16");
    gb_image_free(&a);
}

/* One net's weights are not taken for the other's. */
static void weights_of_another_net_are_refused(void **state)
{
    (void)state;
    gb_error err;
    char *path = NULL;
    gb_lpips_weights weights = {0};
    if (gb_lpips_weights_find(&gb_lpips_alexnet, NULL, &path, &err) != GB_OK) skip_because("%s", err.text);
    assert_fails(gb_lpips_weights_read(&gb_lpips_vgg16, path, &weights, &err), GB_E_MISMATCH, &err, "found none");
    free(path);
    assert_fails(gb_lpips_weights_find(&gb_lpips_vgg16, test_scratch("nowhere"), &path, &err), GB_E_NOT_FOUND, &err,
                 "model fetch lpips-vgg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alexnet_matches),
        cmocka_unit_test(vgg16_matches),
        cmocka_unit_test(vgg16_matches_on_the_oracle),
        cmocka_unit_test(vgg16_has_regions),
        cmocka_unit_test(taps_lie_on_their_footprints),
        cmocka_unit_test(smallest_frame),
        cmocka_unit_test(weights_of_another_net_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
