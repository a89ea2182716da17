/* Cells of an evaluation: where picks are cut, what a cell is keyed by, and which ones are there already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "evaluate/state.h"
#include "numerics.h"

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

static void hash_image(gb_sha256 *sha, const gb_image *image)
{
    gb_sha256_update(sha, image->rgb, (size_t)image->width * (size_t)image->height * 3);
}

gb_status gb_evaluate_hash(const evaluation_state *s, const gb_image *truth, const gb_image *input, const gb_flow *flow,
                           char hex[GB_SHA256_HEX], gb_error *err)
{
    gb_sha256 *sha = NULL;
    GB_TRY(gb_sha256_new(&sha, err));
    hash_image(sha, truth);
    /* An input that is cut from the truth says nothing new. */
    if (gb_pack_get_info(s->e->pack)->paired) hash_image(sha, input);
    if (flow) {
        const size_t pixels = (size_t)truth->width * (size_t)truth->height;
        gb_sha256_update(sha, flow->uv, pixels * 2 * sizeof *flow->uv);
        gb_sha256_update(sha, flow->valid, pixels * sizeof *flow->valid);
    }
    gb_sha256_finish(sha, hex);
    return GB_OK;
}

void gb_evaluate_hash_add(const evaluation_state *s, gb_sha256 *sha, int pick, const char hex[GB_SHA256_HEX])
{
    gb_sha256_update(sha, hex, GB_SHA256_HEX - 1);
    gb_sha256_update(sha, s->e->picks->pick[pick].follows ? "+" : "|", 1);
}

/* Reads a cell's frames, and those before them that count, for their hash alone. */
static gb_status hash_cell(evaluation_state *s, cell_place *cell, gb_error *err)
{
    const bool flows = s->uses_flow && gb_pack_get_info(s->e->pack)->has_flow;
    gb_sha256 *sha = NULL;
    char hex[GB_SHA256_HEX];
    gb_status status = GB_OK;
    GB_TRY(gb_sha256_new(&sha, err));
    for (int p = cell->first - gb_evaluate_run_up(s, cell->first); p < cell->first + cell->count; p++) {
        const gb_pick *pick = &s->e->picks->pick[p];
        const bool flow = flows && pick->follows;
        GB_GO(gb_pack_read(s->e->pack, pick->frame, &s->feed.truth, &s->feed.input, err));
        if (flow) GB_GO(gb_pack_read_flow(s->e->pack, pick->frame - 1, &s->feed.flow, err));
        GB_GO(gb_evaluate_hash(s, &s->feed.truth, &s->feed.input, flow ? &s->feed.flow : NULL, hex, err));
        gb_evaluate_hash_add(s, sha, p, hex);
    }
    gb_sha256_finish(sha, cell->frames);
    sha = NULL;
done:
    gb_sha256_free(sha);
    return status;
}

/* What filters have seen before each cell: the frames of those before it, back to the beginning of its sequence. Frames
 * that cannot be read are said as such. */
gb_status gb_evaluate_learn_history(evaluation_state *s, gb_error *err)
{
    bool holds = false;
    for (int c = 0; c < s->contenders; c++) holds = holds || s->e->contenders->item[c].holds;
    if (!holds || !s->e->store) return GB_OK;
    s->history = gb_alloc((size_t)s->cells + 1, sizeof *s->history);
    if (!s->history) return gb_fail_memory(err, "cells", (size_t)s->cells);
    for (int index = 1; index < s->cells; index++) {
        cell_place before = s->cell[index - 1];
        char text[2 * GB_SHA256_HEX + 8];
        gb_error unread;
        if (!s->e->picks->pick[s->cell[index].first].follows) continue;
        if (hash_cell(s, &before, &unread) != GB_OK) snprintf(before.frames, sizeof before.frames, "unread");
        snprintf(text, sizeof text, "%s %s", s->history[index - 1], before.frames);
        GB_TRY(gb_sha256_memory(text, strlen(text), s->history[index], err));
    }
    return GB_OK;
}

