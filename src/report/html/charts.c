/* A dataset's charts, in order. */
#include "report/html/page.h"

static const char *const of_region[] = {"r-full", "r-sides", "r-seam"};
static const char *const wide_of_region[] = {"r-full wide spell", "r-sides wide spell", "r-seam wide spell"};

static gb_status intervals(gb_page *page, size_t dataset, gb_error *err)
{
    for (size_t m = 0; m < page->run->metric_count; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            gb_chart chart;
            GB_TRY(gb_chart_intervals(page->run, dataset, m, (gb_region)r, &chart, err));
            gb_page_chart(page, &chart, of_region[r]);
            gb_chart_free(&chart);
        }
    return GB_OK;
}

static gb_status differences(gb_page *page, size_t dataset, gb_error *err)
{
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_chart chart;
        GB_TRY(gb_chart_differences(page->run, dataset, (gb_region)r, &chart, err));
        gb_page_chart(page, &chart, wide_of_region[r]);
        gb_chart_free(&chart);
    }
    return GB_OK;
}

static gb_status shots(gb_page *page, size_t dataset, gb_error *err)
{
    static const char *const alone[] = {"r-full wide", "r-sides wide", "r-seam wide"};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_chart chart;
        GB_TRY(gb_chart_shots(page->run, &page->rows, dataset, (gb_region)r, &chart, err));
        gb_page_chart(page, &chart, page->run->throughput_count ? of_region[r] : alone[r]);
        gb_chart_free(&chart);
    }
    return GB_OK;
}

/* One metric's spread, all regions; returns whether there is any. */
static gb_status spread_of(gb_page *page, size_t dataset, size_t metric, bool draw, bool *any, gb_error *err)
{
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_chart chart;
        GB_TRY(gb_chart_spread(page->run, &page->rows, dataset, metric, (gb_region)r, &chart, err));
        *any = *any || chart.rows;
        if (draw && chart.rows) {
            gb_html_put(&page->out, "<div class=\"%r\"><p>%s</p>", of_region[r], chart.note);
            gb_page_chart_body(page, &chart);
            gb_html_put(&page->out, "</div>");
        }
        gb_chart_free(&chart);
    }
    return GB_OK;
}

static gb_status spreads(gb_page *page, size_t dataset, gb_error *err)
{
    bool any_at_all = false, first = true;
    for (size_t m = 0; m < page->run->metric_count; m++) {
        bool any = false;
        GB_TRY(spread_of(page, dataset, m, false, &any, err));
        if (any && !any_at_all)
            gb_html_put(&page->out,
                        "<figure class=\"chart wide\" data-pages><figcaption><h3>Spread over the frames</h3><p><label>"
                        "Metric <select class=\"page\" aria-label=\"Metric whose spread is shown\">");
        if (any)
            gb_html_put(&page->out, "<option value=\"s%d-%d\">%s</option>", (int)dataset, (int)m,
                        page->run->metrics[m].title);
        any_at_all = any_at_all || any;
    }
    if (!any_at_all) return GB_OK;
    gb_html_put(&page->out, "</select></label></p></figcaption>");
    for (size_t m = 0; m < page->run->metric_count; m++) {
        bool any = false;
        GB_TRY(spread_of(page, dataset, m, false, &any, err));
        if (!any) continue;
        gb_html_put(&page->out, "<div data-page=\"s%d-%d\"%r>", (int)dataset, (int)m, first ? "" : " class=\"later\"");
        GB_TRY(spread_of(page, dataset, m, true, &any, err));
        gb_html_put(&page->out, "</div>\n");
        first = false;
    }
    gb_html_put(&page->out, "</figure>\n");
    return GB_OK;
}

gb_status gb_page_charts(gb_page *page, size_t dataset, gb_error *err)
{
    GB_TRY(intervals(page, dataset, err));
    GB_TRY(differences(page, dataset, err));
    GB_TRY(shots(page, dataset, err));
    GB_TRY(gb_page_scatter(page, dataset, err));
    GB_TRY(spreads(page, dataset, err));
    return gb_page_flicker(page, dataset, err);
}

bool gb_page_has_gap(const gb_page *page)
{
    bool in = false, out = false;
    for (size_t d = 0; d < page->run->dataset_count; d++) {
        const gb_run_dataset *dataset = &page->run->datasets[d];
        if (dataset->state != GB_STATE_OK || !dataset->domain) continue;
        in = in || dataset->domain[0] == 'i';
        out = out || dataset->domain[0] == 'o';
    }
    return in && out;
}

gb_status gb_page_gap(gb_page *page, gb_error *err)
{
    gb_chart chart;
    GB_TRY(gb_chart_gap(page->run, &chart, err));
    if (chart.rows) {
        gb_html_put(&page->out, "<section id=\"gap\"><h2>Domain gap</h2>");
        gb_page_chart(page, &chart, "wide spell");
        gb_html_put(&page->out, "</section>\n");
    }
    gb_chart_free(&chart);
    return GB_OK;
}
