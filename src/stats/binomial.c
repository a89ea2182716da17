#include "stats/binomial.h"

#include <math.h>

#define TAIL 0.025

/* P(at least `hits` of `trials`) when each has chance p, 0 < p < 1. */
static double at_least(long hits, long trials, double p)
{
    if (hits <= 0) return 1.0;
    double log_term = 0.0;
    for (long i = 1; i <= hits; i++) log_term += log((double)(trials - hits + i) / (double)i);
    log_term += (double)hits * log(p) + (double)(trials - hits) * log1p(-p);
    double sum = 0.0, step = log_term;
    for (long k = hits; k <= trials; k++) {
        sum += exp(step);
        step += log((double)(trials - k) / (double)(k + 1)) + log(p) - log1p(-p);
    }
    return fmin(sum, 1.0);
}

/* The rate at which at_least(hits) is `chance`; it grows with the rate. */
static double solve(long hits, long trials, double chance)
{
    double below = 0.0, above = 1.0;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (below + above);
        if (at_least(hits, trials, middle) < chance) below = middle;
        else above = middle;
    }
    return 0.5 * (below + above);
}

gb_status gb_stats_rate(long hits, long trials, gb_rate *out, gb_error *err)
{
    if (trials < 1 || trials > 1000000 || hits < 0 || hits > trials)
        return gb_fail(err, GB_E_ARG, "a rate: expected 0 to n hits of 1 to 10^6 trials, found %ld of %ld", hits,
                       trials);
    *out = (gb_rate){.rate = (double)hits / (double)trials,
                     .lo = hits == 0 ? 0.0 : solve(hits, trials, TAIL),
                     .hi = hits == trials ? 1.0 : solve(hits + 1, trials, 1.0 - TAIL)};
    return GB_OK;
}
