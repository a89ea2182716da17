/* Temporal metrics on clips whose answers follow from theory: a frozen strip, white noise, a one-pixel jiggle, a fade,
 * a pan. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/random.h"
#include "flow/estimate.h"
#include "metrics/metric.h"
#include "support/support.h"

enum { WIDTH = 160, HEIGHT = 96, SIDE = 32, FRAMES = 4 };
static const gb_geometry geometry = {WIDTH, HEIGHT, SIDE};

typedef struct clip {
    gb_image frame[FRAMES];
} clip;

static bool in_strip(int x)
{
    return x < SIDE || x >= WIDTH - SIDE;
}

/* A smooth texture that every flow can follow, moved by (dx, dy). */
static double texture(double x, double y, int c)
{
    return 128.0 + 34.0 * sin(0.31 * x + 0.4 * c) * cos(0.27 * y) + 30.0 * sin(0.11 * x - 0.17 * y + 0.2 * c);
}

static clip draw(double (*value)(int x, int y, int c, int t))
{
    gb_error err;
    clip out = {0};
    for (int t = 0; t < FRAMES; t++) {
        assert_ok(gb_image_new(WIDTH, HEIGHT, &out.frame[t], &err), &err);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                for (int c = 0; c < 3; c++)
                    out.frame[t].rgb[3 * (y * WIDTH + x) + c] =
                        (uint8_t)fmin(fmax(floor(value(x, y, c, t) + 0.5), 0.0), 255.0);
    }
    return out;
}

static void release(clip *c)
{
    for (int t = 0; t < FRAMES; t++) gb_image_free(&c->frame[t]);
}

/* Sums over the clip's pairs, as a summary has them. `exact`: the truth's flow, NULL: estimated. */
static gb_score over_clip(const char *id, const clip *truth, const clip *test, const gb_flow *exact, gb_region region)
{
    gb_error err;
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = geometry};
    void *worker = NULL;
    gb_score sum = {0};
    if (metric->ready && metric->ready(&env, &err) != GB_OK) skip_because("%s: %s", id, err.text);
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    for (int t = 0; t + 1 < FRAMES; t++) {
        const gb_frame_pair x = {.frame = {&truth->frame[t], &truth->frame[t + 1]}, .flow = exact};
        const gb_frame_pair g = {.frame = {&test->frame[t], &test->frame[t + 1]}};
        gb_scores scores;
        assert_ok(metric->pair_reference(worker, &x, &err), &err);
        assert_ok(metric->pair(worker, &g, &scores, &err), &err);
        assert_true(scores.region[region].present && !scores.region[region].undefined);
        sum.num += scores.region[region].num;
        sum.den += scores.region[region].den;
    }
    metric->worker_close(worker);
    return sum;
}

static double sides(const char *id, const clip *truth, const clip *test)
{
    const gb_score sum = over_clip(id, truth, test, NULL, GB_REGION_SIDES);
    return sum.num / sum.den;
}

static void near(const char *what, double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.6g, expected %.6g +- %.2g", what, value, expected, tolerance);
}

/* The whole picture goes PAN pixels to the left each frame. */
enum { PAN = 2 };
static double panning(int x, int y, int c, int t)
{
    return texture(x + PAN * t, y, c);
}
static double still(int x, int y, int c, int t)
{
    (void)t;
    return texture(x, y, c);
}
static double frozen_strips(int x, int y, int c, int t)
{
    return in_strip(x) ? still(x, y, c, t) : panning(x, y, c, t);
}

/* Strips that stand still beside a picture that moves: no flicker, and the whole motion is missing from the flow. */
static void frozen_strip(void **state)
{
    (void)state;
    clip truth = draw(panning), test = draw(frozen_strips), held = draw(still);
    assert_true(sides("flicker_excess", &truth, &test) == 0.0);
    assert_true(sides("mae_dt", &truth, &test) == 1.0);
    assert_true(sides("e_warp", &held, &held) == 0.0);
    assert_true(sides("tof", &held, &held) == 0.0);
    near("tOF of a frozen strip", sides("tof", &truth, &test), PAN, 0.35 * PAN);
    /* Of a pan a frozen strip misses the motion, so that warping it makes an error; the truth's own is far below. */
    assert_true(sides("e_warp", &truth, &test) > 20.0 * sides("e_warp", &truth, &truth));
    release(&truth);
    release(&test);
    release(&held);
}

