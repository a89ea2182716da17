/* Where a run's finished cells are kept and looked for: its own folder, the folders of the parts that are merged, and
 * the shared cache where the user asked for it. */
#ifndef GB_CELLS_STORE_H
#define GB_CELLS_STORE_H

#include "cells/cache.h"
#include "cells/folder.h"
#include "cells/team.h"

typedef struct gb_cell_store {
    gb_cell_folder *folder;      /* owned; of the run itself */
    gb_cell_folder **part;       /* owned; of each part to merge, NULL for one that is missing; cells come from there
                                  * alone then, and nothing is computed */
    int parts;
    gb_cell_cache *cache;        /* owned; NULL: off */
    char *engine;                /* owned: gb_key_parts.engine */
    const char *precision, *score_precision; /* as the protocol's description has them; borrowed */
    gb_team *team;               /* borrowed; NULL: this process is alone */
    bool helping;                /* computes with the team; another process adds up */
    bool trusted;                /* the team has looked at every cell: what is there counts, whatever its engine */
    bool take_foreign;           /* trust what generators outside the program gave before: the user said to go on */
    bool quiet;
    int shard, shards;           /* this run's part, 1..shards; 0: it is whole */
    long computed, found, cached, damaged; /* cells; the last: files that were no whole cell */
} gb_cell_store;

void gb_cell_store_free(gb_cell_store *store);

/* A file of blocks, read whole. */
typedef struct gb_kept {
    char *data;
    size_t size;
    bool damaged; /* there was more than that */
} gb_kept;

/* Those of one cell. None is no error; damage is counted and, unless parts are merged, said on
 * stderr; what is whole before it is kept. */
gb_status gb_cell_store_load(gb_cell_store *store, const gb_cell_folder *folder, const char *name, gb_kept *out,
                             gb_error *err) GB_MUST_CHECK;
/* The block with this key, whatever the engine where `any_engine`. */
bool gb_kept_find(const gb_kept *kept, const gb_cell_key *key, bool any_engine, gb_block *out);
void gb_kept_free(gb_kept *kept);

#endif
