#include "stats/contrast.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"

#define TAIL 0.025 /* on each side of a 95 % interval */

static double ratio(const gb_stratum *stratum)
{
    double num = 0.0, den = 0.0;
    for (size_t i = 0; i < stratum->count; i++) {
        num += stratum->clusters[i].num;
        den += stratum->clusters[i].den;
    }
    return den > 0.0 ? num / den : NAN;
}

static double drawn_ratio(const gb_stratum *stratum, gb_random *random)
{
    double num = 0.0, den = 0.0;
    for (size_t i = 0; i < stratum->count; i++) {
        const gb_cluster *const cluster = &stratum->clusters[gb_random_below(random, stratum->count)];
        num += cluster->num;
        den += cluster->den;
    }
    return den > 0.0 ? num / den : NAN;
}

static size_t measured(const gb_stratum *stratum)
{
    size_t count = 0;
    for (size_t i = 0; i < stratum->count; i++) count += stratum->clusters[i].den > 0.0;
    return count;
}

static gb_status check(const gb_stratum *strata, size_t count, int draws, gb_error *err)
{
    if (draws < 1) return gb_fail(err, GB_E_ARG, "contrast: at least 1 resample is needed, got %d", draws);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < strata[s].count; i++) {
            const gb_cluster *const cluster = &strata[s].clusters[i];
            if (!isfinite(cluster->num) || !isfinite(cluster->den) || cluster->den < 0.0)
                return gb_fail(err, GB_E_NUMERIC,
                               "contrast: shot %zu of %zu has the sums %g / %g, expected finite ones", i, s,
                               cluster->num, cluster->den);
        }
    return GB_OK;
}

gb_status gb_stats_contrast(const gb_stratum *strata, size_t count, int draws, uint64_t seed, gb_interval *out,
                            gb_error *err)
{
    GB_TRY(check(strata, count, draws, err));
    gb_interval interval = {.mean = 0.0, .lo = NAN, .hi = NAN};
    bool enough = count > 0;
    for (size_t s = 0; s < count; s++) {
        interval.mean += strata[s].weight * ratio(&strata[s]);
        enough = enough && measured(&strata[s]) > 1;
    }
    if (!enough) {
        *out = interval;
        return GB_OK;
    }
    double *sums = gb_alloc((size_t)draws, sizeof *sums);
    if (!sums) return gb_fail_memory(err, "contrast", (size_t)draws * sizeof *sums);
    gb_random random = {.state = seed};
    size_t kept = 0;
    for (int draw = 0; draw < draws; draw++) {
        double sum = 0.0;
        for (size_t s = 0; s < count; s++) sum += strata[s].weight * drawn_ratio(&strata[s], &random);
        if (!isnan(sum)) sums[kept++] = sum;
    }
    interval.lo = gb_stats_quantile(sums, kept, TAIL);
    interval.hi = gb_stats_quantile(sums, kept, 1.0 - TAIL);
    free(sums);
    *out = interval;
    return GB_OK;
}
