/* A block: one generator's part of a cell (or the truth's) as it lies on disk, with what it is keyed by and a checksum
 * over everything. A file is blocks one after the other; what a checksum does not vouch for does not exist. */
#ifndef GB_CELLS_BLOCK_H
#define GB_CELLS_BLOCK_H

#include <stdbool.h>

#include "cells/key.h"
#include "core/buffer.h"

#define GB_BLOCK_FILE_MAX ((size_t)256 << 20)

typedef struct gb_block {
    gb_cell_key key;
    char frames[GB_SHA256_HEX]; /* of the frames that it was computed from, as gb_key_parts.frames */
    bool failed;                /* some frame failed: worth another try */
    const void *bytes;          /* gb_cell_encode; borrowed */
    size_t size;
} gb_block;

gb_status gb_block_append(gb_buffer *out, const gb_block *block, gb_error *err) GB_MUST_CHECK;

/* The block at *at of `data`, moving *at past it; false at the end, and at anything that is no whole block: *at is then
 * not `size`. */
bool gb_block_next(const char *data, size_t size, size_t *at, gb_block *out);

#endif