/* Uniform whole numbers in [-NOISE, NOISE]: n values have E|a - b| = (n² - 1) / 3n and variance (n² - 1) / 12. */
enum { NOISE = 20, VALUES = 2 * NOISE + 1 };
static gb_random source;
static double noisy_strips(int x, int y, int c, int t)
{
    (void)y;
    (void)c;
    (void)t;
    return in_strip(x) ? 128 + floor(VALUES * gb_random_uniform(&source)) - NOISE : 128;
}
static double grey(int x, int y, int c, int t)
{
    (void)x;
    (void)y;
    (void)c;
    (void)t;
    return 128;
}

static void white_noise(void **state)
{
    (void)state;
    source = (gb_random){.state = 7};
    clip truth = draw(grey), test = draw(noisy_strips);
    const double n = VALUES, change = (n * n - 1.0) / (3.0 * n), variance = (n * n - 1.0) / 12.0;
    near("hold", sides("flicker_hold", &truth, &test), change, 0.01 * change);
    near("stillness", sides("mae_dt", &truth, &test), 1.0 - change / 255.0, 0.01 * change / 255.0);
    /* The truth does not move: the error is the difference of two noises in three channels. */
    const double warp = 3.0 * 2.0 * variance / (255.0 * 255.0);
    near("warping error", sides("e_warp", &truth, &test), warp, 0.02 * warp);
    assert_true(sides("tof", &truth, &test) > 0.5); /* noise has no flow, but an estimate finds one */
    release(&truth);
    release(&test);
}

/* A ramp of SLOPE levels a pixel goes one pixel to and fro in the strips. */
enum { SLOPE = 4 };
static double ramp(int x, int y, int c, int t)
{
    (void)y;
    (void)c;
    (void)t;
    return 60 + SLOPE * (x % SIDE);
}
static double jiggling_ramp(int x, int y, int c, int t)
{
    return ramp(x, y, c, t) + (in_strip(x) && t % 2 ? SLOPE : 0);
}
static double jiggle(int x, int y, int c, int t)
{
    return texture(x + (in_strip(x) && t % 2), y, c);
}

static void one_pixel_jiggle(void **state)
{
    (void)state;
    clip truth = draw(ramp), test = draw(jiggling_ramp), held = draw(still), moved = draw(jiggle);
    near("hold", sides("flicker_hold", &truth, &test), SLOPE, 1e-12);
    const double warp = 3.0 * SLOPE * SLOPE / (255.0 * 255.0);
    near("warping error", sides("e_warp", &truth, &test), warp, 1e-9);
    near("tOF", sides("tof", &held, &moved), 1.0, 0.25);
    release(&truth);
    release(&test);
    release(&held);
    release(&moved);
}

/* Everything gets FADE levels brighter each frame. */
enum { FADE = 5 };
static double fading(int x, int y, int c, int t)
{
    return floor(0.5 * texture(x, y, c) + 0.5) + FADE * t;
}

/* Nothing moves, and all of it is known; to be freed. */
static gb_flow no_motion(void)
{
    gb_error err;
    gb_flow flow = {0};
    assert_ok(gb_flow_reserve(&flow, WIDTH, HEIGHT, &err), &err);
    memset(flow.uv, 0, sizeof(float) * 2 * WIDTH * HEIGHT);
    memset(flow.valid, 1, WIDTH * HEIGHT);
    return flow;
}

/* A fade is change, but no motion: as lively as the truth where the test fades along, and left by a zero flow. */
static void fade(void **state)
{
    (void)state;
    gb_flow none = no_motion();
    clip truth = draw(fading), held = draw(grey);
    assert_true(sides("flicker_excess", &truth, &truth) == 1.0);
    assert_true(sides("flicker_excess", &truth, &held) == 0.0);
    near("stillness", sides("mae_dt", &truth, &truth), 1.0 - FADE / 255.0, 1e-12);
    const gb_score sum = over_clip("e_warp", &truth, &truth, &none, GB_REGION_SIDES);
    const double warp = 3.0 * FADE * FADE / (255.0 * 255.0);
    near("warping error", sum.num / sum.den, warp, 1e-9);
    assert_true(sides("tof", &truth, &truth) == 0.0);
    gb_flow_free(&none);
    release(&truth);
    release(&held);
}

