/* Which places a run keeps its cells in and takes them from, as the options say. */
#ifndef GB_RUN_KEEP_H
#define GB_RUN_KEEP_H

#include "cells/store.h"
#include "report/run.h"
#include "selection/selection.h"

/* "K/N" with 1 <= K <= N; NULL gives 0 and 0. */
gb_status gb_keep_read_shard(const char *text, int *shard, int *shards, gb_error *err) GB_MUST_CHECK;

/* Opens the store of the run in `directory` and writes down how it was started. `selection` is borrowed for as long as
 * the store lives. Release with gb_cell_store_free, also after a failure. */
gb_status gb_keep_open(const gb_options *options, const gb_selection *selection, const gb_run *run, gb_cell_store *out,
                       gb_error *err) GB_MUST_CHECK;

/* Once everything is written: what is kept goes, unless something failed and may be tried again, or this is a part that
 * will be merged. Says on stderr what did not have to be computed. */
gb_status gb_keep_finish(gb_cell_store *store, bool failed, gb_error *err) GB_MUST_CHECK;

#endif
