/* Is the first in the table really better than the second? Both made the same frames, so their difference frame by
 * frame says far more than two overlapping intervals. */
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "report/plot/chart.h"

#define DRAWS 2000
#define SEED 20261124u

typedef struct pair {
    size_t a, b;          /* generators */
    gb_cluster *shot;     /* [shot]: sum of a - b, number of frames */
    size_t frames, alone; /* paired; of one of the two only */
} pair;

/* Values of one frame stand side by side. False where they are not plain values, whose differences can be averaged. */
static bool add_up(gb_values values, pair *p)
{
    for (size_t i = 0; i < values.count;) {
        const gb_value *first = &values.first[i], *a = NULL, *b = NULL;
        for (; i < values.count && values.first[i].shot == first->shot && values.first[i].frame == first->frame; i++) {
            if (values.first[i].generator == p->a) a = &values.first[i];
            if (values.first[i].generator == p->b) b = &values.first[i];
            if (values.first[i].den != 1.0) return false;
        }
        if (!a != !b) p->alone++;
        if (!a || !b) continue;
        p->shot[first->shot].num += a->num - b->num;
        p->shot[first->shot].den += 1.0;
        p->frames++;
    }
    return true;
}

static gb_status add_pair(gb_values values, size_t shots, size_t a, size_t b, gb_chart *chart, gb_range *range,
                          size_t *alone, gb_error *err)
{
    pair p = {.a = a, .b = b, .shot = gb_alloc(shots, sizeof *p.shot)};
    gb_interval interval = {NAN, NAN, NAN};
    if (!p.shot) return gb_fail_memory(err, "differences", shots * sizeof *p.shot);
    gb_status status = GB_OK;
    if (add_up(values, &p) && p.frames) status = gb_stats_bootstrap(p.shot, shots, DRAWS, SEED, &interval, err);
    free(p.shot);
    if (status != GB_OK || !isfinite(interval.mean)) return status;
    gb_chart_row *row = &chart->row[chart->rows++];
    *row = (gb_chart_row){.g = a,
                          .other = b,
                          .mean = interval.mean,
                          .lo = interval.lo,
                          .hi = interval.hi,
                          .count = p.frames,
                          .value = gb_chart_number(chart->metric, interval.mean, true)};
    gb_range_add(range, interval.mean);
    gb_range_add(range, interval.lo);
    gb_range_add(range, interval.hi);
    *alone += p.alone;
    return row->value ? GB_OK : gb_fail_memory(err, "number", 32);
}

static gb_status add_pairs(const gb_run *run, const gb_rows *rows, size_t dataset, gb_chart *chart, gb_range *range,
                           size_t *alone, gb_error *err)
{
    const gb_values values = gb_rows_of(rows, dataset, (size_t)(chart->metric - run->metrics), chart->region);
    size_t *order = gb_view_order(run, run->datasets[dataset].id, chart->metric, GB_REGION_FULL), before = SIZE_MAX;
    gb_status status = order ? GB_OK : gb_fail_memory(err, "order", run->generator_count);
    for (size_t i = 0; status == GB_OK && i < run->generator_count; i++) {
        const gb_run_summary *row = gb_view_find(run, run->datasets[dataset].id, run->generators[order[i]].id,
                                                 chart->metric->id, chart->region);
        if (!row || row->state != GB_STATE_OK) continue;
        if (before != SIZE_MAX)
            status = add_pair(values, rows->shots[dataset].count, before, order[i], chart, range, alone, err);
        before = order[i];
    }
    free(order);
    return status;
}

gb_status gb_chart_differences(const gb_run *run, const gb_rows *rows, size_t dataset, gb_region region,
                               gb_chart *out, gb_error *err)
{
    gb_chart chart;
    gb_range range = {.lo = 0.0, .hi = 0.0, .any = true};
    size_t alone = 0;
    gb_status status = gb_chart_begin(run, GB_CHART_DIFFERENCE, "Each against the next in the table", &chart, err);
    if (status != GB_OK) return status;
    chart.metric = gb_view_leading(run);
    chart.region = region;
    if (chart.metric) status = add_pairs(run, rows, dataset, &chart, &range, &alone, err);
    if (status == GB_OK && chart.rows) {
        char *left_out = alone ? gb_format(" %zu frames that one of a pair lacks are left out.", alone) : gb_strdup("");
        chart.note = gb_format("Difference of %s, %s, frame by frame, with its 95 %% interval by bootstrap over %zu "
                               "shots; %s. An interval that holds 0 decides nothing: the number of "
                               "shots is too small for so small a difference.%s",
                               chart.metric->title, gb_region_name(region), rows->shots[dataset].count,
                               gb_view_direction(chart.metric), left_out ? left_out : "");
        free(left_out);
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
