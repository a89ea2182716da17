/* Flicker as HTML: over time, a drawing for each metric of pairs, the shot chosen by a list; and the change over
 * growing distances. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/html/page.h"
#include "report/plot/series.h"

#define TOP 10.0
#define LINE 18.0   /* pixels between direct labels */
#define SPAN 1000.0 /* width of the drawing's own coordinates */
#define SMALL 110.0 /* height of one of many */

typedef struct end_label {
    int g;
    double y;
} end_label;

static double y_of(const gb_series *s, double height, double value)
{
    return TOP + (height - TOP) * (1.0 - gb_axis_percent(&s->up, value) / 100.0);
}

/* A point by itself becomes a dot. */
static void end_line(gb_page *page, double x, double y, int points)
{
    if (points == 1) gb_buffer_printf(&page->out, "%.0f,%.1f ", x + 1.0, y);
    if (points > 0) gb_html_put(&page->out, "\"/>");
}

/* One line, broken where frames are missing. Returns its last y, or NaN when there is no line. */
static double draw_line(gb_page *page, const gb_series *s, double height, int g, const char *classes)
{
    const int span = s->last > s->first ? s->last - s->first : 1;
    gb_series_point point = {.frame = -2};
    double x = 0.0, y = NAN;
    size_t at = 0;
    int points = 0;
    while (gb_series_next(s, g, &at, &point)) {
        if (!point.joined) {
            end_line(page, x, y, points);
            gb_html_put(&page->out, "<polyline class=\"%r\" data-g=\"%d\" points=\"", classes, g);
            points = 0;
        }
        x = SPAN * (point.frame - s->first) / span;
        y = y_of(s, height, point.value);
        gb_buffer_printf(&page->out, "%.0f,%.1f ", x, y);
        points++;
    }
    end_line(page, x, y, points);
    return y;
}

static int by_height(const void *a, const void *b)
{
    const double x = ((const end_label *)a)->y, y = ((const end_label *)b)->y;
    return (x > y) - (x < y);
}

static void draw_labels(gb_page *page, end_label *label, double *y, size_t count, double height)
{
    qsort(label, count, sizeof *label, by_height);
    for (size_t i = 0; i < count; i++) y[i] = label[i].y;
    gb_series_spread(y, count, LINE, height);
    gb_html_put(&page->out, "<div class=\"ends\">");
    for (size_t i = 0; i < count; i++) {
        const bool truth = label[i].g == GB_SERIES_TRUTH;
        gb_html_put(&page->out, "<span class=\"end\" style=\"top:%fpx\" data-g=\"%d\" data-n=\"%s\">", y[i] - LINE / 2,
                    label[i].g, truth ? "" : page->run->generators[label[i].g].id);
        if (truth)
            gb_html_put(&page->out, "<span class=\"name\"><i class=\"key truth\"></i><b>truth</b></span>");
        else
            gb_page_name(page, (size_t)label[i].g);
        gb_html_put(&page->out, "</span>");
    }
    gb_html_put(&page->out, "</div>");
}

static void draw_axes(gb_page *page, const gb_series *s, double height, const char *classes)
{
    gb_html_put(&page->out, "<div class=\"lines%r\" style=\"--h:%fpx\"><svg class=\"area\" aria-hidden=\"true\">",
                classes, height + 24.0);
    for (int t = 0; t < s->up.ticks; t++) {
        const double y = y_of(s, height, s->up.tick[t]);
        gb_html_put(&page->out,
                    "<line class=\"rule\" x1=\"0\" x2=\"100%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick\" "
                    "x=\"2\" y=\"%f\">",
                    y, y, y - 4.0);
        gb_axis_label(&page->out, &s->up, s->up.tick[t]);
        gb_html_put(&page->out, "</text>");
    }
    gb_html_put(&page->out,
                "<text class=\"tick\" x=\"2\" y=\"%f\">%s %d</text><text class=\"tick endmost\" x=\"100%%\" "
                "y=\"%f\">%d</text><svg width=\"100%%\" height=\"%f\" viewBox=\"0 0 1000 %f\" "
                "preserveAspectRatio=\"none\">",
                height + 18.0, s->across, s->first, height + 18.0, s->last, height, height);
}

/* Grid and lines; where they end goes into `label`, which has room for all and one more, unless it is NULL. */
static size_t draw_lines(gb_page *page, const gb_series *s, double height, end_label *label)
{
    size_t labels = 0;
    draw_axes(page, s, height, label ? "" : " bare");
    for (int g = GB_SERIES_TRUTH; g < (int)page->run->generator_count; g++) {
        char classes[32] = "truth";
        if (g != GB_SERIES_TRUTH)
            snprintf(classes, sizeof classes, "c%d%s", g % GB_COLOURS,
                     gb_view_is_baseline(&page->run->generators[g]) ? " base" : "");
        const double y = draw_line(page, s, height, g, classes);
        if (label && isfinite(y)) label[labels++] = (end_label){g, y};
    }
    gb_html_put(&page->out, "</svg></svg>");
    return labels;
}

