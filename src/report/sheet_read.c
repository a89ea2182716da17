/* A sheet from a run's folder or a baseline file, and whether it is whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "report/sheet_internal.h"
#include "stats/stats.h"

#define MAX_FILE ((size_t)256 << 20)
#define ROUNDING 1e-9 /* of a mean whose sums were taken in another order */

/* ---- From a run's rows ---- */

typedef struct collector {
    gb_sheet *sheet;
    size_t next;     /* rows come in a repeating order: most likely this one */
    int *last_frame; /* [summary]: -1 before the first */
} collector;

static gb_status find_row(collector *c, const gb_row *row, size_t *at, gb_error *err)
{
    const gb_run *run = c->sheet->run;
    for (size_t tries = 0; tries < run->summary_count; tries++, c->next++) {
        if (c->next >= run->summary_count) c->next = 0;
        if (!gb_sheet_is_row(&run->summary[c->next], row->generator, row->dataset, row->metric, row->region)) continue;
        *at = c->next++;
        return GB_OK;
    }
    return gb_fail(err, GB_E_MISMATCH, "%s: frames.jsonl has a row (%s, %s, %s, %s) that run.json's summary does not",
                   c->sheet->path, row->generator, row->dataset, row->metric, gb_region_name(row->region));
}

static gb_status add_row(void *user, const gb_row *row, gb_error *err)
{
    collector *c = user;
    size_t at = 0;
    GB_TRY(find_row(c, row, &at, err));
    gb_sheet_row *to = &c->sheet->row[at];
    const int last_shot = to->count ? to->shot[to->count - 1].shot : -1;
    if (row->frame <= c->last_frame[at] || row->shot < last_shot)
        return gb_fail(err, GB_E_MISMATCH,
                       "%s: frames.jsonl: expected rows in the order of the frames, found frame %d of shot %d after "
                       "frame %d of shot %d (%s, %s)",
                       c->sheet->path, row->frame, row->shot, c->last_frame[at], last_shot, row->generator,
                       row->metric);
    c->last_frame[at] = row->frame;
    gb_sheet_shot *shot = row->shot == last_shot ? &to->shot[to->count - 1] : gb_sheet_row_append(to, row->shot);
    if (!shot) return gb_fail_memory(err, "shots", sizeof *shot);
    const bool ok = row->state == GB_STATE_OK, counts = row->state == GB_STATE_UNDEFINED && row->den == 0.0;
    if (row->state == GB_STATE_FAILED && c->sheet->run->summary[at].state == GB_STATE_OK)
        return gb_fail(err, GB_E_MISMATCH, "%s: frame %d of %s failed, but run.json's summary of it is ok",
                       c->sheet->path, row->frame, row->generator);
    if (ok)
        shot->values++;
    else
        shot->blanks++;
    shot->which = gb_random_mix(shot->which ^ ((uint64_t)row->frame * 2 + ok));
    if (ok || counts) shot->num += row->num;
    if (ok) shot->den += row->den;
    return GB_OK;
}

static gb_status read_folder(gb_sheet *sheet, const char *folder, gb_error *err)
{
    GB_TRY(gb_run_read(folder, &sheet->run, err));
    const size_t count = sheet->run->summary_count;
    sheet->row = gb_alloc(count, sizeof *sheet->row);
    collector c = {.sheet = sheet, .last_frame = gb_alloc(count, sizeof *c.last_frame)};
    if (!sheet->row || !c.last_frame) {
        free(c.last_frame);
        return gb_fail_memory(err, "rows", count * sizeof *sheet->row);
    }
    for (size_t i = 0; i < count; i++) c.last_frame[i] = -1;
    const gb_status status = gb_run_read_rows(folder, add_row, &c, err);
    free(c.last_frame);
    return status;
}

/* ---- Whether it is whole ---- */

