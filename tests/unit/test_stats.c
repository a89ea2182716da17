#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "stats/binomial.h"
#include "stats/normal.h"
#include "stats/stats.h"
#include "support/support.h"

static void close_to(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not within %g of %.17g", value, tolerance, expected);
}

static void quantiles_are_type_7(void **state)
{
    (void)state;
    double values[] = {7.0, 1.0, 4.0, 2.0};
    /* numpy.quantile([7, 1, 4, 2], p) */
    close_to(gb_stats_quantile(values, 4, 0.0), 1.0, 0.0);
    close_to(gb_stats_quantile(values, 4, 0.5), 3.0, 0.0);
    close_to(gb_stats_quantile(values, 4, 0.9), 6.1, 1e-14);
    close_to(gb_stats_quantile(values, 4, 1.0), 7.0, 0.0);
    close_to(gb_stats_quantile(values, 1, 0.3), values[0], 0.0);
    assert_true(isnan(gb_stats_quantile(values, 0, 0.5)));
    assert_true(isnan(gb_stats_quantile(values, 4, NAN)));
    double far[] = {1.0, INFINITY};
    close_to(gb_stats_quantile(far, 2, 0.0), 1.0, 0.0);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Whatever the order that values come in, and that an earlier quantile left. */
static void quantiles_are_those_of_sorted_values(void **state)
{
    (void)state;
    enum { MOST = 200, KINDS = 5 };
    static const double share[] = {0.5, 0.025, 0.975, 0.31, 0.0, 1.0};
    double value[MOST], sorted[MOST];
    gb_random random = {.state = 5};
    for (int count = 1; count <= MOST; count++)
        for (int kind = 0; kind < KINDS; kind++) { /* noise, ties, rising, falling, a hill */
            for (int i = 0; i < count; i++) {
                const double noise = gb_random_uniform(&random), hill = i < count / 2 ? i : count - i;
                const double of[KINDS] = {noise, floor(4.0 * noise), i, -i, hill};
                value[i] = sorted[i] = of[kind];
            }
            qsort(sorted, (size_t)count, sizeof *sorted, ascending);
            for (size_t p = 0; p < sizeof share / sizeof *share; p++) {
                const double at = share[p] * (count - 1), part = at - floor(at);
                const double *const below = &sorted[(int)at];
                const double expected = part == 0.0 ? below[0] : below[0] + part * (below[1] - below[0]);
                assert_true(gb_stats_quantile(value, (size_t)count, share[p]) == expected);
            }
        }
}

static void normal_quantiles_are_exact(void **state)
{
    (void)state;
    /* scipy.special.ndtri */
    static const struct {
        double p, z;
    } known[] = {{1e-300, -37.0470962993612},  {1e-10, -6.361340902404056},   {0.001, -3.090232306167813},
                 {0.0749, -1.4402382675279635}, {0.3, -0.5244005127080409}, {0.975, 1.959963984540054}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        close_to(gb_normal_quantile(known[i].p), known[i].z, 1e-13 * fabs(known[i].z));
    close_to(gb_normal_quantile(0.5), 0.0, 0.0);
    for (double p = 0.001; p < 1.0; p += 0.001) close_to(gb_normal_cdf(gb_normal_quantile(p)), p, 1e-15);
}

/* scipy.stats.bootstrap((num, den), ratio of sums, paired=True, method="BCa", n_resamples=200000), mean over 5 seeds;
 * `wobble` covers the sampling error on both sides (0.01 at worst over seeds). */
static void intervals_agree_with_scipy(void **state)
{
    (void)state;
    static const gb_cluster skewed[] = {{1.2, 1}, {0.4, 1}, {3.9, 1}, {0.9, 1}, {7.5, 1}, {0.2, 1}, {1.1, 1}, {2.8, 1}};
    static const gb_cluster ratio[] = {{30, 10}, {12.5, 5}, {80, 20}, {7, 4}, {44, 11}, {19, 9}, {3, 2}};
    static const gb_cluster three[] = {{0.2, 1}, {0.3, 1}, {0.9, 1}};
    static const struct {
        const gb_cluster *clusters;
        size_t count;
        double mean, lo, hi, wobble;
    } known[] = {{skewed, 8, 2.25, 1.075, 4.5525, 0.03},
                 {ratio, 7, 3.2049180327868854, 2.3807, 3.8196, 0.03},
                 {three, 3, 0.4666666666666666, 0.2, 0.9, 1e-15}};
    gb_error err;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        gb_interval interval;
        assert_ok(gb_stats_bootstrap(known[i].clusters, known[i].count, 200000, 7, &interval, &err), &err);
        close_to(interval.mean, known[i].mean, 1e-15);
        close_to(interval.lo, known[i].lo, known[i].wobble);
        close_to(interval.hi, known[i].hi, known[i].wobble);
    }
    /* The plain percentile interval, [0.8875, 4.0] for the first case, would be noticed. */
    assert_true(1.075 - 0.8875 > known[0].wobble && 4.5525 - 4.0 > known[0].wobble);
}

static void few_shots_are_handled(void **state)
{
    (void)state;
    gb_error err;
    gb_interval interval;
    assert_ok(gb_stats_bootstrap(NULL, 0, 100, 1, &interval, &err), &err);
    assert_true(isnan(interval.mean) && isnan(interval.lo) && isnan(interval.hi));
    const gb_cluster one = {3.0, 2.0};
    assert_ok(gb_stats_bootstrap(&one, 1, 100, 1, &interval, &err), &err);
    assert_true(interval.mean == 1.5 && isnan(interval.lo) && isnan(interval.hi));
    const gb_cluster two[] = {{1.0, 1.0}, {3.0, 1.0}};
    assert_ok(gb_stats_bootstrap(two, 2, 2000, 1, &interval, &err), &err);
    assert_true(interval.mean == 2.0 && interval.lo == 1.0 && interval.hi == 3.0);
    const gb_cluster same[] = {{0.3, 1.0}, {0.3, 1.0}, {0.3, 1.0}, {0.3, 1.0}};
    assert_ok(gb_stats_bootstrap(same, 4, 500, 1, &interval, &err), &err);
    assert_true(interval.lo == interval.mean && interval.hi == interval.mean);
    const gb_cluster unmeasured[] = {{2.0, 1.0}, {0.0, 0.0}};
    assert_ok(gb_stats_bootstrap(unmeasured, 2, 500, 1, &interval, &err), &err);
    assert_true(interval.mean == 2.0 && isnan(interval.lo));
    const gb_cluster frozen[] = {{0.0, 0.0}, {1.0, 0.0}};
    assert_ok(gb_stats_bootstrap(frozen, 2, 500, 1, &interval, &err), &err);
    assert_true(isnan(interval.mean) && isnan(interval.hi));
}

static void bad_sums_are_refused(void **state)
{
    (void)state;
    gb_error err;
    gb_interval interval = {.mean = 42.0};
    const gb_cluster bad[] = {{1.0, 1.0}, {NAN, 1.0}}, negative[] = {{1.0, -1.0}, {1.0, 1.0}};
    assert_fails(gb_stats_bootstrap(bad, 2, 100, 1, &interval, &err), GB_E_NUMERIC, &err, "shot 1");
    assert_fails(gb_stats_bootstrap(negative, 2, 100, 1, &interval, &err), GB_E_NUMERIC, &err, "shot 0");
    assert_fails(gb_stats_bootstrap(bad, 1, 0, 1, &interval, &err), GB_E_ARG, &err, "resample");
    assert_true(interval.mean == 42.0);
}

static void the_seed_decides(void **state)
{
    (void)state;
    gb_error err;
    gb_cluster clusters[9];
    for (int i = 0; i < 9; i++) clusters[i] = (gb_cluster){.num = i * i, .den = 1 + i % 3};
    gb_interval a, b, other;
    assert_ok(gb_stats_bootstrap(clusters, 9, 1000, 5, &a, &err), &err);
    assert_ok(gb_stats_bootstrap(clusters, 9, 1000, 5, &b, &err), &err);
    assert_ok(gb_stats_bootstrap(clusters, 9, 1000, 6, &other, &err), &err);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.lo != other.lo || a.hi != other.hi);
}

