#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "metrics/frame_change.h"
#include "metrics/metric.h"
#include "support/support.h"

enum { WIDTH = 96, HEIGHT = 40, SIDE = 20 };
static const gb_geometry geometry = {WIDTH, HEIGHT, SIDE};

static void close_to(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not within %g of %.17g", value, tolerance, expected);
}

static gb_image blank(void)
{
    gb_error err;
    gb_image image = {0};
    assert_ok(gb_image_new(WIDTH, HEIGHT, &image, &err), &err);
    memset(image.rgb, 0, 3 * WIDTH * HEIGHT);
    return image;
}

/* A smooth scene with an edge, values 40..215, shifted to the left by `shift` pixels. */
static gb_image scene(int shift)
{
    gb_image image = blank();
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++) {
                const double wave = sin(0.21 * (x + shift) + c) * cos(0.17 * y - c);
                const double edge = (x + shift) % 32 < 11 ? 25.0 : -25.0;
                image.rgb[3 * (y * WIDTH + x) + c] = (uint8_t)(127.5 + 60.0 * wave + edge);
            }
    return image;
}

/* `image` with uniform noise of at most `amount` levels, the same pattern for each amount. */
static gb_image noisy(const gb_image *image, double amount)
{
    gb_image out = blank();
    gb_random random = {.state = 99};
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const double value = image->rgb[i] + amount * (2.0 * gb_random_uniform(&random) - 1.0);
        out.rgb[i] = (uint8_t)(fmin(fmax(value, 0.0), 255.0) + 0.5);
    }
    return out;
}

static gb_scores measure(const char *id, gb_geometry where, const gb_image *truth, const gb_image *test)
{
    gb_error err;
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = where};
    void *worker = NULL;
    gb_scores scores;
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    assert_ok(metric->reference(worker, truth, &err), &err);
    assert_ok(metric->compare(worker, test, &scores, &err), &err);
    metric->worker_close(worker);
    return scores;
}

static gb_scores measure_pair(const char *id, const gb_image *truth[2], const gb_image *test[2])
{
    gb_error err;
    const gb_metric *const metric = gb_metric_find(id);
    const gb_metric_env env = {.geometry = geometry};
    void *worker = NULL;
    gb_scores scores;
    assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
    const gb_frame_pair a = {.frame = {truth[0], truth[1]}}, b = {.frame = {test[0], test[1]}};
    assert_ok(metric->pair_reference(worker, &a, &err), &err);
    assert_ok(metric->pair(worker, &b, &scores, &err), &err);
    metric->worker_close(worker);
    return scores;
}

static double full(gb_scores scores)
{
    const gb_score score = scores.region[GB_REGION_FULL];
    assert_true(score.present && !score.undefined);
    return score.num / score.den;
}

static void registry_is_complete(void **state)
{
    (void)state;
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    for (size_t i = 0; i < count; i++) {
        const gb_metric *const m = metrics[i];
        assert_true(m->id && m->title && m->summary && m->recipe && m->unit && m->worker_open && m->worker_close);
        assert_true(m->temporal ? m->pair_reference && m->pair : m->reference && m->compare);
        assert_true(!m->shares || (m->temporal && m->shares->kept_size && m->shares->keep));
        assert_ptr_equal(gb_metric_find(m->id), m);
    }
    assert_null(gb_metric_find("psnr"));
}

static void identical_frames(void **state)
{
    (void)state;
    gb_image a = scene(0);
    const gb_scores psnr = measure("psnr_rgb", geometry, &a, &a), ssim = measure("ssim_gauss11_rgb", geometry, &a, &a);
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        assert_true(psnr.region[r].present);
        assert_string_equal(psnr.region[r].undefined, "identical frames");
        assert_true(ssim.region[r].present && ssim.region[r].num == 1.0 && ssim.region[r].den == 1.0);
    }
    gb_image_free(&a);
}

/* A constant offset d: PSNR = 20 log10(255 / d); SSIM of flat pictures a and a + d is its luminance term. */
static void constant_offset_has_a_closed_form(void **state)
{
    (void)state;
    gb_image a = blank(), b = blank();
    memset(a.rgb, 100, 3 * WIDTH * HEIGHT);
    for (int d = 1; d <= 155; d += 22) {
        memset(b.rgb, 100 + d, 3 * WIDTH * HEIGHT);
        const double psnr = 20.0 * log10(255.0 / d), c1 = 2.55 * 2.55, y = 100.0 + d;
        const gb_scores scores = measure("ssim_gauss11_rgb", geometry, &a, &b);
        close_to(full(measure("psnr_rgb", geometry, &a, &b)), psnr, 1e-12 * psnr);
        for (int r = 0; r < GB_REGION_COUNT; r++)
            close_to(scores.region[r].num, (200.0 * y + c1) / (1e4 + y * y + c1), 1e-11);
    }
    gb_image_free(&a);
    gb_image_free(&b);
}

