/* frames.jsonl, boiled down to what the page shows: the leading metric shot by shot, and how the strips change from
 * frame to frame. */
#ifndef GB_REPORT_PLOT_ROWS_H
#define GB_REPORT_PLOT_ROWS_H

#include "report/run.h"
#include "stats/stats.h"

typedef struct gb_plot_shot {
    int shot;                /* index in the pack */
    char *clip;
    gb_cluster *sums;        /* [generator][region] of the leading metric; den 0: nothing measured */
    int *frames;             /* [generator], of `full` */
    int pairs;               /* points of the flicker series, of the generator with the most */
} gb_plot_shot;

typedef struct gb_plot_change {
    int dataset, shot, generator; /* indices; shot in the dataset's list */
    int frame;
    double test, truth;      /* mean |change| over the strips, 8-bit levels */
} gb_plot_change;

typedef struct gb_plot_shots {
    gb_plot_shot *item;
    size_t count, capacity;
} gb_plot_shots;

typedef struct gb_rows {
    gb_plot_shots *dataset;  /* [dataset of the run] */
    size_t datasets, generators;
    gb_plot_change *changes; /* in the file's order */
    size_t change_count, change_capacity;
} gb_rows;

/* Reads run->directory/frames.jsonl. A row of a generator or dataset that the run does not have is GB_E_MISMATCH. */
gb_status gb_rows_read(const gb_run *run, gb_rows *out, gb_error *err) GB_MUST_CHECK;
void gb_rows_free(gb_rows *rows);

#endif
