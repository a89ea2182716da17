/* What decoding and scoring add to a generator's own time: the parts of a run, timed one by one on a dataset's
 * frames. */
#ifndef GB_TIMING_OVERHEAD_H
#define GB_TIMING_OVERHEAD_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "protocol/frames.h"
#include "selection/selection.h"

/* Milliseconds of a thread's processor time a frame; of metrics of pairs, a pair. */
typedef struct gb_overhead {
    int frames, pairs, threads;
    double decode;
    double truth[GB_MAX_METRICS], each[GB_MAX_METRICS]; /* what is done once for all generators; for each of them */
    double *generate;                                   /* [contender]; owned */
} gb_overhead;

/* The selection's metrics and open contenders on the picks' frames, `threads` at once, each with all of them; the first
 * frame warms up. Metrics see the frames of the first contender. */
gb_status gb_overhead_measure(const gb_selection *selection, gb_pack *pack, const gb_picks *picks, int threads,
                              gb_overhead *out, gb_error *err) GB_MUST_CHECK;
void gb_overhead_free(gb_overhead *overhead);

/* Decoding and metrics as a share of generator `contender`'s time, in a run of `generators`. */
double gb_overhead_share(const gb_overhead *overhead, int metrics, int contender, int generators);

void gb_overhead_print(FILE *out, const gb_selection *selection, const char *dataset, const gb_overhead *overhead);
/* The caller deletes it; NULL when memory is short. */
cJSON *gb_overhead_json(const gb_selection *selection, const char *dataset, const gb_overhead *overhead);

#endif
