/* The pieces that every section of the page is made of. */
#include <math.h>
#include <string.h>

#include "report/html/page.h"

enum { COLOURS = 8, SHAPES = 5 };

/* Centred on (0, 0), about as large as each other to the eye. */
static const char *const shapes[SHAPES] = {
    "<circle r=\"5\"/>",
    "<rect x=\"-4.5\" y=\"-4.5\" width=\"9\" height=\"9\"/>",
    "<path d=\"M0-6.2 6.2 0 0 6.2-6.2 0Z\"/>",
    "<path d=\"M0-5.8 5.8 4.6H-5.8Z\"/>",
    "<path d=\"M0 5.8 5.8-4.6H-5.8Z\"/>",
};

void gb_page_markers(gb_page *page)
{
    gb_html_put(&page->out, "<svg class=\"defs\" aria-hidden=\"true\"><defs>");
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const bool hollow = page->run->generators[g].parameters == 0.0; /* a baseline: nothing was learnt */
        gb_html_put(&page->out, "<g id=\"m%d\" class=\"mark c%d%r\">%r</g>", (int)g, (int)(g % COLOURS),
                    hollow ? " hollow" : "", shapes[g % SHAPES]);
    }
    gb_html_put(&page->out, "</defs></svg>\n");
}

void gb_page_use_marker(gb_page *page, size_t g, double x, double y)
{
    gb_html_put(&page->out, "<use href=\"#m%d\" x=\"%f%%\" y=\"%f\"/>", (int)g, x, y);
}

void gb_page_name(gb_page *page, size_t g)
{
    gb_html_put(&page->out,
                "<span class=\"name\"><svg class=\"key\" aria-hidden=\"true\" viewBox=\"-8 -8 16 16\">"
                "<use href=\"#m%d\"/></svg><bdi>%s</bdi></span>",
                (int)g, page->run->generators[g].id);
}

void gb_page_word(gb_page *page, gb_state state, const char *why)
{
    gb_html_put(&page->out, "<span class=\"state\" title=\"%s\">%s</span>", why ? why : "no reason was recorded",
                gb_state_name(state));
}

double gb_page_ideal(const gb_run_metric *metric, const gb_run_dataset *dataset)
{
    if (!strncmp(metric->id, "lpips", 5)) return 0.0;
    if (!strncmp(metric->id, "ssim", 4) || !strcmp(metric->id, "flicker_excess")) return 1.0;
    return !strcmp(metric->id, "flicker_hold") ? dataset->truth_flicker_hold : NAN;
}

void gb_page_set_states(gb_page *page, const gb_run_dataset *dataset, const gb_run_metric *metric, gb_region region)
{
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const gb_run_summary *row =
            gb_view_find(page->run, dataset->id, page->run->generators[g].id, metric->id, region);
        page->states[g] = row ? row->state : GB_STATE_SKIPPED;
    }
}

static void grid_line(gb_page *page, double percent, const char *classes, const char *label)
{
    gb_html_put(&page->out, "<i%r style=\"left:%f%%\"><b>%s</b></i>", classes, percent, label);
}

void gb_page_chart_begin(gb_page *page, const gb_chart *chart)
{
    gb_html_put(&page->out,
                "<figure class=\"chart %r\"><figcaption><h3>%s</h3><p>%r</p></figcaption>"
                "<div class=\"plot\"><div class=\"grid\" aria-hidden=\"true\">",
                chart->classes, chart->title, chart->note);
    for (int t = 0; t < chart->axis.ticks; t++) {
        gb_buffer label;
        gb_buffer_init(&label, 64);
        gb_axis_label(&label, &chart->axis, chart->axis.tick[t]);
        if (label.status == GB_OK)
            grid_line(page, gb_axis_percent(&chart->axis, chart->axis.tick[t]), "", label.data);
        gb_buffer_free(&label);
    }
    const bool inside = chart->reference >= chart->axis.lo && chart->reference <= chart->axis.hi;
    if (inside)
        grid_line(page, gb_axis_percent(&chart->axis, chart->reference), " class=\"ref\"", chart->reference_name);
    gb_html_put(&page->out, "</div>\n");
}

static void absent_of(gb_page *page, gb_state state, bool *any)
{
    bool first = true;
    for (size_t g = 0; g < page->run->generator_count; g++) {
        if (page->states[g] != state) continue;
        if (first)
            gb_html_put(&page->out, "%r<span class=\"state\">%s</span>: ", *any ? "; " : "<p class=\"quiet\">",
                        gb_state_name(state));
        gb_html_put(&page->out, "%r<bdi data-g=\"%d\">%s</bdi>", first ? "" : ", ", (int)g,
                    page->run->generators[g].id);
        first = false;
        *any = true;
    }
}

void gb_page_chart_end(gb_page *page)
{
    bool any = false;
    gb_html_put(&page->out, "</div>");
    for (int state = GB_STATE_UNDEFINED; state < GB_STATE_COUNT; state++) absent_of(page, (gb_state)state, &any);
    gb_html_put(&page->out, any ? "</p></figure>\n" : "</figure>\n");
}
