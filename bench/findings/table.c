#include "findings/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "findings/table_findings.h"
#include "report/view.h"

#define MAX_COLUMNS 6 /* what a screen has room for; the reports have them all */
#define FIRST_WIDTH 22
#define WIDTH 12

/* "LPIPS sides": the metric's title without what is in brackets, and the region. */
static const char *column_title(const gb_view_column *column, char *out, size_t size)
{
    const char *const title = column->metric->title;
    snprintf(out, size, "%.*s %s", (int)strcspn(title, "(") - (strstr(title, " (") != NULL), title,
             gb_region_name(column->region));
    return out;
}

static void print_cell(FILE *out, const gb_view_column *column, const gb_run_summary *row, bool first)
{
    char text[96] = "-", title[64];
    const int digits = column->metric->digits, bounds = digits > 0 ? digits - 1 : 0;
    const int longest = (int)strlen(column_title(column, title, sizeof title));
    if (row && row->state != GB_STATE_OK)
        snprintf(text, sizeof text, "%s", gb_state_name(row->state));
    else if (row && first && isfinite(row->lo))
        snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", digits, row->mean, bounds, row->lo, bounds, row->hi);
    else if (row)
        snprintf(text, sizeof text, "%.*f", digits, row->mean);
    if (first) fprintf(out, "  %-*s", FIRST_WIDTH, text);
    else fprintf(out, "  %*s", longest > WIDTH ? longest : WIDTH, text);
}

static void print_header(FILE *out, const gb_view_column *columns, size_t count, int names)
{
    char title[64];
    fprintf(out, "  %-*s", names, "generator");
    for (size_t c = 0; c < count; c++) {
        column_title(&columns[c], title, sizeof title);
        if (c > 0) fprintf(out, "  %*s", WIDTH, title);
        else fprintf(out, "  %s [95 %%]%*s", title, FIRST_WIDTH - 7 - (int)strlen(title), "");
    }
    fputc('\n', out);
}

/* The first columns of the reports' own table, in its order. */
static void print_means(FILE *out, const gb_run *run, const gb_run_dataset *dataset)
{
    gb_view_column columns[GB_VIEW_COLUMNS];
    const size_t all = gb_view_columns(run, dataset->id, columns), count = all < MAX_COLUMNS ? all : MAX_COLUMNS;
    size_t *order = gb_view_order(run, dataset->id, gb_view_leading(run), GB_REGION_FULL);
    const int names = gb_table_name_width(run);
    if (order) print_header(out, columns, count, names);
    for (size_t g = 0; order && g < run->generator_count; g++) {
        const char *const id = run->generators[order[g]].id;
        fprintf(out, "  %-*s", names, id);
        for (size_t c = 0; c < count; c++)
            print_cell(out, &columns[c], gb_view_find(run, dataset->id, id, columns[c].metric->id, columns[c].region),
                       c == 0);
        fputc('\n', out);
    }
    free(order);
}

static void print_dataset(FILE *out, const gb_run *run, const gb_run_dataset *dataset)
{
    if (dataset->state != GB_STATE_OK) {
        fprintf(out, "\n%s: %s: %s\n", dataset->id, gb_state_name(dataset->state), dataset->why ? dataset->why : "");
        return;
    }
    fprintf(out, "\n%s (%s): %d frame%s of %d shot%s, %d x %d, sides of %d px\n", dataset->id, dataset->split,
            dataset->frames, gb_view_plural(dataset->frames), dataset->shots, gb_view_plural(dataset->shots),
            dataset->geometry.width, dataset->geometry.height, dataset->geometry.side);
    print_means(out, run, dataset);
    gb_table_print_differences(out, run, dataset->id);
    gb_table_print_tags(out, run, dataset->id);
}

/* From the strict number to the protocol's own, by the leading metric. */
static void print_ladder(FILE *out, const gb_run *run, const gb_run_dataset *dataset)
{
    const gb_run_metric *const leading = gb_view_leading(run);
    const char *steps[GB_VIEW_STEPS], *metric = leading ? leading->id : "";
    const size_t count = gb_view_steps(run, dataset->id, metric, steps);
    if (count == 0) return;
    const int names = gb_table_name_width(run), digits = leading->digits;
    char title[64];
    fprintf(out, "\n  %-*s", names,
            column_title(&(gb_view_column){leading, GB_REGION_FULL}, title, sizeof title));
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
            if (ok) fprintf(out, i ? "  %+18.*f" : "  %18.*f", digits, i ? row->change : row->mean);
            else fprintf(out, "  %18s", row ? gb_state_name(row->state) : "-");
        }
        if (last->state == GB_STATE_OK) fprintf(out, "  %.*f\n", digits, last->mean);
        else fputs("  -\n", out);
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
