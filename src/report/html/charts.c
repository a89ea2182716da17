/* A dataset's charts, in order. */
#include <string.h>

#include "report/html/page.h"

static const char *const of_region[] = {"r-full", "r-sides", "r-seam"};

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

/* A figure of one chart a metric and region: the metric is chosen by a list, the region with all other charts. */
typedef struct album {
    const char *title, *what; /* of the list, for those who do not see the title */
    const char *prefix, *classes;
    gb_status (*make)(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, gb_region region,
                      gb_chart *out, gb_error *err);
} album;

static gb_status make_differences(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric,
                                  gb_region region, gb_chart *out, gb_error *err)
{
    (void)rows;
    return gb_chart_differences(run, dataset, metric, region, out, err);
}

static const album spreads = {"Spread over the frames", "Metric whose spread is shown", "s", "chart wide",
                              gb_chart_spread};
static const album differences = {"Each against the next in the table", "Metric whose differences are shown", "x",
                                  "chart wide spell", make_differences};

/* One metric, all regions; `any` says whether there is a chart. */
static gb_status leaf(gb_page *page, const album *a, size_t dataset, size_t metric, bool draw, bool *any, gb_error *err)
{
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_chart chart;
        GB_TRY(a->make(page->run, &page->rows, dataset, metric, (gb_region)r, &chart, err));
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

static gb_status album_list(gb_page *page, const album *a, size_t dataset, bool *any_at_all, gb_error *err)
{
    for (size_t m = 0; m < page->run->metric_count; m++) {
        bool any = false;
        GB_TRY(leaf(page, a, dataset, m, false, &any, err));
        if (any && !*any_at_all)
            gb_html_put(&page->out,
                        "<figure class=\"%r\" data-pages><figcaption><h3>%s</h3><p><label>Metric <select "
                        "class=\"page\" aria-label=\"%s\">",
                        a->classes, a->title, a->what);
        if (any)
            gb_html_put(&page->out, "<option value=\"%r%d-%d\">%s</option>", a->prefix, (int)dataset, (int)m,
                        page->run->metrics[m].title);
        *any_at_all = *any_at_all || any;
    }
    if (*any_at_all) gb_html_put(&page->out, "</select></label></p></figcaption>");
    return GB_OK;
}

static gb_status put_album(gb_page *page, const album *a, size_t dataset, gb_error *err)
{
    bool any_at_all = false, first = true;
    GB_TRY(album_list(page, a, dataset, &any_at_all, err));
    for (size_t m = 0; any_at_all && m < page->run->metric_count; m++) {
        bool any = false;
        GB_TRY(leaf(page, a, dataset, m, false, &any, err));
        if (!any) continue;
        gb_html_put(&page->out, "<div data-page=\"%r%d-%d\"%r>", a->prefix, (int)dataset, (int)m,
                    first ? "" : " class=\"later\"");
        GB_TRY(leaf(page, a, dataset, m, true, &any, err));
        gb_html_put(&page->out, "</div>\n");
        first = false;
    }
    if (any_at_all) gb_html_put(&page->out, "</figure>\n");
    return GB_OK;
}

gb_status gb_page_charts(gb_page *page, size_t dataset, gb_error *err)
{
    GB_TRY(intervals(page, dataset, err));
    GB_TRY(put_album(page, &differences, dataset, err));
    GB_TRY(shots(page, dataset, err));
    GB_TRY(gb_page_scatter(page, dataset, err));
    GB_TRY(put_album(page, &spreads, dataset, err));
    GB_TRY(gb_page_flicker(page, dataset, err));
    GB_TRY(gb_page_changes(page, dataset, err));
    return gb_page_slices(page, dataset, err);
}

bool gb_page_has_gap(const gb_page *page)
{
    bool in = false, out = false;
    for (size_t d = 0; d < page->run->dataset_count; d++) {
        const gb_run_dataset *dataset = &page->run->datasets[d];
        if (dataset->state != GB_STATE_OK || !dataset->domain) continue;
        in = in || !strcmp(dataset->domain, "in");
        out = out || !strcmp(dataset->domain, "out");
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