/* One sample of 24 shots of skewed values with true ratio 1: num exponential times den. */
static void draw_sample(gb_random *random, gb_cluster *clusters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double den = 1.0 + (double)gb_random_below(random, 4);
        clusters[i] = (gb_cluster){.num = -log(1.0 - gb_random_uniform(random)) * den, .den = den};
    }
}

/* How often the interval, narrowed about its mean by `factor`, holds the true ratio. */
static double coverage(double factor, int trials)
{
    gb_error err;
    gb_random random = {.state = 2024};
    gb_cluster clusters[24];
    int held = 0;
    for (int trial = 0; trial < trials; trial++) {
        draw_sample(&random, clusters, 24);
        gb_interval interval;
        assert_ok(gb_stats_bootstrap(clusters, 24, 400, (uint64_t)trial, &interval, &err), &err);
        const double lo = interval.mean + factor * (interval.lo - interval.mean);
        const double hi = interval.mean + factor * (interval.hi - interval.mean);
        held += lo <= 1.0 && 1.0 <= hi;
    }
    return held / (double)trials;
}

/* Nominal 0.95; with 24 shots of this skewness BCa covers about 0.92. 1000 trials have a standard error of 0.009. */
static void intervals_cover_the_truth(void **state)
{
    (void)state;
    const double covered = coverage(1.0, 1000), narrowed = coverage(0.7, 1000);
    if (covered < 0.89 || covered > 0.975) fail_msg("coverage is %.3f", covered);
    if (narrowed >= 0.89) fail_msg("narrowed intervals cover %.3f: the check cannot fail", narrowed);
}

