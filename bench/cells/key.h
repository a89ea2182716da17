/* What a generator's scores on a few frames are keyed by: everything that a number depends on. Two cells with the same
 * key hold the same numbers; whatever changes a number changes the key. */
#ifndef GB_CELLS_KEY_H
#define GB_CELLS_KEY_H

#include "core/sha256.h"

typedef struct gb_cell_key {
    char what[GB_SHA256_HEX];   /* of all that the numbers are about */
    char engine[GB_SHA256_HEX]; /* of what computed them: last digits may depend on it */
} gb_cell_key;

/* Texts that say it; none is NULL. */
typedef struct gb_key_parts {
    const char *numerics;  /* the program's code that numbers come from: gb_numerics_code */
    const char *protocol;  /* gb_protocol_describe with its metrics, their recipes and weights; geometry */
    const char *generator; /* which, its weights, how it is run; "truth" for the truth's own movement */
    const char *frames;    /* sha256 over truth, input and flow of the frames, and of those that they follow */
    const char *engine;    /* device, library and precision: gb_numerics_engine */
} gb_key_parts;

gb_status gb_cell_key_make(const gb_key_parts *parts, gb_cell_key *out, gb_error *err) GB_MUST_CHECK;

#endif
