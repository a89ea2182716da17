#include "datasets/toon/chance.h"

#include <math.h>

gb_random gb_chance_cell(uint64_t seed, const char *tag, int index)
{
    const uint64_t kind = gb_random_hash(tag), number = (uint64_t)(int64_t)index;
    return (gb_random){gb_random_mix(seed ^ gb_random_mix(kind + 0x9E3779B97F4A7C15ull * (number + 1)))};
}

double gb_chance_between(gb_random *random, double low, double high)
{
    return low + (high - low) * gb_random_uniform(random);
}

int gb_chance_pick(gb_random *random, int count)
{
    return (int)gb_random_below(random, (uint64_t)count);
}

bool gb_chance_one_in(gb_random *random, int count)
{
    return gb_random_below(random, (uint64_t)count) == 0;
}

double gb_wave_sin(double turns)
{
    double t = turns - floor(turns + 0.5); /* [-1/2, 1/2) */
    if (t > 0.25) t = 0.5 - t;
    if (t < -0.25) t = -0.5 - t;
    const double a = t * 6.283185307179586, s = a * a;
    return a * (1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0))));
}

double gb_wave_cos(double turns)
{
    return gb_wave_sin(turns + 0.25);
}

static double knot(uint64_t seed, double at)
{
    return (double)(gb_random_mix(seed + (uint64_t)(int64_t)at * 0xD1B54A32D192ED03ull) >> 40) * 0x1p-23 - 1.0;
}

double gb_chance_noise(uint64_t seed, double x)
{
    const double from = floor(x), t = x - from, ease = t * t * (3.0 - 2.0 * t);
    return knot(seed, from) * (1.0 - ease) + knot(seed, from + 1.0) * ease;
}
