/* What a generator loses on shows that it was not made for. */
#include <math.h>
#include <string.h>

#include "report/html/page.h"

#define ROW_MIDDLE 13.0

typedef struct gap {
    gb_page *page;
    const gb_run_metric *metric;
    gb_region region;
    gb_axis axis;
} gap;

static bool is_of(const gb_run_dataset *dataset, const char *domain)
{
    return dataset->domain && !strcmp(dataset->domain, domain) && dataset->state == GB_STATE_OK;
}

static double value_on(const gap *p, const gb_run_generator *generator, const gb_run_dataset *dataset)
{
    const gb_run_summary *row = gb_view_find(p->page->run, dataset->id, generator->id, p->metric->id, p->region);
    return row && row->state == GB_STATE_OK ? row->mean : NAN;
}

/* Mean of the domain's datasets, each counted once; NaN unless all have a number. */
static double domain_mean(const gap *p, const gb_run_generator *generator, const char *domain)
{
    double sum = 0.0;
    int count = 0;
    for (size_t d = 0; d < p->page->run->dataset_count; d++) {
        if (!is_of(&p->page->run->datasets[d], domain)) continue;
        sum += value_on(p, generator, &p->page->run->datasets[d]);
        count++;
    }
    return count ? sum / count : NAN;
}

static void draw_dots(const gap *p, const gb_run_generator *generator, const char *domain, double y)
{
    gb_buffer *out = &p->page->out;
    for (size_t d = 0; d < p->page->run->dataset_count; d++) {
        const gb_run_dataset *dataset = &p->page->run->datasets[d];
        const double value = is_of(dataset, domain) ? value_on(p, generator, dataset) : NAN;
        if (!isfinite(value)) continue;
        gb_html_put(out, "<circle class=\"d-%s\" cx=\"%f%%\" cy=\"%f\" r=\"4.5\"><title>%s: ", domain,
                    gb_axis_percent(&p->axis, value), y, dataset->id);
        gb_view_value(out, p->metric, value);
        gb_html_put(out, "</title></circle>");
    }
}

static void draw_row(const gap *p, size_t g)
{
    gb_page *page = p->page;
    const gb_run_generator *generator = &page->run->generators[g];
    const double in = domain_mean(p, generator, "in"), out = domain_mean(p, generator, "out");
    const bool ok = isfinite(in) && isfinite(out);
    page->states[g] = ok ? GB_STATE_OK : generator->state != GB_STATE_OK ? generator->state : GB_STATE_UNDEFINED;
    if (!ok) return; /* named below the chart */
    gb_html_put(&page->out, "<div class=\"row\" data-g=\"%d\" data-n=\"%s\">", (int)g, generator->id);
    gb_page_name(page, g);
    gb_html_put(&page->out,
                "<svg class=\"track c%d\" role=\"presentation\"><line class=\"whisker\" x1=\"%f%%\" x2=\"%f%%\" "
                "y1=\"%f\" y2=\"%f\"/>",
                (int)(g % 8), gb_axis_percent(&p->axis, in), gb_axis_percent(&p->axis, out), ROW_MIDDLE, ROW_MIDDLE);
    draw_dots(p, generator, "in", ROW_MIDDLE);
    draw_dots(p, generator, "out", ROW_MIDDLE);
    gb_html_put(&page->out, "</svg><span class=\"value\">%r", out >= in ? "+" : "\xe2\x88\x92");
    gb_view_value(&page->out, p->metric, fabs(out - in));
    gb_html_put(&page->out, "</span></div>\n");
}

bool gb_page_has_gap(const gb_page *page)
{
    bool in = false, out = false;
    for (size_t d = 0; d < page->run->dataset_count; d++) {
        in = in || is_of(&page->run->datasets[d], "in");
        out = out || is_of(&page->run->datasets[d], "out");
    }
    return in && out;
}

gb_status gb_page_gap(gb_page *page, gb_error *err)
{
    (void)err;
    const gb_run *run = page->run;
    gap p = {.page = page, .metric = gb_view_leading(run), .region = GB_REGION_SIDES};
    gb_range range = {0};
    for (size_t d = 0; d < run->dataset_count; d++)
        for (size_t g = 0; p.metric && g < run->generator_count; g++)
            gb_range_add(&range, value_on(&p, &run->generators[g], &run->datasets[d]));
    if (!gb_page_has_gap(page) || !range.any) return GB_OK;
    p.axis = gb_axis_linear(range, 6);
    gb_buffer note;
    gb_buffer_init(&note, 4096);
    gb_html_put(&note,
                "%s of the strips, %s %s. Filled: in the training domain; hollow: outside. One mark a dataset; the "
                "line joins the means, the number is their difference.",
                p.metric->title, gb_view_arrow(p.metric), gb_view_direction(p.metric));
    const gb_status status = gb_buffer_status(&note, err);
    if (status == GB_OK) {
        const gb_chart chart = {.classes = "wide",
                                .title = "In the training domain and outside it",
                                .note = note.data,
                                .axis = p.axis,
                                .reference = NAN};
        gb_html_put(&page->out, "<section id=\"gap\"><h2>Domain gap</h2>");
        gb_page_chart_begin(page, &chart);
        for (size_t g = 0; g < run->generator_count; g++) draw_row(&p, g);
        gb_page_chart_end(page);
        gb_html_put(&page->out, "</section>\n");
    }
    gb_buffer_free(&note);
    return status;
}
