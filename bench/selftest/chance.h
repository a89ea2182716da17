/* Seeded chance for the self-test, the same on every machine. */
#ifndef GB_SELFTEST_CHANCE_H
#define GB_SELFTEST_CHANCE_H

#include "core/random.h"

/* A standard normal number, cut at 3. */
double gb_chance_normal(gb_random *random);

/* A seed of its own for each (name, a, b). */
uint64_t gb_chance_seed(const char *name, uint64_t a, uint64_t b);

#endif
