#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/stats.h"

static int ascending(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static bool is_sorted(const double *values, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (values[i - 1] > values[i]) return false;
    return true;
}

double gb_stats_quantile(double *values, size_t count, double p)
{
    if (count == 0 || isnan(p)) return NAN;
    if (!is_sorted(values, count)) qsort(values, count, sizeof *values, ascending); /* by an earlier call, often */
    const double at = fmin(fmax(p, 0.0), 1.0) * (double)(count - 1);
    const size_t below = (size_t)at;
    const double part = at - (double)below;
    if (part == 0.0) return values[below]; /* also keeps an infinite neighbour out */
    return values[below] + part * (values[below + 1] - values[below]);
}
