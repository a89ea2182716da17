#include "stats/decide.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/stats.h"
#include "stats/student.h"

#define TAIL 0.025  /* on each side of the interval */
#define MISSED 0.2  /* chance that so many shots as are said to be needed still do not decide */
#define MOST_SHOTS 1000000

const char *gb_verdict_name(gb_verdict verdict)
{
    static const char *const name[GB_VERDICT_COUNT] = {"pass",    "better",      "worse",      "undecided",
                                                       "missing", "unconfirmed", "informative"};
    return (unsigned)verdict < GB_VERDICT_COUNT ? name[verdict] : "unknown";
}

/* Sums of one shot, then of all. */
typedef struct sums {
    int shot;
    double base_num, base_den, run_num, run_den;
} sums;

static void add(sums *to, const sums *from)
{
    to->base_num += from->base_num;
    to->base_den += from->base_den;
    to->run_num += from->run_num;
    to->run_den += from->run_den;
}

static gb_status check(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_error *err)
{
    if (!(effect->least >= 0.0) || !isfinite(effect->target))
        return gb_fail(err, GB_E_ARG, "decision: expected a least effect from 0 and a finite target, found %g and %g",
                       effect->least, effect->target);
    for (size_t i = 0; i < count; i++) {
        const gb_pair *p = &pairs[i];
        if (!isfinite(p->base_num) || !isfinite(p->run_num) || !(p->base_den >= 0.0) || !(p->run_den >= 0.0) ||
            !isfinite(p->base_den) || !isfinite(p->run_den))
            return gb_fail(err, GB_E_NUMERIC,
                           "decision: pair %zu has the sums %g / %g and %g / %g, expected finite ones", i, p->base_num,
                           p->base_den, p->run_num, p->run_den);
    }
    return GB_OK;
}

static bool are_equal(const gb_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].base_num != pairs[i].run_num || pairs[i].base_den != pairs[i].run_den) return false;
    return true;
}

static int by_shot(const void *a, const void *b)
{
    const sums *x = a, *y = b;
    return (x->shot > y->shot) - (x->shot < y->shot);
}

/* Pairs into sums a shot; shots that measured nothing are dropped. `out` holds `count`; returns how many are left. */
static size_t gather(const gb_pair *pairs, size_t count, sums *out)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const gb_pair *p = &pairs[i];
        const sums one = {p->shot, p->base_num, p->base_den, p->run_num, p->run_den};
        if (used > 0 && out[used - 1].shot == p->shot)
            add(&out[used - 1], &one);
        else
            out[used++] = one;
    }
    qsort(out, used, sizeof *out, by_shot);
    size_t shots = 0;
    for (size_t i = 0; i < used; i++)
        if (shots > 0 && out[shots - 1].shot == out[i].shot)
            add(&out[shots - 1], &out[i]);
        else
            out[shots++] = out[i];
    size_t kept = 0;
    for (size_t i = 0; i < shots; i++)
        if (out[i].base_den > 0.0 || out[i].run_den > 0.0 || out[i].base_num != 0.0 || out[i].run_num != 0.0)
            out[kept++] = out[i];
    return kept;
}

/* How bad a mean is: lower is better, whatever the metric says. */
static double badness(const gb_effect *effect, double mean)
{
    if (effect->better == GB_BETTER_HIGHER) return -mean;
    return effect->better == GB_BETTER_NEAR ? fabs(mean - effect->target) : mean;
}

/* By how much the run is worse; NaN when a mean does not exist. */
static double loss(const gb_effect *effect, const sums *total)
{
    if (!(total->base_den > 0.0) || !(total->run_den > 0.0)) return NAN;
    return badness(effect, total->run_num / total->run_den) - badness(effect, total->base_num / total->base_den);
}

/* What the shots say of the loss. */
typedef struct estimate {
    double loss, error, df;
    double skewness; /* of the shots' values */
    double shots;
} estimate;

/* The loss without each shot in turn, into `without`; false when one of them does not exist. The others are added up
 * from both ends, because subtracting would leave rounding errors. `after` holds `count`. */
