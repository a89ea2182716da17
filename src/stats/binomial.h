/* How sure a measured rate is. */
#ifndef GB_STATS_BINOMIAL_H
#define GB_STATS_BINOMIAL_H

#include "core/status.h"

typedef struct gb_rate {
    double rate, lo, hi;
} gb_rate;

/* `hits` of `trials` with the 95 % interval of Clopper & Pearson (Biometrika 26, 1934): each bound is the rate at which
 * so extreme a count has a chance of 2.5 %. GB_E_ARG unless 0 <= hits <= trials, 0 < trials <= 10^6. */
gb_status gb_stats_rate(long hits, long trials, gb_rate *out, gb_error *err) GB_MUST_CHECK;

#endif
