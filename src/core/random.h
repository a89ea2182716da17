/* Seeded numbers, the same on every machine: splitmix64 (Steele, Lea & Flood 2014) and FNV-1a 64. */
#ifndef GB_CORE_RANDOM_H
#define GB_CORE_RANDOM_H

#include <stdint.h>

typedef struct gb_random {
    uint64_t state;
} gb_random;

uint64_t gb_random_mix(uint64_t x);                    /* splitmix64's finalizer */
uint64_t gb_random_hash(const char *text);             /* FNV-1a 64 of the bytes */
uint64_t gb_random_next(gb_random *random);            /* uniform over 64 bits */
double gb_random_uniform(gb_random *random);           /* [0, 1), 53 bits */
uint64_t gb_random_below(gb_random *random, uint64_t n); /* [0, n), n > 0; bias below n / 2^64 */

/* Element i of the tensor called `key`: b + a * (2u - 1) in double, rounded to float; u has 24 bits.
 * The formula of the golden nets' weights: u = (mix(hash(key) + (i + 1) * golden) >> 40) / 2^24. */
float gb_random_weight(uint64_t key_hash, uint64_t i, double a, double b);

#endif
