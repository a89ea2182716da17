/* Dot and whisker: each metric's means with their intervals, best first. */
#include <math.h>
#include <stdlib.h>

#include "report/html/page.h"

#define ROW_MIDDLE 13.0 /* pixels: half of a row's height */

static void interval_row(gb_page *page, const gb_chart *chart, size_t g, const gb_run_metric *metric,
                         const gb_run_summary *row)
{
    const gb_run_generator *generator = &page->run->generators[g];
    if (!row || row->state != GB_STATE_OK) return; /* named below the chart */
    gb_html_put(&page->out, "<div class=\"row\" data-g=\"%d\" data-n=\"%s %s\">", (int)g, generator->id,
                generator->title);
    gb_page_name(page, g);
    gb_html_put(&page->out, "<svg class=\"track c%d\" aria-hidden=\"true\">", (int)(g % 8));
    if (isfinite(row->lo))
        gb_html_put(&page->out, "<line class=\"whisker\" x1=\"%f%%\" x2=\"%f%%\" y1=\"%f\" y2=\"%f\"/>",
                    gb_axis_percent(&chart->axis, row->lo), gb_axis_percent(&chart->axis, row->hi), ROW_MIDDLE,
                    ROW_MIDDLE);
    gb_page_use_marker(page, g, gb_axis_percent(&chart->axis, row->mean), ROW_MIDDLE);
    gb_html_put(&page->out, "</svg><span class=\"value\">");
    gb_view_value(&page->out, metric, row->mean);
    if (isfinite(row->lo)) {
        gb_html_put(&page->out, "<span class=\"vh\">, interval ");
        gb_view_value(&page->out, metric, row->lo);
        gb_html_put(&page->out, " to ");
        gb_view_value(&page->out, metric, row->hi);
        gb_html_put(&page->out, "</span>");
    }
    gb_html_put(&page->out, "</span></div>");
}

static bool find_range(const gb_page *page, const gb_run_dataset *dataset, const gb_run_metric *metric,
                       gb_region region, gb_range *range)
{
    bool any = false;
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const gb_run_summary *row =
            gb_view_find(page->run, dataset->id, page->run->generators[g].id, metric->id, region);
        if (row && row->state != GB_STATE_SKIPPED && row->state != GB_STATE_NO_WEIGHTS) any = true;
        if (!row || row->state != GB_STATE_OK) continue;
        gb_range_add(range, row->mean);
        gb_range_add(range, row->lo);
        gb_range_add(range, row->hi);
    }
    return any && range->any;
}

static gb_status interval_chart(gb_page *page, const gb_run_dataset *dataset, const gb_run_metric *metric,
                                gb_region region, gb_error *err)
{
    static const char *const classes[] = {"r-full", "r-sides", "r-seam"};
    gb_range range = {0};
    if (!find_range(page, dataset, metric, region, &range)) return GB_OK;
    const double ideal = gb_page_ideal(metric, dataset);
    const bool near =
        isfinite(ideal) && ideal > range.lo - (range.hi - range.lo) && ideal < range.hi + (range.hi - range.lo);
    if (near && gb_view_arrow(metric)[0] == '\0') gb_range_add(&range, ideal);
    gb_buffer note;
    gb_buffer_init(&note, 4096);
    gb_html_put(&note, "%s%s%s, %s%s%s", gb_view_arrow(metric), gb_view_arrow(metric)[0] ? " " : "",
                gb_view_direction(metric), gb_region_name(region), metric->unit[0] ? ", " : "", metric->unit);
    size_t *order = gb_view_order(page->run, dataset->id, metric, region);
    gb_status status = gb_buffer_status(&note, err);
    if (!order) status = gb_fail_memory(err, "order", page->run->generator_count);
    if (status == GB_OK) {
        const gb_chart chart = {.classes = classes[region],
                                .title = metric->title,
                                .note = note.data,
                                .axis = gb_axis_linear(range, 4),
                                .reference = ideal,
                                .reference_name = "truth"};
        gb_page_chart_begin(page, &chart);
        for (size_t i = 0; i < page->run->generator_count; i++)
            interval_row(
                page, &chart, order[i], metric,
                gb_view_find(page->run, dataset->id, page->run->generators[order[i]].id, metric->id, region));
        gb_page_set_states(page, dataset, metric, region);
        gb_page_chart_end(page);
    }
    free(order);
    gb_buffer_free(&note);
    return status;
}

gb_status gb_page_intervals(gb_page *page, size_t dataset, gb_error *err)
{
    for (size_t m = 0; m < page->run->metric_count; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++)
            GB_TRY(interval_chart(page, &page->run->datasets[dataset], &page->run->metrics[m], (gb_region)r, err));
    return GB_OK;
}
