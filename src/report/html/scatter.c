/* Quality against speed as HTML: heights in pixels, widths in percent, so that it fits every screen. */
#include <math.h>
#include <stdlib.h>

#include "report/html/page.h"
#include "report/plot/scatter.h"

#define HEIGHT 340.0 /* pixels */
#define NARROW 320.0 /* pixels: labels must not touch on the narrowest screen */

static const gb_scatter_frame frame = {.left = 0.1 * NARROW,
                                       .width = 0.86 * NARROW,
                                       .top = 14.0,
                                       .height = HEIGHT - 14.0 - 26.0, /* room for the time axis's labels */
                                       .line = 15.0,
                                       .letter = 7.0,
                                       .end = NARROW,
                                       .middle = 0.55 * NARROW};

static double percent(double x)
{
    return 100.0 * x / NARROW;
}

static void axes(const gb_scatter *p, gb_buffer *out)
{
    for (int t = 0; t < p->up.ticks; t++) {
        const double y = gb_scatter_y(p, &frame, p->up.tick[t]);
        gb_html_put(out,
                    "<line class=\"rule\" x1=\"0\" x2=\"100%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick\" x=\"2\" "
                    "y=\"%f\">",
                    y, y, y - 4.0);
        gb_axis_label(out, &p->up, p->up.tick[t]);
        gb_html_put(out, "</text>");
    }
    for (int t = 0; t < p->across.ticks; t++) {
        const double x = percent(gb_scatter_x(p, &frame, p->across.tick[t]));
        gb_html_put(out,
                    "<line class=\"rule\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/><text class=\"tick mid\" "
                    "x=\"%f%%\" y=\"%f\">",
                    x, x, frame.top, frame.top + frame.height, x, HEIGHT - 8.0);
        gb_axis_label(out, &p->across, p->across.tick[t]);
        gb_html_put(out, "</text>");
    }
}

/* Steps through the unbeaten points: what quality each amount of time buys. */
static void frontier(const gb_scatter *p, gb_buffer *out)
{
    const gb_scatter_point *before = NULL;
    for (size_t i = 0; i < p->points; i++) {
        const gb_scatter_point *at = &p->point[i];
        if (at->beaten) continue;
        if (before)
            gb_html_put(out,
                        "<line class=\"front\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/><line "
                        "class=\"front\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>",
                        percent(before->x), percent(at->x), before->y, before->y, percent(at->x), percent(at->x),
                        before->y, at->y);
        before = at;
    }
}

static void points(gb_page *page, const gb_scatter *p)
{
    gb_buffer *out = &page->out;
    for (size_t i = 0; i < p->points; i++) {
        const gb_scatter_point *at = &p->point[i];
        const char *id = page->run->generators[at->g].id;
        const double x = percent(at->x);
        gb_html_put(out, "<g data-g=\"%d\" data-n=\"%s\"><title>%s: ", (int)at->g, id, id);
        gb_view_value(out, p->metric, at->quality);
        gb_html_put(out, " at ");
        gb_view_ms(out, at->ms);
        gb_html_put(out, " ms</title>");
        if (at->label_y != at->y)
            gb_html_put(out, "<line class=\"lead\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>", x,
                        x + (at->left ? -1.5 : 1.5), at->y, at->label_y);
        gb_page_use_marker(page, at->g, x, at->y);
        char *label = gb_scatter_label(at, page->run);
        gb_html_put(out, "<text class=\"label%r\" x=\"%f%%\" dx=\"%d\" y=\"%f\">%s</text></g>\n",
                    at->left ? " left" : "", x, at->left ? -10 : 10, at->label_y + 4.5, label);
        free(label);
    }
}

gb_status gb_page_scatter(gb_page *page, size_t dataset, gb_error *err)
{
    gb_scatter p;
    GB_TRY(gb_scatter_make(page->run, dataset, &p, err));
    if (p.points) {
        gb_scatter_place(&p, page->run, &frame);
        gb_html_put(&page->out,
                    "<figure class=\"chart two\"><figcaption><h3>Quality against speed</h3><p>Up: %s, %s, %s %s. "
                    "Across: median time of a frame, ms (log), \xe2\x86\x90 less is better. The dashed line "
                    "joins those that none beats in both.</p></figcaption><svg class=\"area\" role=\"img\" "
                    "aria-label=\"%s against time; the numbers stand in the table\" height=\"%d\">",
                    p.metric->title, gb_region_name(p.region), gb_view_arrow(p.metric), gb_view_direction(p.metric),
                    p.metric->title, (int)HEIGHT);
        axes(&p, &page->out);
        frontier(&p, &page->out);
        points(page, &p);
        gb_html_put(&page->out, "</svg>");
        if (p.left_out[0]) gb_html_put(&page->out, "<p class=\"quiet\">Not in it: %s.</p>", p.left_out);
        gb_html_put(&page->out, "</figure>\n");
    }
    gb_scatter_free(&p);
    return GB_OK;
}