static bool leave_out(const sums *shot, size_t count, const gb_effect *effect, sums *after, double *without)
{
    sums before = {0};
    after[count - 1] = before;
    for (size_t i = count - 1; i > 0; i--) {
        after[i - 1] = after[i];
        add(&after[i - 1], &shot[i]);
    }
    for (size_t i = 0; i < count; i++) {
        sums rest = before;
        add(&rest, &after[i]);
        without[i] = loss(effect, &rest);
        if (isnan(without[i])) return false;
        add(&before, &shot[i]);
    }
    return true;
}

static double effective_shots(const sums *shot, size_t count)
{
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double weight = 0.5 * (shot[i].base_den + shot[i].run_den);
        sum += weight;
        square += weight * weight;
    }
    return square > 0.0 ? sum * sum / square : 1.0;
}

/* Jackknife; `after` and `without` hold `count`. False when nothing can be said of the spread. */
static bool jackknife(const sums *shot, size_t count, const gb_effect *effect, sums *after, double *without,
                      estimate *e)
{
    const double n = (double)count;
    double mean = 0.0, square = 0.0, cube = 0.0;
    if (count < GB_DECIDE_LEAST_SHOTS || !leave_out(shot, count, effect, after, without)) return false;
    for (size_t i = 0; i < count; i++) mean += without[i] / n;
    for (size_t i = 0; i < count; i++) {
        const double d = mean - without[i];
        square += d * d;
        cube += d * d * d;
    }
    e->error = sqrt((n - 1.0) / n * square);
    e->skewness = square > 0.0 ? cube / n / pow(square / n, 1.5) : 0.0;
    e->shots = n;
    e->df = fmax(effective_shots(shot, count) - 1.0, 1.0);
    return true;
}

/* Hall's monotone cubic g(T) and its inverse, T = (estimate - truth) / (error * sqrt(n)). */
static double hall(const estimate *e, double t)
{
    const double g = e->skewness, x = t / sqrt(e->shots);
    return sqrt(e->shots) * (x + g * x * x / 3.0 + g * g * x * x * x / 27.0 + g / (6.0 * e->shots));
}

static double hall_inverse(const estimate *e, double t)
{
    const double g = e->skewness, x = t / sqrt(e->shots);
    if (fabs(g) < 1e-6) return t;
    return sqrt(e->shots) * 3.0 / g * (cbrt(1.0 + g * (x - g / (6.0 * e->shots))) - 1.0);
}

/* The bounds and p of the loss. */
static void conclude(const estimate *e, double *lo, double *hi, double *p_worse, double *p_better)
{
    const double q = gb_student_quantile_above(TAIL, e->df);
    *lo = e->loss - e->error * fmax(q, hall_inverse(e, q));
    *hi = e->loss - e->error * fmin(-q, hall_inverse(e, -q));
    const double t = e->error > 0.0 ? e->loss / e->error : e->loss == 0.0 ? 0.0 : copysign(INFINITY, e->loss);
    const double bent = isinf(t) ? t : hall(e, t);
    *p_worse = gb_student_above(fmin(t, bent), e->df);
    *p_better = gb_student_above(-fmax(t, bent), e->df);
}

/* The end of the interval on the bad side, as a loss. */
static double worst_loss(const gb_decision *d)
{
    return d->effect.better == GB_BETTER_HIGHER ? -d->lo : d->hi;
}

static double mean_loss(const gb_decision *d)
{
    return d->effect.better == GB_BETTER_HIGHER ? -d->difference : d->difference;
}

/* Would `shots` decide four times out of five, each as spread as those seen? `alpha` of the test for worse. */
static bool would_decide(const gb_decision *d, int shots, double alpha)
{
    const double df = shots - 1.0, error = d->error * sqrt(d->shots / (double)shots);
    const double chance = gb_student_quantile_above(MISSED, df), bad = mean_loss(d);
    if (bad + error * (gb_student_quantile_above(TAIL, df) + chance) < d->effect.least) return true;
    return shots >= GB_DECIDE_LEAST_TESTED && bad > error * (gb_student_quantile_above(alpha, df) + chance);
}

