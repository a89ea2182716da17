#include "report/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/sheet_internal.h"

gb_sheet_shot *gb_sheet_row_append(gb_sheet_row *row, int shot)
{
    if (gb_grow(&row->shot, &row->capacity, row->count + 1, sizeof *row->shot) != 0) return NULL;
    gb_sheet_shot *one = &row->shot[row->count++];
    *one = (gb_sheet_shot){.shot = shot};
    return one;
}

void gb_sheet_free(gb_sheet *sheet)
{
    if (!sheet) return;
    for (size_t i = 0; sheet->row && i < sheet->run->summary_count; i++) free(sheet->row[i].shot);
    free(sheet->row);
    gb_run_free(sheet->run);
    free(sheet->path);
    free(sheet->who);
    free(sheet->when);
    free(sheet->why);
    free(sheet->replaces);
    free(sheet);
}

bool gb_sheet_is_row(const gb_run_summary *row, const char *generator, const char *dataset, const char *metric,
                     gb_region region)
{
    return row->region == region && !strcmp(row->metric, metric) && !strcmp(row->generator, generator) &&
           !strcmp(row->dataset, dataset);
}

const gb_run_summary *gb_sheet_find(const gb_sheet *sheet, const char *generator, const char *dataset,
                                    const char *metric, gb_region region)
{
    for (size_t i = 0; i < sheet->run->summary_count; i++)
        if (gb_sheet_is_row(&sheet->run->summary[i], generator, dataset, metric, region))
            return &sheet->run->summary[i];
    return NULL;
}

const gb_sheet_row *gb_sheet_sums(const gb_sheet *sheet, const gb_run_summary *row)
{
    return &sheet->row[row - sheet->run->summary];
}

/* ---- Deciding ---- */

static gb_status check_pair(const gb_sheet_shot *base, const gb_sheet_shot *run, gb_error *err)
{
    if (base->shot != run->shot) {
        const bool lost = base->shot < run->shot;
        return gb_fail(err, GB_E_MISMATCH, "shot %d is only in the %s", lost ? base->shot : run->shot,
                       lost ? "baseline" : "run");
    }
    if (base->values != run->values)
        return gb_fail(err, GB_E_MISMATCH, "shot %d: %d frames have a value, in the baseline %d", base->shot,
                       run->values, base->values);
    if (base->which != run->which)
        return gb_fail(err, GB_E_MISMATCH, "shot %d: other frames have a value than in the baseline", base->shot);
    return GB_OK;
}

gb_status gb_sheet_decide(const gb_sheet_row *base, const gb_sheet_row *run, const gb_effect *effect, gb_decision *out,
                          gb_error *err)
{
    const size_t count = base->count < run->count ? base->count : run->count;
    for (size_t i = 0; i < count; i++) GB_TRY(check_pair(&base->shot[i], &run->shot[i], err));
    if (base->count != run->count)
        return gb_fail(err, GB_E_MISMATCH, "shot %d is only in the %s",
                       base->count > count ? base->shot[count].shot : run->shot[count].shot,
                       base->count > count ? "baseline" : "run");
    gb_pair *pairs = gb_alloc(count, sizeof *pairs);
    if (!pairs) return gb_fail_memory(err, "pairs", count * sizeof *pairs);
    int frames = 0;
    for (size_t i = 0; i < count; i++) {
        const gb_sheet_shot *a = &base->shot[i], *b = &run->shot[i];
        pairs[i] = (gb_pair){a->shot, a->num, a->den, b->num, b->den};
        frames += a->values;
    }
    const gb_status status = gb_decide(pairs, count, effect, out, err);
    if (status == GB_OK) out->frames = frames;
    free(pairs);
    return status;
}
