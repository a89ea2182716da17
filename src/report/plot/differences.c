/* Is the first in the table really better than the second? Both made the same frames, so their difference frame by
 * frame says far more than two overlapping intervals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/plot/chart.h"

static size_t index_of(const gb_run *run, const char *generator)
{
    size_t g = 0;
    while (g < run->generator_count && strcmp(run->generators[g].id, generator) != 0) g++;
    return g;
}

/* By this interval alone, not corrected for the number of rows. */
static const char *verdict(const gb_run_metric *metric, const gb_run_difference *row)
{
    const int better = gb_view_compare(metric, row->mean, 0.0);
    if (isnan(row->lo)) return "too few shots";
    if (row->lo <= 0.0 && row->hi >= 0.0) return row->lo == row->hi ? "the same" : "undecided";
    return better < 0 ? "better" : better > 0 ? "worse" : "";
}

/* Whether both generators have a number in the table. */
static bool have_numbers(const gb_run *run, const gb_run_difference *row)
{
    const gb_run_summary *a = gb_view_find(run, row->dataset, row->generator, row->metric, row->region);
    const gb_run_summary *b = gb_view_find(run, row->dataset, row->other, row->metric, row->region);
    return a && b && a->state == GB_STATE_OK && b->state == GB_STATE_OK;
}

static gb_status add_row(const gb_run *run, const gb_run_difference *row, gb_chart *chart, gb_range *range,
                         gb_error *err)
{
    const size_t a = index_of(run, row->generator), b = index_of(run, row->other);
    if (a == run->generator_count || b == run->generator_count || chart->rows == run->generator_count)
        return gb_fail(err, GB_E_MISMATCH, "%s/run.json: a difference of %.80s and %.80s, of which it does not have "
                       "both or has more than one", run->directory, row->generator, row->other);
    gb_chart_row *out = &chart->row[chart->rows++];
    *out = (gb_chart_row){.g = a, .other = b, .mean = row->mean, .lo = row->lo, .hi = row->hi,
                          .count = (size_t)row->frames, .value = gb_chart_number(chart->metric, row->mean, true),
                          .verdict = verdict(chart->metric, row)};
    gb_range_add(range, row->mean);
    gb_range_add(range, row->lo);
    gb_range_add(range, row->hi);
    return out->value ? GB_OK : gb_fail_memory(err, "number", 32);
}

gb_status gb_chart_differences(const gb_run *run, size_t dataset, size_t metric, gb_region region, gb_chart *out,
                               gb_error *err)
{
    gb_chart chart;
    gb_range range = {.lo = 0.0, .hi = 0.0, .any = true};
    int shots = 0;
    GB_TRY(gb_chart_begin(run, GB_CHART_DIFFERENCE, "Each against the next in the table", &chart, err));
    gb_status status = GB_OK;
    chart.metric = &run->metrics[metric];
    chart.region = region;
    for (size_t i = 0; i < run->difference_count && status == GB_OK; i++) {
        const gb_run_difference *row = &run->differences[i];
        if (row->region != region || strcmp(row->dataset, run->datasets[dataset].id) != 0 ||
            strcmp(row->metric, chart.metric->id) != 0 || !isfinite(row->mean) || !have_numbers(run, row))
            continue;
        shots = row->shots > shots ? row->shots : shots;
        status = add_row(run, row, &chart, &range, err);
    }
    if (status == GB_OK && chart.rows) {
        chart.note = gb_format("Difference of %s, %s, paired by frame, with its 95 %% interval over %d shots; %s. An "
                               "interval that holds 0 decides nothing; of twenty rows without any difference one "
                               "would be taken for one.", chart.metric->title, gb_region_name(region),
                               shots, gb_view_direction(chart.metric));
        if (!chart.note) status = gb_fail_memory(err, "note", 200);
    }
    if (status != GB_OK) {
        gb_chart_free(&chart);
        return status;
    }
    chart.axis = gb_axis_linear(range, 4);
    chart.reference = 0.0;
    chart.reference_name = "no difference";
    *out = chart;
    return GB_OK;
}
