/* A chart of rows (src/report/plot) as HTML: names and numbers are text, the marks between them are SVG. */
#include <math.h>
#include <string.h>

#include "report/html/page.h"

#define MIDDLE 13.0 /* pixels: half of a row */

static double at(const gb_chart *chart, double value)
{
    return gb_axis_percent(&chart->axis, value);
}

static void grid_line(gb_page *page, double percent, const char *classes, const char *label)
{
    gb_html_put(&page->out, "<i%r style=\"--at:%f%%\"><b>%s</b></i>", classes, percent, label);
}

static void draw_grid(gb_page *page, const gb_chart *chart)
{
    gb_html_put(&page->out, "<div class=\"grid\" aria-hidden=\"true\">");
    for (int t = 0; t < chart->axis.ticks; t++) {
        gb_buffer label;
        gb_buffer_init(&label, 64);
        gb_axis_label(&label, &chart->axis, chart->axis.tick[t]);
        if (label.status == GB_OK) grid_line(page, at(chart, chart->axis.tick[t]), "", label.data);
        gb_buffer_free(&label);
    }
    if (chart->reference >= chart->axis.lo && chart->reference <= chart->axis.hi)
        grid_line(page, at(chart, chart->reference), " class=\"ref\"", chart->reference_name);
    gb_html_put(&page->out, "</div>\n");
}

static void whisker(gb_page *page, const gb_chart *chart, double lo, double hi, double y, const char *classes)
{
    gb_html_put(&page->out, "<line class=\"%r\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>", classes,
                at(chart, lo), at(chart, hi), y, y);
}

static void bar(gb_page *page, const gb_chart *chart, double value)
{
    gb_html_put(&page->out, "<line class=\"mean\" x1=\"%f%%\" x2=\"%f%%\" y1=\"3\" y2=\"23\"/>", at(chart, value),
                at(chart, value));
}

static void dots(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    for (size_t i = 0; i < row->points; i++) {
        const gb_chart_point *point = &row->point[i];
        const gb_shot *shot = &page->rows.shots[point->dataset].item[point->shot];
        gb_html_put(&page->out,
                    "<circle class=\"dot\" cx=\"%f%%\" cy=\"%f\" r=\"4\"><title>shot %d (%s), %d frames: ",
                    at(chart, point->value), MIDDLE, shot->shot, shot->clip, point->frames);
        gb_view_value(&page->out, chart->metric, point->value);
        gb_html_put(&page->out, "</title></circle>");
    }
}

static void hill(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    gb_html_put(&page->out,
                "<svg width=\"100%%\" height=\"26\" viewBox=\"0 0 %d 26\" preserveAspectRatio=\"none\"><path "
                "class=\"hill\" d=\"M0 20",
                (int)GB_HILL);
    for (int i = 0; i < GB_HILL; i++)
        if (row->hill[i] > 0.005) gb_buffer_printf(&page->out, "L%.1f %.1f", i + 0.5, 20.0 - 19.0 * row->hill[i]);
        else gb_buffer_printf(&page->out, "L%.1f 20", i + 0.5);
    gb_html_put(&page->out, "L%d 20Z\"/></svg>", (int)GB_HILL);
    whisker(page, chart, row->quantile[0], row->quantile[4], 22.5, "whisker thin");
    whisker(page, chart, row->quantile[1], row->quantile[3], 22.5, "whisker full");
    bar(page, chart, row->mean);
}

static void gap(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    whisker(page, chart, row->mean, row->other_mean, MIDDLE, "whisker");
    for (size_t i = 0; i < row->points; i++) {
        gb_html_put(&page->out, "<circle class=\"d-%r\" cx=\"%f%%\" cy=\"%f\" r=\"4.5\"><title>%s: ",
                    row->point[i].hollow ? "out" : "in", at(chart, row->point[i].value), MIDDLE,
                    page->run->datasets[row->point[i].dataset].id);
        gb_view_value(&page->out, chart->metric, row->point[i].value);
        gb_html_put(&page->out, "</title></circle>");
    }
}

