/* Bias-corrected and accelerated bootstrap: Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987). */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/normal.h"
#include "stats/stats.h"

#define TAIL 0.025 /* on each side of a 95 % interval */

static double ratio_of_sums(const gb_cluster *clusters, size_t count)
{
    double num = 0.0, den = 0.0;
    for (size_t i = 0; i < count; i++) {
        num += clusters[i].num;
        den += clusters[i].den;
    }
    return den > 0.0 ? num / den : NAN;
}

/* Resampled ratios into `ratios`; returns how many have a value (a resample whose denominators sum to 0 has none). */
static size_t resample(const gb_cluster *clusters, size_t count, size_t draws, uint64_t seed, double *ratios)
{
    gb_random random = {.state = seed};
    size_t kept = 0;
    for (size_t draw = 0; draw < draws; draw++) {
        double num = 0.0, den = 0.0;
        for (size_t i = 0; i < count; i++) {
            const gb_cluster *const cluster = &clusters[gb_random_below(&random, count)];
            num += cluster->num;
            den += cluster->den;
        }
        if (den > 0.0) ratios[kept++] = num / den;
    }
    return kept;
}

/* z0: how far the estimate is from the median of its resamples; ties count half. */
static double bias_correction(const double *ratios, size_t count, double estimate)
{
    double below = 0.0;
    for (size_t i = 0; i < count; i++) below += ratios[i] < estimate ? 1.0 : ratios[i] == estimate ? 0.5 : 0.0;
    const double share = below / (double)count, least = 0.5 / (double)count;
    return gb_normal_quantile(fmin(fmax(share, least), 1.0 - least));
}

/* The ratio with cluster `without` left out; added up anew, since subtracting would leave rounding errors. */
static double leave_out(const gb_cluster *clusters, size_t count, size_t without)
{
    double num = 0.0, den = 0.0;
    for (size_t i = 0; i < count; i++)
        if (i != without) {
            num += clusters[i].num;
            den += clusters[i].den;
        }
    return den > 0.0 ? num / den : NAN;
}

/* a: skewness of the jackknife values over 6. Values that do not exist are left out of it. `values` holds `count`. */
static double acceleration(const gb_cluster *clusters, size_t count, double *values)
{
    double sum = 0.0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const double value = leave_out(clusters, count, i);
        if (isnan(value)) continue;
        values[kept++] = value;
        sum += value;
    }
    if (kept == 0) return 0.0;
    const double mean = sum / (double)kept;
    double square = 0.0, cube = 0.0;
    for (size_t i = 0; i < kept; i++) {
        const double d = mean - values[i];
        square += d * d;
        cube += d * d * d;
    }
    return square > 0.0 ? cube / (6.0 * square * sqrt(square)) : 0.0;
}

/* Which quantile of the resamples is the bound for normal quantile `z`. */
static double adjusted(double z0, double a, double z)
{
    const double shifted = z0 + z, scale = 1.0 - a * shifted;
    if (scale <= 0.0) return shifted > 0.0 ? 1.0 : 0.0; /* past the formula's pole: the end that it runs to */
    return gb_normal_cdf(z0 + shifted / scale);
}

static gb_status check(const gb_cluster *clusters, size_t count, int draws, gb_error *err)
{
    if (draws < 1) return gb_fail(err, GB_E_ARG, "bootstrap: at least 1 resample is needed, got %d", draws);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(clusters[i].num) || !isfinite(clusters[i].den) || clusters[i].den < 0.0)
            return gb_fail(err, GB_E_NUMERIC, "bootstrap: shot %zu has the sums %g / %g, expected finite ones", i,
                           clusters[i].num, clusters[i].den);
    return GB_OK;
}

/* The interval around `out->mean`; `count` > 1 shots. */
static gb_status find_bounds(const gb_cluster *clusters, size_t count, size_t draws, uint64_t seed, gb_interval *out,
                             gb_error *err)
{
    gb_status status = GB_OK;
    double *ratios = gb_alloc_aligned(draws, sizeof *ratios);
    double *values = gb_alloc_aligned(count, sizeof *values);
    if (!ratios || !values) {
        status = gb_fail_memory(err, "bootstrap", (draws + count) * sizeof *ratios);
        goto done;
    }
    const size_t kept = resample(clusters, count, draws, seed, ratios);
    if (kept > 0) {
        const double z = gb_normal_quantile(1.0 - TAIL);
        const double z0 = bias_correction(ratios, kept, out->mean), a = acceleration(clusters, count, values);
        out->lo = gb_stats_quantile(ratios, kept, adjusted(z0, a, -z));
        out->hi = gb_stats_quantile(ratios, kept, adjusted(z0, a, z));
    }
done:
    free(ratios);
    free(values);
    return status;
}

gb_status gb_stats_bootstrap(const gb_cluster *clusters, size_t count, int draws, uint64_t seed, gb_interval *out,
                             gb_error *err)
{
    GB_TRY(check(clusters, count, draws, err));
    gb_cluster *measured = gb_alloc_aligned(count, sizeof *measured);
    if (!measured) return gb_fail_memory(err, "bootstrap", count * sizeof *measured);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (clusters[i].num != 0.0 || clusters[i].den != 0.0) measured[kept++] = clusters[i];
    gb_interval interval = {.mean = ratio_of_sums(measured, kept), .lo = NAN, .hi = NAN};
    gb_status status = GB_OK;
    if (kept > 1 && !isnan(interval.mean))
        status = find_bounds(measured, kept, (size_t)draws, seed, &interval, err);
    if (status == GB_OK) *out = interval;
    free(measured);
    return status;
}
