#include "selftest/chance.h"

#include <math.h>

#include "stats/normal.h"

double gb_chance_normal(gb_random *random)
{
    const double u = (double)(gb_random_next(random) >> 12) + 0.5; /* never 0 or 1 */
    return fmin(fmax(gb_normal_quantile(u / 4503599627370496.0), -3.0), 3.0);
}

uint64_t gb_chance_seed(const char *name, uint64_t a, uint64_t b)
{
    return gb_random_mix(gb_random_mix(gb_random_hash(name) + a) + b);
}
