/* One chart of rows as a figure: title, note, names, marks, numbers. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/paper/figure.h"
#include "report/plot/palette.h"

#define VALUE 44.0
#define LONG_VALUE 122.0

gb_status gb_figure_finish(gb_canvas *canvas, gb_paper paper, const gb_run *run, const char *stem, gb_error *err)
{
    static const char *const endings[] = {"png", "svg", "pdf"};
    char *name = gb_format("%s.%s", stem, endings[paper]);
    const gb_status status = name ? gb_canvas_write(canvas, run, name, err) : gb_fail_memory(err, stem, 64);
    free(name);
    gb_canvas_free(canvas);
    return status;
}

static char *value_text(const gb_chart *chart, const gb_chart_row *row)
{
    if (chart->kind != GB_CHART_DIFFERENCE || !isfinite(row->lo)) return gb_strdup(row->value);
    char *lo = gb_chart_number(chart->metric, row->lo, true), *hi = gb_chart_number(chart->metric, row->hi, true);
    char *text = lo && hi ? gb_format("%s [%s, %s]", row->value, lo, hi) : NULL;
    free(lo);
    free(hi);
    return text;
}

static void draw_row(gb_canvas *canvas, const gb_run *run, const gb_chart *chart, const gb_chart_row *row,
                     const gb_paper_box *box, double names, double middle)
{
    char *value = value_text(chart, row);
    gb_paper_name(canvas, run, row->g, GB_PAPER_MARGIN, middle, names - 4.0);
    if (chart->kind == GB_CHART_DIFFERENCE) {
        char *other = gb_format("\xe2\x88\x92 %s", run->generators[row->other].id);
        if (other) gb_paper_words(canvas, GB_PAPER_MARGIN + names, middle, GB_QUIET, names - 6.0, other);
        free(other);
    }
    gb_paper_marks(canvas, run, chart, row, box, middle);
    gb_canvas_text(canvas, GB_PAPER_WIDTH - GB_PAPER_MARGIN, middle + 2.8, GB_PAPER_LETTER, GB_INK, GB_ALIGN_RIGHT,
                   0.0, value);
    free(value);
}

gb_status gb_figure_chart(gb_paper paper, const gb_run *run, const gb_chart *chart, const char *title,
                          const char *stem, gb_error *err)
{
    if (!chart->rows) return GB_OK;
    const bool difference = chart->kind == GB_CHART_DIFFERENCE, lengthy = difference || chart->kind == GB_CHART_GAP;
    const double right = GB_PAPER_MARGIN + (lengthy ? LONG_VALUE : VALUE);
    const double head = 50.0, height = head + GB_PAPER_ROW * (double)chart->rows + 16.0;
    gb_canvas *canvas;
    GB_TRY(gb_canvas_open(paper, GB_PAPER_WIDTH, height, title, run->created, &canvas, err));
    gb_canvas_bold(canvas, true);
    gb_canvas_text(canvas, GB_PAPER_MARGIN, 13.0, GB_PAPER_TITLE, GB_INK, GB_ALIGN_LEFT,
                   GB_PAPER_WIDTH - 2.0 * GB_PAPER_MARGIN, title);
    gb_canvas_bold(canvas, false);
    const double names = gb_paper_names(canvas, run, difference ? GB_PAPER_TWO_NAMES : GB_PAPER_NAMES);
    const double left = GB_PAPER_MARGIN + (difference ? 2.0 : 1.0) * names;
    gb_canvas_paragraph(canvas, GB_PAPER_MARGIN, 24.0, GB_PAPER_SMALL, GB_QUIET,
                        GB_PAPER_WIDTH - 2.0 * GB_PAPER_MARGIN, chart->note);
    const gb_paper_box box = {left, head, GB_PAPER_WIDTH - left - right - 6.0, (double)chart->rows};
    gb_paper_grid(canvas, chart, &box);
    for (size_t i = 0; i < chart->rows; i++)
        draw_row(canvas, run, chart, &chart->row[i], &box, names, head + GB_PAPER_ROW * ((double)i + 0.5));
    return gb_figure_finish(canvas, paper, run, stem, err);
}
