/* LPIPS against the authors' code: every golden pair and layer within 1e-5, the published example, the region rule by
 * an independent calculation, and the weights' containers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/memory.h"
#include "metrics/lpips_weights.h"
#include "support/golden_pairs.h"
#include "support/lpips_folder.h"
#include "support/support.h"

#define TOLERANCE 1e-5

static gb_metric_env make_env(gb_geometry geometry, const char *device)
{
    gb_error err;
    gb_device_info info;
    gb_metric_env env = {.geometry = geometry, .weights_dir = lpips_folder()};
    assert_ok(gb_backend_select(device, &env.backend, &info, &err), &err);
    return env;
}

static gb_scores lpips(const gb_metric_env *env, const gb_image *ref, const gb_image *test)
{
    const gb_metric *const metric = gb_metric_find("lpips_alex_v0.1");
    gb_error err;
    void *state = NULL;
    assert_ok(metric->open(env, &state, &err), &err);
    const gb_scores scores = golden_measure(metric, state, env, ref, test);
    metric->close(state);
    return scores;
}

static void near_golden(const golden_pair *pair, const char *what, double value, double golden)
{
    if (!(fabs(value - golden) <= TOLERANCE))
        fail_msg("%s and %s, %s: %.8f, expected %.8f", pair->ref_name, pair->test_name, what, value, golden);
}

static void check_pair(const golden_pair *pair, void *device)
{
    const gb_metric_env env = make_env(pair->geometry, device);
    if (strcmp(device, "ref") == 0 && pair->ref.width * pair->ref.height > 210 * 140) return; /* plain loops are slow */
    const gb_scores scores = lpips(&env, &pair->ref, &pair->test);
    const cJSON *const layers = cJSON_GetObjectItem(pair->record, "layers_alex");
    assert_int_equal(scores.layers, 5);
    assert_int_equal(cJSON_GetArraySize(layers), 5);
    for (int i = 0; i < 5; i++)
        near_golden(pair, "a layer", scores.layer[i], cJSON_GetArrayItem(layers, i)->valuedouble);
    const gb_score full = scores.region[GB_REGION_FULL];
    assert_true(full.present && !full.undefined && full.den == 1.0);
    near_golden(pair, "all layers", full.num, golden_number(pair, "lpips_alex"));
    if (strcmp(pair->ref_name, pair->test_name) == 0) assert_true(full.num == 0.0);
}

static void golden_pairs_match(void **state)
{
    (void)state;
    golden_for_each_pair(check_pair, "auto");
}

static void golden_pairs_match_on_the_oracle(void **state)
{
    (void)state;
    golden_for_each_pair(check_pair, "ref");
}

/* The pair that the authors print: 0.722 and 0.138. */
static void published_example_matches(void **state)
{
    (void)state;
    gb_image ref = {0}, p0 = {0}, p1 = {0};
    if (!golden_read_image("lpips/ex_ref.png", &ref)) skip_because("no golden pictures among the shared facts");
    assert_true(golden_read_image("lpips/ex_p0.png", &p0) && golden_read_image("lpips/ex_p1.png", &p1));
    const gb_metric_env env = make_env((gb_geometry){ref.width, ref.height, 0}, "auto");
    assert_true(fabs(lpips(&env, &ref, &p0).region[GB_REGION_FULL].num - 0.721881) <= TOLERANCE);
    assert_true(fabs(lpips(&env, &ref, &p1).region[GB_REGION_FULL].num - 0.137566) <= TOLERANCE);
    gb_image_free(&ref);
    gb_image_free(&p0);
    gb_image_free(&p1);
}

/* ---- A second calculation, position by position ---- */

typedef struct variant {
    double inside; /* epsilon under the root instead of 1e-10 outside it */
    bool unit_range; /* network input from [0, 1] instead of [-1, 1] */
    gb_region region;
} variant;

/* Pixels that output position `x` of a tap sees, from the layers' kernels alone: centre of [lo, hi). */
static double footprint_centre(int tap, int64_t x)
{
    double lo = (double)x, hi = (double)x; /* inclusive indices, going down layer by layer */
    for (int i = tap; i >= 0; i--) {
        const gb_lpips_conv *const layer = &gb_lpips_alexnet.conv[i];
        lo = lo * layer->stride - layer->pad;
        hi = hi * layer->stride - layer->pad + layer->kernel - 1;
        if (!layer->pool) continue;
        lo = lo * 2;
        hi = hi * 2 + 2;
    }
    return 0.5 * (lo + hi + 1.0);
}

static void fill_input(float *input, const gb_image *image, variant v)
{
    static const double shift[3] = {-.030, -.088, -.188}, scale[3] = {.458, .448, .450};
    for (int i = 0; i < 3 * image->width * image->height; i++) {
        const double value = v.unit_range ? image->rgb[i] / 255.0 : image->rgb[i] / 127.5 - 1.0;
        input[i] = (float)((value - shift[i % 3]) / scale[i % 3]);
    }
}

