#include "evaluate/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/cut.h"
#include "evaluate/key.h"

/* Adds one part of s->building to the cell's file and, where it may be shared, to the cache. */
static gb_status keep_part(evaluation_state *s, int c, const cell_place *cell, gb_buffer *file, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    gb_buffer bytes;
    gb_block block = {.failed = c < s->contenders && gb_cell_failed(&s->building, c)};
    gb_status status = GB_OK;
    gb_error ignored; /* a cache that cannot be written to costs time, no result */
    gb_buffer_init(&bytes, GB_BLOCK_FILE_MAX);
    GB_GO(gb_evaluate_key(s, c, cell, &block.key, err));
    memcpy(block.frames, cell->frames, sizeof block.frames);
    GB_GO(gb_cell_encode(&s->building, c, &bytes, err));
    block.bytes = bytes.data;
    block.size = bytes.size;
    GB_GO(gb_block_append(file, &block, err));
    const bool shared = store->cache && gb_evaluate_is_known(s, c) && !block.failed;
    if (shared && gb_cell_cache_put(store->cache, &block, &ignored) != GB_OK && !store->quiet)
        fprintf(stderr, "cache: %s\n", ignored.text);
done:
    gb_buffer_free(&bytes);
    return status;
}

gb_status gb_evaluate_keep(evaluation_state *s, int index, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    const cell_place *cell = &s->cell[index];
    const bool *need = &s->need[index * s->contenders];
    char name[GB_FRAME_NAME];
    gb_kept kept = {0};
    gb_buffer file;
    gb_status status = GB_OK;
    if (!store) return GB_OK;
    gb_buffer_init(&file, GB_BLOCK_FILE_MAX);
    gb_evaluate_cell_name(s, cell, name);
    /* The survey left only blocks that count. */
    GB_GO(gb_cell_store_load(store, store->folder, name, &kept, err));
    if (kept.size) gb_buffer_append(&file, kept.data, kept.size);
    for (int c = 0; c <= s->contenders; c++)
        if (c == s->contenders || need[c]) GB_GO(keep_part(s, c, cell, &file, err));
    GB_GO(gb_cell_folder_write(store->folder, name, file.data, file.size, err));
    store->computed++;
done:
    gb_kept_free(&kept);
    gb_buffer_free(&file);
    return status;
}

/* The folder that has the cell, whose name is set; NULL: it is in a part that is missing. */
static const gb_cell_folder *folder_of(const evaluation_state *s, int index)
{
    const gb_cell_store *store = s->e->store;
    if (!store->parts) return store->folder;
    for (int k = 0; k < store->parts; k++)
        if (index < (int)((long)s->cells * (k + 1) / store->parts)) return store->part[k];
    return NULL;
}

static void fail_frames(evaluation_state *s, int c, const cell_place *cell, const char *why)
{
    for (int f = 0; f < cell->count; f++) {
        gb_frame_outcome *outcome = gb_cell_at(&s->building, c, f);
        outcome->status = GB_E_NOT_FOUND;
        outcome->pair_status = GB_OK;
        snprintf(outcome->why, sizeof outcome->why, "%.255s", why);
    }
}

/* A file that is damaged or missing is another matter than one that belongs to another run. */
static gb_status not_found(const evaluation_state *s, int c, const gb_kept *kept, const char *what, gb_error *err)
{
    const char *id = c < s->contenders ? s->e->contenders->item[c].id : "the truth";
    if (kept->damaged) return gb_fail(err, GB_E_FORMAT, "%s: expected the scores of %s, found damage", what, id);
    if (!kept->size) return gb_fail(err, GB_E_NOT_FOUND, "%s: expected the scores of %s, found no file", what, id);
    return gb_fail(err, GB_E_UNLIKE, "%s: expected the scores of %s, found none with the same program, weights, "
                   "protocol and frames", what, id);
}

static gb_status read_part(evaluation_state *s, int c, const cell_place *cell, const gb_kept *kept, const char *what,
                           gb_error *err)
{
    gb_cell_key key;
    gb_block block;
    GB_TRY(gb_evaluate_key(s, c, cell, &key, err));
    const bool found = gb_kept_find(kept, &key, s->e->store->parts > 0 || s->e->store->trusted, &block);
    if (!found) return not_found(s, c, kept, what, err);
    return gb_cell_decode(&s->building, c, block.bytes, block.size, what, err);
}

gb_status gb_evaluate_read_kept(evaluation_state *s, int index, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    cell_place *cell = &s->cell[index];
    const bool *need = &s->need[index * s->contenders];
    const bool merging = store && store->parts > 0, computed = s->building.frames > 0;
    char name[GB_FRAME_NAME], what[4200];
    gb_kept kept = {0};
    gb_status status = GB_OK;
    if (!store) return GB_OK;
    const gb_cell_folder *folder = folder_of(s, index);
    gb_evaluate_cell_name(s, cell, name);
    if (folder) {
        snprintf(what, sizeof what, "%.4000s/%s.cell", gb_cell_folder_path(folder), name);
        GB_GO(gb_cell_store_load(store, folder, name, &kept, err));
        if (merging) gb_evaluate_take_frames(&kept, cell);
        if (!computed) GB_GO(read_part(s, s->contenders, cell, &kept, what, err));
    }
    for (int c = 0; c < s->contenders; c++) {
        if (!gb_evaluate_takes_part(s, c) || (computed && need[c])) continue;
        if (folder)
            GB_GO(read_part(s, c, cell, &kept, what, err));
        else
            fail_frames(s, c, cell, "its part of the run is missing");
    }
    s->building.frames = cell->count;
done:
    gb_kept_free(&kept);
    return status;
}
