/* Dot and whisker: each metric's means with their intervals, best first. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/plot/chart.h"

static const gb_run_summary *row_of(const gb_run *run, size_t dataset, const gb_chart *chart, size_t g)
{
    return gb_view_find(run, run->datasets[dataset].id, run->generators[g].id, chart->metric->id, chart->region);
}

static gb_status add_rows(const gb_run *run, size_t dataset, gb_chart *chart, gb_range *range, gb_error *err)
{
    size_t *order = gb_view_order(run, run->datasets[dataset].id, chart->metric, chart->region);
    gb_status status = order ? GB_OK : gb_fail_memory(err, "order", run->generator_count);
    for (size_t i = 0; status == GB_OK && i < run->generator_count; i++) {
        const gb_run_summary *row = row_of(run, dataset, chart, order[i]);
        if (!row || row->state != GB_STATE_OK) continue; /* named below the chart */
        chart->row[chart->rows] = (gb_chart_row){.g = order[i],
                                                 .mean = row->mean,
                                                 .lo = row->lo,
                                                 .hi = row->hi,
                                                 .count = (size_t)row->shots,
                                                 .value = gb_chart_number(chart->metric, row->mean, false)};
        if (!chart->row[chart->rows++].value) status = gb_fail_memory(err, "number", 32);
        gb_range_add(range, row->mean);
        gb_range_add(range, row->lo);
        gb_range_add(range, row->hi);
    }
    free(order);
    return status;
}

/* A truth that lies near the values belongs on the axis of a metric that is read against it. */
static void set_reference(const gb_run *run, size_t dataset, gb_chart *chart, gb_range *range)
{
    chart->reference = gb_chart_ideal(chart->metric, &run->datasets[dataset]);
    chart->reference_name = "truth";
    const double span = range->hi - range->lo;
    const bool near =
        isfinite(chart->reference) && chart->reference > range->lo - span && chart->reference < range->hi + span;
    if (near && gb_view_arrow(chart->metric)[0] == '\0') gb_range_add(range, chart->reference);
}

gb_status gb_chart_intervals(const gb_run *run, size_t dataset, size_t metric, gb_region region, gb_chart *out,
                             gb_error *err)
{
    const gb_run_metric *m = &run->metrics[metric];
    const char *arrow = gb_view_arrow(m);
    gb_chart chart;
    gb_range range = {0};
    gb_status status = gb_chart_begin(run, GB_CHART_INTERVAL, m->title, &chart, err);
    if (status != GB_OK) return status;
    chart.metric = m;
    chart.region = region;
    chart.note = gb_format("%s%s%s, %s%s%s", arrow, arrow[0] ? " " : "", gb_view_direction(m),
                           gb_region_name(region), m->unit[0] ? ", " : "", m->unit);
    status = chart.note ? add_rows(run, dataset, &chart, &range, err) : gb_fail_memory(err, "note", 80);
    if (status != GB_OK) {
        gb_chart_free(&chart);
        return status;
    }
    if (range.any) set_reference(run, dataset, &chart, &range);
    chart.axis = gb_axis_linear(range, 4);
    gb_chart_states(run, dataset, &chart);
    *out = chart;
    return GB_OK;
}
