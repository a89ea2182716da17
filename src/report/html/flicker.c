/* How much the strips change from frame to frame, against the truth's own change. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/html/page.h"

#define MAX_SHOTS 8
#define MAX_PAIRS 400 /* of a shot: more cannot be told apart */
#define MIN_PAIRS 2
#define TOP 10.0
#define LINE 18.0   /* pixels between direct labels */
#define SPAN 1000.0 /* width of the drawing's own coordinates */

typedef struct series {
    const gb_plot_change **change; /* of this shot, in the file's order */
    size_t count;
    int first, last; /* frames */
    gb_axis up;
    double height;
} series;

typedef struct end_label {
    int g; /* -1: the truth */
    double y;
} end_label;

static double y_of(const series *s, double value)
{
    return TOP + (s->height - TOP) * (1.0 - gb_axis_percent(&s->up, value) / 100.0);
}

static gb_status gather(const gb_page *page, size_t dataset, size_t shot, series *s, gb_error *err)
{
    s->change = gb_alloc(page->rows.change_count, sizeof *s->change);
    if (!s->change) return gb_fail_memory(err, "flicker", page->rows.change_count * sizeof *s->change);
    gb_range range = {.lo = 0.0, .hi = 0.0, .any = true};
    s->first = -1;
    for (size_t i = 0; i < page->rows.change_count; i++) {
        const gb_plot_change *c = &page->rows.changes[i];
        if ((size_t)c->dataset != dataset || (size_t)c->shot != shot) continue;
        if (s->first < 0) s->first = c->frame;
        if (c->frame >= s->first + MAX_PAIRS) continue;
        s->change[s->count++] = c;
        if (c->frame > s->last) s->last = c->frame;
        gb_range_add(&range, c->test);
        gb_range_add(&range, c->truth);
    }
    s->up = gb_axis_linear(range, 4);
    const double labels = LINE * (double)(page->run->generator_count + 2);
    s->height = labels > 220.0 ? labels : 220.0;
    return GB_OK;
}

/* One line, broken where frames are missing. Returns its last y, or NaN when there is no line. */
static double draw_line(gb_page *page, const series *s, int g, const char *classes)
{
    double y = NAN;
    int before = -2;
    bool open = false;
    for (size_t i = 0; i < s->count; i++) {
        const gb_plot_change *c = s->change[i];
        if (g >= 0 ? c->generator != g : c->generator != s->change[0]->generator) continue;
        if (open && c->frame != before + 1) {
            gb_html_put(&page->out, "\"/>");
            open = false;
        }
        if (!open) gb_html_put(&page->out, "<polyline class=\"%r\" data-g=\"%d\" points=\"", classes, g);
        open = true;
        before = c->frame;
        y = y_of(s, g >= 0 ? c->test : c->truth);
        const int span = s->last > s->first ? s->last - s->first : 1;
        gb_buffer_printf(&page->out, "%.0f,%.1f ", SPAN * (c->frame - s->first) / span, y);
    }
    if (open) gb_html_put(&page->out, "\"/>");
    return y;
}

static int by_height(const void *a, const void *b)
{
    const double x = ((const end_label *)a)->y, y = ((const end_label *)b)->y;
    return (x > y) - (x < y);
}

/* Labels in the order of the lines' ends, none on top of another, all inside. */
static void spread(end_label *label, size_t count, double height)
{
    qsort(label, count, sizeof *label, by_height);
    for (size_t i = 1; i < count; i++) label[i].y = fmax(label[i].y, label[i - 1].y + LINE);
    double limit = height;
    for (size_t i = count; i-- > 0; limit -= LINE) label[i].y = fmin(label[i].y, limit);
}

static void draw_labels(gb_page *page, const end_label *label, size_t count)
{
    gb_html_put(&page->out, "<div class=\"ends\">");
    for (size_t i = 0; i < count; i++) {
        const char *id = label[i].g < 0 ? "" : page->run->generators[label[i].g].id;
        gb_html_put(&page->out, "<span class=\"end\" style=\"top:%fpx\" data-g=\"%d\" data-n=\"%s\">",
                    label[i].y - LINE / 2, label[i].g, id);
        if (label[i].g < 0)
            gb_html_put(&page->out, "<span class=\"name\"><i class=\"key truth\"></i><b>truth</b></span>");
        else
            gb_page_name(page, (size_t)label[i].g);
        gb_html_put(&page->out, "</span>");
    }
    gb_html_put(&page->out, "</div>");
}

