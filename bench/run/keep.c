#include "run/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "numerics.h"
#include "run/job.h"

gb_status gb_keep_read_shard(const char *text, int *shard, int *shards, gb_error *err)
{
    char rest;
    *shard = *shards = 0;
    if (!text) return GB_OK;
    const bool digits = strspn(text, "0123456789/") == strlen(text);
    if (digits && sscanf(text, "%d/%d%c", shard, shards, &rest) == 2 && *shard >= 1 && *shard <= *shards &&
        *shards <= GB_MAX_ARGUMENTS)
        return GB_OK;
    return gb_fail(err, GB_E_USAGE, "--shard: expected K/N with 1 <= K <= N <= %d, as 2/8, found '%s'",
                   GB_MAX_ARGUMENTS, text);
}

static gb_status open_parts(const gb_options *options, gb_cell_store *store, gb_error *err)
{
    store->part = gb_alloc((size_t)options->part_count, sizeof *store->part);
    if (!store->part) return gb_fail_memory(err, "parts", (size_t)options->part_count);
    store->parts = options->part_count;
    for (int i = 0; i < store->parts; i++)
        if (options->parts[i]) GB_TRY(gb_cell_folder_open(options->parts[i], GB_CELLS_READ, &store->part[i], err));
    return GB_OK;
}

static bool wants_cache(const gb_options *options)
{
    const char *always = getenv("GANIME_SCORE_CACHE");
    return !options->no_cache && (options->cache || (always && !strcmp(always, "1")));
}

gb_status gb_keep_open(const gb_options *options, const gb_selection *selection, const gb_run *run, gb_cell_store *out,
                       gb_error *err)
{
    out->precision = gb_selection_net_precision(selection);
    out->score_precision = selection->device.precision;
    out->engine = gb_numerics_engine(selection->backend, &selection->device, out->precision);
    out->take_foreign = options->going_on;
    out->quiet = options->quiet || options->json;
    if (!out->engine) return gb_fail_memory(err, "engine", 4096);
    if (options->cache && options->no_cache)
        return gb_fail(err, GB_E_USAGE, "--cache and --no-cache: expected one of them");
    if (options->part_count) return open_parts(options, out, err);
    GB_TRY(gb_keep_read_shard(options->shard, &out->shard, &out->shards, err));
    out->team = options->team;
    out->helping = options->helping;
    out->trusted = out->team && !out->helping;
    out->take_foreign = out->take_foreign || out->trusted;
    GB_TRY(gb_cell_folder_open(run->directory, out->team ? GB_CELLS_SHARED : GB_CELLS_ALONE, &out->folder, err));
    const unsigned long long most = (unsigned long long)options->cache_size << 20;
    if (wants_cache(options)) GB_TRY(gb_cell_cache_open(most, &out->cache, err));
    return gb_job_write(out->folder, options, run->created, run->command, err);
}

gb_status gb_keep_finish(gb_cell_store *store, bool failed, gb_error *err)
{
    gb_error ignored; /* a cache that is too large for now harms no result */
    const long cells = store->computed + store->found;
    if (!store->quiet && store->found)
        fprintf(stderr, "%ld of %ld pieces were there already%s\n", store->found, cells,
                store->cached ? ", in part in the cache" : "");
    if (store->cache && gb_cell_cache_trim(store->cache, &ignored) != GB_OK && !store->quiet)
        fprintf(stderr, "cache: %s\n", ignored.text);
    if (!store->folder) return GB_OK;
    if (store->team) GB_TRY(gb_team_end(store->team, err));
    if (!failed && !store->shards) return gb_cell_folder_clear(store->folder, err);
    if (store->team) gb_cell_folder_end_teams(store->folder);
    return gb_directory_sync(gb_cell_folder_path(store->folder), err);
}
