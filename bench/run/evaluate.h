/* The quality pass over one dataset: frames in, rows out. Every frame is generated once by each contender,
 * composited, made 8-bit, and given to every metric; the truth's part of a metric is done once for all contenders. */
#ifndef GB_RUN_EVALUATE_H
#define GB_RUN_EVALUATE_H

#include "datasets/dataset.h"
#include "metrics/metric.h"
#include "report/run.h"
#include "run/audit.h"
#include "run/contender.h"
#include "run/frames.h"
#include "run/progress.h"
#include "run/protocol.h"
#include "run/tally.h"

typedef struct gb_evaluation {
    const gb_contenders *contenders;    /* those whose state is OK take part */
    const gb_metric *const *metrics;
    int metric_count;
    gb_metric_env env;
    const gb_protocol *protocol;
    int workers, batch;
    gb_pack *pack;
    const gb_picks *picks;
    bool leave_out_foreign;             /* those from outside the program take no part */
    gb_row_writer *rows;                /* NULL: only the tally is wanted */
    gb_audit *audit;                    /* is shown every scored frame; may be NULL */
    gb_tally *tally;
    gb_progress *progress;
    gb_run_dataset *dataset;            /* its id is read; the truth's own movement is filled in */
    int *centre_maxabs;                 /* per contender, raised to the largest seen */
    int headline;                       /* metric whose `full` values are kept for choosing pictures; -1: none */
    double *headline_value;             /* [pick][contender]; NaN where there is none */
    long failed_rows;                   /* counted up */
    char first_failure[512];
} gb_evaluation;

gb_status gb_evaluate(gb_evaluation *evaluation, gb_error *err) GB_MUST_CHECK;

#endif