static void symmetric_and_monotone_in_noise(void **state)
{
    (void)state;
    static const char *const ids[] = {"psnr_rgb", "ssim_gauss11_rgb"};
    gb_image a = scene(0);
    for (size_t i = 0; i < 2; i++) {
        double last = INFINITY;
        for (double amount = 2.0; amount < 100.0; amount *= 2.0) {
            gb_image b = noisy(&a, amount);
            const double value = full(measure(ids[i], geometry, &a, &b));
            close_to(full(measure(ids[i], geometry, &b, &a)), value, 1e-12);
            assert_true(value < last);
            last = value;
            gb_image_free(&b);
        }
    }
    gb_image_free(&a);
}

/* Sum of squared differences over columns [from, to). */
static double squares(const gb_image *a, const gb_image *b, int from, int to)
{
    double sum = 0.0;
    for (int y = 0; y < HEIGHT; y++)
        for (int i = 3 * (y * WIDTH + from); i < 3 * (y * WIDTH + to); i++)
            sum += (double)(a->rgb[i] - b->rgb[i]) * (a->rgb[i] - b->rgb[i]);
    return sum;
}

static double mse_of(double psnr)
{
    return 255.0 * 255.0 / pow(10.0, psnr / 10.0);
}

static void regions_add_up_to_the_frame(void **state)
{
    (void)state;
    gb_image a = scene(0), b = noisy(&a, 30.0);
    const gb_scores scores = measure("psnr_rgb", geometry, &a, &b);
    const double sides = mse_of(scores.region[GB_REGION_SIDES].num) * 2 * SIDE * HEIGHT * 3;
    const double centre = squares(&a, &b, SIDE, WIDTH - SIDE), whole = squares(&a, &b, 0, WIDTH);
    close_to(mse_of(scores.region[GB_REGION_FULL].num) * WIDTH * HEIGHT * 3, whole, 1e-9 * whole);
    close_to(sides + centre, whole, 1e-9 * whole);
    const double seam = squares(&a, &b, SIDE - 16, SIDE + 16) + squares(&a, &b, WIDTH - SIDE - 16, WIDTH - SIDE + 16);
    close_to(mse_of(scores.region[GB_REGION_SEAM].num) * 64 * HEIGHT * 3, seam, 1e-9 * seam);
    const gb_geometry plain = {WIDTH, HEIGHT, 0};
    const gb_scores only_full = measure("psnr_rgb", plain, &a, &b);
    assert_true(only_full.region[GB_REGION_FULL].present && !only_full.region[GB_REGION_SIDES].present);
    assert_true(only_full.region[GB_REGION_FULL].num == scores.region[GB_REGION_FULL].num);
    /* Seeded fault: an MSE cut to an integer is noticed at the golden tolerance of 1e-6. */
    const double mse = whole / (WIDTH * HEIGHT * 3), cut = 10.0 * log10(255.0 * 255.0 / floor(mse));
    assert_true(fabs(cut - full(scores)) > 1e-6 * full(scores));
    gb_image_free(&a);
    gb_image_free(&b);
}

/* ---- SSIM by its definition, window by window ---- */

typedef struct ssim_variant {
    int radius;
    double sigma; /* 0: uniform window */
    bool padded;  /* windows over the whole frame, zeros outside */
    int from, to; /* columns of window centres */
} ssim_variant;

static double pixel(const gb_image *image, int x, int y, int c)
{
    return x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT ? 0.0 : image->rgb[3 * (y * WIDTH + x) + c];
}

static double ssim_window(const gb_image *a, const gb_image *b, int cx, int cy, int c, ssim_variant v)
{
    double total = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (int dy = -v.radius; dy <= v.radius; dy++)
        for (int dx = -v.radius; dx <= v.radius; dx++) {
            const double w = v.sigma > 0.0 ? exp(-0.5 * (dx * dx + dy * dy) / (v.sigma * v.sigma)) : 1.0;
            const double pa = pixel(a, cx + dx, cy + dy, c), pb = pixel(b, cx + dx, cy + dy, c);
            total += w, ma += w * pa, mb += w * pb, aa += w * pa * pa, bb += w * pb * pb, ab += w * pa * pb;
        }
    ma /= total, mb /= total, aa /= total, bb /= total, ab /= total;
    const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
    return (2 * ma * mb + c1) * (2 * (ab - ma * mb) + c2) /
           ((ma * ma + mb * mb + c1) * (aa - ma * ma + bb - mb * mb + c2));
}

