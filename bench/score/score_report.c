#include "score/score_report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fold.h"
#include "core/file.h"
#include "core/json.h"
#include "core/utf8.h"

#define NAME_WIDTH 28

static const char *const still = "the truth does not change";

/* Why a present score has no value by itself, or NULL. */
static const char *why_undefined(const gb_score *score)
{
    return score->undefined ? score->undefined : score->den == 0.0 ? still : NULL;
}

static gb_status check_written(const gb_score_report *report, gb_error *err)
{
    if (fflush(report->out) == 0 && !ferror(report->out)) return GB_OK;
    return gb_fail(err, GB_E_IO, "output: cannot be written: %s", strerror(errno));
}

static void add_to_totals(gb_score_report *report, const gb_score_pair *pair)
{
    for (int m = 0; m < report->metric_count; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const gb_score *const score = &pair->scores[m].region[r];
            gb_score_total *const total = &report->total[m][r];
            if (!score->present) continue;
            if (report->metric[m]->pools_errors) {
                total->values++; /* identical frames have an error too: none */
                total->num += why_undefined(score) ? 0.0 : pow(10.0, -0.1 * score->num / score->den);
                total->den += 1.0;
                continue;
            }
            if (why_undefined(score)) total->undefined++;
            else total->values++;
            if (score->undefined) continue;
            total->num += score->num; /* also where the ratio's own den is 0: it counts in the ratio of sums */
            total->den += score->den;
        }
}

/* The value over all pairs, or NaN. */
static double total_value(const gb_score_report *report, int m, int region)
{
    const gb_score_total *const total = &report->total[m][region];
    if (total->values == 0 || total->den == 0.0) return NAN;
    const double mean = total->num / total->den;
    if (!report->metric[m]->pools_errors) return mean;
    return mean > 0.0 ? -10.0 * log10(mean) : NAN;
}

/* ---- Table ---- */

/* What one line of the table says of a metric. */
typedef struct cell {
    bool present, has_value;
    double value;
} cell;

/* A frame's lines, or the means'. */
typedef struct block {
    char name[4096];
    cell cell[GB_SCORE_MAX_METRICS][GB_REGION_COUNT];
} block;

static int column_width(const gb_metric *metric)
{
    const int name = (int)strlen(metric->id);
    return name < 9 ? 9 : name;
}

static int table_width(const gb_score_report *report)
{
    int width = NAME_WIDTH + (int)strlen("  region");
    for (int m = 0; m < report->metric_count; m++) width += 2 + column_width(report->metric[m]);
    return width;
}

/* The end of a long name says more than its beginning; letters of several bytes stay whole. */
static void print_name(FILE *out, const char *name)
{
    const size_t length = strlen(name);
    const char *end = length <= NAME_WIDTH ? name : name + length - NAME_WIDTH;
    while (end > name && ((unsigned char)*end & 0xc0) == 0x80) end++;
    fprintf(out, "%-*s", NAME_WIDTH, end);
}

static void print_metric_names(FILE *out, const gb_score_report *report)
{
    for (int m = 0; m < report->metric_count; m++)
        fprintf(out, "  %*s", column_width(report->metric[m]), report->metric[m]->id);
    fputc('\n', out);
}

static bool any_present(const gb_score_report *report, const block *b, int region)
{
    bool any = false;
    for (int m = 0; m < report->metric_count; m++) any = any || b->cell[m][region].present;
    return any;
}

static void print_region(FILE *out, const gb_score_report *report, const block *b, int region)
{
    fprintf(out, "  %-6s", gb_region_name((gb_region)region));
    for (int m = 0; m < report->metric_count; m++) {
        const cell *const c = &b->cell[m][region];
        const int width = column_width(report->metric[m]);
        if (c->has_value) fprintf(out, "  %*.*f", width, report->metric[m]->digits, c->value);
        else fprintf(out, "  %*s", width, c->present ? "undefined" : "-");
    }
    fputc('\n', out);
}

/* On a terminal that is narrower than the table each frame is a small one of its own, folded. */
static gb_status print_folded(const gb_score_report *report, const block *b, gb_error *err)
{
    gb_fold fold;
    FILE *const out = gb_fold_open(&fold, report->out);
    fprintf(out, "%s\n  region", b->name);
    print_metric_names(out, report);
    for (int r = 0; r < GB_REGION_COUNT; r++)
        if (any_present(report, b, r)) print_region(out, report, b, r);
    fputc('\n', out);
    return gb_fold_close(&fold, out, err);
}

static gb_status print_block(const gb_score_report *report, const block *b, gb_error *err)
{
    if (report->narrow) return print_folded(report, b, err);
    bool first = true;
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        if (!any_present(report, b, r)) continue;
        print_name(report->out, first ? b->name : "");
        print_region(report->out, report, b, r);
        first = false;
    }
    return GB_OK;
}

