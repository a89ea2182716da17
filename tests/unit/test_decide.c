/* The decision behind the gate: what it says of known differences, and how often it is wrong, measured. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/random.h"
#include "stats/decide.h"
#include "stats/normal.h"
#include "stats/stats.h"
#include "stats/student.h"
#include "support/support.h"

static void close_to(double found, double expected, double bound)
{
    if (!(fabs(found - expected) <= bound)) fail_msg("expected %.17g, found %.17g", expected, found);
}

static void student_has_its_closed_forms(void **state)
{
    (void)state;
    const double pi = acos(-1.0);
    for (double t = -40.0; t <= 40.0; t += 0.37) {
        const double one = 0.5 - atan(t) / pi, two = 0.5 - t / (2.0 * sqrt(2.0 + t * t));
        const double four = 0.5 - t * (t * t + 6.0) / (2.0 * pow(t * t + 4.0, 1.5));
        close_to(gb_student_above(t, 1.0), one, 1e-12);
        close_to(gb_student_above(t, 2.0), two, 1e-12);
        close_to(gb_student_above(t, 4.0), four, 1e-12);
        close_to(gb_student_above(t, 1e7), gb_normal_cdf(-t), 1e-7);
    }
    close_to(gb_student_above(1000.0, 1.0), 3.1830978008e-4, 1e-13); /* far tails keep their digits */
    close_to(gb_student_above(3000.0, 4.0) * pow(3000.0, 4.0) / 3.0, 1.0, 1e-5);
    assert_true(gb_student_above(INFINITY, 3.0) == 0.0 && gb_student_above(-INFINITY, 3.0) == 1.0);
    assert_true(gb_student_above(0.0, 2.5) == 0.5);
}

static void student_quantiles_invert_it(void **state)
{
    (void)state;
    close_to(gb_student_quantile_above(0.025, 9.0), 2.2621571627409915, 1e-10); /* any table has 2.2622 */
    close_to(gb_student_quantile_above(0.01, 5.0), 3.3649299989072183, 1e-10);
    for (double df = 1.0; df < 200.0; df *= 1.7)
        for (double p = 1e-7; p < 1.0; p = p < 0.1 ? p * 3.0 : p + 0.13)
            close_to(gb_student_above(gb_student_quantile_above(p, df), df) / p, 1.0, 1e-9);
}

static const gb_effect lower = {.better = GB_BETTER_LOWER, .least = 0.1};

static gb_decision decide(const gb_pair *pairs, size_t count, gb_effect effect)
{
    gb_error err = {0};
    gb_decision d;
    assert_ok(gb_decide(pairs, count, &effect, &d, &err), &err);
    return d;
}

/* `frames` pairs of each of `shots` shots: the run is `by` worse (as numbers go), spread over shots by `spread`. */
static size_t make_pairs(gb_pair *pairs, int shots, int frames, double by, double spread)
{
    size_t count = 0;
    for (int s = 0; s < shots; s++)
        for (int f = 0; f < frames; f++) {
            const double base = 5.0 + s + 0.1 * f, lean = spread * (s % 2 ? 1.0 : -1.0);
            pairs[count++] = (gb_pair){s, base, 1.0, base + by + lean, 1.0};
        }
    return count;
}

static void equal_pairs_pass_exactly(void **state)
{
    (void)state;
    gb_pair pairs[64];
    for (int shots = 1; shots < 8; shots++) {
        const size_t count = make_pairs(pairs, shots, 5, 0.0, 0.0);
        const gb_decision d = decide(pairs, count, lower);
        assert_true(d.exact && d.difference == 0.0 && d.lo == 0.0 && d.hi == 0.0 && d.p_worse == 1.0);
        assert_int_equal(d.verdict, GB_VERDICT_PASS);
        assert_int_equal(d.shots, shots);
        pairs[count - 1].run_num = nextafter(pairs[count - 1].run_num, 100.0);
        assert_false(decide(pairs, count, lower).exact);
    }
    assert_int_equal(decide(pairs, 0, lower).verdict, GB_VERDICT_UNDECIDED); /* nothing is not a pass */
}

