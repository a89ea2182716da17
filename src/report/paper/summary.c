/* The table as a picture: a row a generator, a column a metric and region, each with its own scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/paper/figure.h"
#include "report/plot/palette.h"

#define COLUMNS 3      /* of a band; more go into further bands */
#define NUMBER 34.0    /* points for the number beside a row's marks */
#define GUTTER 14.0
#define BAND_HEAD 34.0
#define BAND_FOOT 18.0
#define TITLE 22.0

typedef struct sheet {
    const gb_run *run;
    const gb_run_dataset *dataset;
    gb_chart chart[GB_VIEW_COLUMNS];
    size_t columns;
    size_t *order;   /* generators with a number in any column, in the table's order */
    size_t rows;
} sheet;

static const gb_chart_row *row_of(const gb_chart *chart, size_t generator)
{
    for (size_t i = 0; i < chart->rows; i++)
        if (chart->row[i].g == generator) return &chart->row[i];
    return NULL;
}

static gb_status collect(sheet *s, size_t dataset, gb_error *err)
{
    gb_view_column column[GB_VIEW_COLUMNS];
    const size_t columns = gb_view_columns(s->run, s->dataset->id, column);
    for (size_t c = 0; c < columns; c++) {
        gb_chart *chart = &s->chart[s->columns];
        GB_TRY(gb_chart_intervals(s->run, dataset, (size_t)(column[c].metric - s->run->metrics), column[c].region,
                                  chart, err));
        if (chart->rows)
            s->columns++;
        else
            gb_chart_free(chart);
    }
    s->order = gb_view_order(s->run, s->dataset->id, gb_view_leading(s->run), GB_REGION_FULL);
    if (!s->order) return gb_fail_memory(err, "order", s->run->generator_count);
    for (size_t i = 0; i < s->run->generator_count; i++) {
        bool any = false;
        for (size_t c = 0; c < s->columns && !any; c++) any = row_of(&s->chart[c], s->order[i]) != NULL;
        if (any) s->order[s->rows++] = s->order[i];
    }
    return GB_OK;
}

static void draw_column(gb_canvas *canvas, const sheet *s, const gb_chart *chart, double x, double y, double width)
{
    const gb_paper_box box = {x, y + BAND_HEAD, width - NUMBER, (double)s->rows};
    const gb_run_metric *metric = chart->metric;
    char *below = gb_format("%s%s%s, %s", gb_region_name(chart->region), metric->unit[0] ? ", " : "", metric->unit,
                            gb_view_arrow(metric)[0] ? gb_view_direction(metric) : "read against the truth");
    gb_canvas_bold(canvas, true);
    gb_canvas_text(canvas, x, y + 10.0, GB_PAPER_LETTER, GB_INK, GB_ALIGN_LEFT, width, metric->title);
    gb_canvas_bold(canvas, false);
    gb_canvas_text(canvas, x, y + 20.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_LEFT, width, below);
    free(below);
    gb_paper_grid(canvas, chart, &box);
    for (size_t i = 0; i < s->rows; i++) {
        const gb_chart_row *row = row_of(chart, s->order[i]);
        const double middle = box.y + GB_PAPER_ROW * ((double)i + 0.5);
        if (row) gb_paper_marks(canvas, s->run, chart, row, &box, middle);
        gb_canvas_text(canvas, x + width, middle + 2.8, GB_PAPER_LETTER, row ? GB_INK : GB_QUIET, GB_ALIGN_RIGHT, 0.0,
                       row ? row->value : gb_state_name(chart->state[s->order[i]]));
    }
}

static void draw(gb_canvas *canvas, const sheet *s, const char *title)
{
    const double names = gb_paper_names(canvas, s->run, GB_PAPER_NAMES), left = GB_PAPER_MARGIN + names;
    const double all = GB_PAPER_WIDTH - GB_PAPER_MARGIN - left;
    const double width = (all - (COLUMNS - 1) * GUTTER) / COLUMNS;
    const double band = BAND_HEAD + GB_PAPER_ROW * (double)s->rows + BAND_FOOT;
    gb_canvas_bold(canvas, true);
    gb_canvas_text(canvas, GB_PAPER_MARGIN, 13.0, GB_PAPER_TITLE, GB_INK, GB_ALIGN_LEFT, 0.0, title);
    gb_canvas_bold(canvas, false);
    for (size_t c = 0; c < s->columns; c++) {
        const double y = TITLE + band * (double)(c / COLUMNS);
        for (size_t i = 0; c % COLUMNS == 0 && i < s->rows; i++)
            gb_paper_name(canvas, s->run, s->order[i], GB_PAPER_MARGIN,
                          y + BAND_HEAD + GB_PAPER_ROW * ((double)i + 0.5), names - 6.0);
        draw_column(canvas, s, &s->chart[c], left + (double)(c % COLUMNS) * (width + GUTTER), y, width);
    }
    char *note = gb_format("Means over %d frame%s of %d shot%s; lines are 95 %% intervals by bootstrap over shots.",
                           s->dataset->frames, gb_view_plural(s->dataset->frames), s->dataset->shots,
                           gb_view_plural(s->dataset->shots));
    gb_canvas_text(canvas, GB_PAPER_MARGIN, TITLE + band * (double)((s->columns + COLUMNS - 1) / COLUMNS) + 4.0,
                   GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_LEFT, 0.0, note);
    free(note);
}

gb_status gb_figure_summary(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
{
    sheet s = {.run = run, .dataset = &run->datasets[dataset]};
    gb_canvas *canvas = NULL;
    char *title = gb_format("Means on %s", s.dataset->id);
    gb_status status = title ? collect(&s, dataset, err) : gb_fail_memory(err, "title", 64);
    if (status == GB_OK && s.columns && s.rows) {
        const double bands = (double)((s.columns + COLUMNS - 1) / COLUMNS);
        const double height = TITLE + bands * (BAND_HEAD + GB_PAPER_ROW * (double)s.rows + BAND_FOOT) + 10.0;
        status = gb_canvas_open(paper, GB_PAPER_WIDTH, height, title, run->created, &canvas, err);
        if (status == GB_OK) {
            draw(canvas, &s, title);
            status = gb_figure_finish(canvas, paper, run, stem, err);
        }
    }
    for (size_t c = 0; c < s.columns; c++) gb_chart_free(&s.chart[c]);
    free(s.order);
    free(title);
    return status;
}
