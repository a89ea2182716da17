#include "report/plot/series.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "report/plot/chart.h"

#define MIN_PAIRS 2

#define CHANGE "flicker_excess"

static gb_values all_of(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric)
{
    return gb_rows_of(rows, dataset, metric, gb_chart_strips(&run->datasets[dataset]));
}

size_t gb_series_metrics(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric[GB_SERIES_METRICS])
{
    static const char *const known[GB_SERIES_METRICS] = {CHANGE, "flicker_hold", "tlp", "e_warp", "tof", "mae_dt"};
    size_t count = 0;
    for (size_t k = 0; k < GB_SERIES_METRICS; k++)
        for (size_t m = 0; m < run->metric_count; m++)
            if (!strcmp(run->metrics[m].id, known[k]) && all_of(run, rows, dataset, m).count) metric[count++] = m;
    return count;
}

static gb_values of_shot(gb_values values, size_t shot)
{
    while (values.count && (size_t)values.first->shot != shot) {
        values.first++;
        values.count--;
    }
    size_t count = 0;
    while (count < values.count && (size_t)values.first[count].shot == shot) count++;
    return (gb_values){values.first, count};
}

static int pairs_of(gb_values values)
{
    int pairs = 0;
    for (size_t i = 0; i < values.count; i++) pairs += !i || values.first[i].frame != values.first[i - 1].frame;
    return pairs;
}

size_t gb_series_choose(const gb_run *run, const gb_rows *rows, size_t dataset, size_t chosen[GB_SERIES_SHOTS])
{
    size_t metric[GB_SERIES_METRICS];
    if (!gb_series_metrics(run, rows, dataset, metric)) return 0;
    const gb_values all = all_of(run, rows, dataset, metric[0]);
    const size_t shots = rows->shots[dataset].count;
    size_t fit = 0, seen = 0, count = 0;
    for (size_t s = 0; s < shots; s++) fit += pairs_of(of_shot(all, s)) >= MIN_PAIRS;
    const size_t wanted = fit < GB_SERIES_SHOTS ? fit : GB_SERIES_SHOTS;
    for (size_t s = 0; s < shots && count < wanted; s++) {
        if (pairs_of(of_shot(all, s)) < MIN_PAIRS) continue;
        if (seen++ * wanted / fit == count) chosen[count++] = s;
    }
    return count;
}

static double value_of(const gb_series *s, const gb_value *at)
{
    return s->plain ? at->num / at->den : at->num;
}

gb_series gb_series_of(const gb_run *run, const gb_rows *rows, size_t dataset, size_t metric, size_t shot)
{
    gb_series s = {.values = of_shot(all_of(run, rows, dataset, metric), shot), .across = "frame",
                   .plain = strcmp(run->metrics[metric].id, CHANGE) != 0};
    size_t measured[GB_SERIES_METRICS];
    gb_range range = {0};
    gb_values frames = s.values; /* of the first metric, which has the most of them */
    if (gb_series_metrics(run, rows, dataset, measured))
        frames = of_shot(all_of(run, rows, dataset, measured[0]), shot);
    s.first = s.last = frames.count ? frames.first->frame : 0;
    for (size_t i = 0; i < frames.count && frames.first[i].frame < s.first + GB_SERIES_FRAMES; i++)
        s.last = frames.first[i].frame;
    s.cut = frames.count && frames.first[frames.count - 1].frame > s.last;
    while (s.values.count && s.values.first[s.values.count - 1].frame > s.last) s.values.count--;
    for (size_t i = 0; i < s.values.count; i++) {
        gb_range_add(&range, value_of(&s, &s.values.first[i]));
        if (!s.plain) gb_range_add(&range, s.values.first[i].den);
    }
    /* From 0 on, unless all lies far from it: a stillness of .97 is told from one of .98. */
    if (!s.plain || !range.any || range.lo < 0.5 * range.hi) gb_range_add(&range, 0.0);
    s.up = gb_axis_linear(range, 4);
    return s;
}

static const gb_run_change *find_change(const gb_run *run, size_t dataset, size_t generator, int distance)
{
    for (size_t i = 0; i < run->change_count; i++) {
        const gb_run_change *row = &run->changes[i];
        if (row->distance == distance && !strcmp(row->dataset, run->datasets[dataset].id) &&
            !strcmp(row->generator, run->generators[generator].id))
            return row;
    }
    return NULL;
}

gb_status gb_series_changes(const gb_run *run, size_t dataset, gb_value **room, gb_series *out, gb_error *err)
{
    gb_range range = {.lo = 0.0, .hi = 0.0, .any = true};
    gb_series s = {.across = "distance", .first = 1, .last = 1};
    gb_value *value = gb_alloc(run->change_count, sizeof *value);
    if (!value) return gb_fail_memory(err, "changes", run->change_count * sizeof *value);
    for (int distance = 1; distance <= GB_SERIES_DISTANCES; distance++)
        for (size_t g = 0; g < run->generator_count; g++) {
            const gb_run_change *row = find_change(run, dataset, g, distance);
            if (!row || s.values.count == run->change_count) continue;
            value[s.values.count++] = (gb_value){.dataset = (unsigned short)dataset, .generator = (unsigned short)g,
                                                 .frame = distance, .num = row->mean, .den = row->truth};
            gb_range_add(&range, row->mean);
            gb_range_add(&range, row->truth);
            s.last = distance;
        }
    s.values.first = *room = value;
    s.up = gb_axis_linear(range, 4);
    *out = s;
    return GB_OK;
}

const char *gb_series_stride(const gb_run *run, size_t dataset)
{
    const cJSON *of = cJSON_GetObjectItemCaseSensitive(run->protocol, "datasets");
    const cJSON *stride = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(of, run->datasets[dataset].id), "stride");
    return cJSON_IsString(stride) ? stride->valuestring : "not recorded";
}

bool gb_series_next(const gb_series *series, int g, size_t *at, gb_series_point *out)
{
    const bool truth = g == GB_SERIES_TRUTH;
    for (; *at < series->values.count; (*at)++) {
        const gb_value *value = &series->values.first[*at];
        const bool repeated = truth && *at > 0 && value[-1].frame == value->frame;
        if (repeated || (truth && series->plain) || (!truth && value->generator != (unsigned)g)) continue;
        const int before = out->frame;
        *out = (gb_series_point){.frame = value->frame,
                                 .value = truth ? value->den : value_of(series, value),
                                 .joined = value->frame == before + 1};
        (*at)++;
        return true;
    }
    return false;
}

void gb_series_spread(double *y, size_t count, double line, double bottom)
{
    for (size_t i = 1; i < count; i++) y[i] = fmax(y[i], y[i - 1] + line);
    for (size_t i = count; i-- > 0; bottom -= line) y[i] = fmin(y[i], bottom);
}
