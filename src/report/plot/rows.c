#include "report/plot/rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/text.h"
#include "report/view.h"

/* Names as frames.jsonl holds them: valid UTF-8. */
typedef struct name_list {
    char **name;
    size_t count, last; /* rows come in runs: the last match is tried first */
} name_list;

typedef struct row_reader {
    gb_rows *rows;
    const gb_run *run;
    const char *leading;
    name_list datasets, generators;
    size_t last_shot;
} row_reader;

static gb_status add_name(name_list *list, const char *id, gb_error *err)
{
    char *name = gb_text_utf8(id);
    if (!name) return gb_fail_memory(err, "names", 1);
    list->name[list->count++] = name;
    return GB_OK;
}

static bool look_up(name_list *list, const char *id, size_t *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const size_t at = (list->last + i) % list->count;
        if (strcmp(list->name[at], id) != 0) continue;
        list->last = *out = at;
        return true;
    }
    return false;
}

static gb_status new_shot(row_reader *r, gb_plot_shots *shots, const gb_row *row, gb_error *err)
{
    if (gb_grow(&shots->item, &shots->capacity, shots->count + 1, sizeof *shots->item) != 0)
        return gb_fail_memory(err, "shots", shots->count * sizeof *shots->item);
    gb_plot_shot *shot = &shots->item[shots->count];
    *shot = (gb_plot_shot){.shot = row->shot,
                           .clip = gb_strdup(row->clip),
                           .sums = gb_alloc(r->rows->generators * GB_REGION_COUNT, sizeof *shot->sums),
                           .frames = gb_alloc(r->rows->generators, sizeof *shot->frames)};
    shots->count++;
    return shot->clip && shot->sums && shot->frames ? GB_OK : gb_fail_memory(err, "shots", sizeof *shot);
}

static gb_status find_shot(row_reader *r, size_t dataset, const gb_row *row, size_t *out, gb_error *err)
{
    gb_plot_shots *shots = &r->rows->dataset[dataset];
    for (size_t i = 0; i < shots->count; i++) {
        const size_t at = (r->last_shot + i) % shots->count;
        if (shots->item[at].shot != row->shot) continue;
        r->last_shot = *out = at;
        return GB_OK;
    }
    GB_TRY(new_shot(r, shots, row, err));
    r->last_shot = *out = shots->count - 1;
    return GB_OK;
}

static gb_status add_change(row_reader *r, size_t dataset, size_t shot, size_t generator, const gb_row *row,
                            gb_error *err)
{
    gb_rows *rows = r->rows;
    if (gb_grow(&rows->changes, &rows->change_capacity, rows->change_count + 1, sizeof *rows->changes) != 0)
        return gb_fail_memory(err, "flicker", rows->change_count * sizeof *rows->changes);
    rows->changes[rows->change_count++] = (gb_plot_change){.dataset = (int)dataset,
                                                           .shot = (int)shot,
                                                           .generator = (int)generator,
                                                           .frame = row->frame,
                                                           .test = row->num,
                                                           .truth = row->den};
    return GB_OK;
}

static gb_status visit(void *user, const gb_row *row, gb_error *err)
{
    row_reader *r = user;
    size_t dataset, generator, shot;
    if (!look_up(&r->datasets, row->dataset, &dataset))
        return gb_fail(err, GB_E_MISMATCH,
                       "%s/frames.jsonl: a row of dataset \"%.80s\", which run.json does not have", r->run->directory,
                       row->dataset);
    if (!look_up(&r->generators, row->generator, &generator))
        return gb_fail(err, GB_E_MISMATCH,
                       "%s/frames.jsonl: a row of generator \"%.80s\", which run.json does not have",
                       r->run->directory, row->generator);
    const bool still = row->state == GB_STATE_UNDEFINED && row->den == 0.0; /* a pair that holds its drawing */
    if (row->state != GB_STATE_OK && !still) return GB_OK;
    const gb_region strips = r->run->datasets[dataset].geometry.side > 0 ? GB_REGION_SIDES : GB_REGION_FULL;
    const bool leading = r->leading && !strcmp(row->metric, r->leading);
    const bool change = row->region == strips && !strcmp(row->metric, "flicker_excess");
    if (!leading && !change) return GB_OK;
    GB_TRY(find_shot(r, dataset, row, &shot, err));
    if (change) return add_change(r, dataset, shot, generator, row, err);
    gb_plot_shot *at = &r->rows->dataset[dataset].item[shot];
    gb_cluster *sums = &at->sums[generator * GB_REGION_COUNT + (size_t)row->region];
    sums->num += row->num;
    sums->den += row->den;
    if (row->region == GB_REGION_FULL) at->frames[generator]++;
    return GB_OK;
}

/* The longest series of each shot; pairs of one generator come one after the other within a shot or interleaved. */
static gb_status count_pairs(gb_rows *rows, gb_error *err)
{
    for (size_t d = 0; d < rows->datasets; d++) {
        gb_plot_shots *shots = &rows->dataset[d];
        const size_t cells = shots->count * rows->generators;
        int *count = gb_alloc(cells, sizeof *count);
        if (!count) return gb_fail_memory(err, "shots", cells * sizeof *count);
        for (size_t i = 0; i < rows->change_count; i++) {
            const gb_plot_change *c = &rows->changes[i];
            if ((size_t)c->dataset != d) continue;
            const int pairs = ++count[(size_t)c->shot * rows->generators + (size_t)c->generator];
            if (pairs > shots->item[c->shot].pairs) shots->item[c->shot].pairs = pairs;
        }
        free(count);
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
    r->datasets.name = gb_alloc(run->dataset_count, sizeof(char *));
    r->generators.name = gb_alloc(run->generator_count, sizeof(char *));
    if (!r->datasets.name || !r->generators.name) return gb_fail_memory(err, "names", run->generator_count);
    for (size_t d = 0; d < run->dataset_count; d++) GB_TRY(add_name(&r->datasets, run->datasets[d].id, err));
    for (size_t g = 0; g < run->generator_count; g++) GB_TRY(add_name(&r->generators, run->generators[g].id, err));
    return GB_OK;
}

gb_status gb_rows_read(const gb_run *run, gb_rows *out, gb_error *err)
{
    const gb_run_metric *leading = gb_view_leading(run);
    gb_rows rows = {.datasets = run->dataset_count, .generators = run->generator_count};
    row_reader r = {.rows = &rows, .run = run, .leading = leading ? leading->id : NULL};
    gb_status status = GB_OK;
    rows.dataset = gb_alloc(rows.datasets, sizeof *rows.dataset);
    if (!rows.dataset) return gb_fail_memory(err, "datasets", rows.datasets * sizeof *rows.dataset);
    GB_GO(list_names(&r, err));
    GB_GO(gb_run_read_rows(run->directory, visit, &r, err));
    GB_GO(count_pairs(&rows, err));
done:
    free_names(&r.datasets);
    free_names(&r.generators);
    if (status == GB_OK)
        *out = rows;
    else
        gb_rows_free(&rows);
    return status;
}

void gb_rows_free(gb_rows *rows)
{
    for (size_t d = 0; rows->dataset && d < rows->datasets; d++) {
        for (size_t s = 0; s < rows->dataset[d].count; s++) {
            free(rows->dataset[d].item[s].clip);
            free(rows->dataset[d].item[s].sums);
            free(rows->dataset[d].item[s].frames);
        }
        free(rows->dataset[d].item);
    }
    free(rows->dataset);
    free(rows->changes);
    *rows = (gb_rows){0};
}
