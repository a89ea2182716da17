#include "selftest/cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void gb_case_list_free(gb_case_list *list)
{
    for (int i = 0; i < list->count; i++) gb_case_free(&list->item[i]);
    free(list->item);
    *list = (gb_case_list){0};
}

gb_case *gb_case_list_add(gb_case_list *list, const char *id, double size, gb_case_kind kind, int series)
{
    size_t room = (size_t)list->room;
    if (gb_grow(&list->item, &room, (size_t)list->count + 1, sizeof *list->item) != 0) return NULL;
    list->room = (int)room;
    gb_case one = {.size = size, .kind = kind, .series_count = series,
                   .series = gb_alloc((size_t)series, sizeof *one.series)};
    if (!one.series) return NULL;
    snprintf(one.id, sizeof one.id, "%s", id);
    list->item[list->count] = one;
    return &list->item[list->count++];
}

static gb_status open_series(gb_series *series, const gb_metric *metric, gb_region region, const gb_effects *effects,
                             int units, gb_error *err)
{
    *series = (gb_series){.metric = metric->id, .region = gb_region_name(region), .units = units,
                          .effect = effects->of(effects->user, metric, region)};
    series->first = gb_alloc((size_t)units + 1, sizeof *series->first);
    series->pair = gb_alloc((size_t)units, sizeof *series->pair);
    return series->first && series->pair ? GB_OK : gb_fail_memory(err, "pairs", (size_t)units * sizeof *series->pair);
}

/* What the gate pairs: both have a value, or a part of a sum. */
static bool counts(const gb_score *score)
{
    return score->present && (!score->undefined || score->den == 0.0);
}

/* A shot's sums are what the gate pairs. */
static void add_pair(gb_series *series, size_t *count, int unit, const gb_pair *frame)
{
    gb_pair *const last = &series->pair[*count - 1];
    if (*count > series->first[unit]) {
        last->base_num += frame->base_num;
        last->base_den += frame->base_den;
        last->run_num += frame->run_num;
        last->run_den += frame->run_den;
    } else {
        series->pair[(*count)++] = *frame;
    }
}

static gb_status fill_from_pool(const gb_pool *pool, int base, int run, int metric, gb_region region,
                                gb_series *series, gb_error *err)
{
    size_t count = 0;
    for (int s = 0; s < series->units; s++) {
        series->first[s] = count;
        for (int f = 0; f < gb_pool_frames(pool); f++) {
            const gb_score a = gb_pool_score_of(pool, base, s, f, metric, region);
            const gb_score b = gb_pool_score_of(pool, run, s, f, metric, region);
            if (!counts(&a) || !counts(&b)) continue;
            if (!isfinite(a.num) || !isfinite(b.num))
                return gb_fail(err, GB_E_NUMERIC, "self-test: %s of shot %d, frame %d is not finite", series->metric, s,
                               f);
            add_pair(series, &count, s, &(gb_pair){s, a.num, a.den, b.num, b.den});
        }
    }
    series->first[series->units] = count;
    return GB_OK;
}

typedef struct maker {
    const gb_pool *pool;
    const char *base;
    const gb_metric *const *metrics;
    const gb_effects *effects;
    gb_case_list *list;
} maker;

static gb_status add_case(const maker *m, const gb_variant *variant, int base, int run, gb_case_kind kind,
                          gb_error *err)
{
    const int metrics = gb_pool_metrics(m->pool), shots = gb_pool_shots(m->pool);
    gb_case *const one = gb_case_list_add(m->list, variant->injection->id, variant->size, kind,
                                          metrics * GB_REGION_COUNT);
    if (!one) return gb_fail_memory(err, "cases", sizeof *one);
    snprintf(one->base, sizeof one->base, "%s", m->base);
    snprintf(one->what, sizeof one->what, "%s %g %s", variant->injection->what, variant->size,
             variant->injection->unit);
    for (int k = 0; k < one->series_count; k++) {
        const int metric = k / GB_REGION_COUNT;
        const gb_region region = (gb_region)(k % GB_REGION_COUNT);
        gb_series *const series = &one->series[k];
        GB_TRY(open_series(series, m->metrics[metric], region, m->effects, shots, err));
        GB_TRY(fill_from_pool(m->pool, base, run, metric, region, series, err));
    }
    gb_case_prepare(one);
    if (one->harmless) gb_case_free(&m->list->item[--m->list->count]);
    return GB_OK;
}

