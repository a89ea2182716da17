#include <math.h>

#include "stats/stats.h"

/* Hoare's FIND (CACM 4, 1961): afterwards values[k] is the one that sorting would put there, none before it is larger,
 * none after it smaller. */
static void select_value(double *values, size_t count, size_t k)
{
    ptrdiff_t from = 0, to = (ptrdiff_t)count - 1;
    while (from < to) {
        const double pivot = values[k];
        ptrdiff_t i = from, j = to;
        do {
            while (values[i] < pivot) i++;
            while (pivot < values[j]) j--;
            if (i > j) break;
            const double value = values[i];
            values[i++] = values[j];
            values[j--] = value;
        } while (i <= j);
        if (j < (ptrdiff_t)k) from = i;
        if (i > (ptrdiff_t)k) to = j;
    }
}

double gb_stats_quantile(double *values, size_t count, double p)
{
    if (count == 0 || isnan(p)) return NAN;
    const double at = fmin(fmax(p, 0.0), 1.0) * (double)(count - 1);
    const size_t below = (size_t)at;
    const double part = at - (double)below;
    select_value(values, count, below);
    if (part == 0.0) return values[below]; /* also keeps an infinite neighbour out */
    double next = values[below + 1];
    for (size_t i = below + 2; i < count; i++) next = fmin(next, values[i]);
    return values[below] + part * (next - values[below]);
}