static double ssim_by_definition(const gb_image *a, const gb_image *b, ssim_variant v)
{
    const int margin = v.padded ? 0 : v.radius;
    double sum = 0.0;
    long count = 0;
    for (int y = margin; y < HEIGHT - margin; y++)
        for (int x = v.from > margin ? v.from : margin; x < v.to && x < WIDTH - margin; x++)
            for (int c = 0; c < 3; c++, count++) sum += ssim_window(a, b, x, y, c, v);
    return sum / (double)count;
}

static void ssim_is_its_definition(void **state)
{
    (void)state;
    gb_image a = scene(0), b = noisy(&a, 30.0);
    const ssim_variant right = {5, 1.5, false, 0, WIDTH};
    const gb_scores scores = measure("ssim_gauss11_rgb", geometry, &a, &b);
    const double value = full(scores);
    close_to(value, ssim_by_definition(&a, &b, right), 1e-11);
    /* Strips: window centres in columns 5..19 and 76..90, equally many on either side. */
    const ssim_variant left = {5, 1.5, false, 0, SIDE}, right_side = {5, 1.5, false, WIDTH - SIDE, WIDTH};
    close_to(scores.region[GB_REGION_SIDES].num,
             0.5 * (ssim_by_definition(&a, &b, left) + ssim_by_definition(&a, &b, right_side)), 1e-11);
    /* Seeded faults: other recipes of the same name are noticed at the golden tolerance. */
    static const ssim_variant wrong[] = {
        {3, 0.0, false, 0, WIDTH}, {5, 1.5, true, 0, WIDTH}, {4, 1.5, false, 0, WIDTH}, {5, 0.0, false, 0, WIDTH}};
    for (size_t i = 0; i < 4; i++) assert_true(fabs(ssim_by_definition(&a, &b, wrong[i]) - value) > 1e-6 * value);
    gb_image_free(&a);
    gb_image_free(&b);
}

static void a_worker_forgets(void **state)
{
    (void)state;
    static const char *const ids[] = {"psnr_rgb", "ssim_gauss11_rgb"};
    gb_error err;
    gb_image a = scene(0), b = noisy(&a, 30.0), c = scene(7);
    const gb_metric_env env = {.geometry = geometry};
    for (size_t i = 0; i < 2; i++) {
        const gb_metric *const metric = gb_metric_find(ids[i]);
        void *worker = NULL;
        gb_scores first, other, again;
        assert_ok(metric->worker_open(NULL, &env, &worker, &err), &err);
        assert_ok(metric->reference(worker, &a, &err), &err);
        assert_ok(metric->compare(worker, &b, &first, &err), &err);
        assert_ok(metric->compare(worker, &c, &other, &err), &err);
        assert_ok(metric->reference(worker, &c, &err), &err);
        assert_ok(metric->reference(worker, &a, &err), &err);
        assert_ok(metric->compare(worker, &b, &again, &err), &err);
        for (int r = 0; r < GB_REGION_COUNT; r++) assert_true(first.region[r].num == again.region[r].num);
        assert_true(full(first) != full(other));
        metric->worker_close(worker);
    }
    gb_image_free(&a);
    gb_image_free(&b);
    gb_image_free(&c);
}

static void wrong_sizes_are_refused(void **state)
{
    (void)state;
    gb_error err;
    gb_image small = {0};
    assert_ok(gb_image_new(10, 40, &small, &err), &err);
    const gb_metric_env env = {.geometry = geometry}, tiny = {.geometry = {10, 40, 0}};
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    for (size_t i = 0; i < count; i++) {
        if (metrics[i]->open || metrics[i]->shares) continue; /* nets are tested with their weights */
        void *worker = NULL;
        gb_scores scores;
        assert_ok(metrics[i]->worker_open(NULL, &env, &worker, &err), &err);
        const gb_frame_pair pair = {.frame = {&small, &small}};
        if (metrics[i]->temporal)
            assert_fails(metrics[i]->pair(worker, &pair, &scores, &err), GB_E_MISMATCH, &err,
                         "is 10x40, expected 96x40");
        else
            assert_fails(metrics[i]->reference(worker, &small, &err), GB_E_MISMATCH, &err, "is 10x40, expected 96x40");
        metrics[i]->worker_close(worker);
    }
    void *worker = NULL;
    assert_fails(gb_metric_find("ssim_gauss11_rgb")->worker_open(NULL, &tiny, &worker, &err), GB_E_UNSUPPORTED, &err,
                 "at least 11x11");
    assert_null(worker);
    gb_image_free(&small);
}

/* ---- Flicker ---- */

