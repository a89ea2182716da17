/* Flicker on paper: over time, the longest of the shots that the page shows, a figure for each metric of pairs; and the
 * change over growing distances. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/paper/figure.h"
#include "report/plot/palette.h"

#define HEIGHT 190.0
#define LEFT 28.0
#define TOP 38.0
#define BOTTOM 22.0
#define DOT 1.2

typedef struct name {
    int g;
    double y;
} name;

/* `right`: where the lines end and the names begin. */
static double x_of(const gb_series *s, double right, int frame)
{
    const int span = s->last > s->first ? s->last - s->first : 1;
    return LEFT + (right - LEFT) * (frame - s->first) / span;
}

static double y_of(const gb_series *s, double value)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - gb_axis_percent(&s->up, value) / 100.0);
}

/* Returns the last y, or NaN when there is no line. */
static double draw_line(gb_canvas *canvas, const gb_run *run, const gb_series *s, double right, int g)
{
    const bool truth = g == GB_SERIES_TRUTH, base = !truth && run->generators[g].parameters == 0.0;
    double x[GB_SERIES_FRAMES], y[GB_SERIES_FRAMES];
    size_t count = 0, at = 0;
    gb_series_point point = {.frame = -2};
    gb_canvas_dash(canvas, base ? 3.5 : 0.0, 2.0);
    for (bool more = true; more;) {
        more = gb_series_next(s, g, &at, &point);
        if (count && (!more || !point.joined || count == GB_SERIES_FRAMES)) {
            if (count == 1) { /* by itself: a dot */
                x[1] = x[0] + DOT;
                y[count++] = y[0];
            }
            gb_canvas_path(canvas, x, y, count, false, truth ? 2.6 : 1.0,
                           truth ? GB_INK : gb_palette[g % GB_COLOURS].light, truth ? 0.4 : 1.0);
            if (more) count = 0;
        }
        if (!more) break;
        x[count] = x_of(s, right, point.frame);
        y[count++] = y_of(s, point.value);
    }
    gb_canvas_dash(canvas, 0.0, 0.0);
    return count ? y[count - 1] : NAN;
}

static int by_height(const void *a, const void *b)
{
    const double x = ((const name *)a)->y, y = ((const name *)b)->y;
    return (x > y) - (x < y);
}

static void draw_names(gb_canvas *canvas, const gb_run *run, double right, name *names, double *y, size_t count)
{
    const double x = right + 6.0, most = GB_PAPER_WIDTH - right - 12.0;
    qsort(names, count, sizeof *names, by_height);
    for (size_t i = 0; i < count; i++) y[i] = names[i].y;
    const double line = fmin(gb_paper_line(canvas, run, most), (HEIGHT - BOTTOM) / (double)(count + 1));
    gb_series_spread(y, count, line, HEIGHT - BOTTOM + 2.0);
    for (size_t i = 0; i < count; i++) {
        if (names[i].g != GB_SERIES_TRUTH) {
            gb_paper_name(canvas, run, (size_t)names[i].g, x, y[i], most);
            continue;
        }
        gb_canvas_line(canvas, x, y[i], x + 8.0, y[i], 2.6, GB_INK, 0.4);
        gb_canvas_text(canvas, x + 12.0, y[i] + 2.8, GB_PAPER_LETTER, GB_INK, GB_ALIGN_LEFT, 0.0, "truth");
    }
}

static void axes(gb_canvas *canvas, const gb_series *s, double right)
{
    for (int t = 0; t < s->up.ticks; t++) {
        const double y = y_of(s, s->up.tick[t]);
        gb_buffer label;
        gb_buffer_init(&label, 64);
        gb_axis_label(&label, &s->up, s->up.tick[t]);
        gb_canvas_line(canvas, LEFT, y, right, y, 0.5, GB_RULE, 1.0);
        if (label.status == GB_OK)
            gb_canvas_text(canvas, LEFT - 4.0, y + 2.5, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_RIGHT, 0.0, label.data);
        gb_buffer_free(&label);
    }
    char *first = gb_format("%s %d", s->across, s->first), *last = gb_format("%d", s->last);
    gb_canvas_text(canvas, LEFT, HEIGHT - 9.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_LEFT, 0.0, first);
    gb_canvas_text(canvas, right, HEIGHT - 9.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_RIGHT, 0.0, last);
    free(first);
    free(last);
}

