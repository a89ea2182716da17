#include "findings/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "findings/table_findings.h"
#include "report/view.h"

#define MAX_COLUMNS 6
#define MAX_ROWS 256

typedef struct table_column {
    const char *metric, *title;
    gb_region region;
    int digits;
} table_column;

static const table_column columns[MAX_COLUMNS] = {
    {"lpips_alex_v0.1", "LPIPS full", GB_REGION_FULL, 4},  {"lpips_alex_v0.1", "LPIPS sides", GB_REGION_SIDES, 4},
    {"lpips_alex_v0.1", "LPIPS seam", GB_REGION_SEAM, 4},  {"psnr_rgb", "PSNR sides", GB_REGION_SIDES, 2},
    {"ssim_gauss11_rgb", "SSIM sides", GB_REGION_SIDES, 4}, {"flicker_excess", "flicker x", GB_REGION_SIDES, 2},
};

static const gb_run_summary *find(const gb_run *run, const char *dataset, const char *generator,
                                  const table_column *column)
{
    for (size_t i = 0; i < run->summary_count; i++) {
        const gb_run_summary *row = &run->summary[i];
        if (row->region == column->region && !strcmp(row->metric, column->metric) &&
            !strcmp(row->dataset, dataset) && !strcmp(row->generator, generator))
            return row;
    }
    return NULL;
}

static void print_cell(FILE *out, const gb_run_summary *row, int digits, bool first)
{
    char text[64] = "-";
    if (row && row->state != GB_STATE_OK)
        snprintf(text, sizeof text, "%s", gb_state_name(row->state));
    else if (row && first && isfinite(row->lo))
        snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", digits, row->mean, digits - 1, row->lo, digits - 1, row->hi);
    else if (row)
        snprintf(text, sizeof text, "%.*f", digits, row->mean);
    fprintf(out, first ? "  %-22s" : "  %12s", text);
}

/* Generators in order of the first column, those without a number last. */
static int sorted(const gb_run *run, const char *dataset, const gb_run_generator **order)
{
    double key[MAX_ROWS];
    int count = 0;
    for (size_t g = 0; g < run->generator_count && count < MAX_ROWS; g++) {
        const gb_run_summary *row = find(run, dataset, run->generators[g].id, &columns[0]);
        const double value = row && row->state == GB_STATE_OK ? row->mean : INFINITY;
        int at = count++;
        for (; at > 0 && key[at - 1] > value; at--) {
            key[at] = key[at - 1];
            order[at] = order[at - 1];
        }
        key[at] = value;
        order[at] = &run->generators[g];
    }
    return count;
}

static void print_dataset(FILE *out, const gb_run *run, const gb_run_dataset *dataset)
{
    if (dataset->state != GB_STATE_OK) {
        fprintf(out, "\n%s: %s: %s\n", dataset->id, gb_state_name(dataset->state), dataset->why ? dataset->why : "");
        return;
    }
    fprintf(out, "\n%s (%s): %d frames of %d shots, %d x %d, sides of %d px\n", dataset->id, dataset->split,
            dataset->frames, dataset->shots, dataset->geometry.width, dataset->geometry.height, dataset->geometry.side);
    const int names = gb_table_name_width(run);
    fprintf(out, "  %-*s  %-22s", names, "generator", "LPIPS full [95 %]");
    for (int c = 1; c < MAX_COLUMNS; c++) fprintf(out, "  %12s", columns[c].title);
    fputc('\n', out);
    const gb_run_generator *order[MAX_ROWS];
    const int count = sorted(run, dataset->id, order);
    for (int g = 0; g < count; g++) {
        fprintf(out, "  %-*s", names, order[g]->id);
        for (int c = 0; c < MAX_COLUMNS; c++)
            print_cell(out, find(run, dataset->id, order[g]->id, &columns[c]), columns[c].digits, c == 0);
        fputc('\n', out);
    }
    gb_table_print_differences(out, run, dataset->id);
    gb_table_print_tags(out, run, dataset->id);
}

/* From the strict number to the protocol's own, by the first column's metric. */
static void print_ladder(FILE *out, const gb_run *run, const gb_run_dataset *dataset)
{
    const char *steps[GB_VIEW_STEPS], *metric = columns[0].metric;
    const size_t count = gb_view_steps(run, dataset->id, metric, steps);
    if (count == 0) return;
    const int names = gb_table_name_width(run);
    fprintf(out, "\n  %-*s", names, columns[0].title);
    for (size_t i = 0; i < count; i++) fprintf(out, "  %18s", steps[i]);
    fprintf(out, "  = %s\n", gb_json_string_or(run->protocol, "protocol", ""));
    for (size_t g = 0; g < run->generator_count; g++) {
        const char *id = run->generators[g].id;
        const gb_run_step *last = gb_view_step(run, dataset->id, id, metric, steps[count - 1]);
        if (!last) continue;
        fprintf(out, "  %-*s", names, id);
        for (size_t i = 0; i < count; i++) {
            const gb_run_step *row = gb_view_step(run, dataset->id, id, metric, steps[i]);
            const bool ok = row && row->state == GB_STATE_OK;
            if (ok) fprintf(out, i ? "  %+18.4f" : "  %18.4f", i ? row->change : row->mean);
            else fprintf(out, "  %18s", row ? gb_state_name(row->state) : "-");
        }
        fprintf(out, last->state == GB_STATE_OK ? "  %.4f\n" : "  -\n", last->mean);
    }
}

void gb_table_print_throughput(FILE *out, const gb_run *run)
{
    if (!run->throughput_count) return;
    const int wide = gb_table_name_width(run), names = wide > 18 ? wide : 18; /* metrics stand there, too */
    fprintf(out, "\n  %-*s %-9s %7s %6s %10s %10s %10s %9s %8s %6s\n", names, "throughput", "stage", "threads", "batch",
            "p50 ms", "p90 ms", "p99 ms", "frames/s", "GFLOP/s", "roof");
    for (size_t i = 0; i < run->throughput_count; i++) {
        const gb_run_throughput *t = &run->throughput[i];
        fprintf(out, "  %-*s %-9s %7d %6d %10.3f %10.3f %10.3f %9.2f", names, t->generator, t->stage, t->threads,
                t->batch, t->p50_ms, t->p90_ms, t->p99_ms, t->fps);
        if (isfinite(t->gflops)) fprintf(out, " %8.1f %5.0f%%", t->gflops, 100.0 * t->roof_fraction);
        fputs(t->random_weights ? "  (random weights)\n" : "\n", out);
    }
}

void gb_table_print(FILE *out, const gb_run *run)
{
    for (size_t d = 0; d < run->dataset_count; d++) {
        print_dataset(out, run, &run->datasets[d]);
        print_ladder(out, run, &run->datasets[d]);
    }
    gb_table_print_gaps(out, run);
    gb_table_print_throughput(out, run);
    char *page = gb_path_join(run->directory, "report.html");
    if (run->fingerprint[0] && page && gb_file_exists(page)) fprintf(out, "\nreport: %s\n", page);
    free(page);
}
