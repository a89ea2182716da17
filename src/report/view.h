/* What the tables of all reports have in common: which numbers stand in them, in what order, how they are printed. */
#ifndef GB_REPORT_VIEW_H
#define GB_REPORT_VIEW_H

#include "core/buffer.h"
#include "report/run.h"

/* One column of a dataset's table. */
typedef struct gb_view_column {
    const gb_run_metric *metric;
    gb_region region;
} gb_view_column;

#define GB_VIEW_COLUMNS 24

/* The columns of the short table: every region of the leading metric (LPIPS where there is one), of the others the
 * strips, or the whole frame where nothing was invented. MAE_dt, which is best for a frozen clip, is left out. */
size_t gb_view_columns(const gb_run *run, const char *dataset, gb_view_column out[GB_VIEW_COLUMNS]);

/* The metric that tables are sorted by and charts begin with; NULL when the run has none. */
const gb_run_metric *gb_view_leading(const gb_run *run);

/* NULL when there is no such row. */
const gb_run_summary *gb_view_find(const gb_run *run, const char *dataset, const char *generator, const char *metric,
                                   gb_region region);
const gb_run_generator *gb_view_generator(const gb_run *run, const char *id);
bool gb_view_is_baseline(const gb_run_generator *generator); /* nothing was learnt */

/* Indices of the run's generators, best first by this metric and region, those without a number last, in the run's
 * order where equal. The caller frees; NULL when memory is short. */
size_t *gb_view_order(const gb_run *run, const char *dataset, const gb_run_metric *metric, gb_region region);

/* The best row of a column, or NULL: its least or greatest is not its best, or fewer than two have a number. */
const gb_run_summary *gb_view_best(const gb_run *run, const char *dataset, const gb_view_column *column);

/* -1: a is better than b; 0: equal, or the metric does not say; 1: worse. */
int gb_view_compare(const gb_run_metric *metric, double a, double b);

/* The row of the generating stage that stands for a generator's speed (fewest threads first), or NULL. */
const gb_run_throughput *gb_view_speed(const gb_run *run, const char *generator);

/* The ladder's steps of one dataset and metric in order (names borrowed); 0 when it has none. */
#define GB_VIEW_STEPS 8
size_t gb_view_steps(const gb_run *run, const char *dataset, const char *metric, const char *steps[GB_VIEW_STEPS]);
const gb_run_step *gb_view_step(const gb_run *run, const char *dataset, const char *generator, const char *metric,
                                const char *step);

void gb_view_value(gb_buffer *out, const gb_run_metric *metric, double value); /* with the metric's digits */
void gb_view_ms(gb_buffer *out, double value);                                 /* three or more digits; "n/a" for NaN */
const char *gb_view_arrow(const gb_run_metric *metric);                        /* "\u2191", "\u2193" or "" */
const char *gb_view_direction(const gb_run_metric *metric);                    /* "higher is better", ... */

/* The device that computed it where its frames were; NULL: the processor did, as ever. */
const char *gb_view_device(const gb_run_metric *metric);

/* "s", but after 1 nothing: "1 frame", "2 frames". */
const char *gb_view_plural(int count);

/* The first twelve digits of a hash. */
void gb_view_short(const char *hash, char text[13]);

#endif
