#include "evaluate/cut.h"

#include <stdlib.h>

#include "core/memory.h"

/* A cell ends where a shot's run of frames does; with batch statistics, after whole batches, whatever they show.
 * Returns how many there are; `out` has room for as many as there are picks. */
static int cut(const gb_picks *picks, const gb_protocol *protocol, cell_place *out)
{
    const bool batches = protocol->batch_stats;
    const int most = batches ? CELL_FRAMES / protocol->stat_batch * protocol->stat_batch : CELL_FRAMES;
    int count = 0;
    for (int p = 0; p < picks->count; p++) {
        cell_place *last = count ? &out[count - 1] : NULL;
        if (!last || last->count == most || (!batches && !picks->pick[p].follows))
            out[count++] = (cell_place){.first = p, .count = 1};
        else
            last->count++;
    }
    return count;
}

/* Part `shard` of `shards` of so many cells. */
static void take_part(int cells, const gb_cell_store *store, int *begin, int *end)
{
    const bool part = store && store->shards > 0;
    *begin = part ? (int)((long)cells * (store->shard - 1) / store->shards) : 0;
    *end = part ? (int)((long)cells * store->shard / store->shards) : cells;
}

gb_status gb_evaluate_range(const gb_picks *picks, const gb_protocol *protocol, const gb_cell_store *store, int *first,
                            int *count, gb_error *err)
{
    int begin, end;
    cell_place *cell = gb_alloc((size_t)picks->count, sizeof *cell);
    if (!cell) return gb_fail_memory(err, "cells", (size_t)picks->count);
    const int cells = cut(picks, protocol, cell);
    take_part(cells, store, &begin, &end);
    *first = begin < cells ? cell[begin].first : picks->count;
    *count = (end < cells ? cell[end].first : picks->count) - *first;
    free(cell);
    return GB_OK;
}

gb_status gb_evaluate_cut(evaluation_state *s, gb_error *err)
{
    const gb_picks *picks = s->e->picks;
    s->cell = gb_alloc((size_t)picks->count, sizeof *s->cell);
    s->need = gb_alloc((size_t)picks->count * (size_t)s->contenders + 1, sizeof *s->need);
    if (!s->cell || !s->need) return gb_fail_memory(err, "cells", (size_t)picks->count);
    s->cells = cut(picks, s->e->protocol, s->cell);
    take_part(s->cells, s->e->store, &s->begin, &s->end);
    s->feed.next = s->gathered = s->begin;
    s->feed.reached = -1;
    return GB_OK;
}

int gb_evaluate_run_up(const evaluation_state *s, int first)
{
    if (!s->e->picks->pick[first].follows) return 0;
    return s->e->protocol->batch_stats ? s->batch : 1;
}

/* A cell's file: "<name>-<first frame>". */
void gb_evaluate_cell_name(const evaluation_state *s, const cell_place *cell, char name[GB_FRAME_NAME])
{
    gb_frame_name(s->e->store_name, s->e->picks->pick[cell->first].frame, name);
}