static int shots_needed(const gb_decision *d, double alpha)
{
    if (d->error == 0.0 && d->shots < GB_DECIDE_LEAST_TESTED) return GB_DECIDE_LEAST_TESTED;
    if (!(d->error > 0.0)) return 0;
    int low = d->shots, high = low;
    while (!would_decide(d, high, alpha)) {
        if (high > MOST_SHOTS) return 0;
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (would_decide(d, middle, alpha))
            high = middle;
        else
            low = middle;
    }
    return high > d->shots ? high : d->shots + 1;
}

/* `worse` and `better`: whether these were shown. `alpha` is the strictest level of the test. */
static void give_verdict(gb_decision *d, bool worse, bool better, double alpha)
{
    const bool tested = d->shots >= GB_DECIDE_LEAST_TESTED;
    d->shots_needed = 0;
    if (d->effect.better == GB_BETTER_UNSAID)
        d->verdict = GB_VERDICT_INFORMATIVE;
    else if (d->exact && d->frames)
        d->verdict = GB_VERDICT_PASS;
    else if (isfinite(d->lo) && worst_loss(d) < d->effect.least)
        d->verdict = better && tested ? GB_VERDICT_BETTER : GB_VERDICT_PASS;
    else if (worse && tested)
        d->verdict = GB_VERDICT_WORSE;
    else {
        d->verdict = GB_VERDICT_UNDECIDED;
        d->shots_needed = shots_needed(d, alpha);
    }
}

static void set_estimate(const estimate *e, gb_decision *d)
{
    double lo, hi;
    conclude(e, &lo, &hi, &d->p_worse, &d->p_better);
    const bool flip = d->effect.better == GB_BETTER_HIGHER;
    d->lo = flip ? -hi : lo;
    d->hi = flip ? -lo : hi;
    d->error = e->error;
}

gb_status gb_decide(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_decision *out, gb_error *err)
{
    GB_TRY(check(pairs, count, effect, err));
    sums *shot = gb_alloc_aligned(2 * count, sizeof *shot), *const after = shot + count, total = {0};
    double *without = gb_alloc_aligned(count, sizeof *without);
    if (!shot || !without) {
        free(shot);
        free(without);
        return gb_fail_memory(err, "decision", count * sizeof *shot);
    }
    const size_t shots = gather(pairs, count, shot);
    for (size_t i = 0; i < shots; i++) add(&total, &shot[i]);
    gb_decision d = {.base = total.base_den > 0.0 ? total.base_num / total.base_den : NAN,
                     .run = total.run_den > 0.0 ? total.run_num / total.run_den : NAN,
                     .lo = NAN, .hi = NAN, .error = NAN, .p_worse = 1.0, .p_better = 1.0, .effect = *effect,
                     .frames = (int)count, .shots = (int)shots};
    estimate e = {.loss = loss(effect, &total)};
    d.difference = effect->better == GB_BETTER_HIGHER ? -e.loss : e.loss;
    d.exact = !isnan(e.loss) && are_equal(pairs, count);
    if (d.exact)
        d.lo = d.hi = d.error = 0.0;
    else if (!isnan(e.loss) && jackknife(shot, shots, effect, after, without, &e))
        set_estimate(&e, &d);
    free(shot);
    free(without);
    give_verdict(&d, d.p_worse <= GB_DECIDE_ALPHA, d.p_better <= GB_DECIDE_ALPHA, GB_DECIDE_ALPHA);
    *out = d;
    return GB_OK;
}

/* ---- Times ---- */

typedef struct timing {
    double value, square, count; /* lower quartile, and its error squared */
} timing;

static gb_status take_times(const double *times, size_t count, timing *out, gb_error *err)
{
    double *sorted = gb_alloc(count, sizeof *sorted);
    if (!sorted) return gb_fail_memory(err, "rounds", count * sizeof *sorted);
    gb_status status = GB_OK;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(times[i]))
            GB_GO(gb_fail(err, GB_E_NUMERIC, "decision: round %zu took e^%g, expected a finite time", i, times[i]));
        sorted[i] = times[i];
    }
    const double quartile = gb_stats_quantile(sorted, count, 0.25), median = gb_stats_quantile(sorted, count, 0.5);
    const double spread = 2.0 * (median - quartile);
    *out = (timing){.value = quartile, .square = spread * spread / (double)count, .count = (double)count};