static gb_status print_pair(const gb_score_report *report, const gb_score_pair *pair, gb_error *err)
{
    block b;
    snprintf(b.name, sizeof b.name, "%s #%ld", gb_path_base(pair->test), pair->index);
    for (int m = 0; m < report->metric_count; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const gb_score *const score = &pair->scores[m].region[r];
            b.cell[m][r] = (cell){score->present, score->present && !why_undefined(score), score->num / score->den};
        }
    return print_block(report, &b, err);
}

static gb_status print_means(const gb_score_report *report, gb_error *err)
{
    block b;
    snprintf(b.name, sizeof b.name, "mean of %ld", report->pairs);
    for (int m = 0; m < report->metric_count; m++)
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const gb_score_total *const total = &report->total[m][r];
            const double value = total_value(report, m, r);
            b.cell[m][r] = (cell){total->undefined || total->values, !isnan(value), value};
        }
    return print_block(report, &b, err);
}

static void print_beginning(gb_score_report *report)
{
    const int columns = gb_fold_width(report->out);
    report->narrow = columns && columns < table_width(report);
    if (report->json) {
        fputs("{\"pairs\":[", report->out);
    } else if (!report->narrow) {
        fprintf(report->out, "%-*s  region", NAME_WIDTH, "frame");
        print_metric_names(report->out, report);
    }
}

/* The metric of ours that another tool's goes beside; -1: none is scored. */
static int find_like(const gb_score_report *report, int m)
{
    for (int i = 0; report->metric[m]->like && i < report->metric_count; i++)
        if (!strcmp(report->metric[i]->id, report->metric[m]->like)) return i;
    return -1;
}

/* What other tools make of the whole frame, beside ours. */
static void print_dialects(FILE *out, const gb_score_report *report)
{
    bool any = false;
    for (int m = 0; m < report->metric_count; m++) {
        const gb_metric *const metric = report->metric[m];
        const int like = metric->tool ? find_like(report, m) : -1;
        if (like < 0) continue;
        const double own = total_value(report, like, GB_REGION_FULL), theirs = total_value(report, m, GB_REGION_FULL);
        if (!any && !report->narrow) fputc('\n', out);
        if (!any) fprintf(out, "  %-22s  %8s  %8s  %8s\n", "as other tools have it", "theirs", "ours", "differ");
        any = true;
        if (isnan(theirs) || isnan(own)) fprintf(out, "  %-22s  undefined\n", metric->id);
        else
            fprintf(out, "  %-22s  %8.*f  %8.*f  %+8.*f  %s\n", metric->id, metric->digits, theirs, metric->digits, own,
                    metric->digits, theirs - own, metric->summary);
    }
}

/* All metrics that have one reason in one line, where the first of them stands. */
static void print_skipped(FILE *out, const gb_score_report *report, int first)
{
    for (int m = 0; m < first; m++)
        if (!strcmp(report->skipped[m], report->skipped[first])) return;
    fprintf(out, "%s", report->metric[first]->id);
    for (int m = first + 1; m < report->metric_count; m++)
        if (!strcmp(report->skipped[m], report->skipped[first])) fprintf(out, ", %s", report->metric[m]->id);
    fprintf(out, ": not scored: %s\n", report->skipped[first]);
}

static void print_notes(FILE *out, const gb_score_report *report)
{
    for (int m = 0; m < report->metric_count; m++) {
        const gb_score_total *const full = &report->total[m][GB_REGION_FULL];
        if (report->skipped[m][0]) print_skipped(out, report, m);
        if (full->undefined)
            fprintf(out, "%s: %ld without a value (%s)\n", report->metric[m]->id, full->undefined,
                    report->metric[m]->temporal ? still : "identical frames");
    }
    if (report->cuts) fprintf(out, "%ld pairs across a shot cut left out\n", report->cuts);
}

static gb_status print_end(const gb_score_report *report, gb_error *err)
{
    gb_fold fold;
    if (report->pairs > 1) GB_TRY(print_means(report, err));
    FILE *const out = gb_fold_open(&fold, report->out);
    print_dialects(out, report);
    print_notes(out, report);
    return gb_fold_close(&fold, out, err);
}

/* ---- JSON ---- */

static gb_status print_json(const gb_score_report *report, const char *before, const cJSON *value, gb_error *err)
{
    char *text = NULL;
    GB_TRY(gb_json_text(value, false, "the scores as JSON", &text, err));
    gb_utf8_mend(text); /* names of files */
    fprintf(report->out, "%s%s", before, text);
    cJSON_free(text);
    return check_written(report, err);
}

/* {REGION: value} of one metric into `scores`, and {REGION: why} of those without a value into `undefined`. */
static void add_metric(const gb_metric *metric, const gb_scores *own, cJSON *scores, cJSON *undefined)
{
    cJSON *values = NULL, *reasons = NULL;
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        const gb_score *const score = &own->region[r];
        if (!score->present) continue;
        const char *const why = why_undefined(score), *const region = gb_region_name((gb_region)r);
        if (!values) values = cJSON_AddObjectToObject(scores, metric->id);
        gb_json_add_number(values, region, why ? NAN : score->num / score->den);
        if (!why) continue;
        if (!reasons) reasons = cJSON_AddObjectToObject(undefined, metric->id);
        gb_json_add_string(reasons, region, why);
    }
}

