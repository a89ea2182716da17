/* What the strips do from frame to frame: their change against the truth's own, and what other metrics of pairs say. */
#ifndef GB_REPORT_PLOT_SERIES_H
#define GB_REPORT_PLOT_SERIES_H

#include "report/plot/axis.h"
#include "report/plot/rows.h"

enum { GB_SERIES_SHOTS = 8, GB_SERIES_FRAMES = 400 /* of a shot: more cannot be told apart */ };
enum { GB_SERIES_DISTANCES = 24, GB_SERIES_METRICS = 6 };
enum { GB_SERIES_TRUTH = -1 };

typedef struct gb_series {
    gb_values values;   /* of one shot, by frame and generator */
    int first, last;    /* frames */
    bool cut;           /* the shot goes on after them */
    gb_axis up;         /* mean |change| over the strips, 8-bit levels; of others their own unit */
    bool plain;         /* values of a metric as they are: the truth has no line */
    const char *across; /* what `frame` counts: "frame"; "distance" of gb_series_changes */
} gb_series;

typedef struct gb_series_point {
    int frame;
    double value;
    bool joined;        /* to the point before: no frame is missing between them */
} gb_series_point;

/* Up to GB_SERIES_SHOTS shots that are long enough, spread evenly; returns how many. Indices in the dataset's list. */
size_t gb_series_choose(const gb_run *run, const gb_rows *rows, size_t dataset, size_t chosen[GB_SERIES_SHOTS]);

/* The metrics of pairs that have values on the dataset, as indices in the run, and how many they are: flicker_excess,
 * as the change and the truth's own, comes first where it is there. */
size_t gb_series_metrics(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric[GB_SERIES_METRICS]);

/* One of them in one shot. All span the same frames. */
gb_series gb_series_of(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, size_t shot);

/* Change against distance: `frame` is the distance between two frames. *room, the caller's to free, holds the values;
 * no values where the run has none for the dataset. */
gb_status gb_series_changes(const gb_run *run, size_t dataset, gb_value **room, gb_series *out, gb_error *err)
    GB_MUST_CHECK;
/* How many source frames lie between two of the dataset's, as the protocol says: "1", or "1,2" where clips differ. */
const char *gb_series_stride(const gb_run *run, size_t dataset);

/* The points of a generator's line (an index, or GB_SERIES_TRUTH), one a call; begin with *at = 0 and
 * out->frame = -2. */
bool gb_series_next(const gb_series *series, int g, size_t *at, gb_series_point *out);

/* Labels at the heights `y` (sorted by the caller), moved apart to `line` and kept above `bottom`. */
void gb_series_spread(double *y, size_t count, double line, double bottom);

#endif
