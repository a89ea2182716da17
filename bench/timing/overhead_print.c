/* What gb_overhead_measure found, for people and for programs. */
#include "core/json.h"
#include "timing/overhead.h"

void gb_overhead_print(FILE *out, const gb_selection *selection, const char *dataset, const gb_overhead *o)
{
    const gb_contenders *contenders = &selection->contenders;
    double truth = o->decode, each = 0.0;
    fprintf(out, "%s, %d frames, %d pairs, %d thread%s: ms of processor time a frame\n\n", dataset, o->frames, o->pairs,
            o->threads, o->threads == 1 ? "" : "s at once");
    fprintf(out, "  %-22s %12s %15s\n", "", "for all", "each generator");
    fprintf(out, "  %-22s %12.2f\n", "decoding", o->decode);
    for (int i = 0; i < selection->metric_count; i++) {
        fprintf(out, "  %-22s %12.2f %15.2f\n", selection->metrics[i]->id, o->truth[i], o->each[i]);
        truth += o->truth[i];
        each += o->each[i];
    }
    fprintf(out, "  %-22s %12.2f %15.2f\n\n", "together", truth, each);
    fprintf(out, "  %-22s %12s %15s %15s\n", "generator", "own time", "added, alone", "one of three");
    for (int c = 0; c < contenders->count; c++)
        fprintf(out, "  %-22s %12.2f %14.1f%% %14.1f%%%s\n", contenders->item[c].id, o->generate[c],
                100.0 * gb_overhead_share(o, selection->metric_count, c, 1),
                100.0 * gb_overhead_share(o, selection->metric_count, c, 3),
                contenders->item[c].state == GB_STATE_NO_WEIGHTS ? "  random weights" : "");
    fprintf(out, "\n");
}

cJSON *gb_overhead_json(const gb_selection *selection, const char *dataset, const gb_overhead *o)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "dataset", dataset);
    cJSON_AddNumberToObject(object, "frames", o->frames);
    cJSON_AddNumberToObject(object, "pairs", o->pairs);
    cJSON_AddNumberToObject(object, "threads", o->threads);
    cJSON_AddNumberToObject(object, "decode_ms", o->decode);
    cJSON *metrics = cJSON_AddArrayToObject(object, "metrics");
    for (int i = 0; i < selection->metric_count; i++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "metric", selection->metrics[i]->id);
        cJSON_AddNumberToObject(row, "truth_ms", o->truth[i]);
        cJSON_AddNumberToObject(row, "each_ms", o->each[i]);
        gb_json_append(metrics, row);
    }
    cJSON *generators = cJSON_AddArrayToObject(object, "generators");
    for (int c = 0; c < selection->contenders.count; c++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "generator", selection->contenders.item[c].id);
        cJSON_AddNumberToObject(row, "generate_ms", o->generate[c]);
        cJSON_AddNumberToObject(row, "added_alone", gb_overhead_share(o, selection->metric_count, c, 1));
        cJSON_AddNumberToObject(row, "added_of_three", gb_overhead_share(o, selection->metric_count, c, 3));
        gb_json_append(generators, row);
    }
    return object;
}
