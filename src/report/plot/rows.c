#include "report/plot/rows.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/text.h"

/* Ids as frames.jsonl holds them: valid UTF-8. */
typedef struct name_list {
    char **name;
    size_t count, last; /* rows come in runs: the last match is tried first */
} name_list;

typedef struct row_reader {
    gb_rows *rows;
    const gb_run *run;
    name_list datasets, generators, metrics;
    size_t last_shot;
} row_reader;

static gb_status add_name(name_list *list, const char *id, gb_error *err)
{
    char *name = gb_text_utf8(id);
    if (!name) return gb_fail_memory(err, "names", 1);
    list->name[list->count++] = name;
    return GB_OK;
}

static gb_status look_up(const row_reader *r, name_list *list, const char *what, const char *id, size_t *out,
                         gb_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const size_t at = (list->last + i) % list->count;
        if (strcmp(list->name[at], id) != 0) continue;
        list->last = *out = at;
        return GB_OK;
    }
    return gb_fail(err, GB_E_MISMATCH, "%s/frames.jsonl: a row of %s \"%.80s\", which run.json does not have",
                   r->run->directory, what, id);
}

static gb_status find_shot(row_reader *r, size_t dataset, const gb_row *row, size_t *out, gb_error *err)
{
    gb_shots *shots = &r->rows->shots[dataset];
    for (size_t i = 0; i < shots->count; i++) {
        const size_t at = (r->last_shot + i) % shots->count;
        if (shots->item[at].shot != row->shot) continue;
        r->last_shot = *out = at;
        return GB_OK;
    }
    if (gb_grow(&shots->item, &shots->capacity, shots->count + 1, sizeof *shots->item) != 0)
        return gb_fail_memory(err, "shots", shots->count * sizeof *shots->item);
    gb_shot *shot = &shots->item[shots->count];
    *shot = (gb_shot){.shot = row->shot, .clip = gb_strdup(row->clip)};
    r->last_shot = *out = shots->count++;
    return shot->clip ? GB_OK : gb_fail_memory(err, "shots", sizeof *shot);
}

static gb_status visit(void *user, const gb_row *row, gb_error *err)
{
    row_reader *r = user;
    gb_rows *rows = r->rows;
    size_t dataset = 0, generator = 0, metric = 0, shot = 0;
    GB_TRY(look_up(r, &r->datasets, "dataset", row->dataset, &dataset, err));
    GB_TRY(look_up(r, &r->generators, "generator", row->generator, &generator, err));
    GB_TRY(look_up(r, &r->metrics, "metric", row->metric, &metric, err));
    const bool still = row->state == GB_STATE_UNDEFINED && row->den == 0.0; /* a pair that holds its drawing */
    if (row->state != GB_STATE_OK && !still) return GB_OK;
    GB_TRY(find_shot(r, dataset, row, &shot, err));
    if (gb_grow(&rows->value, &rows->capacity, rows->count + 1, sizeof *rows->value) != 0)
        return gb_fail_memory(err, "rows", rows->count * sizeof *rows->value);
    rows->value[rows->count++] = (gb_value){.dataset = (unsigned short)dataset,
                                            .metric = (unsigned short)metric,
                                            .generator = (unsigned short)generator,
                                            .region = (unsigned short)row->region,
                                            .shot = (int)shot,
                                            .frame = row->frame,
                                            .num = row->num,
                                            .den = row->den};
    return GB_OK;
}

static int by_chart(const gb_value *x, const gb_value *y)
{
    if (x->dataset != y->dataset) return x->dataset < y->dataset ? -1 : 1;
    if (x->metric != y->metric) return x->metric < y->metric ? -1 : 1;
    return (x->region > y->region) - (x->region < y->region);
}

static int in_order(const void *a, const void *b)
{
    const gb_value *x = a, *y = b;
    const int chart = by_chart(x, y);
    if (chart) return chart;
    if (x->shot != y->shot) return x->shot < y->shot ? -1 : 1;
    if (x->frame != y->frame) return x->frame < y->frame ? -1 : 1;
    return (x->generator > y->generator) - (x->generator < y->generator);
}

