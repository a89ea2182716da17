/* What gb_overhead_measure found, for people and for programs. */
#include <string.h>

#include "core/json.h"
#include "timing/overhead.h"

static int longest_name(const gb_selection *selection)
{
    size_t longest = strlen("generator");
    for (int i = 0; i < selection->metric_count; i++) {
        const size_t length = strlen(selection->metrics[i]->id);
        if (length > longest) longest = length;
    }
    for (int c = 0; c < selection->contenders.count; c++) {
        const size_t length = strlen(selection->contenders.item[c].id);
        if (length > longest) longest = length;
    }
    return (int)longest;
}

void gb_overhead_print(FILE *out, const gb_selection *selection, const char *dataset, const gb_overhead *o)
{
    const gb_contenders *contenders = &selection->contenders;
    const int names = longest_name(selection);
    double truth = o->decode, each = 0.0;
    fprintf(out, "%s, %d frames, %d pair%s, %d thread%s: ms of processor time a frame\n\n", dataset, o->frames,
            o->pairs, o->pairs == 1 ? "" : "s", o->threads, o->threads == 1 ? "" : "s at once");
    fprintf(out, "  %-*s  %8s  %14s\n", names, "", "for all", "each generator");
    fprintf(out, "  %-*s  %8.2f\n", names, "decoding", o->decode);
    for (int i = 0; i < selection->metric_count; i++) {
        fprintf(out, "  %-*s  %8.2f  %14.2f\n", names, selection->metrics[i]->id, o->truth[i], o->each[i]);
        truth += o->truth[i];
        each += o->each[i];
    }
    fprintf(out, "  %-*s  %8.2f  %14.2f\n\n", names, "together", truth, each);
    fprintf(out, "  %-*s  %8s  %12s  %12s\n", names, "generator", "own time", "added, alone", "one of three");
    for (int c = 0; c < contenders->count; c++)
        fprintf(out, "  %-*s  %8.2f  %11.1f%%  %11.1f%%%s\n", names, contenders->item[c].id, o->generate[c],
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