static void marks(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    gb_html_put(&page->out, "<svg class=\"track c%d\" aria-hidden=\"true\">", (int)(row->g % GB_COLOURS));
    switch (chart->kind) {
    case GB_CHART_INTERVAL:
    case GB_CHART_DIFFERENCE:
        if (isfinite(row->lo)) whisker(page, chart, row->lo, row->hi, MIDDLE, "whisker");
        gb_page_use_marker(page, row->g, at(chart, row->mean), MIDDLE);
        break;
    case GB_CHART_DOTS:
        dots(page, chart, row);
        bar(page, chart, row->mean);
        break;
    case GB_CHART_SPREAD: hill(page, chart, row); break;
    case GB_CHART_GAP: gap(page, chart, row); break;
    }
    gb_html_put(&page->out, "</svg>");
}

/* What the marks say, for those who do not see them; differences say it to all. */
static void value(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    gb_html_put(&page->out, "<span class=\"value\">%s", row->value);
    if (chart->kind == GB_CHART_DIFFERENCE && isfinite(row->lo)) {
        gb_html_put(&page->out, " <small>[");
        gb_view_value(&page->out, chart->metric, row->lo);
        gb_html_put(&page->out, ", ");
        gb_view_value(&page->out, chart->metric, row->hi);
        gb_html_put(&page->out, "] %s</small>", row->verdict);
    } else if (chart->kind == GB_CHART_DIFFERENCE) {
        gb_html_put(&page->out, " <small>%s</small>", row->verdict);
    } else if (chart->kind == GB_CHART_INTERVAL && isfinite(row->lo)) {
        gb_html_put(&page->out, "<span class=\"vh\">, interval ");
        gb_view_value(&page->out, chart->metric, row->lo);
        gb_html_put(&page->out, " to ");
        gb_view_value(&page->out, chart->metric, row->hi);
        gb_html_put(&page->out, "</span>");
    } else if (chart->kind == GB_CHART_SPREAD) {
        gb_html_put(&page->out, "<span class=\"vh\">, 5 %% below ");
        gb_view_value(&page->out, chart->metric, row->quantile[0]);
        gb_html_put(&page->out, ", 5 %% above ");
        gb_view_value(&page->out, chart->metric, row->quantile[4]);
        gb_html_put(&page->out, "</span>");
    }
    gb_html_put(&page->out, "</span>");
}

static void draw_row(gb_page *page, const gb_chart *chart, const gb_chart_row *row)
{
    const gb_run_generator *generator = &page->run->generators[row->g];
    gb_html_put(&page->out, "<div class=\"row\" data-g=\"%d\" data-n=\"%s %s\">", (int)row->g, generator->id,
                generator->title);
    gb_page_name(page, row->g);
    if (chart->kind == GB_CHART_DIFFERENCE)
        gb_html_put(&page->out, "<span class=\"other\">\xe2\x88\x92\xc2\xa0<bdi>%s</bdi></span>",
                    page->run->generators[row->other].id);
    marks(page, chart, row);
    value(page, chart, row);
    gb_html_put(&page->out, "</div>\n");
}

static void absent_of(gb_page *page, const gb_chart *chart, gb_state state, bool *any)
{
    bool first = true;
    for (size_t g = 0; g < chart->generators; g++) {
        if (chart->state[g] != state) continue;
        if (first)
            gb_html_put(&page->out, "%r<span class=\"state\">%s</span>: ", *any ? "; " : "<p class=\"quiet\">",
                        gb_state_name(state));
        gb_html_put(&page->out, "%r<bdi data-g=\"%d\">%s</bdi>", first ? "" : ", ", (int)g,
                    page->run->generators[g].id);
        first = false;
        *any = true;
    }
}

void gb_page_chart_body(gb_page *page, const gb_chart *chart)
{
    bool any = false;
    gb_html_put(&page->out, "<div class=\"plot\">");
    draw_grid(page, chart);
    for (size_t i = 0; i < chart->rows; i++) draw_row(page, chart, &chart->row[i]);
    gb_html_put(&page->out, "</div>");
    for (int state = GB_STATE_UNDEFINED; state < GB_STATE_COUNT; state++)
        absent_of(page, chart, (gb_state)state, &any);
    gb_html_put(&page->out, any ? "</p>\n" : "\n");
}

void gb_page_chart(gb_page *page, const gb_chart *chart, const char *classes)
{
    if (!chart->rows) return;
    gb_html_put(&page->out, "<figure class=\"chart %r\"><figcaption><h3>%s</h3><p>%s</p></figcaption>", classes,
                chart->title, chart->note);
    gb_page_chart_body(page, chart);
    gb_html_put(&page->out, "</figure>\n");
}
