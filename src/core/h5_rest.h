/* What is left of a piece of HDF5 metadata, read from its beginning; numbers are little-endian. */
#ifndef GB_CORE_H5_REST_H
#define GB_CORE_H5_REST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gb_h5_rest {
    const uint8_t *at;
    size_t size;
    bool short_of; /* it asked for more than there is; from then on there are zeros */
} gb_h5_rest;

void gb_h5_skip(gb_h5_rest *rest, uint64_t bytes);
uint64_t gb_h5_take(gb_h5_rest *rest, int bytes);
/* The next `size` bytes by themselves, then `rest` is behind them, or behind their padding to a multiple of eight. */
gb_h5_rest gb_h5_piece(gb_h5_rest *rest, uint64_t size, bool padded);
/* Skips a text with its zero, and its padding to a multiple of eight; a text without an end is all that is left. */
void gb_h5_skip_text(gb_h5_rest *rest, bool padded);

/* Of a block that is long enough. */
uint64_t gb_h5_number(const uint8_t *at, int bytes);

#endif
