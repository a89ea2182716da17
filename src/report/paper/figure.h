/* The parts of figures for papers; what they show comes from src/report/plot. Lengths are points. */
#ifndef GB_REPORT_PAPER_FIGURE_H
#define GB_REPORT_PAPER_FIGURE_H

#include "report/paper/canvas.h"
#include "report/plot/chart.h"
#include "report/plot/scatter.h"
#include "report/plot/series.h"

#define GB_PAPER_WIDTH 504.0 /* seven inches: the text of a page of two columns */
#define GB_PAPER_MARGIN 6.0
#define GB_PAPER_SMALL 7.0   /* letters of ticks and notes */
#define GB_PAPER_LETTER 8.0  /* of names and numbers */
#define GB_PAPER_TINY 6.2    /* of names in two lines */
#define GB_PAPER_TITLE 9.5
#define GB_PAPER_ROW 15.0
#define GB_PAPER_NAMES (GB_PAPER_WIDTH / 3.0)       /* at most, for a column of names */
#define GB_PAPER_TWO_NAMES (0.28 * GB_PAPER_WIDTH)  /* the same where there are two */

/* Where a chart's rows stand. */
typedef struct gb_paper_box {
    double x, y, width; /* of the scale; y is the top of the first row */
    double rows;        /* how many rows it is high */
} gb_paper_box;

/* Grid lines, ticks below and the reference's name above. */
void gb_paper_grid(gb_canvas *canvas, const gb_chart *chart, const gb_paper_box *box);
/* A row's marks; `middle` is its y. */
void gb_paper_marks(gb_canvas *canvas, const gb_run *run, const gb_chart *chart, const gb_chart_row *row,
                    const gb_paper_box *box, double middle);
/* Room for the names of a run's generators and their marks, in points: between 92 and `limit`. */
double gb_paper_names(gb_canvas *canvas, const gb_run *run, double limit);
/* A line about `middle`, or two smaller ones where it is wider than `most`; what has no room in these is cut. */
void gb_paper_words(gb_canvas *canvas, double x, double middle, unsigned colour, double most, const char *text);
/* A generator's mark and name; and how far apart such names must be at least. */
void gb_paper_name(gb_canvas *canvas, const gb_run *run, size_t generator, double x, double middle, double most);
double gb_paper_line(gb_canvas *canvas, const gb_run *run, double most);

/* Whole figures into gb_run_out(run)/<stem>.<png, svg or pdf>; nothing is written where there is nothing to show. */
gb_status gb_figure_summary(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_figure_chart(gb_paper paper, const gb_run *run, const gb_chart *chart, const char *title,
                          const char *stem, gb_error *err) GB_MUST_CHECK;
gb_status gb_figure_scatter(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_figure_flicker(gb_paper paper, const gb_run *run, const gb_rows *rows, size_t dataset, const char *stem,
                            gb_error *err) GB_MUST_CHECK;
/* Nothing where the run has no pairs that far apart. */
gb_status gb_figure_changes(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
    GB_MUST_CHECK;

/* canvas is written as <stem>.<ending> and freed, whatever happens. */
gb_status gb_figure_finish(gb_canvas *canvas, gb_paper paper, const gb_run *run, const char *stem, gb_error *err)
    GB_MUST_CHECK;

#endif