static gb_status check_row(const gb_sheet *sheet, size_t at, gb_error *err)
{
    const gb_run_summary *row = &sheet->run->summary[at];
    double num = 0.0, den = 0.0;
    int values = 0;
    for (size_t i = 0; i < sheet->row[at].count; i++) {
        const gb_sheet_shot *shot = &sheet->row[at].shot[i];
        num += shot->num;
        den += shot->den;
        values += shot->values;
    }
    const bool ok = row->state == GB_STATE_OK;
    const double mean = den > 0.0 ? num / den : NAN;
    if (ok && (values != row->frames || !(fabs(mean - row->mean) <= ROUNDING * (fabs(mean) + ROUNDING))))
        return gb_fail(err, GB_E_MISMATCH,
                       "%s: %s on %s, %s %s: the summary says %.10g of %d frames, its rows give %.10g of %d: not "
                       "whole, or changed by hand",
                       sheet->path, row->generator, row->dataset, row->metric, gb_region_name(row->region), row->mean,
                       row->frames, mean, values);
    if (row->state == GB_STATE_UNDEFINED && den > 0.0)
        return gb_fail(err, GB_E_MISMATCH, "%s: %s on %s, %s %s: the summary has no value, its rows have", sheet->path,
                       row->generator, row->dataset, row->metric, gb_region_name(row->region));
    if (gb_sheet_find(sheet, row->generator, row->dataset, row->metric, row->region) != row)
        return gb_fail(err, GB_E_MISMATCH, "%s: %s on %s, %s %s: expected one row in the summary, found two",
                       sheet->path, row->generator, row->dataset, row->metric, gb_region_name(row->region));
    return GB_OK;
}

static gb_status check_timing(const gb_sheet *sheet, const gb_run_throughput *row, gb_error *err)
{
    if (!row->samples) return GB_OK;
    double *samples = gb_alloc((size_t)row->samples, sizeof *samples);
    if (!samples) return gb_fail_memory(err, "samples", (size_t)row->samples * sizeof *samples);
    memcpy(samples, row->samples_ms, (size_t)row->samples * sizeof *samples);
    const double median = gb_stats_quantile(samples, (size_t)row->samples, 0.5);
    free(samples);
    if (median == row->p50_ms) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: throughput of %s: p50_ms is %.10g, its samples give %.10g: changed by hand",
                   sheet->path, row->generator, row->p50_ms, median);
}

/* Every sum belongs to the mean that stands in the summary. */
static gb_status check(const gb_sheet *sheet, gb_error *err)
{
    for (size_t i = 0; i < sheet->run->summary_count; i++) GB_TRY(check_row(sheet, i, err));
    for (size_t i = 0; i < sheet->run->throughput_count; i++)
        GB_TRY(check_timing(sheet, &sheet->run->throughput[i], err));
    return GB_OK;
}

/* ---- Reading ---- */

static gb_status read_file(gb_sheet *sheet, const char *path, gb_error *err)
{
    char *text = NULL;
    size_t size = 0;
    GB_TRY(gb_file_read(path, MAX_FILE, &text, &size, err));
    const gb_status status = gb_sheet_parse(sheet, text, size, err);
    free(text);
    return status;
}

static gb_status read_any(gb_sheet *sheet, gb_error *err)
{
    const char *path = sheet->path;
    if (!gb_file_exists(path)) return gb_fail(err, GB_E_NOT_FOUND, "%s: no such run or baseline", path);
    if (gb_file_is_directory(path)) return read_folder(sheet, path, err);
    if (strcmp(gb_path_base(path), "run.json") != 0) return read_file(sheet, path, err);
    const size_t length = strlen(path) - strlen("run.json");
    char *folder = length ? gb_format("%.*s", (int)length, path) : gb_strdup(".");
    if (!folder) return gb_fail_memory(err, path, length);
    const gb_status status = read_folder(sheet, folder, err);
    free(folder);
    return status;
}

gb_status gb_sheet_read(const char *path, gb_sheet **out, gb_error *err)
{
    gb_sheet *sheet = gb_alloc(1, sizeof *sheet);
    if (!sheet) return gb_fail_memory(err, "run", sizeof *sheet);
    sheet->path = gb_strdup(path);
    gb_status status = sheet->path ? read_any(sheet, err) : gb_fail_memory(err, path, strlen(path));
    if (status == GB_OK) status = check(sheet, err);
    if (status == GB_OK)
        *out = sheet;
    else
        gb_sheet_free(sheet);
    return status;
}
