#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "metrics/lpips_distance.h"
#include "support/support.h"

enum { H = 3, W = 5, MOST = 384 };

typedef struct maps {
    int channels;
    float a[H * W * MOST], b[H * W * MOST], unit[H * W * MOST], weight[MOST];
} maps;

/* Two maps of non-negative features of about `size`, b apart from a by about `apart` of it, as after a ReLU. */
static maps *new_maps(int channels, double size, double apart)
{
    maps *const m = gb_alloc(1, sizeof *m);
    assert_non_null(m);
    gb_random random = {.state = (uint64_t)channels};
    m->channels = channels;
    for (int i = 0; i < H * W * channels; i++) {
        const double f = fmax(0.0, 2.0 * gb_random_uniform(&random) - 1.0);
        m->a[i] = (float)(size * f);
        m->b[i] = (float)(size * fmax(0.0, f + apart * (2.0 * gb_random_uniform(&random) - 1.0)));
    }
    for (int c = 0; c < channels; c++) m->weight[c] = (float)(1.3 * gb_random_uniform(&random));
    gb_lpips_normalise(m->a, H * W, channels, GB_LPIPS_EPSILON, m->unit);
    return m;
}

/* By the definition, in double; `inside`: epsilon under the root, as torchmetrics has it. */
static double by_definition(const maps *m, double epsilon, bool inside)
{
    double sum = 0.0;
    for (int p = 0; p < H * W; p++) {
        const float *const a = m->a + p * m->channels, *const b = m->b + p * m->channels;
        double aa = 0.0, bb = 0.0;
        for (int c = 0; c < m->channels; c++) {
            aa += (double)a[c] * a[c];
            bb += (double)b[c] * b[c];
        }
        const double la = inside ? sqrt(aa + epsilon) : sqrt(aa) + epsilon;
        const double lb = inside ? sqrt(bb + epsilon) : sqrt(bb) + epsilon;
        for (int c = 0; c < m->channels; c++) sum += m->weight[c] * pow(a[c] / la - b[c] / lb, 2.0);
    }
    return sum / (H * W);
}

static double measured(const maps *m, const float *test)
{
    double columns[W] = {0}, sum = 0.0;
    gb_lpips_add_distance(test, m->unit, m->weight, H, W, m->channels, GB_LPIPS_EPSILON, columns);
    for (int x = 0; x < W; x++) sum += columns[x];
    return sum / (H * W);
}

static void agrees_with_double_within_its_bound(void **state)
{
    (void)state;
    static const int channels[] = {64, 192, 256, 384};
    const double u = 0x1p-24;
    for (int i = 0; i < 4; i++)
        for (double size = 1e-6; size < 1e5; size *= 1e5)
            for (double apart = 1e-6; apart < 2.0; apart *= 100.0) {
                maps *const m = new_maps(channels[i], size, apart);
                const double right = by_definition(m, 1e-10, false), value = measured(m, m->b);
                const double bound = 72.0 * u * sqrt(right * 1.3) + 30.0 * u * right + 1e-11;
                if (fabs(value - right) > bound)
                    fail_msg("%d channels, size %g, apart %g: %.12g is not within %.2g of %.12g", channels[i], size,
                             apart, value, bound, right);
                free(m);
            }
}

static void equal_features_are_no_distance(void **state)
{
    (void)state;
    maps *const m = new_maps(256, 3.0, 0.5);
    assert_true(measured(m, m->a) == 0.0);
    assert_true(measured(m, m->b) > 0.0);
    memset(m->a, 0, sizeof m->a); /* a picture that excites nothing */
    gb_lpips_normalise(m->a, H * W, 256, GB_LPIPS_EPSILON, m->unit);
    assert_true(measured(m, m->a) == 0.0);
    assert_true(isfinite(measured(m, m->b)));
    free(m);
}

/* Faint features are where the place of the epsilon shows: 1e-8 under the root is a length of 1e-4. */
static void epsilon_is_outside_the_root(void **state)
{
    (void)state;
    maps *const m = new_maps(64, 1e-5, 0.5);
    const double value = measured(m, m->b);
    assert_true(fabs(by_definition(m, 1e-10, false) - value) < 1e-5 * value);
    assert_true(fabs(by_definition(m, 1e-8, true) - value) > 0.1 * value);
    assert_true(fabs(by_definition(m, 1e-10, true) - value) > 1e-3 * value);
    free(m);
}

static void columns_add_up_rows(void **state)
{
    (void)state;
    maps *const m = new_maps(64, 1.0, 0.5);
    memcpy(m->b, m->a, sizeof m->b);
    for (int y = 0; y < H; y++) m->b[(y * W + 3) * 64] += 1.0f;
    double columns[W] = {0};
    columns[0] = 7.0;
    gb_lpips_add_distance(m->b, m->unit, m->weight, H, W, 64, GB_LPIPS_EPSILON, columns);
    assert_true(columns[0] == 7.0 && columns[1] == 0.0 && columns[2] == 0.0 && columns[4] == 0.0);
    assert_true(columns[3] > 0.0);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_double_within_its_bound),
        cmocka_unit_test(equal_features_are_no_distance),
        cmocka_unit_test(epsilon_is_outside_the_root),
        cmocka_unit_test(columns_add_up_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
