/* Seeded choices and the few periodic functions that drawings are made of: plain arithmetic only, so that every machine
 * draws the same pixels (sin of the C library differs in its last bits from one to another). */
#ifndef GB_TOON_CHANCE_H
#define GB_TOON_CHANCE_H

#include <stdbool.h>

#include "core/random.h"

/* The numbers of thing `index` of the kind `tag` in the set drawn from `seed`: the same at every call. */
gb_random gb_chance_cell(uint64_t seed, const char *tag, int index);

double gb_chance_between(gb_random *random, double low, double high);
int gb_chance_pick(gb_random *random, int count); /* [0, count) */
bool gb_chance_one_in(gb_random *random, int count);

/* sin and cos of `turns` full turns, within 4e-6. */
double gb_wave_sin(double turns);
double gb_wave_cos(double turns);

/* Value noise in [-1, 1], smooth, one knot per unit of x. */
double gb_chance_noise(uint64_t seed, double x);

#endif