done:
    free(sorted);
    return status;
}

static bool same_times(const double *base, size_t base_count, const double *run, size_t run_count)
{
    bool same = base_count == run_count && base_count > 0;
    for (size_t i = 0; same && i < base_count; i++) same = base[i] == run[i];
    return same;
}

static void set_times(const timing *base, const timing *run, int timings, gb_decision *d)
{
    const double waver = GB_DECIDE_WAVER * GB_DECIDE_WAVER * (1.0 + 1.0 / timings);
    const double square = base->square + run->square + waver;
    const double df = square * square / (base->square * base->square / (base->count - 1.0) +
                                         run->square * run->square / (run->count - 1.0));
    const estimate e = {.loss = d->difference, .error = sqrt(square), .df = isfinite(df) ? df : 1e9, .shots = d->shots};
    set_estimate(&e, d);
}

gb_status gb_decide_times(const double *base, size_t base_count, const double *run, size_t run_count, int timings,
                          double least, gb_decision *out, gb_error *err)
{
    timing b = {0}, r = {0};
    const size_t fewer = base_count < run_count ? base_count : run_count;
    if (!(least > 0.0) || timings < 1)
        return gb_fail(err, GB_E_ARG, "decision: expected a least slow-down above 0 and timings, found %g and %d",
                       least, timings);
    GB_TRY(take_times(base, base_count, &b, err));
    GB_TRY(take_times(run, run_count, &r, err));
    gb_decision d = {.base = base_count ? b.value : NAN, .run = run_count ? r.value : NAN, .difference = NAN, .lo = NAN,
                     .hi = NAN, .error = NAN, .p_worse = 1.0, .p_better = 1.0, .frames = (int)(base_count + run_count),
                     .shots = (int)fewer, .effect = {.better = GB_BETTER_LOWER, .least = log1p(least)}};
    if (fewer) d.difference = r.value - b.value;
    d.exact = same_times(base, base_count, run, run_count);
    if (d.exact)
        d.lo = d.hi = d.error = 0.0;
    else if (fewer >= GB_DECIDE_LEAST_SHOTS)
        set_times(&b, &r, timings, &d);
    give_verdict(&d, d.p_worse <= GB_DECIDE_ALPHA, d.p_better <= GB_DECIDE_ALPHA, GB_DECIDE_ALPHA);
    *out = d;
    return GB_OK;
}

/* ---- Families ---- */

typedef struct ranked {
    double p;
    size_t row;
} ranked;

static int by_p(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

static bool takes_part(const gb_decision *d)
{
    return d->effect.better != GB_BETTER_UNSAID && d->verdict != GB_VERDICT_MISSING &&
           d->verdict != GB_VERDICT_UNCONFIRMED;
}

/* Holm: the smallest p against alpha / n, the next against alpha / (n - 1), until one is larger. */
static void reject(ranked *order, size_t count, bool *rejected)
{
    qsort(order, count, sizeof *order, by_p);
    for (size_t i = 0; i < count && order[i].p <= GB_DECIDE_ALPHA / (double)(count - i); i++)
        rejected[order[i].row] = true;
}

gb_status gb_decide_family(gb_decision *const *rows, size_t count, gb_error *err)
{
    gb_status status = GB_OK;
    ranked *order = gb_alloc(count, sizeof *order);
    bool *worse = gb_alloc(count, sizeof *worse), *better = gb_alloc(count, sizeof *better);
    if (!order || !worse || !better) {
        status = gb_fail_memory(err, "decisions", count * sizeof *order);
        goto done;
    }
    size_t tested = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(rows[i])) order[tested++] = (ranked){rows[i]->p_worse, i};
    reject(order, tested, worse);
    tested = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(rows[i])) order[tested++] = (ranked){rows[i]->p_better, i};
    reject(order, tested, better);
    for (size_t i = 0; i < count; i++)
        if (takes_part(rows[i])) give_verdict(rows[i], worse[i], better[i], GB_DECIDE_ALPHA / (double)tested);
done:
    free(order);
    free(worse);
    free(better);
    return status;
}