/* R's binom.test(682, 925) and (7, 20), as its manual and any table have them; 0 of n and n of n in closed form. */
static void rates_have_exact_intervals(void **state)
{
    (void)state;
    gb_error err;
    gb_rate rate;
    assert_ok(gb_stats_rate(682, 925, &rate, &err), &err);
    close_to(rate.rate, 682.0 / 925.0, 1e-15);
    close_to(rate.lo, 0.7076683, 5e-8);
    close_to(rate.hi, 0.7654066, 5e-8);
    assert_ok(gb_stats_rate(7, 20, &rate, &err), &err);
    close_to(rate.lo, 0.1539092, 5e-8);
    close_to(rate.hi, 0.5921885, 5e-8);
    assert_ok(gb_stats_rate(0, 400, &rate, &err), &err);
    assert_true(rate.lo == 0.0);
    close_to(rate.hi, 1.0 - pow(0.025, 1.0 / 400.0), 1e-12);
    assert_ok(gb_stats_rate(400, 400, &rate, &err), &err);
    close_to(rate.lo, pow(0.025, 1.0 / 400.0), 1e-12);
    assert_true(rate.hi == 1.0);
    assert_fails(gb_stats_rate(5, 4, &rate, &err), GB_E_ARG, &err, "5 of 4");
    assert_fails(gb_stats_rate(0, 0, &rate, &err), GB_E_ARG, &err, "0 of 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_type_7),
        cmocka_unit_test(quantiles_are_those_of_sorted_values),
        cmocka_unit_test(normal_quantiles_are_exact),
        cmocka_unit_test(intervals_agree_with_scipy), cmocka_unit_test(few_shots_are_handled),
        cmocka_unit_test(bad_sums_are_refused),     cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(intervals_cover_the_truth),  cmocka_unit_test(rates_have_exact_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