static double unit_distance(const float *a, const float *b, const float *weight, int64_t channels, double inside)
{
    double aa = 0.0, bb = 0.0, sum = 0.0;
    for (int64_t c = 0; c < channels; c++) {
        aa += (double)a[c] * a[c];
        bb += (double)b[c] * b[c];
    }
    const double la = inside > 0.0 ? sqrt(aa + inside) : sqrt(aa) + 1e-10;
    const double lb = inside > 0.0 ? sqrt(bb + inside) : sqrt(bb) + 1e-10;
    for (int64_t c = 0; c < channels; c++) sum += weight[c] * (a[c] / la - b[c] / lb) * (a[c] / la - b[c] / lb);
    return sum;
}

static double tap_mean(const gb_metric_env *env, int tap, gb_shape shape, const float *a, const float *b,
                       const float *weight, variant v)
{
    double sum = 0.0;
    long count = 0;
    for (int64_t y = 0; y < shape.h; y++)
        for (int64_t x = 0; x < shape.w; x++) {
            if (!gb_region_has(env->geometry, v.region, footprint_centre(tap, x))) continue;
            const int64_t at = (y * shape.w + x) * shape.c;
            sum += unit_distance(a + at, b + at, weight, shape.c, v.inside);
            count++;
        }
    return sum / (double)count;
}

static double second_calculation(const gb_metric_env *env, const gb_image *ref, const gb_image *test, variant v)
{
    gb_error err;
    char *path = NULL;
    gb_lpips_weights weights = {0};
    gb_graph *graph = NULL;
    gb_plan *plan = NULL;
    gb_session *of_ref = NULL, *of_test = NULL;
    assert_ok(gb_lpips_weights_find(&gb_lpips_alexnet, env->weights_dir, &path, &err), &err);
    assert_ok(gb_lpips_weights_read(&gb_lpips_alexnet, path, &weights, &err), &err);
    assert_ok(gb_lpips_graph(&gb_lpips_alexnet, weights.trunk, 1, ref->width, ref->height, &graph, &err), &err);
    assert_ok(gb_plan_new(env->backend, graph, &plan, &err), &err);
    assert_ok(gb_session_new(plan, &of_ref, &err), &err);
    assert_ok(gb_session_new(plan, &of_test, &err), &err);
    fill_input(gb_session_input(of_ref, 0), ref, v);
    fill_input(gb_session_input(of_test, 0), test, v);
    assert_ok(gb_session_run(of_ref, &err), &err);
    assert_ok(gb_session_run(of_test, &err), &err);
    double sum = 0.0;
    for (int i = 0; i < GB_LPIPS_TAPS; i++)
        sum += tap_mean(env, i, gb_plan_output_shape(plan, (size_t)i), gb_session_output(of_ref, (size_t)i),
                        gb_session_output(of_test, (size_t)i), weights.head[i], v);
    gb_session_free(of_ref);
    gb_session_free(of_test);
    gb_plan_free(plan);
    gb_graph_free(graph);
    gb_lpips_weights_free(&weights);
    free(path);
    return sum;
}

static void regions_follow_footprint_centres(void **state)
{
    (void)state;
    gb_image ref = {0}, test = {0};
    if (!golden_read_image("lpips/cake.png", &ref)) skip_because("no golden pictures among the shared facts");
    assert_true(golden_read_image("lpips/cake_mirror.png", &test));
    const gb_metric_env env = make_env((gb_geometry){ref.width, ref.height, 64}, "auto");
    const gb_scores scores = lpips(&env, &ref, &test);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        const double second = second_calculation(&env, &ref, &test, (variant){.region = (gb_region)r});
        assert_true(scores.region[r].present && !scores.region[r].undefined);
        if (!(fabs(scores.region[r].num - second) <= 4e-6)) /* the bound of lpips_distance.h */
            fail_msg("%s: %.9f, expected %.9f", gb_region_name((gb_region)r), scores.region[r].num, second);
    }
    /* The strips alone are repainted, so they differ more than the whole, which is a weighted mean with the rest. */
    assert_true(scores.region[GB_REGION_SIDES].num > 1.5 * scores.region[GB_REGION_FULL].num);
    /* Seeded faults: another input range or place of the epsilon is noticed. */
    const double right = scores.region[GB_REGION_FULL].num;
    assert_true(fabs(second_calculation(&env, &ref, &test, (variant){.unit_range = true}) - right) > TOLERANCE);
    assert_true(fabs(second_calculation(&env, &ref, &test, (variant){.inside = 1.0}) - right) > TOLERANCE);
    gb_image_free(&ref);
    gb_image_free(&test);
}

