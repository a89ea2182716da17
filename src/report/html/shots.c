/* The leading metric shot by shot: is a generator better everywhere, or by a few scenes? */
#include <math.h>
#include <stdlib.h>

#include "report/html/page.h"

#define ROW_MIDDLE 13.0
#define MAX_DOTS 150 /* of a row; with more shots they are counted into bins */
#define BINS 60

static double shot_mean(const gb_plot_shot *shot, size_t g, gb_region region)
{
    const gb_cluster *sums = &shot->sums[g * GB_REGION_COUNT + (size_t)region];
    return sums->den > 0.0 ? sums->num / sums->den : NAN;
}

static void dots(gb_page *page, const gb_axis *axis, const gb_plot_shots *shots, size_t g, gb_region region,
                 const gb_run_metric *metric)
{
    for (size_t s = 0; s < shots->count; s++) {
        const gb_plot_shot *shot = &shots->item[s];
        const double mean = shot_mean(shot, g, region);
        if (!isfinite(mean)) continue;
        gb_html_put(&page->out,
                    "<circle class=\"dot\" cx=\"%f%%\" cy=\"%f\" r=\"4\"><title>shot %d (%s), %d frames: ",
                    gb_axis_percent(axis, mean), ROW_MIDDLE, shot->shot, shot->clip, shot->frames[g]);
        gb_view_value(&page->out, metric, mean);
        gb_html_put(&page->out, "</title></circle>");
    }
}

static void bins(gb_page *page, const gb_axis *axis, const gb_plot_shots *shots, size_t g, gb_region region)
{
    int count[BINS] = {0}, most = 1;
    for (size_t s = 0; s < shots->count; s++) {
        const double mean = shot_mean(&shots->item[s], g, region);
        if (!isfinite(mean)) continue;
        const int bin = (int)fmin(BINS - 1, gb_axis_percent(axis, mean) * BINS / 100.0);
        if (++count[bin] > most) most = count[bin];
    }
    for (int b = 0; b < BINS; b++) {
        const double height = 20.0 * count[b] / most;
        if (count[b])
            gb_html_put(&page->out,
                        "<rect class=\"bin\" x=\"%f%%\" width=\"%f%%\" y=\"%f\" height=\"%f\"><title>%d "
                        "shots</title></rect>",
                        100.0 * b / BINS, 92.0 / BINS, 24.0 - height, height, count[b]);
    }
}

static void strip_row(gb_page *page, const gb_chart *chart, const gb_run_dataset *dataset, const gb_plot_shots *shots,
                      size_t g, gb_region region)
{
    const gb_run_generator *generator = &page->run->generators[g];
    const gb_run_metric *metric = gb_view_leading(page->run);
    const gb_run_summary *row = gb_view_find(page->run, dataset->id, generator->id, metric->id, region);
    if (!row || row->state != GB_STATE_OK) return; /* named below the chart */
    gb_html_put(&page->out, "<div class=\"row\" data-g=\"%d\" data-n=\"%s %s\">", (int)g, generator->id,
                generator->title);
    gb_page_name(page, g);
    gb_html_put(&page->out, "<svg class=\"track c%d\" role=\"presentation\">", (int)(g % 8));
    if (shots->count > MAX_DOTS)
        bins(page, &chart->axis, shots, g, region);
    else
        dots(page, &chart->axis, shots, g, region, metric);
    const double mean = gb_axis_percent(&chart->axis, row->mean);
    gb_html_put(&page->out,
                "<line class=\"mean\" x1=\"%f%%\" x2=\"%f%%\" y1=\"3\" y2=\"23\"/></svg><span class=\"value\">", mean,
                mean);
    gb_view_value(&page->out, metric, row->mean);
    gb_html_put(&page->out, "</span></div>");
}

static gb_status strip_chart(gb_page *page, size_t d, gb_region region, gb_error *err)
{
    static const char *const classes[] = {"r-full", "r-sides", "r-seam"};
    static const char *const alone[] = {"r-full wide", "r-sides wide", "r-seam wide"};
    const gb_run_dataset *dataset = &page->run->datasets[d];
    const gb_run_metric *metric = gb_view_leading(page->run);
    const gb_plot_shots *shots = &page->rows.dataset[d];
    gb_range range = {0};
    for (size_t s = 0; s < shots->count; s++)
        for (size_t g = 0; g < page->run->generator_count; g++)
            gb_range_add(&range, shot_mean(&shots->item[s], g, region));
    if (!range.any) return GB_OK;
    size_t *order = gb_view_order(page->run, dataset->id, metric, region);
    gb_buffer note;
    gb_buffer_init(&note, 4096);
    gb_html_put(&note, "%s by shot, %s. %s; the bar is the mean over frames. %s %s.", metric->title,
                gb_region_name(region),
                shots->count > MAX_DOTS ? "How many shots have which mean" : "Each dot is the mean of a shot",
                gb_view_arrow(metric), gb_view_direction(metric));
    gb_status status = gb_buffer_status(&note, err);
    if (!order) status = gb_fail_memory(err, "order", page->run->generator_count);
    if (status == GB_OK) {
        gb_chart chart = {.classes = page->run->throughput_count ? classes[region] : alone[region],
                          .title = "Shot by shot",
                          .note = note.data,
                          .axis = gb_axis_linear(range, 4),
                          .reference = NAN};
        gb_page_chart_begin(page, &chart);
        for (size_t i = 0; i < page->run->generator_count; i++)
            strip_row(page, &chart, dataset, shots, order[i], region);
        gb_page_set_states(page, dataset, metric, region);
        gb_page_chart_end(page);
    }
    gb_buffer_free(&note);
    free(order);
    return status;
}

gb_status gb_page_shots(gb_page *page, size_t dataset, gb_error *err)
{
    if (!gb_view_leading(page->run)) return GB_OK;
    for (int r = 0; r < GB_REGION_COUNT; r++) GB_TRY(strip_chart(page, dataset, (gb_region)r, err));
    return GB_OK;
}
