/* What the charts of a run show: their rows, order, scales and words. How they are drawn is another matter: the page
 * does it in HTML (src/report/html), the figures for papers with Cairo (src/report/paper), both from these.
 *
 * Titles and notes are plain text, not escaped. An empty chart (rows 0) has nothing to show and is left out. */
#ifndef GB_REPORT_PLOT_CHART_H
#define GB_REPORT_PLOT_CHART_H

#include "report/plot/axis.h"
#include "report/plot/rows.h"
#include "report/view.h"

typedef enum gb_chart_kind {
    GB_CHART_INTERVAL,   /* a mark at `mean`, a line from lo to hi */
    GB_CHART_DOTS,       /* a dot at every point, a bar at `mean` */
    GB_CHART_SPREAD,     /* a hill of heights, a line over the quantiles, a bar at the median */
    GB_CHART_DIFFERENCE, /* as INTERVAL, of generator - other */
    GB_CHART_GAP,        /* filled and hollow points, a line between their means `mean` and `other_mean` */
} gb_chart_kind;

enum { GB_HILL = 64 }; /* steps of a hill, evenly over the axis */

/* A dot of a row, and what it stands for. */
typedef struct gb_chart_point {
    double value;
    size_t shot, dataset; /* indices */
    int frames;
    bool hollow;          /* outside the training domain */
} gb_chart_point;

typedef struct gb_chart_row {
    size_t g;              /* index of the generator: its colour and shape */
    size_t other;          /* of a difference */
    double mean, lo, hi;   /* lo and hi NaN: no interval */
    double other_mean;     /* of a gap */
    char *value;           /* the number beside the row, ready to print */
    gb_chart_point *point;
    size_t points;
    double quantile[5];    /* 5, 25, 50, 75, 95 % */
    double hill[GB_HILL];  /* 0 to 1 */
    size_t count;          /* frames, or shots, that it rests on */
    const char *verdict;   /* of a difference, in a word; "" where there is none */
} gb_chart_row;

typedef struct gb_chart {
    gb_chart_kind kind;
    const gb_run_metric *metric;
    gb_region region;
    char *title, *note;
    gb_axis axis;
    double reference;            /* a line across all rows; NaN: none */
    const char *reference_name;
    gb_chart_row *row;           /* in the order to draw */
    size_t rows;
    gb_state *state;             /* [generator]: those that are not ok are named below the chart */
    size_t generators;
} gb_chart;

void gb_chart_free(gb_chart *chart);

/* Means with their intervals. */
gb_status gb_chart_intervals(const gb_run *run, size_t dataset, size_t metric, gb_region region, gb_chart *out,
                             gb_error *err) GB_MUST_CHECK;

/* The leading metric by shot. */
gb_status gb_chart_shots(const gb_run *run, const gb_rows *rows, size_t dataset, gb_region region, gb_chart *out,
                         gb_error *err) GB_MUST_CHECK;

/* How a metric's values are spread over the frames. */
gb_status gb_chart_spread(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, gb_region region,
                          gb_chart *out, gb_error *err) GB_MUST_CHECK;

/* Each generator less the next one in the table's order: run->differences. */
gb_status gb_chart_differences(const gb_run *run, size_t dataset, size_t metric, gb_region region, gb_chart *out,
                               gb_error *err) GB_MUST_CHECK;

/* What the leading metric loses from datasets of the training domain to those outside it. */
gb_status gb_chart_gap(const gb_run *run, gb_chart *out, gb_error *err) GB_MUST_CHECK;

/* The region where the invented picture is: the strips, or the whole frame where nothing was invented. */
gb_region gb_chart_strips(const gb_run_dataset *dataset);

/* The value that a metric would give the truth itself; NaN when it is not known. */
double gb_chart_ideal(const gb_run_metric *metric, const gb_run_dataset *dataset);

/* For the makers of charts: an empty one with its title and room for a row a generator. */
gb_status gb_chart_begin(const gb_run *run, gb_chart_kind kind, const char *title, gb_chart *out, gb_error *err)
    GB_MUST_CHECK;
/* States from the summary's rows; one that is not there at all counts as skipped. */
void gb_chart_states(const gb_run *run, size_t dataset, gb_chart *chart);
/* Quantiles of `row->count` values (which are sorted), and its hill over an axis. */
void gb_chart_measure(double *value, gb_chart_row *row);
void gb_chart_raise(const gb_axis *axis, const double *value, gb_chart_row *row);
/* A number with the metric's digits, "+" or a minus sign before it when `sign`; NULL when memory is short. */
char *gb_chart_number(const gb_run_metric *metric, double value, bool sign);

#endif
