/* frames.jsonl in memory, in the order that charts want: one value after the other of a dataset, metric and region, by
 * shot, frame and generator. */
#ifndef GB_REPORT_PLOT_ROWS_H
#define GB_REPORT_PLOT_ROWS_H

#include "report/run.h"
#include "stats/stats.h"

typedef struct gb_value {
    unsigned short dataset, metric, generator; /* indices in the run */
    unsigned short region;
    int shot;                /* index in the dataset's list of shots below */
    int frame;
    double num, den;         /* value = num / den; den 0: the truth stands still, no value by itself */
} gb_value;

typedef struct gb_shot {
    int shot;                /* index in the pack */
    char *clip;
} gb_shot;

typedef struct gb_shots {
    gb_shot *item;           /* in the file's order */
    size_t count, capacity;
} gb_shots;

typedef struct gb_rows {
    gb_shots *shots;         /* [dataset of the run] */
    size_t datasets;
    gb_value *value;
    size_t count, capacity;
} gb_rows;

/* A stretch of gb_rows.value. */
typedef struct gb_values {
    const gb_value *first;
    size_t count;
} gb_values;

/* Reads run->directory/frames.jsonl. Rows that measured nothing are left out. A row of a generator, dataset or metric
 * that the run does not have, and a value that stands there twice, are GB_E_MISMATCH. */
gb_status gb_rows_read(const gb_run *run, gb_rows *out, gb_error *err) GB_MUST_CHECK;
void gb_rows_free(gb_rows *rows);

/* All values of a metric on a dataset in a region; indices in the run. */
gb_values gb_rows_of(const gb_rows *rows, size_t dataset, size_t metric, gb_region region);

/* Each shot's sums of one generator into sums[shots of the dataset]; `frames`, if not NULL, gets their counts. */
void gb_rows_by_shot(const gb_rows *rows, size_t dataset, size_t metric, gb_region region, size_t generator,
                     gb_cluster *sums, int *frames);

#endif