static void each_verdict_has_its_case(void **state)
{
    (void)state;
    static const struct {
        double by, spread;
        gb_effect effect;
        gb_verdict verdict;
    } known[] = {
        {0.02, 0.01, {GB_BETTER_LOWER, 0, 0.1}, GB_VERDICT_PASS},   /* worse, by less than matters */
        {0.50, 0.05, {GB_BETTER_LOWER, 0, 0.1}, GB_VERDICT_WORSE},
        {0.50, 0.05, {GB_BETTER_HIGHER, 0, 0.1}, GB_VERDICT_BETTER},
        {-0.5, 0.05, {GB_BETTER_LOWER, 0, 0.1}, GB_VERDICT_BETTER},
        {-0.5, 0.05, {GB_BETTER_HIGHER, 0, 0.1}, GB_VERDICT_WORSE},
        {0.00, 0.90, {GB_BETTER_LOWER, 0, 0.1}, GB_VERDICT_UNDECIDED},
        {0.50, 0.90, {GB_BETTER_HIGHER, 0, 0.1}, GB_VERDICT_UNDECIDED},
        {0.50, 0.05, {GB_BETTER_UNSAID, 0, 0.1}, GB_VERDICT_INFORMATIVE},
        {0.50, 0.05, {GB_BETTER_NEAR, 11.5, 0.1}, GB_VERDICT_BETTER}, /* the means are 9.7 and 10.2 */
        {0.50, 0.05, {GB_BETTER_NEAR, 5.0, 0.1}, GB_VERDICT_WORSE},
    };
    gb_pair pairs[64];
    const size_t count = make_pairs(pairs, 10, 5, 0.0, 0.0);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        make_pairs(pairs, 10, 5, known[i].by, known[i].spread);
        const gb_decision d = decide(pairs, count, known[i].effect);
        if (d.verdict != known[i].verdict)
            fail_msg("case %zu: expected %s, found %s (%g [%g, %g], p %g)", i, gb_verdict_name(known[i].verdict),
                     gb_verdict_name(d.verdict), d.difference, d.lo, d.hi, d.p_worse);
        if (d.effect.better != GB_BETTER_NEAR) close_to(d.difference, known[i].by, 1e-12);
        assert_true(d.lo <= d.difference && d.difference <= d.hi);
        assert_true((d.verdict == GB_VERDICT_UNDECIDED) == (d.shots_needed > d.shots));
    }
}

/* Known by hand: shot differences 1, 2, 3, 6 of equal length; mean 3, standard error sqrt(14 / 3 / 4), skewness
 * (-8 - 1 + 0 + 27) / 4 / (14 / 4)^1.5. The upper bound is Hall's, the lower Student's. */
static void bounds_are_those_of_the_formulas(void **state)
{
    (void)state;
    const gb_pair pairs[] = {{0, 0, 1, 1, 1}, {1, 0, 1, 2, 1}, {2, 0, 1, 3, 1}, {3, 0, 1, 6, 1}};
    const gb_decision d = decide(pairs, 4, lower);
    const double error = sqrt(14.0 / 3.0 / 4.0), q = 3.182446305283710, g = 4.5 / pow(3.5, 1.5);
    close_to(d.difference, 3.0, 1e-15);
    close_to(d.error, error, 1e-14);
    close_to(d.lo, 3.0 - q * error, 1e-9);
    const double x = -q / 2.0, bent = 2.0 * 3.0 / g * (cbrt(1.0 + g * (x - g / 24.0)) - 1.0);
    assert_true(bent < -q);
    close_to(d.hi, 3.0 - bent * error, 1e-9);
    close_to(d.p_worse, gb_student_above(3.0 / error, 3.0), 1e-12);
}

static void frames_of_a_shot_are_one_draw(void **state)
{
    (void)state;
    gb_pair pairs[400];
    const size_t few = make_pairs(pairs, 4, 1, 0.5, 0.2);
    const gb_decision once = decide(pairs, few, lower);
    const size_t many = make_pairs(pairs, 4, 100, 0.5, 0.2);
    const gb_decision often = decide(pairs, many, lower);
    close_to(often.error, once.error, 1e-12); /* taken as 400 draws it would be a tenth */
    assert_int_equal(often.shots, 4);
    assert_int_equal(often.frames, 400);
}

