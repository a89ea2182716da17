/* What a generator loses on shows that it was not made for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/plot/chart.h"

typedef struct gap {
    const gb_run *run;
    gb_chart *chart;
} gap;

static bool is_of(const gb_run_dataset *dataset, const char *domain)
{
    return dataset->domain && !strcmp(dataset->domain, domain) && dataset->state == GB_STATE_OK;
}

static size_t count_of(const gb_run *run, const char *domain)
{
    size_t count = 0;
    for (size_t d = 0; d < run->dataset_count; d++) count += is_of(&run->datasets[d], domain);
    return count;
}

static double value_on(const gap *p, size_t g, size_t d)
{
    const gb_run_summary *row = gb_view_find(p->run, p->run->datasets[d].id, p->run->generators[g].id,
                                             p->chart->metric->id, p->chart->region);
    return row && row->state == GB_STATE_OK ? row->mean : NAN;
}

/* Mean of the domain's datasets, each counted once; NaN unless all have a number. */
static double domain_mean(const gap *p, size_t g, const char *domain)
{
    double sum = 0.0;
    for (size_t d = 0; d < p->run->dataset_count; d++)
        if (is_of(&p->run->datasets[d], domain)) sum += value_on(p, g, d);
    return sum / (double)count_of(p->run, domain);
}

static gb_status add_points(const gap *p, gb_chart_row *row, gb_range *range, gb_error *err)
{
    row->point = gb_alloc(p->run->dataset_count, sizeof *row->point);
    if (!row->point) return gb_fail_memory(err, "gap", p->run->dataset_count * sizeof *row->point);
    for (size_t d = 0; d < p->run->dataset_count; d++) {
        const bool out = is_of(&p->run->datasets[d], "out");
        if (!out && !is_of(&p->run->datasets[d], "in")) continue;
        const double value = value_on(p, row->g, d);
        row->point[row->points++] = (gb_chart_point){.value = value, .dataset = d, .hollow = out};
        gb_range_add(range, value);
    }
    return GB_OK;
}

/* As the record has it; a run of before it had gaps is drawn without. */
static void find_interval(const gap *p, gb_chart_row *row)
{
    row->lo = row->hi = NAN;
    for (size_t i = 0; i < p->run->gap_count; i++) {
        const gb_run_gap *found = &p->run->gaps[i];
        if (found->region != p->chart->region || strcmp(found->metric, p->chart->metric->id) != 0 ||
            strcmp(found->generator, p->run->generators[row->g].id) != 0)
            continue;
        row->lo = found->lo;
        row->hi = found->hi;
    }
}

static gb_status print_row(const gap *p, gb_chart_row *row, gb_error *err)
{
    const gb_run_metric *metric = p->chart->metric;
    char *mean = gb_chart_number(metric, row->other_mean - row->mean, true);
    char *lo = gb_chart_number(metric, row->lo, true), *hi = gb_chart_number(metric, row->hi, true);
    if (mean && lo && hi)
        row->value = isfinite(row->lo) ? gb_format("%s [%s, %s]", mean, lo, hi) : gb_strdup(mean);
    free(mean);
    free(lo);
    free(hi);
    return row->value ? GB_OK : gb_fail_memory(err, "number", 80);
}

static gb_status add_rows(const gap *p, gb_range *range, gb_error *err)
{
    for (size_t g = 0; g < p->run->generator_count; g++) {
        const gb_run_generator *generator = &p->run->generators[g];
        const double in = domain_mean(p, g, "in"), out = domain_mean(p, g, "out");
        const bool ok = isfinite(in) && isfinite(out);
        p->chart->state[g] = ok ? GB_STATE_OK : generator->state != GB_STATE_OK ? generator->state : GB_STATE_UNDEFINED;
        if (!ok) continue;
        gb_chart_row *row = &p->chart->row[p->chart->rows++];
        *row = (gb_chart_row){.g = g, .mean = in, .other_mean = out};
        GB_TRY(add_points(p, row, range, err));
        find_interval(p, row);
        GB_TRY(print_row(p, row, err));
    }
    return GB_OK;
}

static gb_status add_note(const gap *p, gb_error *err)
{
    p->chart->note = gb_format("%s of the strips, %s %s. Filled: in the training domain; hollow: outside. One mark a "
                               "dataset; the line joins the means, the number is their difference with its 95 %% "
                               "interval by bootstrap over shots.",
                               p->chart->metric->title, gb_view_arrow(p->chart->metric),
                               gb_view_direction(p->chart->metric));
    return p->chart->note ? GB_OK : gb_fail_memory(err, "note", 300);
}

gb_status gb_chart_gap(const gb_run *run, gb_chart *out, gb_error *err)
{
    gb_chart chart;
    gb_range range = {0};
    gap p = {.run = run, .chart = &chart};
    gb_status status = GB_OK;
    *out = (gb_chart){0};
    if (!gb_view_leading(run) || !count_of(run, "in") || !count_of(run, "out")) return GB_OK;
    GB_TRY(gb_chart_begin(run, GB_CHART_GAP, "In the training domain and outside it", &chart, err));
    chart.metric = gb_view_leading(run);
    chart.region = GB_REGION_SIDES;
    GB_GO(add_note(&p, err));
    GB_GO(add_rows(&p, &range, err));
    chart.axis = gb_axis_linear(range, 6);
    *out = chart;
    chart = (gb_chart){0};
done:
    gb_chart_free(&chart);
    return status;
}
