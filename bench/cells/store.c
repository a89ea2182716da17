#include "cells/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gb_cell_store_free(gb_cell_store *store)
{
    gb_cell_folder_close(store->folder);
    for (int i = 0; store->part && i < store->parts; i++) gb_cell_folder_close(store->part[i]);
    free(store->part);
    gb_cell_cache_close(store->cache);
    free(store->engine);
    *store = (gb_cell_store){0};
}

gb_status gb_cell_store_load(gb_cell_store *store, const gb_cell_folder *folder, const char *name, gb_kept *out,
                             gb_error *err)
{
    size_t at = 0;
    gb_block block;
    gb_kept kept = {0};
    const gb_status status = gb_cell_folder_read(folder, name, &kept.data, &kept.size, err);
    *out = (gb_kept){0};
    if (status == GB_E_NOT_FOUND) return GB_OK;
    if (status != GB_OK) return status;
    *out = kept;
    while (gb_block_next(kept.data, kept.size, &at, &block)) continue;
    if (at != kept.size) {
        out->damaged = true;
        store->damaged++;
        if (!store->parts)
            fprintf(stderr, "%s/%s.cell: damaged at byte %zu of %zu: what lies behind is computed again\n",
                    gb_cell_folder_path(folder), name, at, kept.size);
    }
    out->size = at;
    return GB_OK;
}

bool gb_kept_find(const gb_kept *kept, const gb_cell_key *key, bool any_engine, gb_block *out)
{
    size_t at = 0;
    while (gb_block_next(kept->data, kept->size, &at, out))
        if (!strcmp(out->key.what, key->what) && (any_engine || !strcmp(out->key.engine, key->engine))) return true;
    return false;
}

void gb_kept_free(gb_kept *kept)
{
    free(kept->data);
    *kept = (gb_kept){0};
}
