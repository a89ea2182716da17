/* Quality against speed, with the generators that nothing beats in both. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/html/page.h"
#include "report/text.h"

#define HEIGHT 340.0 /* pixels */
#define TOP 14.0
#define BOTTOM 26.0  /* room of the time axis's labels */
#define LINE 15.0    /* of a label */
#define NARROW 320.0 /* pixels: labels must not touch on the narrowest screen */
#define LETTER 7.0
#define MAX_LETTERS 18

typedef struct point {
    size_t g;
    double ms, quality;
    double x, y;                    /* percent, pixels */
    double label_x, label_y, width; /* of its label's box, in pixels of the narrowest screen */
    bool left;
} point;

typedef struct plot {
    gb_page *page;
    const gb_run_metric *metric;
    gb_axis across, up;
    point *item;
    size_t count;
} plot;

static double x_of(const plot *p, double ms)
{
    return 10.0 + 0.86 * gb_axis_percent(&p->across, ms);
}

static double y_of(const plot *p, double quality)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - gb_axis_percent(&p->up, quality) / 100.0);
}

static bool collect(plot *p, const gb_run_dataset *dataset, gb_region region)
{
    const gb_run *run = p->page->run;
    gb_range across = {0}, up = {0};
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_summary *row = gb_view_find(run, dataset->id, run->generators[g].id, p->metric->id, region);
        const gb_run_throughput *speed = gb_view_speed(run, run->generators[g].id);
        if (!row || row->state != GB_STATE_OK || !speed || speed->random_weights) continue;
        const double ms = speed->p50_ms / (speed->batch > 0 ? speed->batch : 1);
        if (!(ms > 0.0) || !isfinite(ms)) continue;
        p->item[p->count++] = (point){.g = g, .ms = ms, .quality = row->mean};
        gb_range_add(&across, ms);
        gb_range_add(&up, row->mean);
    }
    p->across = gb_axis_log(across);
    p->up = gb_axis_linear(up, 6);
    return p->count > 0;
}

static bool boxes_touch(const point *a, const point *b)
{
    return fabs(a->label_y - b->label_y) < LINE && a->label_x < b->label_x + b->width &&
           b->label_x < a->label_x + a->width;
}

/* Labels stand beside their points, on the side that has room, moved up or down until none touches an earlier one. */
static void place_label(plot *p, size_t i)
{
    static const double shift[] = {0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0};
    point *at = &p->item[i];
    const size_t letters = strlen(p->page->run->generators[at->g].id);
    at->width = LETTER * (double)(letters < MAX_LETTERS ? letters : MAX_LETTERS) + 12.0;
    at->left = at->x > 55.0;
    at->label_x = at->x * NARROW / 100.0 + (at->left ? -at->width : 0.0);
    for (size_t s = 0; s < sizeof shift / sizeof *shift; s++) {
        at->label_y = at->y + shift[s] * LINE;
        bool free_place = at->label_y > TOP - 4.0 && at->label_y < HEIGHT - BOTTOM;
        for (size_t k = 0; k < i && free_place; k++) free_place = !boxes_touch(at, &p->item[k]);
        if (free_place) return;
    }
    at->label_y = at->y;
}

static void place(plot *p)
{
    for (size_t i = 0; i < p->count; i++) {
        p->item[i].x = x_of(p, p->item[i].ms);
        p->item[i].y = y_of(p, p->item[i].quality);
    }
    for (size_t i = 0; i < p->count; i++) place_label(p, i);
}

static void label_text(gb_buffer *out, const char *id)
{
    size_t letters = 0, bytes = 0;
    for (; id[bytes] && letters < MAX_LETTERS; letters++) {
        do bytes++;
        while (((unsigned char)id[bytes] & 0xc0) == 0x80);
    }
    char *text = gb_format("%.*s%s", (int)bytes, id, id[bytes] ? "\xe2\x80\xa6" : "");
    gb_text_markup(out, text);
    free(text);
}

static void axes(const plot *p)
{
    gb_buffer *out = &p->page->out;
    for (int t = 0; t < p->up.ticks; t++) {
        const double y = y_of(p, p->up.tick[t]);
        gb_html_put(out,
                    "<line class=\"rule\" x1=\"0\" x2=\"100%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick\" x=\"2\" "
                    "y=\"%f\">",
                    y, y, y - 4.0);
        gb_axis_label(out, &p->up, p->up.tick[t]);
        gb_html_put(out, "</text>");
    }
    for (int t = 0; t < p->across.ticks; t++) {
        const double x = x_of(p, p->across.tick[t]);
        gb_html_put(out,
                    "<line class=\"rule\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick mid\" "
                    "x=\"%f%%\" y=\"%f\">",
                    x, x, TOP, HEIGHT - BOTTOM, x, HEIGHT - 8.0);
        gb_axis_label(out, &p->across, p->across.tick[t]);
        gb_html_put(out, "</text>");
    }
}