static gb_status put_in_order(gb_rows *rows, const gb_run *run, gb_error *err)
{
    if (!rows->count) return GB_OK;
    qsort(rows->value, rows->count, sizeof *rows->value, in_order);
    for (size_t i = 1; i < rows->count; i++) {
        const gb_value *at = &rows->value[i];
        if (in_order(at - 1, at) != 0) continue;
        return gb_fail(err, GB_E_MISMATCH, "%s/frames.jsonl: %s on %s, frame %d, %s %s stands there twice",
                       run->directory, run->generators[at->generator].id, run->datasets[at->dataset].id, at->frame,
                       run->metrics[at->metric].id, gb_region_name((gb_region)at->region));
    }
    return GB_OK;
}

static void free_names(name_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->name[i]);
    free(list->name);
}

static gb_status list_names(row_reader *r, gb_error *err)
{
    const gb_run *run = r->run;
    if (run->dataset_count > USHRT_MAX || run->generator_count > USHRT_MAX || run->metric_count > USHRT_MAX)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s/run.json: more than %d generators, datasets or metrics",
                       run->directory, USHRT_MAX);
    r->datasets.name = gb_alloc(run->dataset_count, sizeof(char *));
    r->generators.name = gb_alloc(run->generator_count, sizeof(char *));
    r->metrics.name = gb_alloc(run->metric_count, sizeof(char *));
    if (!r->datasets.name || !r->generators.name || !r->metrics.name)
        return gb_fail_memory(err, "names", run->generator_count);
    for (size_t d = 0; d < run->dataset_count; d++) GB_TRY(add_name(&r->datasets, run->datasets[d].id, err));
    for (size_t g = 0; g < run->generator_count; g++) GB_TRY(add_name(&r->generators, run->generators[g].id, err));
    for (size_t m = 0; m < run->metric_count; m++) GB_TRY(add_name(&r->metrics, run->metrics[m].id, err));
    return GB_OK;
}

gb_status gb_rows_read(const gb_run *run, gb_rows *out, gb_error *err)
{
    gb_rows rows = {.datasets = run->dataset_count};
    row_reader r = {.rows = &rows, .run = run};
    gb_status status = GB_OK;
    rows.shots = gb_alloc(rows.datasets, sizeof *rows.shots);
    if (!rows.shots) return gb_fail_memory(err, "datasets", rows.datasets * sizeof *rows.shots);
    GB_GO(list_names(&r, err));
    GB_GO(gb_run_read_rows(run->directory, visit, &r, err));
    GB_GO(put_in_order(&rows, run, err));
done:
    free_names(&r.datasets);
    free_names(&r.generators);
    free_names(&r.metrics);
    if (status == GB_OK)
        *out = rows;
    else
        gb_rows_free(&rows);
    return status;
}

void gb_rows_free(gb_rows *rows)
{
    for (size_t d = 0; rows->shots && d < rows->datasets; d++) {
        for (size_t s = 0; s < rows->shots[d].count; s++) free(rows->shots[d].item[s].clip);
        free(rows->shots[d].item);
    }
    free(rows->shots);
    free(rows->value);
    *rows = (gb_rows){0};
}

/* The first value that does not come before `key`'s chart; `after`: that comes after it. */
static size_t bound(const gb_rows *rows, const gb_value *key, bool after)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (by_chart(&rows->value[middle], key) < (after ? 1 : 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gb_values gb_rows_of(const gb_rows *rows, size_t dataset, size_t metric, gb_region region)
{
    const gb_value key = {.dataset = (unsigned short)dataset,
                          .metric = (unsigned short)metric,
                          .region = (unsigned short)region};
    const size_t from = bound(rows, &key, false), to = bound(rows, &key, true);
    return (gb_values){from < to ? &rows->value[from] : NULL, to - from};
}

void gb_rows_by_shot(const gb_rows *rows, size_t dataset, size_t metric, gb_region region, size_t generator,
                     gb_cluster *sums, int *frames)
{
    const size_t shots = rows->shots[dataset].count;
    const gb_values values = gb_rows_of(rows, dataset, metric, region);
    for (size_t s = 0; s < shots; s++) {
        sums[s] = (gb_cluster){0};
        if (frames) frames[s] = 0;
    }
    for (size_t i = 0; i < values.count; i++) {
        const gb_value *at = &values.first[i];
        if (at->generator != generator) continue;
        sums[at->shot].num += at->num;
        sums[at->shot].den += at->den;
        if (frames) frames[at->shot]++;
    }
}