static gb_status draw_series(gb_page *page, const gb_series *s, gb_error *err)
{
    const size_t generators = page->run->generator_count;
    const double height = fmax(LINE * ((double)generators + 2), 220.0);
    end_label *label = gb_alloc(generators + 1, sizeof *label);
    double *spread = gb_alloc(generators + 1, sizeof *spread);
    const bool whole = label && spread;
    if (whole) {
        const size_t labels = draw_lines(page, s, height, label);
        draw_labels(page, label, spread, labels, height);
        gb_html_put(&page->out, "</div>");
    }
    free(label);
    free(spread);
    return whole ? GB_OK : gb_fail_memory(err, "labels", generators * sizeof *label);
}

/* What a metric's direction asks for, in words. */
static const char *wish(const gb_run_metric *metric)
{
    if (!strcmp(metric->direction, "lower")) return "lower is better";
    return strcmp(metric->direction, "higher") ? "informative" : "higher is better";
}

/* The other metrics of pairs, small, over the same frames. */
static void draw_small(gb_page *page, size_t dataset, size_t shot, const size_t *metric, size_t metrics)
{
    gb_html_put(&page->out, "<div class=\"multiples\">");
    for (size_t i = 0; i < metrics; i++) {
        const gb_run_metric *m = &page->run->metrics[metric[i]];
        const gb_series s = gb_series_of(page->run, &page->rows, dataset, metric[i], shot);
        if (!s.values.count) continue;
        gb_html_put(&page->out, "<div><h4>%s <span class=\"quiet\"><code>%s</code>%s%s, %s</span></h4>", m->title,
                    m->id, *m->unit ? ", " : "", m->unit, wish(m));
        draw_lines(page, &s, SMALL, NULL);
        gb_html_put(&page->out, "</div></div>");
    }
    gb_html_put(&page->out, "</div>");
}

static void caption(gb_page *page, size_t dataset, const size_t *chosen, size_t count)
{
    const gb_shots *shots = &page->rows.shots[dataset];
    gb_html_put(&page->out,
                "<figure class=\"chart wide\" data-pages><figcaption><h3>Flicker over time</h3><p>Mean change of "
                "the strips from frame to frame, 8-bit levels. Where the truth's line is low, a drawing is "
                "held: lines that stay up there flicker. Below, what the other metrics say of each pair of frames, "
                "over the strips.</p><p><label>Shot <select class=\"page\" "
                "aria-label=\"Shot shown in flicker over time\">");
    for (size_t i = 0; i < count; i++) {
        const gb_shot *shot = &shots->item[chosen[i]];
        gb_html_put(&page->out, "<option value=\"f%d-%d\">%d: %s</option>", (int)dataset, (int)i, shot->shot,
                    shot->clip);
    }
    gb_html_put(&page->out, "</select></label> <span class=\"quiet\">%d of %d shots</span></p></figcaption>",
                (int)count, (int)shots->count);
}

gb_status gb_page_flicker(gb_page *page, size_t dataset, gb_error *err)
{
    size_t chosen[GB_SERIES_SHOTS];
    size_t metric[GB_SERIES_METRICS];
    const size_t count = gb_series_choose(page->run, &page->rows, dataset, chosen);
    const size_t metrics = gb_series_metrics(page->run, &page->rows, dataset, metric);
    if (!count || !metrics) return GB_OK;
    caption(page, dataset, chosen, count);
    for (size_t i = 0; i < count; i++) {
        const gb_series s = gb_series_of(page->run, &page->rows, dataset, metric[0], chosen[i]);
        gb_html_put(&page->out, "<div data-page=\"f%d-%d\"%r>", (int)dataset, (int)i, i ? " class=\"later\"" : "");
        GB_TRY(draw_series(page, &s, err));
        if (metrics > 1) draw_small(page, dataset, chosen[i], metric + 1, metrics - 1);
        if (s.cut)
            gb_html_put(&page->out, "<p class=\"quiet\">The first %d frames of the shot.</p>", (int)GB_SERIES_FRAMES);
        gb_html_put(&page->out, "</div>\n");
    }
    gb_html_put(&page->out, "</figure>\n");
    return GB_OK;
}

gb_status gb_page_changes(gb_page *page, size_t dataset, gb_error *err)
{
    gb_value *room = NULL;
    gb_series s;
    GB_TRY(gb_series_changes(page->run, dataset, &room, &s, err));
    gb_status status = GB_OK;
    if (s.last > s.first) {
        gb_html_put(&page->out,
                    "<figure class=\"chart wide\"><figcaption><h3>Change against distance</h3><p>Mean change of the "
                    "strips over 1 to %d frames (stride %s), 8-bit levels, never across a cut. A line that begins "
                    "high and stays level flickers: it changes as much in one frame as in many. One below the "
                    "truth's throughout is frozen or blurred.</p></figcaption>",
                    s.last, gb_series_stride(page->run, dataset));
        status = draw_series(page, &s, err);
        gb_html_put(&page->out, "</figure>\n");
    }
    free(room);
    return status;
}
