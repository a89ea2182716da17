/* Scores any two images, folders of images, videos or packs against each other, frame by frame; no generator needed. */
#ifndef GB_BENCH_SCORE_H
#define GB_BENCH_SCORE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/status.h"

typedef struct gb_score_options {
    const char *ref, *test;    /* paths */
    const char *const *metric; /* ids; none (and no dialect): all that can be used here, the
                                * others are named with the reason */
    int metric_count;
    const char *const *dialect; /* other tools: their metrics are added, and those of ours that they go beside */
    int dialect_count;
    int side;                  /* width of each invented strip; negative: gb_geometry_default_side of each frame */
    bool json;
    bool quiet;                /* no table; JSON is printed all the same */
    const char *device;        /* of the nets; NULL: "auto" */
    int threads;               /* 0: one for each processor */
    const char *weights_dir;   /* metric weights; NULL: the cache */
} gb_score_options;

/* Writes a table, or the JSON of spec "score --json", to `out`. Frames pair up in order, files of two folders by name
 * without extension; a frame or file left over and sizes that differ are errors naming both sides. What was scored
 * before an error has been written. The same bytes for every number of threads. */
gb_status gb_score_run(const gb_score_options *options, FILE *out, gb_error *err) GB_MUST_CHECK;

#endif
