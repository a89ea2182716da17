/* The quality pass over one dataset: frames in, rows out. Every frame is generated once by each contender,
 * composited, made 8-bit, and given to every metric; the truth's part of a metric is done once for all contenders.
 *
 * It works cell by cell (cells/cell.h). A cell that the store has already is not computed; what was computed is kept
 * there; rows and sums come from cells in order, so they are the same bytes wherever a cell came from. A frame that
 * cannot be read or scored has failed rows and stops nothing. */
#ifndef GB_EVALUATE_EVALUATE_H
#define GB_EVALUATE_EVALUATE_H

#include "cells/store.h"
#include "contenders/contender.h"
#include "datasets/dataset.h"
#include "evaluate/metric_states.h"
#include "findings/tally.h"
#include "metrics/metric.h"
#include "pipeline/progress.h"
#include "protocol/audit.h"
#include "protocol/frames.h"
#include "protocol/protocol.h"
#include "report/run.h"

/* Who else looks at frames. `show` (NULL: nobody) gets every frame that is computed and wanted, in the order of the
 * picks, by one thread at a time; `frame` is NULL where the contender failed. */
typedef struct gb_frame_viewer {
    void (*show)(void *user, int pick, int contender, const gb_image *truth, const gb_image *frame);
    bool (*wants)(const void *user, int pick); /* NULL: all picks */
    void *user;
} gb_frame_viewer;

typedef struct gb_evaluation {
    const gb_contenders *contenders;    /* those whose state is OK take part */
    const gb_metric *const *metrics;
    int metric_count;
    gb_metric_states *states;           /* of these metrics; opened when the first frame is to be computed */
    gb_metric_env env;
    const gb_protocol *protocol;
    int workers, batch;
    gb_pack *pack;
    const gb_picks *picks;
    bool leave_out_foreign;             /* those from outside the program take no part */
    gb_cell_store *store;               /* NULL: nothing is kept or looked up */
    const char *store_name;             /* begins the names of this evaluation's cells there: unique in a run */
    gb_row_writer *rows;                /* NULL: only the tally is wanted */
    gb_audit *audit;                    /* is shown every scored frame; may be NULL */
    gb_tally *tally;
    gb_frame_viewer viewer;
    gb_progress *progress;
    gb_run_dataset *dataset;            /* its id is read; the truth's own movement is filled in */
    int *centre_maxabs;                 /* per contender, raised to the largest seen */
    int headline;                       /* metric whose `full` values are kept for choosing pictures; -1: none */
    double *headline_value;             /* [pick][contender]; NaN where there is none */
    long failed_rows;                   /* counted up */
    char first_failure[512];
} gb_evaluation;

/* Rows go to `rows` and sums to `tally` in the order of the frames. What goes wrong with a frame is a failed row; what
 * stops the rest (a disk that is full, no memory) is returned. */
gb_status gb_evaluate(gb_evaluation *evaluation, gb_error *err) GB_MUST_CHECK;

/* Which picks are this run's part: all but under --shard. `store` may be NULL. */
gb_status gb_evaluate_range(const gb_picks *picks, const gb_protocol *protocol, const gb_cell_store *store, int *first,
                            int *count, gb_error *err) GB_MUST_CHECK;

#endif
