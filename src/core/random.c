#include "core/random.h"

#define GOLDEN_GAMMA 0x9E3779B97F4A7C15ull

uint64_t gb_random_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

uint64_t gb_random_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3ull;
    return hash;
}

uint64_t gb_random_next(gb_random *random)
{
    random->state += GOLDEN_GAMMA;
    return gb_random_mix(random->state);
}

double gb_random_uniform(gb_random *random)
{
    return (double)(gb_random_next(random) >> 11) * 0x1p-53;
}

uint64_t gb_random_below(gb_random *random, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)gb_random_next(random) * n) >> 64);
}

float gb_random_weight(uint64_t key_hash, uint64_t i, double a, double b)
{
    const double u = (double)(gb_random_mix(key_hash + (i + 1) * GOLDEN_GAMMA) >> 40) * 0x1p-24;
    return (float)(b + a * (2.0 * u - 1.0));
}
