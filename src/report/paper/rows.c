/* A chart's rows on paper. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/paper/figure.h"
#include "report/plot/palette.h"

#define NAME 12.0 /* from a mark's left to its name */
#define BAR 5.0 /* half of the bar at a mean or median */

static double at(const gb_chart *chart, const gb_paper_box *box, double value)
{
    return box->x + box->width * gb_axis_percent(&chart->axis, value) / 100.0;
}

void gb_paper_grid(gb_canvas *canvas, const gb_chart *chart, const gb_paper_box *box)
{
    const double bottom = box->y + box->rows * GB_PAPER_ROW;
    double free_from = 0.0; /* a label that would touch the one before it is left out */
    for (int t = 0; t < chart->axis.ticks; t++) {
        const double x = at(chart, box, chart->axis.tick[t]);
        gb_buffer label;
        gb_buffer_init(&label, 64);
        gb_axis_label(&label, &chart->axis, chart->axis.tick[t]);
        gb_canvas_line(canvas, x, box->y, x, bottom, 0.5, GB_RULE, 1.0);
        const char *const text = label.status == GB_OK ? label.data : "";
        const double half = gb_canvas_text_width(canvas, GB_PAPER_SMALL, text) / 2.0;
        if (x - half >= free_from) {
            gb_canvas_text(canvas, x, bottom + 8.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_MIDDLE, 0.0, text);
            free_from = x + half + 2.0;
        }
        gb_buffer_free(&label);
    }
    if (!(chart->reference >= chart->axis.lo && chart->reference <= chart->axis.hi)) return;
    const double x = at(chart, box, chart->reference);
    gb_canvas_dash(canvas, 2.5, 2.0);
    gb_canvas_line(canvas, x, box->y, x, bottom, 0.8, GB_QUIET, 1.0);
    gb_canvas_dash(canvas, 0.0, 0.0);
    gb_canvas_text(canvas, x, box->y - 2.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_MIDDLE, 0.0, chart->reference_name);
}

static void whisker(gb_canvas *canvas, const gb_chart *chart, const gb_paper_box *box, double lo, double hi, double y,
                    double width, unsigned colour)
{
    gb_canvas_line(canvas, at(chart, box, lo), y, at(chart, box, hi), y, width, colour, 1.0);
}

static void bar(gb_canvas *canvas, const gb_chart *chart, const gb_paper_box *box, double value, double y)
{
    const double x = at(chart, box, value);
    gb_canvas_line(canvas, x, y - BAR, x, y + BAR, 1.1, GB_INK, 1.0);
}

static void hill(gb_canvas *canvas, const gb_chart *chart, const gb_chart_row *row, const gb_paper_box *box, double y,
                 unsigned colour)
{
    double xs[GB_HILL + 2], ys[GB_HILL + 2];
    const double base = y + 4.0;
    for (int i = 0; i < GB_HILL; i++) {
        xs[i + 1] = box->x + box->width * (i + 0.5) / GB_HILL;
        ys[i + 1] = base - 10.5 * row->hill[i];
    }
    xs[0] = xs[1];
    xs[GB_HILL + 1] = xs[GB_HILL];
    ys[0] = ys[GB_HILL + 1] = base;
    gb_canvas_path(canvas, xs, ys, GB_HILL + 2, true, 0.0, colour, 0.4);
    whisker(canvas, chart, box, row->quantile[0], row->quantile[4], base + 1.5, 0.8, colour);
    whisker(canvas, chart, box, row->quantile[1], row->quantile[3], base + 1.5, 2.6, colour);
    bar(canvas, chart, box, row->mean, y);
}

void gb_paper_marks(gb_canvas *canvas, const gb_run *run, const gb_chart *chart, const gb_chart_row *row,
                    const gb_paper_box *box, double middle)
{
    const unsigned colour = gb_palette[row->g % GB_COLOURS].light;
    switch (chart->kind) {
    case GB_CHART_INTERVAL:
    case GB_CHART_DIFFERENCE:
        if (isfinite(row->lo)) whisker(canvas, chart, box, row->lo, row->hi, middle, 1.6, colour);
        gb_canvas_mark(canvas, run, row->g, at(chart, box, row->mean), middle);
        break;
    case GB_CHART_DOTS:
        for (size_t i = 0; i < row->points; i++)
            gb_canvas_dot(canvas, at(chart, box, row->point[i].value), middle, 2.4, colour, 0.4, colour);
        bar(canvas, chart, box, row->mean, middle);
        break;
    case GB_CHART_SPREAD: hill(canvas, chart, row, box, middle, colour); break;
    case GB_CHART_GAP:
        whisker(canvas, chart, box, row->mean, row->other_mean, middle, 1.6, colour);
        for (size_t i = 0; i < row->points; i++)
            gb_canvas_dot(canvas, at(chart, box, row->point[i].value), middle, 2.7,
                          row->point[i].hollow ? GB_GROUND : colour, 1.0, colour);
        break;
    }
}

double gb_paper_names(gb_canvas *canvas, const gb_run *run, double limit)
{
    double most = 92.0;
    for (size_t g = 0; g < run->generator_count; g++)
        most = fmax(most, 20.0 + gb_canvas_text_width(canvas, GB_PAPER_LETTER, run->generators[g].id));
    return fmin(most, limit);
}

double gb_paper_line(gb_canvas *canvas, const gb_run *run, double most)
{
    bool two = false;
    for (size_t g = 0; g < run->generator_count && !two; g++)
        two = gb_canvas_text_width(canvas, GB_PAPER_TINY, run->generators[g].id) > most - NAME;
    return two ? 2.0 * GB_PAPER_TINY + 1.5 : GB_PAPER_LETTER + 2.5;
}

/* How many bytes of a text fit, whole letters, one at least. */
static size_t fitting(gb_canvas *canvas, double size, double most, const char *text)
{
    size_t fits = 0;
    for (size_t end = 1; text[end - 1]; end++) {
        if (((unsigned char)text[end] & 0xc0) == 0x80) continue;
        char *start = gb_format("%.*s", (int)end, text);
        const bool wide = start && gb_canvas_text_width(canvas, size, start) > most;
        free(start);
        if (wide && fits) break;
        fits = end;
    }
    return fits;
}

void gb_paper_words(gb_canvas *canvas, double x, double middle, unsigned colour, double most, const char *text)
{
    if (gb_canvas_text_width(canvas, GB_PAPER_LETTER, text) <= most) {
        gb_canvas_text(canvas, x, middle + 2.8, GB_PAPER_LETTER, colour, GB_ALIGN_LEFT, 0.0, text);
        return;
    }
    const size_t fits = fitting(canvas, GB_PAPER_TINY, most, text);
    if (!text[fits]) {
        gb_canvas_text(canvas, x, middle + 2.2, GB_PAPER_TINY, colour, GB_ALIGN_LEFT, most, text);
        return;
    }
    char *first = gb_format("%.*s", (int)fits, text);
    if (first) gb_canvas_text(canvas, x, middle - 0.9, GB_PAPER_TINY, colour, GB_ALIGN_LEFT, most, first);
    gb_canvas_text(canvas, x, middle + 5.6, GB_PAPER_TINY, colour, GB_ALIGN_LEFT, most, text + fits);
    free(first);
}

void gb_paper_name(gb_canvas *canvas, const gb_run *run, size_t generator, double x, double middle, double most)
{
    gb_canvas_mark(canvas, run, generator, x + 4.0, middle);
    gb_paper_words(canvas, x + NAME, middle, GB_INK, most - NAME, run->generators[generator].id);
}
