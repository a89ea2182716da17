/* Statistics of samples and of shots. */
#ifndef GB_STATS_STATS_H
#define GB_STATS_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

/* The p-quantile (0..1) of unsorted values by linear interpolation (type 7, as numpy); NaN when count is 0.
 * Changes the order of `values`, which have no NaN among them. */
double gb_stats_quantile(double *values, size_t count, double p);

/* Sums of one shot: its frames' numerators and denominators. */
typedef struct gb_cluster {
    double num, den;
} gb_cluster;

typedef struct gb_interval {
    double mean, lo, hi; /* lo and hi are NaN with fewer than two shots */
} gb_interval;

/* sum(num) / sum(den) with its 95 % interval by bootstrap over shots (Efron 1987, BCa), `draws` resamples, seeded:
 * the same numbers on every machine. A shot whose sums are both 0 measured nothing and is left out. mean is NaN when
 * the denominators sum to 0; resamples of which that is true are left out. Sums that are not finite and negative
 * denominators are GB_E_NUMERIC, `draws` below 1 is GB_E_ARG. */
gb_status gb_stats_bootstrap(const gb_cluster *clusters, size_t count, int draws, uint64_t seed, gb_interval *out,
                             gb_error *err) GB_MUST_CHECK;

#endif
