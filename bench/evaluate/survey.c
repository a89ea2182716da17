#include "evaluate/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/cut.h"
#include "evaluate/key.h"

/* Whether the block answers all that this run asks: also the hashes of frames that the audit compares. */
static bool answers(evaluation_state *s, int c, const cell_place *cell, const gb_block *block)
{
    gb_error ignored;
    gb_cell_clear(&s->feed.probe);
    if ((block->failed && !s->e->store->trusted) ||
        gb_cell_decode(&s->feed.probe, c, block->bytes, block->size, "cell", &ignored) != GB_OK)
        return false;
    for (int f = 0; f < cell->count; f++)
        if (c < s->contenders && gb_audit_wants(s->e->audit, cell->first + f) &&
            !gb_cell_at(&s->feed.probe, c, f)->sha256[0])
            return false;
    return s->feed.probe.frames == cell->count;
}

/* Looks for one part of a cell, in the run's own file first; what only the cache has goes into `fresh`. */
static gb_status look_up(evaluation_state *s, int c, const cell_place *cell, const gb_kept *kept, gb_buffer *fresh,
                         bool *found, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    gb_cell_key key;
    gb_block block;
    char *data = NULL;
    bool damaged = false;
    *found = false;
    if (!gb_evaluate_is_known(s, c) && !store->take_foreign) return GB_OK;
    GB_TRY(gb_evaluate_key(s, c, cell, &key, err));
    *found = gb_kept_find(kept, &key, store->trusted, &block) && answers(s, c, cell, &block);
    if (*found) return gb_block_append(fresh, &block, err);
    if (!store->cache || !gb_evaluate_is_known(s, c)) return GB_OK;
    gb_status status = GB_OK;
    if (gb_cell_cache_get(store->cache, &key, &data, &block, &damaged) && answers(s, c, cell, &block)) {
        *found = true;
        store->cached++;
        status = gb_block_append(fresh, &block, err);
    }
    if (damaged) {
        store->damaged++;
        fprintf(stderr, "%s: a damaged entry was removed: it is computed again\n", gb_cell_cache_path(store->cache));
    }
    free(data);
    return status;
}

/* Looks for every part of the cell; need[] becomes what is left to compute. */
static gb_status look_up_all(evaluation_state *s, cell_place *cell, const gb_kept *kept, bool *need, gb_buffer *fresh,
                             bool *needed, gb_error *err)
{
    bool found = false;
    gb_error unread; /* frames that cannot be read are computed, so that their rows say it */
    *needed = true;
    if (s->e->store->trusted)
        gb_evaluate_take_frames(kept, cell);
    else if (gb_evaluate_hash_cell(s, cell, &unread) != GB_OK)
        return GB_OK;
    GB_TRY(look_up(s, s->contenders, cell, kept, fresh, &found, err));
    *needed = !found;
    for (int c = 0; c < s->contenders; c++) {
        if (!need[c]) continue;
        GB_TRY(look_up(s, c, cell, kept, fresh, &found, err));
        need[c] = !found;
        *needed = *needed || !found;
    }
    return GB_OK;
}

/* Which contenders' parts of the cell have to be computed: those that are not kept under today's key. What does not
 * count any more is dropped from the cell's file. */
static gb_status survey(evaluation_state *s, int index, bool *needed, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    cell_place *cell = &s->cell[index];
    bool *need = &s->need[index * s->contenders];
    char name[GB_FRAME_NAME];
    gb_kept kept = {0};
    gb_buffer fresh;
    gb_status status = GB_OK;
    gb_buffer_init(&fresh, GB_BLOCK_FILE_MAX);
    *needed = true;
    for (int c = 0; c < s->contenders; c++) need[c] = gb_evaluate_takes_part(s, c);
    if (!store) return GB_OK;
    gb_evaluate_cell_name(s, cell, name);
    GB_GO(gb_cell_store_load(store, store->folder, name, &kept, err));
    if (!kept.size && !kept.damaged && !store->cache) goto done;
    GB_GO(look_up_all(s, cell, &kept, need, &fresh, needed, err));
    store->found += !*needed;
    if (kept.damaged || fresh.size != kept.size || (fresh.size && memcmp(fresh.data, kept.data, fresh.size) != 0))
        GB_GO(gb_cell_folder_write(store->folder, name, fresh.data, fresh.size, err));
done:
    gb_kept_free(&kept);
    gb_buffer_free(&fresh);
    return status;
}

/* Whether the last unit decoded lies right before pick `first` and has all that `need` wants. */
static bool goes_on(const evaluation_state *s, int first, const bool *need)
{
    if (s->feed.reached != first) return false;
    for (int c = 0; c < s->contenders; c++)
        if (need[c] && !s->feed.reached_need[c]) return false;
    return true;
}

/* Of a team each cell is one process's. */
static bool is_mine(evaluation_state *s, int index)
{
    char name[GB_FRAME_NAME];
    if (!s->e->store || !s->e->store->helping) return true;
    gb_evaluate_cell_name(s, &s->cell[index], name);
    return gb_team_claim(s->e->store->team, name);
}

void gb_evaluate_done(evaluation_state *s, int index)
{
    char name[GB_FRAME_NAME];
    if (!s->e->store || !s->e->store->helping) return;
    gb_evaluate_cell_name(s, &s->cell[index], name);
    gb_team_done(s->e->store->team, name);
}

/* What has to be made before a cell: for one that holds, all from its sequence's beginning. */
static int whole_run_up(const evaluation_state *s, int first, const bool *need)
{
    const int batch = s->e->protocol->batch_stats ? s->batch : 1;
    int begin = first;
    bool holds = false;
    for (int c = 0; c < s->contenders; c++) holds = holds || (need[c] && s->e->contenders->item[c].holds);
    while (holds && begin > 0 && s->e->picks->pick[begin].follows) begin--;
    const int run_up = first - begin / batch * batch, least = gb_evaluate_run_up(s, first);
    return run_up > least ? run_up : least;
}

gb_status gb_evaluate_next_cell(evaluation_state *s, bool *found, gb_error *err)
{
    cell_feed *feed = &s->feed;
    *found = false;
    if (s->e->store && s->e->store->parts) return GB_OK;
    while (!*found && feed->next < s->end) {
        feed->cell = feed->next++;
        if (!is_mine(s, feed->cell)) continue;
        GB_TRY(survey(s, feed->cell, found, err));
        if (!*found) gb_evaluate_done(s, feed->cell);
    }
    if (!*found) return GB_OK;
    const cell_place *cell = &s->cell[feed->cell];
    feed->at = cell->first;
    feed->left = cell->count;
    const bool *need = &s->need[feed->cell * s->contenders];
    feed->run_up = goes_on(s, cell->first, need) ? 0 : whole_run_up(s, cell->first, need);
    return GB_OK;
}