static gb_status print_json_pair(const gb_score_report *report, const gb_score_pair *pair, gb_error *err)
{
    cJSON *const object = cJSON_CreateObject(), *const undefined = cJSON_CreateObject();
    gb_json_add_string(object, "ref", pair->ref);
    gb_json_add_string(object, "test", pair->test);
    gb_json_add_number(object, "frame", (double)pair->index);
    cJSON *const scores = cJSON_AddObjectToObject(object, "scores");
    cJSON *const layers = cJSON_AddObjectToObject(object, "layers");
    for (int m = 0; m < report->metric_count; m++) {
        const gb_scores *const own = &pair->scores[m];
        add_metric(report->metric[m], own, scores, undefined);
        if (own->layers > 0)
            gb_json_attach(layers, report->metric[m]->id, cJSON_CreateDoubleArray(own->layer, own->layers));
    }
    if (undefined && undefined->child) gb_json_attach(object, "undefined", undefined);
    else cJSON_Delete(undefined);
    const gb_status status = print_json(report, report->pairs > 1 ? ",\n" : "", object, err);
    cJSON_Delete(object);
    return status;
}

static void add_means(const gb_score_report *report, cJSON *mean, cJSON *undefined)
{
    for (int m = 0; m < report->metric_count; m++) {
        cJSON *values = NULL, *counts = NULL;
        for (int r = 0; r < GB_REGION_COUNT; r++) {
            const gb_score_total *const total = &report->total[m][r];
            const char *const region = gb_region_name((gb_region)r);
            if (total->values + total->undefined == 0) continue;
            if (!values) values = cJSON_AddObjectToObject(mean, report->metric[m]->id);
            gb_json_add_number(values, region, total_value(report, m, r));
            if (total->undefined == 0) continue;
            if (!counts) counts = cJSON_AddObjectToObject(undefined, report->metric[m]->id);
            gb_json_add_number(counts, region, (double)total->undefined);
        }
    }
}

/* NULL when no other tool was asked for. */
static cJSON *dialects_json(const gb_score_report *report)
{
    cJSON *list = NULL;
    for (int m = 0; m < report->metric_count; m++) {
        const gb_metric *const metric = report->metric[m];
        const int like = metric->tool ? find_like(report, m) : -1;
        if (like < 0) continue;
        const double own = total_value(report, like, GB_REGION_FULL), theirs = total_value(report, m, GB_REGION_FULL);
        cJSON *const object = cJSON_CreateObject();
        gb_json_add_string(object, "metric", metric->id);
        gb_json_add_string(object, "tool", metric->tool);
        gb_json_add_string(object, "like", metric->like);
        gb_json_add_number(object, "theirs", theirs);
        gb_json_add_number(object, "ours", own);
        gb_json_add_number(object, "difference", theirs - own);
        gb_json_add_string(object, "recipe", metric->recipe);
        if (!list) list = cJSON_CreateArray();
        gb_json_append(list, object);
    }
    return list;
}

static gb_status print_json_end(const gb_score_report *report, const char *failure, gb_error *err)
{
    cJSON *const mean = cJSON_CreateObject(), *const rest = cJSON_CreateObject();
    cJSON *const undefined = cJSON_AddObjectToObject(rest, "undefined"),
                 *const skipped = cJSON_AddObjectToObject(rest, "skipped");
    add_means(report, mean, undefined);
    for (int m = 0; m < report->metric_count; m++)
        if (report->skipped[m][0]) gb_json_add_string(skipped, report->metric[m]->id, report->skipped[m]);
    gb_json_add_number(rest, "cuts", (double)report->cuts);
    if (failure) gb_json_add_string(rest, "error", failure);
    gb_status status = print_json(report, "],\n\"mean\":", mean, err);
    if (status == GB_OK) status = print_json(report, ",\n\"notes\":", rest, err);
    cJSON *const dialects = dialects_json(report);
    if (status == GB_OK && dialects) status = print_json(report, ",\n\"dialects\":", dialects, err);
    cJSON_Delete(dialects);
    if (status == GB_OK) fputs("}\n", report->out);
    cJSON_Delete(mean);
    cJSON_Delete(rest);
    return status;
}

/* ---- Both ---- */

gb_status gb_score_report_pair(gb_score_report *report, const gb_score_pair *pair, gb_error *err)
{
    add_to_totals(report, pair);
    const bool first = report->pairs++ == 0;
    if (report->quiet) return GB_OK;
    if (first) print_beginning(report);
    if (report->json) return print_json_pair(report, pair, err);
    GB_TRY(print_pair(report, pair, err));
    return check_written(report, err);
}

gb_status gb_score_report_end(gb_score_report *report, const char *failure, gb_error *err)
{
    if (report->quiet) return GB_OK;
    if (report->pairs == 0) print_beginning(report);
    if (report->json) GB_TRY(print_json_end(report, failure, err));
    else GB_TRY(print_end(report, err));
    return check_written(report, err);
}
