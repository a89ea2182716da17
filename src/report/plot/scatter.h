/* Quality against speed, with the generators that nothing beats in both. */
#ifndef GB_REPORT_PLOT_SCATTER_H
#define GB_REPORT_PLOT_SCATTER_H

#include "report/plot/axis.h"
#include "report/view.h"

typedef struct gb_scatter_point {
    size_t g;                   /* index of the generator */
    double ms, quality;         /* median of a frame; the metric's mean */
    bool beaten;                /* another is at least as good and as quick, and better in one */
    double x, y;                /* set by gb_scatter_place, as are those below */
    double label_y;             /* the middle of its label */
    bool left;                  /* the label stands left of the point */
    double label_x, width;      /* of the label's box */
    size_t letters;             /* how many of the name's have room in it */
} gb_scatter_point;

typedef struct gb_scatter {
    const gb_run_metric *metric;
    gb_region region;
    gb_axis across, up;
    gb_scatter_point *point;    /* quickest first */
    size_t points;
    char *left_out;             /* generators without a place in it and why, in words; "" when there are none */
} gb_scatter;

/* Where the plot's area lies, and how large its labels are. */
typedef struct gb_scatter_frame {
    double left, width, top, height;
    double line, letter;        /* height and mean width of a label's letters */
    double end;                 /* where room for labels ends; it begins at 0 */
    double middle;              /* right of it labels stand left of their points */
} gb_scatter_frame;

/* No points where there is nothing to show. Random weights have no quality and are left out. */
gb_status gb_scatter_make(const gb_run *run, size_t dataset, gb_scatter *out, gb_error *err) GB_MUST_CHECK;
void gb_scatter_free(gb_scatter *scatter);

/* Points into the frame; labels beside them, on the side that has room (cut where neither has), moved until none
 * touches an earlier one. */
void gb_scatter_place(gb_scatter *scatter, const gb_run *run, const gb_scatter_frame *frame);

double gb_scatter_x(const gb_scatter *scatter, const gb_scatter_frame *frame, double ms);
double gb_scatter_y(const gb_scatter *scatter, const gb_scatter_frame *frame, double quality);

/* The label of a point, cut to its letters; NULL when memory is short. */
char *gb_scatter_label(const gb_scatter_point *point, const gb_run *run);

#endif
