#include "report/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define MAX_DIGITS 12

const gb_run_metric *gb_view_leading(const gb_run *run)
{
    for (size_t m = 0; m < run->metric_count; m++)
        if (!strncmp(run->metrics[m].id, "lpips", 5)) return &run->metrics[m];
    return run->metric_count ? &run->metrics[0] : NULL;
}

const gb_run_summary *gb_view_find(const gb_run *run, const char *dataset, const char *generator, const char *metric,
                                   gb_region region)
{
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (row->region == region && !strcmp(row->metric, metric) && !strcmp(row->generator, generator) &&
            !strcmp(row->dataset, dataset))
            return row;
    }
    return NULL;
}

const gb_run_generator *gb_view_generator(const gb_run *run, const char *id)
{
    for (size_t g = 0; g < run->generator_count; g++)
        if (!strcmp(run->generators[g].id, id)) return &run->generators[g];
    return NULL;
}

bool gb_view_is_baseline(const gb_run_generator *generator)
{
    return !strcmp(generator->kind, "baseline");
}

/* Whether anything of this region was measured, or tried, that could have a number. */
static bool has_region(const gb_run *run, const char *dataset, const gb_run_metric *metric, gb_region region)
{
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (row->region == region && !strcmp(row->metric, metric->id) && !strcmp(row->dataset, dataset) &&
            (row->state == GB_STATE_OK || row->state == GB_STATE_UNDEFINED || row->state == GB_STATE_FAILED))
            return true;
    }
    return false;
}

size_t gb_view_columns(const gb_run *run, const char *dataset, gb_view_column out[GB_VIEW_COLUMNS])
{
    const gb_run_metric *leading = gb_view_leading(run);
    size_t count = 0;
    for (int r = 0; leading && r < GB_REGION_COUNT; r++)
        if (r == GB_REGION_FULL || has_region(run, dataset, leading, (gb_region)r))
            out[count++] = (gb_view_column){leading, (gb_region)r};
    for (size_t m = 0; m < run->metric_count && count < GB_VIEW_COLUMNS; m++) {
        const gb_run_metric *metric = &run->metrics[m];
        if (metric == leading || !strcmp(metric->id, "mae_dt")) continue;
        const bool sides = has_region(run, dataset, metric, GB_REGION_SIDES);
        out[count++] = (gb_view_column){metric, sides ? GB_REGION_SIDES : GB_REGION_FULL};
    }
    return count;
}

int gb_view_compare(const gb_run_metric *metric, double a, double b)
{
    const int lower = !strcmp(metric->direction, "lower"), higher = !strcmp(metric->direction, "higher");
    if (a == b || (!lower && !higher)) return 0;
    return (a < b) == (lower != 0) ? -1 : 1;
}

size_t *gb_view_order(const gb_run *run, const char *dataset, const gb_run_metric *metric, gb_region region)
{
    size_t *order = gb_alloc(run->generator_count, sizeof *order);
    double *key = gb_alloc(run->generator_count, sizeof *key);
    for (size_t g = 0; order && key && g < run->generator_count; g++) {
        const gb_run_summary *row =
            metric ? gb_view_find(run, dataset, run->generators[g].id, metric->id, region) : NULL;
        const double value = row && row->state == GB_STATE_OK ? row->mean : NAN;
        size_t at = g; /* insertion sort: few generators, and it is stable */
        for (; at > 0; at--) {
            const bool before =
                isfinite(value) && (!isfinite(key[at - 1]) || gb_view_compare(metric, value, key[at - 1]) < 0);
            if (!before) break;
            key[at] = key[at - 1];
            order[at] = order[at - 1];
        }
        key[at] = value;
        order[at] = g;
    }
    const bool whole = order && key;
    free(key);
    if (whole) return order;
    free(order);
    return NULL;
}

const gb_run_summary *gb_view_best(const gb_run *run, const char *dataset, const gb_view_column *column)
{
    const gb_run_summary *best = NULL;
    int compared = 0;
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (row->state != GB_STATE_OK || row->region != column->region ||
            strcmp(row->metric, column->metric->id) != 0 || strcmp(row->dataset, dataset) != 0)
            continue;
        compared++;
        if (!best || gb_view_compare(column->metric, row->mean, best->mean) < 0) best = row;
    }
    /* A still picture is lowest on holds: that column is read against the truth's own value, not for its least. */
    const bool ranks =
        strcmp(column->metric->direction, "informative") != 0 && strcmp(column->metric->id, "flicker_hold") != 0;
    return compared > 1 && ranks ? best : NULL;
}

const gb_run_throughput *gb_view_speed(const gb_run *run, const char *generator)
{
    const gb_run_throughput *found = NULL;
    for (size_t i = 0; i < run->throughput_count; i++) {
        const gb_run_throughput *row = &run->throughput[i];
        if (strcmp(row->stage, "generate") != 0 || strcmp(row->generator, generator) != 0) continue;
        if (!found || row->threads < found->threads) found = row;
    }
    return found;
}

void gb_view_value(gb_buffer *out, const gb_run_metric *metric, double value)
{
    const int digits = metric->digits < 0 ? 0 : metric->digits > MAX_DIGITS ? MAX_DIGITS : metric->digits;
    if (isfinite(value))
        gb_buffer_printf(out, "%.*f", digits, value);
    else
        gb_buffer_text(out, "n/a");
}

void gb_view_ms(gb_buffer *out, double value)
{
    const double size = fabs(value);
    if (isfinite(value))
        gb_buffer_printf(out, "%.*f", size < 1.0 ? 3 : size < 10.0 ? 2 : size < 100.0 ? 1 : 0, value);
    else
        gb_buffer_text(out, "n/a");
}

const char *gb_view_arrow(const gb_run_metric *metric)
{
    return !strcmp(metric->direction, "higher")  ? "\xe2\x86\x91"
           : !strcmp(metric->direction, "lower") ? "\xe2\x86\x93"
                                                 : "";
}

const char *gb_view_device(const gb_run_metric *metric)
{
    return metric->computed_on && strcmp(metric->computed_on, "processor") != 0 ? metric->computed_on : NULL;
}

const char *gb_view_direction(const gb_run_metric *metric)
{
    return !strcmp(metric->direction, "higher")  ? "higher is better"
           : !strcmp(metric->direction, "lower") ? "lower is better"
                                                 : "says no better or worse by itself";
}

void gb_view_short(const char *hash, char text[13])
{
    snprintf(text, 13, "%.12s", hash ? hash : "");
}

size_t gb_view_steps(const gb_run *run, const char *dataset, const char *metric, const char *steps[GB_VIEW_STEPS])
{
    size_t count = 0;
    for (size_t i = 0; i < run->ladder_count; i++) {
        const gb_run_step *row = &run->ladder[i];
        if (strcmp(row->dataset, dataset) != 0 || strcmp(row->metric, metric) != 0) continue;
        bool known = false;
        for (size_t k = 0; k < count; k++) known = known || !strcmp(steps[k], row->step);
        if (!known && count < GB_VIEW_STEPS) steps[count++] = row->step;
    }
    return count;
}

const gb_run_step *gb_view_step(const gb_run *run, const char *dataset, const char *generator, const char *metric,
                                const char *step)
{
    for (size_t i = 0; i < run->ladder_count; i++) {
        const gb_run_step *row = &run->ladder[i];
        if (!strcmp(row->dataset, dataset) && !strcmp(row->generator, generator) && !strcmp(row->metric, metric) &&
            !strcmp(row->step, step))
            return row;
    }
    return NULL;
}

const char *gb_view_plural(int count)
{
    return count == 1 ? "" : "s";
}
