#include "findings/table_findings.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/view.h"

#define MAX_TAGS 16

int gb_table_name_width(const gb_run *run)
{
    size_t width = 16;
    for (size_t g = 0; g < run->generator_count; g++) {
        const size_t length = strlen(run->generators[g].id);
        if (length > width) width = length;
    }
    return (int)width;
}

/* "-0.0355 [-0.0390, -0.0321]"; the interval is left out where there is none. */
static void print_signed(FILE *out, const gb_run_metric *metric, double mean, double lo, double hi, int width)
{
    char text[96];
    int used = snprintf(text, sizeof text, "%+.*f", metric->digits, mean);
    if (isfinite(lo) && isfinite(hi))
        used += snprintf(text + used, sizeof text - (size_t)used, " [%+.*f, %+.*f]", metric->digits, lo,
                         metric->digits, hi);
    fprintf(out, "  %-*s", width, text);
}

void gb_table_print_differences(FILE *out, const gb_run *run, const char *dataset)
{
    const gb_run_metric *metric = gb_view_leading(run);
    const int names = gb_table_name_width(run);
    bool begun = false;
    for (size_t i = 0; metric && i < run->difference_count; i++) {
        const gb_run_difference *row = &run->differences[i];
        if (strcmp(row->dataset, dataset) != 0 || strcmp(row->metric, metric->id) != 0) continue;
        if (!begun)
            fprintf(out, "\n  each less the next, %s, paired by frame [95 %% over shots]: full, sides, seam",
                    metric->title);
        begun = true;
        if (row->region == GB_REGION_FULL)
            fprintf(out, "\n  %-*s - %-*s", names, row->generator, names, row->other);
        print_signed(out, metric, row->mean, row->lo, row->hi, row->region + 1 < GB_REGION_COUNT ? 26 : 0);
    }
    if (begun) fputc('\n', out);
}

static const gb_run_tag *find_tag(const gb_run *run, const char *dataset, const char *metric, const char *generator,
                                  const char *tag)
{
    for (size_t i = 0; i < run->tag_count; i++) {
        const gb_run_tag *row = &run->by_tag[i];
        if (!strcmp(row->dataset, dataset) && !strcmp(row->metric, metric) &&
            (!generator || !strcmp(row->generator, generator)) && (!tag || !strcmp(row->tag, tag)))
            return row;
    }
    return NULL;
}

/* The tags of a dataset as its rows have them, each once. */
static int list_tags(const gb_run *run, const char *dataset, const char *metric, const gb_run_tag **out)
{
    int count = 0;
    for (size_t i = 0; i < run->tag_count && count < MAX_TAGS; i++) {
        const gb_run_tag *row = &run->by_tag[i];
        if (!strcmp(row->dataset, dataset) && !strcmp(row->metric, metric) &&
            find_tag(run, dataset, metric, NULL, row->tag) == row)
            out[count++] = row;
    }
    return count;
}

void gb_table_print_tags(FILE *out, const gb_run *run, const char *dataset)
{
    const gb_run_metric *metric = gb_view_leading(run);
    const gb_run_tag *tags[MAX_TAGS];
    const int count = metric ? list_tags(run, dataset, metric->id, tags) : 0;
    size_t *order = count ? gb_view_order(run, dataset, metric, GB_REGION_FULL) : NULL;
    if (!order) return;
    const int names = gb_table_name_width(run);
    fprintf(out, "\n  %s %s by what a shot shows (shots)\n  %-*s", metric->title, gb_region_name(tags[0]->region),
            names, "");
    for (int t = 0; t < count; t++) fprintf(out, " %9s (%d)", tags[t]->tag, tags[t]->shots);
    for (size_t g = 0; g < run->generator_count; g++) {
        const char *generator = run->generators[order[g]].id;
        if (!find_tag(run, dataset, metric->id, generator, NULL)) continue;
        fprintf(out, "\n  %-*s", names, generator);
        for (int t = 0; t < count; t++) {
            const gb_run_tag *row = find_tag(run, dataset, metric->id, generator, tags[t]->tag);
            const int width = 13 + (tags[t]->shots > 9) + (tags[t]->shots > 99);
            if (row)
                fprintf(out, " %*.*f", width, metric->digits, row->mean);
            else
                fprintf(out, " %*s", width, "-");
        }
    }
    fputc('\n', out);
    free(order);
}

void gb_table_print_gaps(FILE *out, const gb_run *run)
{
    const gb_run_metric *metric = gb_view_leading(run);
    const int names = gb_table_name_width(run);
    bool begun = false;
    for (size_t i = 0; metric && i < run->gap_count; i++) {
        const gb_run_gap *row = &run->gaps[i];
        if (row->region != GB_REGION_SIDES || strcmp(row->metric, metric->id) != 0) continue;
        if (!begun)
            fprintf(out, "\nOutside the training domain less inside, %s sides, over %d and %d shots\n"
                    "  %-*s  %8s  %8s  %s\n", metric->title, row->outside_shots, row->inside_shots, names,
                    "generator", "inside", "outside", "difference [95 %]");
        begun = true;
        fprintf(out, "  %-*s  %8.*f  %8.*f", names, row->generator, metric->digits, row->inside, metric->digits,
                row->outside);
        print_signed(out, metric, row->mean, row->lo, row->hi, 0);
        fputc('\n', out);
    }
}