/* Which generator, with what. Foreign ones go by the frames' names too. The caller frees; NULL: no memory. */
static char *describe_plain(const evaluation_state *s, int c, const cell_place *cell)
{
    if (c == s->contenders) return gb_strdup("truth");
    const gb_contender *contender = &s->e->contenders->item[c];
    const gb_pick *pick = s->e->picks->pick;
    if (contender->foreign)
        return gb_format("%s\n%s\n%s\n%d\n%s %d %d", gb_foreign_kind_id(contender->foreign), contender->id,
                         gb_foreign_place(contender->foreign), gb_foreign_composites(contender->foreign),
                         s->e->dataset->id, pick[cell->first].frame, pick[cell->first + cell->count - 1].frame);
    return gb_format("%s\n%s\n%s", contender->generator->net ? "net" : "baseline", contender->generator->id,
                     contender->generator->net ? contender->weights_sha256 : "");
}

static char *describe_generator(const evaluation_state *s, int c, const cell_place *cell)
{
    char *plain = describe_plain(s, c, cell);
    if (!plain || c == s->contenders || !s->e->contenders->item[c].holds) return plain;
    char *text = gb_format("%s\n%s\n%s", plain, gb_stabiliser_recipe, s->history[cell - s->cell]);
    free(plain);
    return text;
}

static char *describe_protocol(const evaluation_state *s)
{
    const gb_evaluation *e = s->e;
    const gb_geometry g = e->env.geometry;
    cJSON *protocol = gb_protocol_describe(e->protocol, e->store->precision, e->store->score_precision, e->metrics,
                                           e->metric_count);
    if (protocol) {
        cJSON_AddNumberToObject(protocol, "width", g.width);
        cJSON_AddNumberToObject(protocol, "height", g.height);
        cJSON_AddNumberToObject(protocol, "side", g.side);
        cJSON_AddNumberToObject(protocol, "jpeg", e->protocol->jpeg_quality);
        cJSON_AddNumberToObject(protocol, "batch", e->protocol->stat_batch);
    }
    char *text = protocol ? cJSON_PrintUnformatted(protocol) : NULL;
    cJSON_Delete(protocol);
    return text;
}

/* The engine; of what comes from outside the program, that: frames, while merging, are those of their part. */
static char *describe_engine(const evaluation_state *s, int c, const cell_place *cell, gb_error *err)
{
    gb_foreign *foreign = c < s->contenders ? s->e->contenders->item[c].foreign : NULL;
    char stamp[GB_SHA256_HEX] = "";
    if (foreign && gb_foreign_stamp(foreign, cell->first, cell->count, stamp, err) != GB_OK) return NULL;
    char *engine = gb_format("%s\n%s", s->e->store->engine, stamp);
    if (!engine) gb_fail_memory(err, "key", GB_SHA256_HEX);
    return engine;
}

static gb_status key_of(evaluation_state *s, int c, const cell_place *cell, gb_cell_key *out, gb_error *err)
{
    gb_error own = {0};
    if (!s->protocol) s->protocol = describe_protocol(s);
    char *generator = describe_generator(s, c, cell), *engine = describe_engine(s, c, cell, &own);
    const gb_key_parts parts = {.numerics = gb_numerics_code(), .protocol = s->protocol, .generator = generator,
                                .frames = cell->frames, .engine = engine};
    gb_status status = own.code;
    if (own.code != GB_OK && err) *err = own;
    if (status == GB_OK && (!generator || !s->protocol)) status = gb_fail_memory(err, "key", sizeof *out);
    if (status == GB_OK) status = gb_cell_key_make(&parts, out, err);
    free(generator);
    free(engine);
    return status;
}

/* A cell's file: "<name>-<first frame>". */
static void file_name(const evaluation_state *s, const cell_place *cell, char name[GB_FRAME_NAME])
{
    gb_frame_name(s->e->store_name, s->e->picks->pick[cell->first].frame, name);
}

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