static void draw(gb_canvas *canvas, const gb_run *run, const gb_series *s, const char *title, const char *note,
                 name *names, double *y)
{
    const double right = GB_PAPER_WIDTH - gb_paper_names(canvas, run, GB_PAPER_NAMES) - GB_PAPER_MARGIN;
    size_t count = 0;
    gb_canvas_bold(canvas, true);
    gb_canvas_text(canvas, GB_PAPER_MARGIN, 13.0, GB_PAPER_TITLE, GB_INK, GB_ALIGN_LEFT, GB_PAPER_WIDTH - 12.0, title);
    gb_canvas_bold(canvas, false);
    gb_canvas_text(canvas, GB_PAPER_MARGIN, 24.0, GB_PAPER_SMALL, GB_QUIET, GB_ALIGN_LEFT, GB_PAPER_WIDTH - 12.0,
                   note);
    axes(canvas, s, right);
    for (int g = GB_SERIES_TRUTH; g < (int)run->generator_count; g++) {
        const double end = draw_line(canvas, run, s, right, g);
        if (isfinite(end)) names[count++] = (name){g, end};
    }
    draw_names(canvas, run, right, names, y, count);
}

static gb_status write(gb_paper paper, const gb_run *run, const gb_series *s, const char *title, const char *note,
                       const char *stem, gb_error *err)
{
    gb_canvas *canvas = NULL;
    name *names = gb_alloc(run->generator_count + 1, sizeof *names);
    double *y = gb_alloc(run->generator_count + 1, sizeof *y);
    gb_status status = names && y && title && note ? GB_OK : gb_fail_memory(err, "figure", run->generator_count * 16);
    if (status == GB_OK) status = gb_canvas_open(paper, GB_PAPER_WIDTH, HEIGHT, title, run->created, &canvas, err);
    if (status == GB_OK) {
        draw(canvas, run, s, title, note, names, y);
        status = gb_figure_finish(canvas, paper, run, stem, err);
    }
    free(names);
    free(y);
    return status;
}

/* The longest of the shots that the page shows. */
static size_t longest_shot(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, const size_t *chosen,
                           size_t count)
{
    size_t longest = 0;
    int frames = -1;
    for (size_t i = 0; i < count; i++) {
        const gb_series s = gb_series_of(run, rows, dataset, metric, chosen[i]);
        if (s.last - s.first <= frames) continue;
        frames = s.last - s.first;
        longest = chosen[i];
    }
    return longest;
}

/* "<stem>" for the change itself, "<stem>-<metric>" for what else is known of pairs. */
static gb_status write_metric(gb_paper paper, const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric,
                              size_t shot, const char *stem, gb_error *err)
{
    const gb_series s = gb_series_of(run, rows, dataset, metric, shot);
    const gb_run_metric *m = &run->metrics[metric];
    const gb_shot *of = &rows->shots[dataset].item[shot];
    if (!s.values.count) return GB_OK;
    char *title = gb_format("%s over time on %s, shot %d (%s)", s.plain ? m->title : "Flicker",
                            run->datasets[dataset].id, of->shot, of->clip);
    char *note = s.plain ? gb_format("%s of each pair of frames, over the strips%s%s", m->id, *m->unit ? ", " : "",
                                     m->unit)
                         : gb_strdup("Mean change of the strips from frame to frame, 8-bit levels. Lines that stay up "
                                     "where the truth's is low flicker.");
    char *place = s.plain ? gb_format("%s-%s", stem, m->id) : gb_strdup(stem);
    const gb_status status = place ? write(paper, run, &s, title, note, place, err) : gb_fail_memory(err, stem, 64);
    free(title);
    free(note);
    free(place);
    return status;
}

gb_status gb_figure_flicker(gb_paper paper, const gb_run *run, const gb_rows *rows, size_t dataset, const char *stem,
                            gb_error *err)
{
    size_t chosen[GB_SERIES_SHOTS], metric[GB_SERIES_METRICS];
    const size_t count = gb_series_choose(run, rows, dataset, chosen);
    const size_t metrics = gb_series_metrics(run, rows, dataset, metric);
    if (!count || !metrics) return GB_OK;
    const size_t shot = longest_shot(run, rows, dataset, metric[0], chosen, count);
    for (size_t i = 0; i < metrics; i++)
        GB_TRY(write_metric(paper, run, rows, dataset, metric[i], shot, stem, err));
    return GB_OK;
}

gb_status gb_figure_changes(gb_paper paper, const gb_run *run, size_t dataset, const char *stem, gb_error *err)
{
    gb_value *room = NULL;
    gb_series s;
    GB_TRY(gb_series_changes(run, dataset, &room, &s, err));
    char *title = gb_format("Change against distance on %s", run->datasets[dataset].id);
    char *note = gb_format("Mean change of the strips over 1 to %d frames (stride %s) within a shot, 8-bit levels. "
                           "One that begins high flickers.", s.last, gb_series_stride(run, dataset));
    const gb_status status = s.last > s.first ? write(paper, run, &s, title, note, stem, err) : GB_OK;
    free(title);
    free(note);
    free(room);
    return status;
}