static gb_status draw_series(gb_page *page, const series *s, gb_error *err)
{
    const size_t generators = page->run->generator_count;
    end_label *label = gb_alloc(generators + 1, sizeof *label);
    if (!label) return gb_fail_memory(err, "labels", generators * sizeof *label);
    size_t labels = 0;
    gb_html_put(&page->out, "<div class=\"lines\" style=\"height:%fpx\"><svg class=\"area\" aria-hidden=\"true\">",
                s->height + 24.0);
    for (int t = 0; t < s->up.ticks; t++) {
        const double y = y_of(s, s->up.tick[t]);
        gb_html_put(&page->out,
                    "<line class=\"rule\" x1=\"0\" x2=\"100%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick\" "
                    "x=\"2\" y=\"%f\">",
                    y, y, y - 4.0);
        gb_axis_label(&page->out, &s->up, s->up.tick[t]);
        gb_html_put(&page->out, "</text>");
    }
    gb_html_put(&page->out,
                "<text class=\"tick\" x=\"2\" y=\"%f\">frame %d</text><text class=\"tick endmost\" x=\"100%%\" "
                "y=\"%f\">%d</text><svg width=\"100%%\" height=\"%f\" viewBox=\"0 0 1000 %f\" "
                "preserveAspectRatio=\"none\">",
                s->height + 18.0, s->first, s->height + 18.0, s->last, s->height, s->height);
    double y = draw_line(page, s, -1, "truth");
    if (isfinite(y)) label[labels++] = (end_label){-1, y};
    for (size_t g = 0; g < generators; g++) {
        char classes[32];
        snprintf(classes, sizeof classes, "c%d%s", (int)(g % 8),
                 page->run->generators[g].parameters == 0.0 ? " base" : "");
        y = draw_line(page, s, (int)g, classes);
        if (isfinite(y)) label[labels++] = (end_label){(int)g, y};
    }
    gb_html_put(&page->out, "</svg></svg>");
    spread(label, labels, s->height);
    draw_labels(page, label, labels);
    gb_html_put(&page->out, "</div>");
    free(label);
    return GB_OK;
}

/* Up to MAX_SHOTS shots that are long enough, spread evenly; returns how many. */
static size_t choose(const gb_plot_shots *shots, size_t chosen[MAX_SHOTS])
{
    size_t fit = 0, seen = 0, count = 0;
    for (size_t s = 0; s < shots->count; s++) fit += shots->item[s].pairs >= MIN_PAIRS;
    const size_t wanted = fit < MAX_SHOTS ? fit : MAX_SHOTS;
    for (size_t s = 0; s < shots->count && count < wanted; s++) {
        if (shots->item[s].pairs < MIN_PAIRS) continue;
        if (seen++ * wanted / fit == count) chosen[count++] = s;
    }
    return count;
}

static void caption(gb_page *page, size_t dataset, const gb_plot_shots *shots, const size_t *chosen, size_t count)
{
    gb_html_put(&page->out,
                "<figure class=\"chart wide\" data-pages><figcaption><h3>Flicker over time</h3><p>Mean change of "
                "the strips from frame to frame, 8-bit levels. Where the truth's line is low, a drawing is "
                "held: lines that stay up there flicker.</p><p><label>Shot <select class=\"page\" "
                "aria-label=\"Shot shown in flicker over time\">");
    for (size_t i = 0; i < count; i++) {
        const gb_plot_shot *shot = &shots->item[chosen[i]];
        gb_html_put(&page->out, "<option value=\"f%d-%d\">%d: %s</option>", (int)dataset, (int)i, shot->shot,
                    shot->clip);
    }
    gb_html_put(&page->out, "</select></label> <span class=\"quiet\">%d of %d shots</span></p></figcaption>",
                (int)count, (int)shots->count);
}

gb_status gb_page_flicker(gb_page *page, size_t dataset, gb_error *err)
{
    const gb_plot_shots *shots = &page->rows.dataset[dataset];
    size_t chosen[MAX_SHOTS];
    const size_t count = choose(shots, chosen);
    if (!count) return GB_OK;
    caption(page, dataset, shots, chosen, count);
    gb_status status = GB_OK;
    for (size_t i = 0; i < count && status == GB_OK; i++) {
        series s = {0};
        gb_html_put(&page->out, "<div data-page=\"f%d-%d\"%r>", (int)dataset, (int)i, i ? " class=\"later\"" : "");
        status = gather(page, dataset, chosen[i], &s, err);
        if (status == GB_OK) status = draw_series(page, &s, err);
        if (shots->item[chosen[i]].pairs > MAX_PAIRS)
            gb_html_put(&page->out, "<p class=\"quiet\">The first %d frames of the shot.</p>", MAX_PAIRS);
        gb_html_put(&page->out, "</div>\n");
        free(s.change);
    }
    gb_html_put(&page->out, "</figure>\n");
    return status;
}