/* What a process does may have changed behind the same command. */
static bool is_known(const evaluation_state *s, int c)
{
    return c == s->contenders || !s->e->contenders->item[c].foreign ||
           !gb_foreign_is_timed(s->e->contenders->item[c].foreign);
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
    if (!is_known(s, c) && !store->take_foreign) return GB_OK;
    GB_TRY(key_of(s, c, cell, &key, err));
    *found = gb_kept_find(kept, &key, store->trusted, &block) && answers(s, c, cell, &block);
    if (*found) return gb_block_append(fresh, &block, err);
    if (!store->cache || !is_known(s, c)) return GB_OK;
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

/* Parts of another run, and cells of a team, name their frames themselves: who computed them has looked. */
static void take_frames(const gb_kept *kept, cell_place *cell)
{
    size_t at = 0;
    gb_block block;
    if (gb_block_next(kept->data, kept->size, &at, &block)) memcpy(cell->frames, block.frames, sizeof cell->frames);
}

/* Looks for every part of the cell; need[] becomes what is left to compute. */
static gb_status look_up_all(evaluation_state *s, cell_place *cell, const gb_kept *kept, bool *need, gb_buffer *fresh,
                             bool *needed, gb_error *err)
{
    bool found = false;
    gb_error unread; /* frames that cannot be read are computed, so that their rows say it */
    *needed = true;
    if (s->e->store->trusted)
        take_frames(kept, cell);
    else if (hash_cell(s, cell, &unread) != GB_OK)
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
    file_name(s, cell, name);
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
    file_name(s, &s->cell[index], name);
    return gb_team_claim(s->e->store->team, name);
}

void gb_evaluate_done(evaluation_state *s, int index)
{
    char name[GB_FRAME_NAME];
    if (!s->e->store || !s->e->store->helping) return;
    file_name(s, &s->cell[index], name);
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

/* Adds one part of s->building to the cell's file and, where it may be shared, to the cache. */
static gb_status keep_part(evaluation_state *s, int c, const cell_place *cell, gb_buffer *file, gb_error *err)
{
    gb_cell_store *store = s->e->store;
    gb_buffer bytes;
    gb_block block = {.failed = c < s->contenders && gb_cell_failed(&s->building, c)};
    gb_status status = GB_OK;
    gb_error ignored; /* a cache that cannot be written to costs time, no result */
    gb_buffer_init(&bytes, GB_BLOCK_FILE_MAX);
    GB_GO(key_of(s, c, cell, &block.key, err));
    memcpy(block.frames, cell->frames, sizeof block.frames);
    GB_GO(gb_cell_encode(&s->building, c, &bytes, err));
    block.bytes = bytes.data;
    block.size = bytes.size;
    GB_GO(gb_block_append(file, &block, err));
    if (store->cache && is_known(s, c) && !block.failed && gb_cell_cache_put(store->cache, &block, &ignored) != GB_OK &&
        !store->quiet)
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
    file_name(s, cell, name);
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

static gb_status read_part(evaluation_state *s, int c, const cell_place *cell, const gb_kept *kept, const char *what,
                           gb_error *err)
{
    gb_cell_key key;
    gb_block block;
    GB_TRY(key_of(s, c, cell, &key, err));
    if (!gb_kept_find(kept, &key, s->e->store->parts > 0 || s->e->store->trusted, &block))
        return gb_fail(err, GB_E_UNLIKE, "%s: expected the scores of %s, found none with the same program, weights, "
                       "protocol and frames", what, c < s->contenders ? s->e->contenders->item[c].id : "the truth");
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
    file_name(s, cell, name);
    if (folder) {
        snprintf(what, sizeof what, "%.4000s/%s.cell", gb_cell_folder_path(folder), name);
        GB_GO(gb_cell_store_load(store, folder, name, &kept, err));
        if (merging) take_frames(&kept, cell);
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
