/* How hard datasets are where it matters: the distribution of fine line work at the seams, side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fold.h"
#include "cli/print_json.h"
#include "commands.h"
#include "core/json.h"
#include "core/memory.h"
#include "image/detail.h"
#include "selection/build_options.h"
#include "stats/stats.h"

enum { BINS = 24, QUANTILES = 5 };

static const double quantile[QUANTILES] = {0.1, 0.25, 0.5, 0.75, 0.9};

/* One dataset's frames of the split. */
typedef struct sample {
    char id[64];
    double *value; /* levels; owned */
    size_t count;
    double mean, at[QUANTILES];
} sample;

static gb_status read_frames(gb_pack *pack, const gb_shot *shot, sample *out, gb_error *err)
{
    gb_image truth = {0}, input = {0};
    gb_status status = GB_OK;
    for (int f = 0; status == GB_OK && f < shot->count; f++) {
        status = gb_pack_read(pack, shot->first + f, &truth, &input, err);
        if (status == GB_OK)
            status = gb_image_detail(&truth, gb_pack_get_info(pack)->geometry, GB_REGION_SEAM,
                                     &out->value[out->count++], err);
    }
    gb_image_free(&truth);
    gb_image_free(&input);
    return status;
}

static gb_status read_split(gb_pack *pack, const char *split, sample *out, gb_error *err)
{
    const gb_pack_info *info = gb_pack_get_info(pack);
    const gb_shot *shots = gb_pack_shots(pack);
    snprintf(out->id, sizeof out->id, "%s", info->id);
    out->value = gb_alloc((size_t)info->frames, sizeof *out->value);
    if (!out->value) return gb_fail_memory(err, "detail of frames", (size_t)info->frames * sizeof *out->value);
    for (int s = 0; s < info->shots; s++)
        if (!strcmp(split, "all") || !strcmp(split, shots[s].split)) GB_TRY(read_frames(pack, &shots[s], out, err));
    if (!out->count)
        return gb_fail(err, GB_E_NOT_FOUND, "%s: expected shots of split '%s', found none", out->id, split);
    for (size_t i = 0; i < out->count; i++) out->mean += out->value[i] / (double)out->count;
    for (int q = 0; q < QUANTILES; q++) out->at[q] = gb_stats_quantile(out->value, out->count, quantile[q]);
    return GB_OK;
}

static gb_status read_dataset(const gb_options *options, const char *name, sample *out, gb_error *err)
{
    gb_pack *pack = NULL;
    gb_status status = gb_build_options_open(options, name, &pack, err);
    if (status == GB_OK) status = read_split(pack, options->split ? options->split : "test", out, err);
    gb_pack_close(pack);
    return status;
}

/* The share of frames a bin of [0, top), as eight heights; the fullest bin of all samples is the highest. */
static void print_bars(FILE *out, const sample *samples, int count, int names)
{
    static const char *const bar[] = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double share[GB_DETAIL_MOST][BINS] = {{0}}, top = 0, most = 0;
    for (int s = 0; s < count; s++) top = fmax(top, samples[s].value[samples[s].count - 1]);
    for (int s = 0; s < count; s++)
        for (size_t i = 0; i < samples[s].count; i++) {
            double *bin = &share[s][top > 0 ? (int)fmin(BINS - 1, samples[s].value[i] / top * BINS) : 0];
            most = fmax(most, *bin += 1 / (double)samples[s].count);
        }
    fprintf(out, "\n  share of frames, from 0 to %.2f levels\n", top);
    for (int s = 0; s < count; s++) {
        fprintf(out, "  %-*s  |", names, samples[s].id);
        for (int b = 0; b < BINS; b++) fprintf(out, "%s", bar[(int)ceil(share[s][b] / most * 8)]);
        fprintf(out, "|\n");
    }
}

static void print_samples(FILE *out, const sample *samples, int count)
{
    size_t names = strlen("dataset");
    for (int s = 0; s < count; s++)
        if (strlen(samples[s].id) > names) names = strlen(samples[s].id);
    fprintf(out, "fine line work at the seams: mean |luma - its 3x3 mean| within %d px, 8-bit levels, a frame\n\n",
            GB_SEAM_HALF);
    fprintf(out, "  %-*s  %6s  %6s", (int)names, "dataset", "frames", "mean");
    for (int q = 0; q < QUANTILES; q++) fprintf(out, "     q%02.0f", 100 * quantile[q]);
    for (int s = 0; s < count; s++) {
        fprintf(out, "\n  %-*s  %6zu  %6.2f", (int)names, samples[s].id, samples[s].count, samples[s].mean);
        for (int q = 0; q < QUANTILES; q++) fprintf(out, "  %6.2f", samples[s].at[q]);
    }
    fprintf(out, "\n");
    print_bars(out, samples, count, (int)names);
}

static gb_status print_folded(const sample *samples, int count, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, stdout);
    print_samples(out, samples, count);
    return gb_fold_close(&fold, out, err);
}

static cJSON *describe(const sample *samples, int count)
{
    cJSON *list = cJSON_CreateArray();
    for (int s = 0; s < count; s++) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "dataset", samples[s].id);
        cJSON_AddNumberToObject(object, "frames", (double)samples[s].count);
        gb_json_add_number(object, "mean", samples[s].mean);
        cJSON *at = cJSON_AddObjectToObject(object, "quantiles");
        for (int q = 0; q < QUANTILES; q++) {
            char key[16];
            snprintf(key, sizeof key, "%g", quantile[q]);
            gb_json_add_number(at, key, samples[s].at[q]);
        }
        gb_json_append(list, object);
    }
    return list;
}

gb_status gb_command_dataset_detail(const gb_options *options, gb_error *err)
{
    sample samples[GB_DETAIL_MOST] = {{{0}, NULL, 0, 0, {0}}};
    const int count = options->argument_count;
    gb_status status = GB_OK;
    for (int i = 0; status == GB_OK && i < count; i++)
        status = read_dataset(options, options->argument[i], &samples[i], err);
    if (status == GB_OK && options->json) status = gb_print_json(stdout, describe(samples, count), err);
    else if (status == GB_OK) status = print_folded(samples, count, err);
    for (int i = 0; i < count; i++) free(samples[i].value);
    return status;
}
