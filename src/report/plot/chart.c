#include "report/plot/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void gb_chart_free(gb_chart *chart)
{
    for (size_t i = 0; chart->row && i < chart->rows; i++) {
        free(chart->row[i].value);
        free(chart->row[i].point);
    }
    free(chart->row);
    free(chart->state);
    free(chart->title);
    free(chart->note);
    *chart = (gb_chart){0};
}

gb_region gb_chart_strips(const gb_run_dataset *dataset)
{
    return dataset->geometry.side > 0 ? GB_REGION_SIDES : GB_REGION_FULL;
}

double gb_chart_ideal(const gb_run_metric *metric, const gb_run_dataset *dataset)
{
    if (!strncmp(metric->id, "lpips", 5) || !strcmp(metric->id, "tlp") || !strcmp(metric->id, "tof")) return 0.0;
    if (!strncmp(metric->id, "ssim", 4) || !strcmp(metric->id, "flicker_excess")) return 1.0;
    return !strcmp(metric->id, "flicker_hold") ? dataset->truth_flicker_hold : NAN;
}

gb_status gb_chart_begin(const gb_run *run, gb_chart_kind kind, const char *title, gb_chart *out, gb_error *err)
{
    gb_chart chart = {.kind = kind, .reference = NAN, .generators = run->generator_count};
    chart.title = gb_strdup(title);
    chart.row = gb_alloc(run->generator_count, sizeof *chart.row);
    chart.state = gb_alloc(run->generator_count, sizeof *chart.state);
    if (!chart.title || !chart.row || !chart.state) {
        gb_chart_free(&chart);
        return gb_fail_memory(err, title, run->generator_count * sizeof *chart.row);
    }
    *out = chart;
    return GB_OK;
}

void gb_chart_states(const gb_run *run, size_t dataset, gb_chart *chart)
{
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_summary *row = gb_view_find(run, run->datasets[dataset].id, run->generators[g].id,
                                                 chart->metric->id, chart->region);
        chart->state[g] = row ? row->state : GB_STATE_SKIPPED;
    }
}

char *gb_chart_number(const gb_run_metric *metric, double value, bool sign)
{
    gb_buffer text;
    gb_buffer_init(&text, 400);
    if (sign) gb_buffer_text(&text, value < 0.0 ? "\xe2\x88\x92" : "+");
    gb_view_value(&text, metric, sign ? fabs(value) : value);
    if (text.status == GB_OK) return text.data;
    gb_buffer_free(&text);
    return NULL;
}
