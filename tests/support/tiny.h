/* The tiny nets of golden/tiny_nets.h and their weights, for tests that need some net that works. */
#ifndef GB_TESTS_TINY_H
#define GB_TESTS_TINY_H

#include "support/formula.h"

/* By its prefix, "tiny/lama"; an unknown one ends the test program. */
const tiny_net *tiny_find(const char *prefix);

/* Its weights, to be freed. `seed`: other weights for the same tensors; NULL: its own. */
gb_weights *tiny_weights(const tiny_net *tiny, const char *seed);

/* The same as a safetensors file. */
gb_status tiny_write(const char *prefix, const char *seed, const char *path, gb_error *err) GB_MUST_CHECK;

#endif
