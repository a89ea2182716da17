#include "findings/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

void *gb_record_append(void *array, size_t *count, size_t size)
{
    char *old;
    memcpy(&old, array, sizeof old);
    char *grown = realloc(old, (*count + 1) * size);
    if (!grown) return NULL;
    memcpy(array, &grown, sizeof grown);
    void *element = grown + *count * size;
    memset(element, 0, size);
    (*count)++;
    return element;
}

gb_run_dataset *gb_record_dataset(gb_run *run, const char *id)
{
    gb_run_dataset *dataset = gb_record_append(&run->datasets, &run->dataset_count, sizeof *run->datasets);
    if (!dataset) return NULL;
    dataset->id = gb_strdup(id);
    dataset->truth_mae_dt_sides = dataset->truth_flicker_hold = NAN;
    return dataset->id ? dataset : NULL;
}

gb_run_throughput *gb_record_throughput(gb_run *run)
{
    return gb_record_append(&run->throughput, &run->throughput_count, sizeof *run->throughput);
}

gb_run_audit *gb_record_audit(gb_run *run, const char *generator, const char *dataset)
{
    gb_run_audit *row = gb_record_append(&run->audit, &run->audit_count, sizeof *run->audit);
    if (!row) return NULL;
    row->generator = gb_strdup(generator);
    row->dataset = gb_strdup(dataset);
    return gb_text_was_lost() ? NULL : row;
}

gb_run_step *gb_record_step(gb_run *run)
{
    gb_run_step *row = gb_record_append(&run->ladder, &run->ladder_count, sizeof *run->ladder);
    if (row) row->mean = row->lo = row->hi = row->change = NAN;
    return row;
}

gb_status gb_record_metrics(gb_run *run, const gb_backend *backend, const gb_metric *const *metrics, int count,
                            gb_error *err)
{
    const gb_scoring *scoring = NULL;
    GB_TRY(gb_backend_scoring(backend, &scoring, err));
    for (int m = 0; m < count; m++) {
        gb_run_metric *metric = gb_record_append(&run->metrics, &run->metric_count, sizeof *run->metrics);
        if (!metric) return gb_fail_memory(err, "metrics", sizeof *metric);
        *metric = (gb_run_metric){.id = gb_strdup(metrics[m]->id),
                                  .title = gb_strdup(metrics[m]->title),
                                  .unit = gb_strdup(metrics[m]->unit),
                                  .recipe = gb_strdup(metrics[m]->recipe),
                                  .direction = gb_strdup(gb_direction_name(metrics[m]->direction)),
                                  .digits = metrics[m]->digits,
                                  .computed_on = gb_strdup(scoring && metrics[m]->on_device ? backend->id
                                                                                            : "processor")};
    }
    return gb_text_was_lost() ? gb_fail_memory(err, "metrics", 0) : GB_OK;
}

/* What kind it is and, of a foreign one, where its frames came from and which they were. */
static gb_status record_origin(const gb_contender *contender, gb_run_generator *row, gb_error *err)
{
    gb_foreign *foreign = contender->foreign;
    char sha256[GB_SHA256_HEX];
    row->kind = gb_strdup(foreign ? gb_foreign_kind_id(foreign) : contender->generator->net ? "net" : "baseline");
    row->delivered_centre = -1;
    row->filter = contender->holds ? gb_strdup(gb_stabiliser_recipe) : NULL;
    if (!foreign) return GB_OK;
    row->origin = gb_strdup(gb_foreign_place(foreign));
    row->composited = gb_foreign_composites(foreign);
    if (!contender->base && gb_foreign_record(foreign, sha256, &row->delivered_centre))
        row->frames_sha256 = gb_strdup(sha256);
    return row->origin ? GB_OK : gb_fail_memory(err, "generators", sizeof *row);
}

/* That a net does not take the frames of one dataset of several is said where that dataset's numbers would be. */
static gb_state state_in_all(const gb_contender *contender)
{
    return contender->state == GB_STATE_SKIPPED && contender->has_opened ? GB_STATE_OK : contender->state;
}

gb_status gb_record_generators(gb_run *run, const gb_contenders *contenders, const int *centre_maxabs, gb_error *err)
{
    for (int c = 0; c < contenders->count; c++) {
        const gb_contender *contender = &contenders->item[c];
        gb_run_generator *row = gb_record_append(&run->generators, &run->generator_count, sizeof *run->generators);
        if (!row) return gb_fail_memory(err, "generators", sizeof *row);
        *row = (gb_run_generator){.id = gb_strdup(contender->id),
                                  .title = gb_format("%s%s", contender->generator->title,
                                                      contender->holds ? ", stabilised" : ""),
                                  .source = gb_strdup(contender->generator->source),
                                  .state = state_in_all(contender),
                                  .why = state_in_all(contender) == GB_STATE_OK ? NULL : gb_strdup(contender->why),
                                  .centre_maxabs = centre_maxabs[c]};
        GB_TRY(record_origin(contender, row, err));
        if (!contender->generator->net) continue;
        row->batchnorm = gb_strdup(contender->batch_stats ? "batch" : "running");
        if (contender->weights) {
            row->weights = gb_strdup(contender->weights);
            row->weights_sha256 = gb_strdup(contender->weights_sha256);
        }
        row->parameters = (double)contender->info.cost.parameters;
        row->gflop = contender->info.cost.flops * 1e-9;
    }
    return gb_text_was_lost() ? gb_fail_memory(err, "generators", 0) : GB_OK;
}

static gb_run_summary *append_summary(gb_run *run, const char *generator, const char *dataset, const char *metric,
                                      gb_region region)
{
    gb_run_summary *row = gb_record_append(&run->summary, &run->summary_count, sizeof *run->summary);
    if (!row) return NULL;
    row->generator = gb_strdup(generator);
    row->dataset = gb_strdup(dataset);
    row->metric = gb_strdup(metric);
    row->region = region;
    row->mean = row->lo = row->hi = NAN;
    return gb_text_was_lost() ? NULL : row;
}

gb_status gb_record_summary(gb_run *run, const char *dataset, const gb_contenders *contenders,
                            const gb_metric *const *metrics, int metric_count, const gb_tally *tally,
                            const char *failure, gb_error *err)
{
    for (int c = 0; c < contenders->count; c++) {
        const gb_contender *contender = &contenders->item[c];
        for (int m = 0; m < metric_count; m++)
            for (int r = 0; r < GB_REGION_COUNT; r++) {
                gb_run_summary *row = append_summary(run, contender->id, dataset, metrics[m]->id, (gb_region)r);
                if (!row) return gb_fail_memory(err, "summary", sizeof *row);
                if (contender->state != GB_STATE_OK) {
                    row->state = contender->state;
                    row->why = gb_strdup(contender->why);
                } else if (failure) {
                    row->state = GB_STATE_FAILED;
                    row->why = gb_strdup(failure);
                } else {
                    GB_TRY(gb_tally_summarise(tally, c, m, r, row, err));
                }
            }
    }
    return GB_OK;
}

gb_status gb_record_skipped_metric(gb_run *run, const char *dataset, const gb_contenders *contenders,
                                   const gb_metric *metric, const char *why, gb_error *err)
{
    for (int c = 0; c < contenders->count; c++) {
        gb_run_summary *row = append_summary(run, contenders->item[c].id, dataset, metric->id, GB_REGION_FULL);
        if (!row) return gb_fail_memory(err, "summary", sizeof *row);
        row->state = GB_STATE_SKIPPED;
        row->why = gb_strdup(why);
    }
    return GB_OK;
}