static bool beaten(const plot *p, const point *a)
{
    for (size_t i = 0; i < p->count; i++) {
        const point *b = &p->item[i];
        const int quality = gb_view_compare(p->metric, b->quality, a->quality);
        if (b != a && quality <= 0 && b->ms <= a->ms && (quality < 0 || b->ms < a->ms)) return true;
    }
    return false;
}

static int by_time(const void *a, const void *b)
{
    const double x = ((const point *)a)->ms, y = ((const point *)b)->ms;
    return (x > y) - (x < y);
}

/* Steps through the unbeaten points: what quality each amount of time buys. */
static void frontier(const plot *p)
{
    const point *before = NULL;
    for (size_t i = 0; i < p->count; i++) {
        const point *at = &p->item[i];
        if (beaten(p, at)) continue;
        if (before)
            gb_html_put(&p->page->out,
                        "<line class=\"front\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/><line "
                        "class=\"front\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>",
                        before->x, at->x, before->y, before->y, at->x, at->x, before->y, at->y);
        before = at;
    }
}

static void points(const plot *p)
{
    gb_buffer *out = &p->page->out;
    for (size_t i = 0; i < p->count; i++) {
        const point *at = &p->item[i];
        const char *id = p->page->run->generators[at->g].id;
        gb_html_put(out, "<g data-g=\"%d\" data-n=\"%s\"><title>%s: ", (int)at->g, id, id);
        gb_view_value(out, p->metric, at->quality);
        gb_html_put(out, " at ");
        gb_view_ms(out, at->ms);
        gb_html_put(out, " ms</title>");
        if (at->label_y != at->y)
            gb_html_put(out, "<line class=\"lead\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>", at->x,
                        at->x + (at->left ? -1.5 : 1.5), at->y, at->label_y);
        gb_page_use_marker(p->page, at->g, at->x, at->y);
        gb_html_put(out, "<text class=\"label%r\" x=\"%f%%\" dx=\"%d\" y=\"%f\">", at->left ? " left" : "", at->x,
                    at->left ? -10 : 10, at->label_y + 4.5);
        label_text(out, id);
        gb_html_put(out, "</text></g>\n");
    }
}

/* Those that have no place in it, in words. */
static void left_out(const plot *p, const gb_run_dataset *dataset, gb_region region)
{
    const gb_run *run = p->page->run;
    bool any = false;
    for (size_t g = 0; g < run->generator_count; g++) {
        const char *id = run->generators[g].id;
        const gb_run_summary *row = gb_view_find(run, dataset->id, id, p->metric->id, region);
        const bool ok = row && row->state == GB_STATE_OK;
        if (ok && gb_view_speed(run, id) && !gb_view_speed(run, id)->random_weights) continue;
        gb_html_put(&p->page->out, "%r<bdi>%s</bdi> (%s)", any ? ", " : "<p class=\"quiet\">Not in it: ", id,
                    ok    ? "not timed"
                    : row ? gb_state_name(row->state)
                          : "no row");
        any = true;
    }
    if (any) gb_html_put(&p->page->out, ".</p>");
}

gb_status gb_page_scatter(gb_page *page, size_t dataset, gb_error *err)
{
    const gb_run_dataset *d = &page->run->datasets[dataset];
    const gb_region region = d->geometry.side > 0 ? GB_REGION_SIDES : GB_REGION_FULL;
    plot p = {.page = page, .metric = gb_view_leading(page->run)};
    p.item = gb_alloc(page->run->generator_count, sizeof *p.item);
    if (!p.item) return gb_fail_memory(err, "points", page->run->generator_count * sizeof *p.item);
    if (p.metric && collect(&p, d, region)) {
        qsort(p.item, p.count, sizeof *p.item, by_time);
        place(&p);
        gb_html_put(&page->out,
                    "<figure class=\"chart two\"><figcaption><h3>Quality against speed</h3><p>Up: %s, %s, %s %s. "
                    "Across: median time of a frame, ms (log), \xe2\x86\x90 less is better. The dashed line "
                    "joins those that none beats in both.</p></figcaption><svg class=\"area\" role=\"img\" "
                    "aria-label=\"%s against time; the numbers stand in the table\" height=\"%d\">",
                    p.metric->title, gb_region_name(region), gb_view_arrow(p.metric), gb_view_direction(p.metric),
                    p.metric->title, (int)HEIGHT);
        axes(&p);
        frontier(&p);
        points(&p);
        gb_html_put(&page->out, "</svg>");
        left_out(&p, d, region);
        gb_html_put(&page->out, "</figure>\n");
    }
    free(p.item);
    return GB_OK;
}
