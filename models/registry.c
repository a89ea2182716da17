#include <string.h>

#include "models/generator.h"

/* The order of tables: baselines, then the study's models in its own order. */
#define GENERATORS(each) \
    each(black)          \
    each(edge)           \
    each(mirror)         \
    each(blur)           \
    each(ce)             \
    each(glcic)          \
    each(fourier_lite)   \
    each(lama_fourier)   \
    each(big_lama)

#define DECLARE(name) extern const gb_generator gb_generator_##name;
GENERATORS(DECLARE)

#define POINTER(name) &gb_generator_##name,
static const gb_generator *const generators[] = {GENERATORS(POINTER)};

const gb_generator *const *gb_generators(size_t *count)
{
    *count = sizeof generators / sizeof generators[0];
    return generators;
}

const gb_generator *gb_generator_find(const char *id)
{
    for (size_t i = 0; i < sizeof generators / sizeof generators[0]; i++)
        if (!strcmp(generators[i]->id, id)) return generators[i];
    return NULL;
}