static double strips_fading_twice(int x, int y, int c, int t)
{
    return fading(x, y, c, t) + (in_strip(x) ? FADE * t : 0);
}
static double fading_twice(int x, int y, int c, int t)
{
    return fading(x, y, c, t) + FADE * t;
}

/* The whole frame's error is that of the truth where a widened frame is the truth, and its own where it is not. */
static void centre_is_the_truths_or_its_own(void **state)
{
    (void)state;
    gb_flow none = no_motion();
    clip truth = draw(fading), widened = draw(strips_fading_twice), other = draw(fading_twice);
    const double once = 3.0 * FADE * FADE / (255.0 * 255.0), strips = 2.0 * SIDE / WIDTH;
    const gb_score known = over_clip("e_warp", &truth, &widened, &none, GB_REGION_FULL);
    near("a widened frame", known.num / known.den, once * (1.0 + 3.0 * strips), 1e-9);
    const gb_score own = over_clip("e_warp", &truth, &other, &none, GB_REGION_FULL);
    near("another centre", own.num / own.den, 4.0 * once, 1e-9);
    gb_flow_free(&none);
    release(&truth);
    release(&widened);
    release(&other);
}

/* What moves with the truth has no error: none at all by exact flow, little by the estimate. */
static void pan(void **state)
{
    (void)state;
    gb_error err;
    gb_flow exact = {0};
    assert_ok(gb_flow_reserve(&exact, WIDTH, HEIGHT, &err), &err);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        exact.uv[2 * i] = -PAN;
        exact.uv[2 * i + 1] = 0.0f;
    }
    memset(exact.valid, 1, WIDTH * HEIGHT);
    clip truth = draw(panning);
    assert_true(sides("flicker_excess", &truth, &truth) == 1.0);
    assert_true(sides("tof", &truth, &truth) == 0.0);
    const gb_score known = over_clip("e_warp", &truth, &truth, &exact, GB_REGION_SIDES);
    assert_true(known.num == 0.0 && known.den == FRAMES - 1);
    const double change = 1.0 - sides("mae_dt", &truth, &truth);
    assert_true(change > 0.02); /* it does move */
    assert_true(sides("e_warp", &truth, &truth) < 0.1 * 3.0 * change * change);
    gb_flow_free(&exact);
    release(&truth);
}

/* The estimates themselves, and what is refused. */
static void flows_follow_a_pan(void **state)
{
    (void)state;
    gb_error err;
    if (gb_flow_ready(&err) != GB_OK) skip_because("%s", err.text);
    clip truth = draw(panning);
    static unsigned char grey_frame[2][WIDTH * HEIGHT];
    static float uv[2 * WIDTH * HEIGHT];
    for (int method = 0; method < GB_FLOW_METHODS; method++) {
        gb_flow_estimator *estimator = NULL;
        assert_ok(gb_flow_estimator_new((gb_flow_method)method, WIDTH, HEIGHT, &estimator, &err), &err);
        for (int i = 0; i < 2; i++) assert_ok(gb_flow_grey(estimator, &truth.frame[i], grey_frame[i], &err), &err);
        assert_ok(gb_flow_estimate(estimator, grey_frame[0], grey_frame[1], uv, &err), &err);
        double sum = 0.0;
        for (int y = 16; y < HEIGHT - 16; y++)
            for (int x = 16; x < WIDTH - 16; x++) {
                const float *const f = uv + 2 * (y * WIDTH + x);
                sum += hypot(f[0] + PAN, f[1]);
            }
        near("mean end-point error", sum / ((HEIGHT - 32) * (WIDTH - 32)), 0.0, 0.25);
        gb_image small = {.width = 8, .height = 8, .rgb = truth.frame[0].rgb};
        assert_fails(gb_flow_grey(estimator, &small, grey_frame[0], &err), GB_E_MISMATCH, &err, "is 8x8");
        gb_flow_estimator_free(estimator);
        assert_fails(gb_flow_estimator_new((gb_flow_method)method, 8, 8, &estimator, &err), GB_E_UNSUPPORTED, &err,
                     "16x16 or more");
    }
    release(&truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(frozen_strip), cmocka_unit_test(white_noise),
                                       cmocka_unit_test(one_pixel_jiggle), cmocka_unit_test(fade),
                                       cmocka_unit_test(pan), cmocka_unit_test(centre_is_the_truths_or_its_own),
                                       cmocka_unit_test(flows_follow_a_pan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
