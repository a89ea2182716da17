#include "selection/selection.h"

#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "datasets/dataset.h"
#include "selection/build_options.h"

static gb_status choose_metrics(const gb_list *names, const gb_metric **out, int *count, gb_error *err)
{
    size_t known_count;
    const gb_metric *const *all = gb_metrics(&known_count);
    const char *known[GB_MAX_METRICS];
    if (known_count > GB_MAX_METRICS) known_count = GB_MAX_METRICS;
    for (size_t i = 0; i < known_count; i++) known[i] = all[i]->id;
    for (int n = 0; n < names->count; n++)
        if (!gb_metric_find(names->item[n]))
            return gb_cli_unknown("metric", names->item[n], known, known_count, err);
    *count = 0;
    for (size_t i = 0; i < known_count; i++) {
        bool wanted = names->count == 0 && !all[i]->on_request;
        for (int n = 0; n < names->count; n++)
            wanted = wanted || !strcmp(names->item[n], known[i]) || gb_metric_find(names->item[n])->shares == all[i];
        if (wanted) out[(*count)++] = all[i];
    }
    return GB_OK;
}

/* A metric that the user named must be there; one of "all" that is not is reported as skipped. */
static gb_status split_ready(const gb_options *options, gb_selection *s, gb_error *err)
{
    const gb_metric *chosen[GB_MAX_METRICS];
    int count = 0;
    GB_TRY(choose_metrics(&options->metric, chosen, &count, err));
    const gb_metric_env env = {.backend = s->backend};
    for (int i = 0; i < count; i++) {
        gb_error why = {0};
        const gb_status status = chosen[i]->ready ? chosen[i]->ready(&env, &why) : GB_OK;
        if (status == GB_OK) {
            s->metrics[s->metric_count++] = chosen[i];
        } else if (options->metric.count) {
            if (err) *err = why;
            return status;
        } else {
            s->skipped[s->skipped_count] = chosen[i];
            char *skipped_why = s->skipped_why[s->skipped_count++];
            snprintf(skipped_why, sizeof s->skipped_why[0], "%.*s", (int)sizeof s->skipped_why[0] - 1, why.text);
        }
    }
    return GB_OK;
}

static gb_status choose_datasets(const gb_options *options, gb_selection *s, gb_error *err)
{
    size_t known_count;
    const gb_dataset *const *all = gb_datasets(&known_count);
    const char *known[GB_MAX_LIST];
    if (known_count > GB_MAX_LIST) known_count = GB_MAX_LIST;
    for (size_t i = 0; i < known_count; i++) known[i] = all[i]->id;
    s->all_datasets = options->dataset.count == 0;
    const char *const *from = s->all_datasets ? known : options->dataset.item;
    s->dataset_count = s->all_datasets ? (int)known_count : options->dataset.count;
    for (int i = 0; i < s->dataset_count; i++) {
        s->dataset[i] = from[i];
        for (int other = 0; other < i; other++)
            if (!strcmp(from[other], from[i]))
                return gb_fail(err, GB_E_USAGE, "--dataset: expected each dataset once, found %s twice", from[i]);
        GB_TRY(gb_build_options_check_name(from[i], err));
    }
    return GB_OK;
}

static gb_status choose_precision(const gb_options *options, gb_selection *s, gb_error *err)
{
    GB_TRY(gb_precision_read(options->precision, &s->precision, err));
    return gb_backend_accepts(s->backend, s->precision, err);
}

gb_status gb_selection_resolve(const gb_options *options, gb_selection *out, gb_error *err)
{
    gb_selection s = {.split = options->split ? options->split : "test",
                      .threads = options->threads ? (int)options->threads : gb_parallel_cores(),
                      .batch = (int)options->batch,
                      .limit = options->limit,
                      .protocol = gb_protocol_named(options->protocol, options->batchnorm)};
    gb_status status = GB_OK;
    if (s.limit > 0 && s.protocol.first_frames) s.protocol.first_frames = (int)s.limit;
    GB_GO(gb_contenders_select(options, &s.contenders, err));
    GB_GO(gb_backend_select(options->device, &s.backend, &s.device, err));
    GB_GO(choose_precision(options, &s, err));
    GB_GO(choose_datasets(options, &s, err));
    GB_GO(split_ready(options, &s, err));
    *out = s;
done:
    if (status != GB_OK) gb_selection_free(&s);
    return status;
}

const char *gb_selection_net_precision(const gb_selection *s)
{
    return s->precision == GB_PRECISION_FP32 ? s->device.precision : gb_precision_name(s->precision);
}

void gb_selection_free(gb_selection *selection)
{
    gb_contenders_free(&selection->contenders);
}
