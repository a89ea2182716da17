/* A weighted sum of means that come from different datasets, as "outside the domain minus inside". */
#ifndef GB_STATS_CONTRAST_H
#define GB_STATS_CONTRAST_H

#include "stats/stats.h"

typedef struct gb_stratum {
    const gb_cluster *clusters; /* its shots */
    size_t count;
    double weight;
} gb_stratum;

/* sum over strata of weight * (sum(num) / sum(den)) with its 95 % interval: shots are drawn anew within each stratum,
 * `draws` times, seeded; lo and hi are the 2.5 % and 97.5 % quantiles (Efron & Tibshirani, "An Introduction to the
 * Bootstrap", 1993, 8.3 and 13.3). Both are NaN when a stratum has fewer than two shots that measured anything; mean
 * is NaN when one has none. Sums that are not finite and negative denominators are GB_E_NUMERIC, `draws` below 1 is
 * GB_E_ARG. */
gb_status gb_stats_contrast(const gb_stratum *strata, size_t count, int draws, uint64_t seed, gb_interval *out,
                            gb_error *err) GB_MUST_CHECK;

#endif