gb_status gb_cases_of_pool(const gb_pool *pool, const char *base, const gb_metric *const *metrics,
                           const gb_effects *effects, gb_case_list *list, gb_error *err)
{
    const maker m = {pool, base, metrics, effects, list};
    gb_variant variant[GB_MAX_VARIANTS];
    const int count = gb_variants(variant);
    for (int v = 1; v < count; v++)
        if (!variant[v].twin) GB_TRY(add_case(&m, &variant[v], 0, v, GB_CASE_INJECTED, err));
    for (int v = 1; v < count; v++) {
        const gb_variant *const one = &variant[v];
        if (one->twin || one->size != one->injection->size[1]) continue;
        GB_TRY(add_case(&m, one, 0, v, GB_CASE_AT_LIMIT, err));
        GB_TRY(add_case(&m, one, 0, v, GB_CASE_SWAPPED, err));
        GB_TRY(add_case(&m, one, 0, v, GB_CASE_CENTRED, err));
    }
    for (int v = 1; v < count; v++) {
        if (!variant[v].twin) continue;
        int other = 1;
        while (variant[other].injection != variant[v].injection || variant[other].size != variant[v].size) other++;
        GB_TRY(add_case(&m, &variant[v], other, v, GB_CASE_TWINS, err));
    }
    return GB_OK;
}

/* ---- Exact nulls ---- */

static bool has_value(const gb_rerun_row *row)
{
    return row->state == GB_STATE_OK || (row->state == GB_STATE_UNDEFINED && row->den == 0.0);
}

static int generators_of(const gb_rerun_rows *rows)
{
    int most = -1;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->row[i].generator > most) most = rows->row[i].generator;
    return most + 1;
}

static int metrics_of(const gb_rerun_rows *rows)
{
    int most = -1;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->row[i].metric > most) most = rows->row[i].metric;
    return most + 1;
}

/* The rows of one series, in the order of the shots. */
static gb_status fill_from_rows(const gb_rerun_rows *base, const gb_rerun_rows *run, int generator, int metric,
                                gb_region region, gb_series *series, gb_error *err)
{
    size_t count = 0;
    int unit = 0;
    for (size_t i = 0; i < base->count; i++) {
        const gb_rerun_row *const a = &base->row[i], *const b = &run->row[i];
        if (a->generator != generator || a->metric != metric || a->region != region) continue;
        if (a->shot != b->shot || a->frame != b->frame || a->metric != b->metric || a->generator != b->generator ||
            a->region != b->region || has_value(a) != has_value(b) || a->shot >= series->units)
            return gb_fail(err, GB_E_MISMATCH, "self-test: the rows of shot %d, frame %d are not of the same frames",
                           a->shot, a->frame);
        if (!has_value(a)) continue;
        while (unit <= a->shot) series->first[unit++] = count;
        add_pair(series, &count, a->shot, &(gb_pair){a->shot, a->num, a->den, b->num, b->den});
    }
    while (unit <= series->units) series->first[unit++] = count;
    return GB_OK;
}

gb_status gb_case_of_rerun(const gb_rerun_rows *base, const gb_rerun_rows *run, const char *what, int shots,
                           const gb_metric *const *metrics, const gb_effects *effects, gb_case_list *list,
                           gb_error *err)
{
    if (base->count != run->count)
        return gb_fail(err, GB_E_MISMATCH, "self-test, %s: expected %zu rows, found %zu", what, base->count,
                       run->count);
    const int rows = metrics_of(base) * GB_REGION_COUNT, generators = generators_of(base);
    gb_case *const one = gb_case_list_add(list, "same", NAN, GB_CASE_EXACT, generators * rows);
    if (!one) return gb_fail_memory(err, "cases", sizeof *one);
    snprintf(one->what, sizeof one->what, "%s", what);
    one->unequal = !gb_rerun_same(base, run, NULL, 0);
    for (int k = 0; k < one->series_count; k++) {
        const int metric = k % rows / GB_REGION_COUNT;
        const gb_region region = (gb_region)(k % GB_REGION_COUNT);
        GB_TRY(open_series(&one->series[k], metrics[metric], region, effects, shots, err));
        GB_TRY(fill_from_rows(base, run, k / rows, metric, region, &one->series[k], err));
    }
    return GB_OK;
}