static void ratios_are_ratios_of_sums(void **state)
{
    (void)state;
    const gb_pair pairs[] = {{0, 2, 1, 4, 1}, {1, 3, 3, 3, 3}, {2, 1, 0, 2, 0}, {3, 5, 2, 6, 2}, {4, 0, 0, 0, 0}};
    const gb_decision d = decide(pairs, 5, lower);
    close_to(d.base, 11.0 / 6.0, 1e-15);
    close_to(d.run, 15.0 / 6.0, 1e-15);
    assert_int_equal(d.shots, 4); /* the fifth measured nothing */
}

static void the_order_of_frames_and_shots_is_nothing(void **state)
{
    (void)state;
    gb_pair pairs[60], turned[60];
    const size_t count = make_pairs(pairs, 10, 6, 0.3, 0.25);
    for (size_t i = 0; i < count; i++) turned[i] = pairs[(i * 37 + 11) % count];
    const gb_decision a = decide(pairs, count, lower), b = decide(turned, count, lower);
    close_to(b.difference, a.difference, 1e-12);
    close_to(b.lo, a.lo, 1e-12);
    assert_int_equal(a.verdict, b.verdict);
    assert_int_equal(a.shots, b.shots);
}

static void bad_sums_are_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_decision d = {.run = 42.0};
    const gb_pair nan[] = {{0, 1, 1, 1, 1}, {1, 1, 1, NAN, 1}}, negative[] = {{0, 1, -1, 1, 1}};
    assert_fails(gb_decide(nan, 2, &lower, &d, &err), GB_E_NUMERIC, &err, "pair 1");
    assert_fails(gb_decide(negative, 1, &lower, &d, &err), GB_E_NUMERIC, &err, "pair 0");
    const gb_effect bad = {.better = GB_BETTER_LOWER, .least = NAN};
    assert_fails(gb_decide(negative, 0, &bad, &d, &err), GB_E_ARG, &err, "least effect");
    assert_true(d.run == 42.0);
}

static void few_shots_decide_nothing(void **state)
{
    (void)state;
    gb_pair pairs[64];
    for (int shots = 1; shots < GB_DECIDE_LEAST_SHOTS; shots++) {
        const size_t count = make_pairs(pairs, shots, 9, 3.0, 0.01);
        const gb_decision d = decide(pairs, count, lower);
        assert_int_equal(d.verdict, GB_VERDICT_UNDECIDED);
        assert_true(isnan(d.lo) && d.p_worse == 1.0);
    }
    for (int shots = GB_DECIDE_LEAST_SHOTS; shots <= GB_DECIDE_LEAST_TESTED; shots++)
        for (double spread = 0.0; spread < 0.02; spread += 0.01) {
            const size_t count = make_pairs(pairs, shots, 9, 3.0, spread);
            const gb_decision d = decide(pairs, count, lower);
            const bool enough = shots == GB_DECIDE_LEAST_TESTED;
            assert_int_equal(d.verdict, enough ? GB_VERDICT_WORSE : GB_VERDICT_UNDECIDED);
            assert_int_equal(d.shots_needed, enough ? 0 : GB_DECIDE_LEAST_TESTED);
        }
}

static void holm_corrects_for_many_rows(void **state)
{
    (void)state;
    /* p over 5 rows: 0.001 <= 0.01 / 5, 0.0024 <= 0.01 / 4, 0.004 > 0.01 / 3, and with it all larger ones. */
    static const double p[] = {0.004, 0.001, 0.5, 0.0024, 0.0041};
    static const gb_verdict expected[] = {GB_VERDICT_UNDECIDED, GB_VERDICT_WORSE, GB_VERDICT_UNDECIDED,
                                          GB_VERDICT_WORSE, GB_VERDICT_UNDECIDED};
    gb_decision row[7];
    gb_decision *rows[7];
    for (int i = 0; i < 7; i++) {
        row[i] = (gb_decision){.difference = 1.0, .lo = 0.5, .hi = 1.5, .error = 0.25, .p_better = 1.0, .shots = 8,
                               .frames = 8, .effect = lower, .p_worse = i < 5 ? p[i] : 1e-9};
        rows[i] = &row[i];
    }
    row[5].verdict = GB_VERDICT_MISSING; /* not tested, not changed */
    row[6].effect.better = GB_BETTER_UNSAID;
    row[6].verdict = GB_VERDICT_INFORMATIVE;
    gb_error err = {0};
    assert_ok(gb_decide_family(rows, 7, &err), &err);
    for (int i = 0; i < 5; i++)
        if (row[i].verdict != expected[i]) fail_msg("row %d: %s", i, gb_verdict_name(row[i].verdict));
    assert_int_equal(row[5].verdict, GB_VERDICT_MISSING);
    assert_int_equal(row[6].verdict, GB_VERDICT_INFORMATIVE);
    assert_true(row[0].shots_needed > 8);
}