static void symmetric_and_zero_for_itself(void **state)
{
    (void)state;
    gb_image a = {0}, b = {0};
    if (!golden_read_image("lpips/flower_small.png", &a)) skip_because("no golden pictures among the shared facts");
    assert_true(golden_read_image("lpips/flower_small_blur.png", &b));
    const gb_metric_env env = make_env((gb_geometry){a.width, a.height, 12}, "auto");
    const gb_scores there = lpips(&env, &a, &b), back = lpips(&env, &b, &a), same = lpips(&env, &b, &b);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        assert_true(fabs(there.region[r].num - back.region[r].num) <= 1e-7);
        assert_true(same.region[r].present && same.region[r].num == 0.0 && there.region[r].num > 0.0);
    }
    gb_image_free(&a);
    gb_image_free(&b);
}

static void smallest_frame(void **state)
{
    (void)state;
    gb_error err;
    void *opened = NULL;
    gb_image a = {0};
    assert_ok(gb_image_new(31, 31, &a, &err), &err);
    memset(a.rgb, 77, 3 * 31 * 31);
    gb_metric_env env = make_env((gb_geometry){31, 31, 4}, "auto");
    const gb_scores scores = lpips(&env, &a, &a);
    assert_true(scores.region[GB_REGION_FULL].num == 0.0);
    assert_non_null(strstr(scores.region[GB_REGION_SIDES].undefined, "no position"));
    env.geometry = (gb_geometry){31, 30, 0};
    assert_fails(gb_metric_find("lpips_alex_v0.1")->open(&env, &opened, &err), GB_E_UNSUPPORTED, &err,
                 "at least 31x31");
    assert_null(opened);
    gb_image_free(&a);
}

/* ---- Weights ---- */

static void missing_weights_say_how_to_get_them(void **state)
{
    (void)state;
    gb_error err;
    const gb_metric_env env = {.geometry = {64, 64, 0}, .weights_dir = test_scratch("nowhere")};
    assert_fails(gb_metric_find("lpips_alex_v0.1")->ready(&env, &err), GB_E_NOT_FOUND, &err,
                 "ganime-bench model fetch lpips");
}

/* The container does not matter, the values do: written as safetensors they are read again, with a value changed or a
 * tensor missing they are refused. */
static void only_the_published_weights_pass(void **state)
{
    (void)state;
    gb_error err;
    char *path = NULL;
    gb_weights *file = NULL;
    gb_lpips_weights weights = {0};
    assert_ok(gb_lpips_weights_find(&gb_lpips_alexnet, lpips_folder(), &path, &err), &err);
    assert_ok(gb_checkpoint_read(path, &file, NULL, &err), &err);
    const char *const copy = test_scratch("lpips_alex_v0.1.ckpt");
    assert_ok(gb_checkpoint_write_safetensors(copy, file, false, &err), &err);
    assert_ok(gb_lpips_weights_read(&gb_lpips_alexnet, copy, &weights, &err), &err);
    gb_lpips_weights_free(&weights);
    for (size_t i = 0; i < gb_weights_count(file); i++) {
        float *const value = &gb_weights_at(file, i)->data[7];
        const float kept = *value;
        *value = nextafterf(kept, 1.0f);
        assert_ok(gb_checkpoint_write_safetensors(copy, file, false, &err), &err);
        assert_fails(gb_lpips_weights_read(&gb_lpips_alexnet, copy, &weights, &err), GB_E_MISMATCH, &err,
                     "expected the published");
        *value = kept;
        if (i == 2) break; /* a few tensors will do */
    }
    const bool flax = gb_weights_find(file, "AlexNet_0.Conv_0.kernel") != NULL;
    gb_weights_keep_prefix(file, flax ? "AlexNet_0." : "trunk."); /* the heads are lost */
    assert_ok(gb_checkpoint_write_safetensors(copy, file, false, &err), &err);
    assert_fails(gb_lpips_weights_read(&gb_lpips_alexnet, copy, &weights, &err), GB_E_MISMATCH, &err, "found none");
    assert_null(weights.trunk);
    gb_weights_free(file);
    free(path);
}

static void cached_checkpoint_holds_the_published_weights(void **state)
{
    (void)state;
    gb_error err;
    char *path = NULL;
    gb_lpips_weights weights = {0};
    if (gb_lpips_weights_find(&gb_lpips_alexnet, NULL, &path, &err) != GB_OK) skip_because("%s", err.text);
    assert_ok(gb_lpips_weights_read(&gb_lpips_alexnet, path, &weights, &err), &err);
    gb_lpips_weights_free(&weights);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_pairs_match),
        cmocka_unit_test(golden_pairs_match_on_the_oracle),
        cmocka_unit_test(published_example_matches),
        cmocka_unit_test(regions_follow_footprint_centres),
        cmocka_unit_test(symmetric_and_zero_for_itself),
        cmocka_unit_test(smallest_frame),
        cmocka_unit_test(missing_weights_say_how_to_get_them),
        cmocka_unit_test(only_the_published_weights_pass),
        cmocka_unit_test(cached_checkpoint_holds_the_published_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