static void flicker_of_a_static_clip(void **state)
{
    (void)state;
    gb_image a = scene(0);
    const gb_image *still[2] = {&a, &a};
    assert_true(full(measure_pair("mae_dt", still, still)) == 1.0);
    assert_true(full(measure_pair("flicker_hold", still, still)) == 0.0);
    const gb_score excess = measure_pair("flicker_excess", still, still).region[GB_REGION_SIDES];
    assert_true(excess.present && !excess.undefined && excess.num == 0.0 && excess.den == 0.0);
    gb_image_free(&a);
}

/* The test alternates by 6 levels while the truth alternates by 2, or holds. */
static void flicker_of_alternating_clips(void **state)
{
    (void)state;
    gb_image a = blank(), by_two = blank(), by_six = blank();
    memset(a.rgb, 90, 3 * WIDTH * HEIGHT);
    memset(by_two.rgb, 92, 3 * WIDTH * HEIGHT);
    memset(by_six.rgb, 84, 3 * WIDTH * HEIGHT);
    const gb_image *still[2] = {&a, &a}, *slow[2] = {&a, &by_two}, *fast[2] = {&a, &by_six};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        const gb_score excess = measure_pair("flicker_excess", slow, fast).region[r];
        assert_true(excess.num == 6.0 && excess.den == 2.0);
        const gb_score hold = measure_pair("flicker_hold", still, fast).region[r];
        assert_true(hold.present && hold.num == 6.0 && hold.den == 1.0);
        assert_false(measure_pair("flicker_hold", slow, fast).region[r].present); /* the truth moves by 2 levels */
        close_to(measure_pair("mae_dt", slow, fast).region[r].num, 249.0 / 255.0, 1e-15);
    }
    gb_image_free(&a);
    gb_image_free(&by_two);
    gb_image_free(&by_six);
}

/* A pan: the test that pans as the truth does is exactly as lively; frozen strips are not; the limit of a hold. */
static void flicker_of_a_pan(void **state)
{
    (void)state;
    gb_image a = scene(0), b = scene(3), frozen = scene(3);
    for (int y = 0; y < HEIGHT; y++)
        for (int side = 0; side < 2; side++) {
            const size_t at = 3 * ((size_t)y * WIDTH + (side ? WIDTH - SIDE : 0));
            memcpy(frozen.rgb + at, a.rgb + at, 3 * SIDE);
        }
    const gb_image *pan[2] = {&a, &b}, *stuck[2] = {&a, &frozen};
    const gb_scores same = measure_pair("flicker_excess", pan, pan);
    const gb_scores stopped = measure_pair("flicker_excess", pan, stuck);
    for (int r = 0; r < GB_REGION_COUNT; r++) assert_true(same.region[r].num == same.region[r].den);
    assert_true(same.region[GB_REGION_SIDES].den > GB_HOLD_LIMIT && stopped.region[GB_REGION_SIDES].num == 0.0);
    assert_true(stopped.region[GB_REGION_FULL].num < stopped.region[GB_REGION_FULL].den);
    assert_false(measure_pair("flicker_hold", pan, pan).region[GB_REGION_FULL].present);
    /* Compression noise of under a level on average does not end a hold. */
    gb_image grain = noisy(&a, 1.4);
    const gb_image *held[2] = {&a, &grain};
    const gb_score hold = measure_pair("flicker_hold", held, held).region[GB_REGION_FULL];
    assert_true(hold.present && hold.num > 0.0 && hold.num < GB_HOLD_LIMIT);
    gb_image_free(&a);
    gb_image_free(&b);
    gb_image_free(&frozen);
    gb_image_free(&grain);
}

static void centre_is_proven_untouched(void **state)
{
    (void)state;
    gb_image a = scene(0), b = scene(0);
    b.rgb[0] ^= 0x80; /* in a strip */
    assert_int_equal(gb_centre_maxabs(geometry, &a, &b), 0);
    uint8_t *const inside = &b.rgb[3 * (5 * WIDTH + SIDE)], *const last = &b.rgb[3 * (6 * WIDTH - SIDE) - 1];
    *inside = (uint8_t)(*inside + 3);
    assert_int_equal(gb_centre_maxabs(geometry, &a, &b), 3);
    *last = (uint8_t)(*last - 9);
    assert_int_equal(gb_centre_maxabs(geometry, &a, &b), 9);
    gb_image_free(&a);
    gb_image_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry_is_complete),
        cmocka_unit_test(identical_frames),
        cmocka_unit_test(constant_offset_has_a_closed_form),
        cmocka_unit_test(symmetric_and_monotone_in_noise),
        cmocka_unit_test(regions_add_up_to_the_frame),
        cmocka_unit_test(ssim_is_its_definition),
        cmocka_unit_test(a_worker_forgets),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(flicker_of_a_static_clip),
        cmocka_unit_test(flicker_of_alternating_clips),
        cmocka_unit_test(flicker_of_a_pan),
        cmocka_unit_test(centre_is_proven_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