/* ---- How often it is wrong ---- */

typedef enum shape { NORMAL, HEAVY, WORSE_IS_RARE, UNLIKE_LENGTHS } shape;

static double normal(gb_random *random)
{
    return gb_normal_quantile(fmin(fmax(gb_random_uniform(random), 1e-15), 1.0 - 1e-15));
}

/* A shot's difference: mean 0, about unit spread. */
static double difference(gb_random *random, shape s)
{
    if (s == WORSE_IS_RARE) return -log(1.0 - gb_random_uniform(random)) - 1.0;
    const double z = normal(random);
    if (s != HEAVY) return z;
    double square = 0.0;
    for (int i = 0; i < 4; i++) square += pow(normal(random), 2.0);
    return z / sqrt(square / 4.0) / sqrt(2.0);
}

/* One paired experiment of `shots` shots whose true difference is `by`. */
static void draw(gb_random *random, shape s, int shots, double by, gb_pair *pairs)
{
    for (int i = 0; i < shots; i++) {
        const double frames = s == UNLIKE_LENGTHS ? exp(normal(random)) : 1.0, base = normal(random);
        pairs[i] = (gb_pair){i, base * frames, frames, (base + by + difference(random, s)) * frames, frames};
    }
}

typedef struct rates {
    double below, above; /* the interval lies wholly below, above the truth */
    double worse, pass, undecided;
} rates;

enum { TRIALS = 2500, MOST = 64 };

static rates measure(shape s, int shots, double by, double least, double narrow)
{
    gb_random random = {.state = 77u + (unsigned)s * 1000u + (unsigned)shots};
    const gb_effect effect = {.better = GB_BETTER_LOWER, .least = least};
    gb_pair pairs[MOST];
    rates r = {0};
    for (int i = 0; i < TRIALS; i++) {
        draw(&random, s, shots, by, pairs);
        const gb_decision d = decide(pairs, (size_t)shots, effect);
        r.below += (d.difference + narrow * (d.hi - d.difference) < by) / (double)TRIALS;
        r.above += (d.difference + narrow * (d.lo - d.difference) > by) / (double)TRIALS;
        r.worse += (d.verdict == GB_VERDICT_WORSE) / (double)TRIALS;
        r.pass += (d.verdict == GB_VERDICT_PASS || d.verdict == GB_VERDICT_BETTER) / (double)TRIALS;
        r.undecided += (d.verdict == GB_VERDICT_UNDECIDED) / (double)TRIALS;
    }
    return r;
}

/* Each side's nominal miss is 2.5 %; 2500 trials have a standard error of 0.3 %. Where rare shots are much worse
 * (an exponential tail) the side that they are on is missed more often, and more so with fewer shots. */
static void intervals_hold_what_they_say(void **state)
{
    (void)state;
    static const struct {
        shape s;
        int shots;
        double below, above; /* most */
    } known[] = {{NORMAL, 3, 0.032, 0.032},          {NORMAL, 6, 0.032, 0.032},
                 {NORMAL, 10, 0.032, 0.032},         {NORMAL, 40, 0.032, 0.032},
                 {HEAVY, 10, 0.032, 0.032},          {UNLIKE_LENGTHS, 10, 0.035, 0.035},
                 {UNLIKE_LENGTHS, 40, 0.035, 0.035}, {WORSE_IS_RARE, 10, 0.06, 0.032},
                 {WORSE_IS_RARE, 40, 0.045, 0.032}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const rates r = measure(known[i].s, known[i].shots, 0.3, 0.1, 1.0);
        if (r.below > known[i].below || r.above > known[i].above)
            fail_msg("shape %d, %d shots: misses %.4f and %.4f", (int)known[i].s, known[i].shots, r.below, r.above);
    }
    const rates narrowed = measure(NORMAL, 10, 0.3, 0.1, 0.8);
    assert_true(narrowed.below > 0.035 && narrowed.above > 0.035); /* the check can fail */
}

