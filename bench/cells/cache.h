/* The cache of cells that runs share: <cache>/cells/, one file a block, named by its key. Off unless asked for: a
 * benchmark measures. Any number of processes may use it at once: a file appears whole, what its checksum does not
 * vouch for is not there, and a file that someone else removed is only a miss. */
#ifndef GB_CELLS_CACHE_H
#define GB_CELLS_CACHE_H

#include "cells/block.h"

typedef struct gb_cell_cache gb_cell_cache;

/* `max_bytes`: what gb_cell_cache_trim leaves at most. */
gb_status gb_cell_cache_open(unsigned long long max_bytes, gb_cell_cache **out, gb_error *err) GB_MUST_CHECK;
void gb_cell_cache_close(gb_cell_cache *cache); /* NULL is fine */
const char *gb_cell_cache_path(const gb_cell_cache *cache);

/* The block with this key into `*data` (which the caller frees; `out` borrows from it); false when there is none.
 * `*damaged` becomes true when there is a file that is no such block. */
bool gb_cell_cache_get(const gb_cell_cache *cache, const gb_cell_key *key, char **data, gb_block *out, bool *damaged);
gb_status gb_cell_cache_put(const gb_cell_cache *cache, const gb_block *block, gb_error *err) GB_MUST_CHECK;

typedef struct gb_cell_cache_size {
    unsigned long long files, bytes;
} gb_cell_cache_size;
gb_status gb_cell_cache_measure(const gb_cell_cache *cache, gb_cell_cache_size *out, gb_error *err) GB_MUST_CHECK;

/* Removes what was used longest ago until nine tenths of the bound are left, if it is more than the bound. */
gb_status gb_cell_cache_trim(const gb_cell_cache *cache, gb_error *err) GB_MUST_CHECK;
gb_status gb_cell_cache_clear(const gb_cell_cache *cache, gb_cell_cache_size *removed, gb_error *err) GB_MUST_CHECK;

#endif
