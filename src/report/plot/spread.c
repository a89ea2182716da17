/* How a metric's values are spread over the frames: a mean alone hides the bad ones. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/plot/chart.h"

#define MIN_VALUES 5 /* with fewer there is no spread to speak of */

static size_t gather(gb_values values, size_t g, double *out)
{
    size_t count = 0;
    for (size_t i = 0; i < values.count; i++)
        if (values.first[i].generator == g && values.first[i].den > 0.0)
            out[count++] = values.first[i].num / values.first[i].den;
    return count;
}

/* Counts over the axis, smoothed by a bell as wide as Silverman's rule asks for ("Density Estimation", 1986, 3.31). */
void gb_chart_raise(const gb_axis *axis, const double *value, gb_chart_row *row)
{
    double bin[GB_HILL] = {0}, sum = 0.0, square = 0.0, most = 0.0;
    size_t inside = 0;
    for (size_t i = 0; i < row->count; i++) {
        if (value[i] < axis->lo || value[i] > axis->hi) continue;
        const double at = gb_axis_percent(axis, value[i]) / 100.0 * GB_HILL;
        bin[(int)fmin(GB_HILL - 1, at)] += 1.0;
        sum += at;
        square += at * at;
        inside++;
    }
    if (!inside) return;
    const double mean = sum / (double)inside, deviation = sqrt(fmax(square / (double)inside - mean * mean, 0.0));
    const double range = gb_axis_percent(axis, row->quantile[3]) - gb_axis_percent(axis, row->quantile[1]);
    double spread = fmin(deviation, range / 100.0 * GB_HILL / 1.34);
    if (!(spread > 0.0)) spread = deviation;
    const double width = fmax(0.9 * spread * pow((double)inside, -0.2), 0.6);
    for (int i = 0; i < GB_HILL; i++) {
        for (int k = 0; k < GB_HILL; k++) {
            const double away = (i - k) / width;
            row->hill[i] += bin[k] * exp(-0.5 * away * away);
        }
        most = fmax(most, row->hill[i]);
    }
    for (int i = 0; i < GB_HILL; i++) row->hill[i] /= most;
}

void gb_chart_measure(double *value, gb_chart_row *row)
{
    static const double at[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    for (int q = 0; q < 5; q++) row->quantile[q] = gb_stats_quantile(value, row->count, at[q]);
}

static gb_status add_rows(const gb_run *run, size_t dataset, gb_values values, double *scratch, gb_chart *chart,
                          gb_range *range, gb_error *err)
{
    size_t *order = gb_view_order(run, run->datasets[dataset].id, chart->metric, chart->region);
    gb_status status = order ? GB_OK : gb_fail_memory(err, "order", run->generator_count);
    for (size_t i = 0; status == GB_OK && i < run->generator_count; i++) {
        const size_t count = gather(values, order[i], scratch);
        if (count < MIN_VALUES) continue;
        gb_chart_row *row = &chart->row[chart->rows++];
        *row = (gb_chart_row){.g = order[i], .count = count, .lo = NAN, .hi = NAN};
        gb_chart_measure(scratch, row);
        /* All but the least and greatest hundredth, which a ratio may throw far out. */
        gb_range_add(range, gb_stats_quantile(scratch, count, 0.01));
        gb_range_add(range, gb_stats_quantile(scratch, count, 0.99));
        row->mean = row->quantile[2];
        row->value = gb_chart_number(chart->metric, row->mean, false);
        if (!row->value) status = gb_fail_memory(err, "number", 32);
    }
    chart->axis = gb_axis_linear(*range, 4);
    for (size_t i = 0; status == GB_OK && i < chart->rows; i++) {
        chart->row[i].count = gather(values, chart->row[i].g, scratch);
        gb_chart_raise(&chart->axis, scratch, &chart->row[i]);
    }
    free(order);
    return status;
}

gb_status gb_chart_spread(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, gb_region region,
                          gb_chart *out, gb_error *err)
{
    const gb_values values = gb_rows_of(rows, dataset, metric, region);
    gb_chart chart;
    gb_range range = {0};
    gb_status status = gb_chart_begin(run, GB_CHART_SPREAD, "Spread over the frames", &chart, err);
    if (status != GB_OK) return status;
    chart.metric = &run->metrics[metric];
    chart.region = region;
    double *scratch = gb_alloc(values.count, sizeof *scratch);
    chart.note = gb_format("%s, %s. The hill shows how often each value occurs; below it thin from 5 %% to 95 %%, "
                           "thick from 25 %% to 75 %% of the frames; the bar and the number are the median.",
                           chart.metric->title, gb_region_name(region));
    status = scratch && chart.note ? add_rows(run, dataset, values, scratch, &chart, &range, err)
                                   : gb_fail_memory(err, "spread", values.count * sizeof *scratch);
    free(scratch);
    if (status != GB_OK) {
        gb_chart_free(&chart);
        return status;
    }
    gb_chart_states(run, dataset, &chart);
    *out = chart;
    return GB_OK;
}