/* A bootstrap of as few shots misses more: why the decision does not use it. */
static void a_bootstrap_of_few_shots_is_too_narrow(void **state)
{
    (void)state;
    gb_random random = {.state = 5};
    gb_error err = {0};
    int held = 0;
    for (int i = 0; i < 1500; i++) {
        gb_cluster shot[6];
        gb_interval interval;
        for (int k = 0; k < 6; k++) shot[k] = (gb_cluster){normal(&random), 1.0};
        assert_ok(gb_stats_bootstrap(shot, 6, 400, (uint64_t)i, &interval, &err), &err);
        held += interval.lo <= 0.0 && 0.0 <= interval.hi;
    }
    if (held > 1500 * 0.92) fail_msg("BCa with 6 shots held the truth %d times of 1500", held);
    print_message("BCa, 6 shots: %.3f of nominal 0.95\n", held / 1500.0);
}

/* No change: `worse` at most 1 %, and what is not decided says so. A change of the least effect: `pass` at most 5 %. */
static void misses_and_false_alarms_are_rare(void **state)
{
    (void)state;
    for (int s = NORMAL; s <= UNLIKE_LENGTHS; s++) {
        const rates null = measure((shape)s, 16, 0.0, 0.5, 1.0), change = measure((shape)s, 16, 0.5, 0.5, 1.0);
        if (null.worse > 0.014 || change.pass > 0.055)
            fail_msg("shape %d: false alarms %.4f, misses %.4f", s, null.worse, change.pass);
        close_to(null.worse + null.pass + null.undecided, 1.0, 1e-9);
    }
    const rates plenty = measure(NORMAL, 64, 0.0, 1.0, 1.0), large = measure(NORMAL, 64, 1.0, 0.5, 1.0);
    assert_true(plenty.pass > 0.99 && large.worse > 0.99); /* enough shots decide */
}

/* As many shots as were said to be needed decide four times out of five. */
static void the_number_of_shots_needed_is_enough(void **state)
{
    (void)state;
    gb_random random = {.state = 3};
    gb_pair pairs[MOST];
    gb_decision d = {0};
    while (d.verdict != GB_VERDICT_UNDECIDED || d.shots_needed > MOST || d.difference > 0.1) {
        draw(&random, NORMAL, 12, 0.0, pairs);
        d = decide(pairs, 12, (gb_effect){.better = GB_BETTER_LOWER, .least = 0.6});
    }
    /* A world as that sample has it: the same mean and spread. */
    const double spread = d.error * sqrt(12.0), mean = d.difference;
    int decided = 0;
    for (int i = 0; i < 1000; i++) {
        for (int k = 0; k < d.shots_needed; k++)
            pairs[k] = (gb_pair){k, 0.0, 1.0, mean + spread * normal(&random), 1.0};
        decided += decide(pairs, (size_t)d.shots_needed, d.effect).verdict != GB_VERDICT_UNDECIDED;
    }
    if (decided < 760 || decided > 880) fail_msg("%d shots decide %d times of 1000", d.shots_needed, decided);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_has_its_closed_forms),
        cmocka_unit_test(student_quantiles_invert_it),
        cmocka_unit_test(equal_pairs_pass_exactly),
        cmocka_unit_test(each_verdict_has_its_case),
        cmocka_unit_test(bounds_are_those_of_the_formulas),
        cmocka_unit_test(frames_of_a_shot_are_one_draw),
        cmocka_unit_test(ratios_are_ratios_of_sums),
        cmocka_unit_test(the_order_of_frames_and_shots_is_nothing),
        cmocka_unit_test(bad_sums_are_refused),
        cmocka_unit_test(few_shots_decide_nothing),
        cmocka_unit_test(holm_corrects_for_many_rows),
        cmocka_unit_test(intervals_hold_what_they_say),
        cmocka_unit_test(a_bootstrap_of_few_shots_is_too_narrow),
        cmocka_unit_test(misses_and_false_alarms_are_rare),
        cmocka_unit_test(the_number_of_shots_needed_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
