/* What `score` prints, pair by pair as they come, and the means at the end. */
#ifndef GB_BENCH_SCORE_REPORT_H
#define GB_BENCH_SCORE_REPORT_H

#include <stdio.h>

#include "metrics/metric.h"

#define GB_SCORE_MAX_METRICS 32

typedef struct gb_score_total {
    double num, den;
    long values, undefined;
} gb_score_total;

typedef struct gb_score_report {
    FILE *out;
    bool json, quiet;                                                /* quiet: nothing is printed */
    const gb_metric *const *metric;
    int metric_count;
    bool narrow;                                                     /* found at the first pair: a table does not fit */
    long pairs, cuts;                                                /* cuts: pairs of frames across a shot cut */
    gb_score_total total[GB_SCORE_MAX_METRICS][GB_REGION_COUNT];
    char skipped[GB_SCORE_MAX_METRICS][256];                         /* why a metric could not be used, or "" */
} gb_score_report;

/* One pair of frames; `index` is the frame's in its source. Metrics without a value have no region present. */
typedef struct gb_score_pair {
    const char *ref, *test;
    long index;
    const gb_scores *scores; /* metric_count of them */
} gb_score_pair;

gb_status gb_score_report_pair(gb_score_report *report, const gb_score_pair *pair, gb_error *err) GB_MUST_CHECK;
/* `failure` (NULL: none) is what ended the run early. */
gb_status gb_score_report_end(gb_score_report *report, const char *failure, gb_error *err) GB_MUST_CHECK;

#endif
