/* The leading metric shot by shot: is a generator better everywhere, or by a few scenes? */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/plot/chart.h"

#define MAX_DOTS 150 /* of a row; more are drawn as a hill */

typedef struct workspace {
    gb_cluster *sums; /* [shot] */
    int *frames;
} workspace;

static gb_status add_points(const gb_rows *rows, size_t dataset, size_t metric, workspace *w, gb_chart *chart,
                            gb_chart_row *row, gb_range *range, gb_error *err)
{
    const size_t shots = rows->shots[dataset].count;
    row->point = gb_alloc(shots, sizeof *row->point);
    if (!row->point) return gb_fail_memory(err, "shots", shots * sizeof *row->point);
    gb_rows_by_shot(rows, dataset, metric, chart->region, row->g, w->sums, w->frames);
    for (size_t s = 0; s < shots; s++) {
        if (!(w->sums[s].den > 0.0)) continue;
        const double mean = w->sums[s].num / w->sums[s].den;
        row->point[row->points++] =
            (gb_chart_point){.value = mean, .shot = s, .dataset = dataset, .frames = w->frames[s]};
        gb_range_add(range, mean);
    }
    row->count = row->points;
    return GB_OK;
}

static gb_status add_rows(const gb_run *run, const gb_rows *rows, size_t dataset, workspace *w, gb_chart *chart,
                          gb_range *range, gb_error *err)
{
    const size_t metric = (size_t)(chart->metric - run->metrics);
    size_t *order = gb_view_order(run, run->datasets[dataset].id, chart->metric, chart->region);
    gb_status status = order ? GB_OK : gb_fail_memory(err, "order", run->generator_count);
    for (size_t i = 0; status == GB_OK && i < run->generator_count; i++) {
        const gb_run_summary *summary = gb_view_find(run, run->datasets[dataset].id, run->generators[order[i]].id,
                                                     chart->metric->id, chart->region);
        if (!summary || summary->state != GB_STATE_OK) continue; /* named below the chart */
        gb_chart_row *row = &chart->row[chart->rows++];
        *row = (gb_chart_row){.g = order[i],
                              .mean = summary->mean,
                              .lo = NAN,
                              .hi = NAN,
                              .value = gb_chart_number(chart->metric, summary->mean, false)};
        status = row->value ? add_points(rows, dataset, metric, w, chart, row, range, err)
                            : gb_fail_memory(err, "number", 32);
    }
    free(order);
    return status;
}

/* So many shots that their dots would be one blot. */
static gb_status make_hills(gb_chart *chart, size_t shots, gb_error *err)
{
    double *value = gb_alloc(shots, sizeof *value);
    if (!value) return gb_fail_memory(err, "shots", shots * sizeof *value);
    chart->kind = GB_CHART_SPREAD;
    for (size_t i = 0; i < chart->rows; i++) {
        gb_chart_row *row = &chart->row[i];
        for (size_t p = 0; p < row->points; p++) value[p] = row->point[p].value;
        gb_chart_measure(value, row);
        gb_chart_raise(&chart->axis, value, row);
    }
    free(value);
    return GB_OK;
}

static char *describe(const gb_chart *chart, size_t shots)
{
    const gb_run_metric *metric = chart->metric;
    return gb_format("%s by shot, %s. %s; the bar is the mean over frames. %s %s.", metric->title,
                     gb_region_name(chart->region),
                     shots > MAX_DOTS ? "The hill shows how many shots have which mean, the line from 5 % to 95 % and "
                                        "thick from 25 % to 75 % of them"
                                      : "Each dot is the mean of a shot",
                     gb_view_arrow(metric), gb_view_direction(metric));
}

gb_status gb_chart_shots(const gb_run *run, const gb_rows *rows, size_t dataset, gb_region region, gb_chart *out,
                         gb_error *err)
{
    const gb_run_metric *metric = gb_view_leading(run);
    const size_t shots = rows->shots[dataset].count;
    gb_chart chart;
    gb_range range = {0};
    workspace w = {0};
    gb_status status = gb_chart_begin(run, GB_CHART_DOTS, "Shot by shot", &chart, err);
    if (status != GB_OK) return status;
    chart.metric = metric;
    chart.region = region;
    if (metric) {
        w.sums = gb_alloc(shots, sizeof *w.sums);
        w.frames = gb_alloc(shots, sizeof *w.frames);
        chart.note = describe(&chart, shots);
        status = w.sums && w.frames && chart.note ? add_rows(run, rows, dataset, &w, &chart, &range, err)
                                                  : gb_fail_memory(err, "shots", shots * sizeof *w.sums);
        chart.axis = gb_axis_linear(range, 4);
        if (status == GB_OK && shots > MAX_DOTS) status = make_hills(&chart, shots, err);
        gb_chart_states(run, dataset, &chart);
    }
    free(w.sums);
    free(w.frames);
    if (status == GB_OK && range.any)
        *out = chart;
    else
        gb_chart_free(&chart);
    if (status == GB_OK && !range.any) *out = (gb_chart){0};
    return status;
}
