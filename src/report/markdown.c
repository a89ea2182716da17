/* summary.md: the run as GitHub renders it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "report/markdown_findings.h"
#include "report/report_file.h"
#include "report/text.h"
#include "report/view.h"

#define MAX_FILE ((size_t)1 << 28)

static void head(gb_buffer *out, const gb_run *run)
{
    char fingerprint[13];
    gb_view_short(run->fingerprint, fingerprint);
    gb_buffer_text(out, "# ganime-bench\n\n");
    if (run->created) {
        gb_buffer_text(out, "Run of ");
        gb_text_markdown(out, run->created);
    }
    gb_buffer_printf(out, ", protocol fingerprint `%s`", fingerprint);
    const cJSON *commit = cJSON_GetObjectItemCaseSensitive(run->environment, "commit");
    const cJSON *device = cJSON_GetObjectItemCaseSensitive(run->environment, "device_name");
    if (cJSON_IsString(commit)) {
        gb_buffer_text(out, ", commit ");
        gb_text_markdown(out, commit->valuestring);
    }
    if (cJSON_IsString(device)) {
        gb_buffer_text(out, ", on ");
        gb_text_markdown(out, device->valuestring);
    }
    gb_buffer_text(out, ".\n");
}

static void column_names(gb_buffer *out, const gb_view_column *columns, size_t count)
{
    gb_buffer_text(out, "| generator |");
    for (size_t c = 0; c < count; c++) {
        gb_buffer_text(out, " ");
        gb_text_markdown(out, columns[c].metric->title);
        gb_buffer_printf(out, " %s", gb_region_name(columns[c].region));
        if (columns[c].metric->unit[0]) {
            gb_buffer_text(out, ", ");
            gb_text_markdown(out, columns[c].metric->unit);
        }
        const char *arrow = gb_view_arrow(columns[c].metric);
        gb_buffer_printf(out, "%s%s |", arrow[0] ? " " : "", arrow);
    }
    gb_buffer_text(out, " centre\\_maxabs |\n|:--|");
    for (size_t c = 0; c <= count; c++) gb_buffer_text(out, "--:|");
    gb_buffer_text(out, "\n");
}

static void cell(gb_buffer *out, const gb_run *run, const gb_run_summary *row, const gb_view_column *column)
{
    if (!row || row->state != GB_STATE_OK) {
        gb_buffer_printf(out, " %s |", row ? gb_state_name(row->state) : "no row");
        return;
    }
    const bool best = row == gb_view_best(run, row->dataset, column);
    gb_buffer_text(out, best ? " **" : " ");
    gb_view_value(out, column->metric, row->mean);
    gb_buffer_text(out, best ? "**" : "");
    if (isfinite(row->lo) && column->metric == gb_view_leading(run)) {
        gb_buffer_text(out, " [");
        gb_view_value(out, column->metric, row->lo);
        gb_buffer_text(out, ", ");
        gb_view_value(out, column->metric, row->hi);
        gb_buffer_text(out, "]");
    }
    gb_buffer_text(out, " |");
}

static void reason(gb_buffer *out, const char *name, const char *what, const char *state, const char *why)
{
    gb_buffer_text(out, "- ");
    gb_text_markdown(out, name);
    if (what) {
        gb_buffer_text(out, ", ");
        gb_text_markdown(out, what);
    }
    gb_buffer_printf(out, ": %s", state);
    if (why && why[0]) {
        gb_buffer_text(out, state[0] ? ": " : "");
        gb_text_markdown(out, why);
    }
    gb_buffer_text(out, "\n");
}

static const gb_run_summary *number_at(const gb_run *run, const gb_run_dataset *dataset,
                                       const gb_run_generator *generator, const gb_view_column *column)
{
    return gb_view_find(run, dataset->id, generator->id, column->metric->id, column->region);
}

/* The row whose reason is that of every column: the generator has no number here at all, for one reason. */
static const gb_run_summary *common_reason(const gb_run *run, const gb_run_dataset *dataset,
                                           const gb_run_generator *generator, const gb_view_column *columns,
                                           size_t count)
{
    const gb_run_summary *const first = count ? number_at(run, dataset, generator, &columns[0]) : NULL;
    if (!first || !first->why || first->state == GB_STATE_OK) return NULL;
    for (size_t c = 1; c < count; c++) {
        const gb_run_summary *const row = number_at(run, dataset, generator, &columns[c]);
        if (!row || !row->why || row->state != first->state || strcmp(row->why, first->why) != 0) return NULL;
    }
    return first;
}

/* Why a word stands where a number could: once for a generator without any, else for each cell. */
static void reasons(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset, const gb_view_column *columns,
                    size_t count)
{
    for (size_t g = 0; g < run->generator_count; g++) {
        const gb_run_generator *generator = &run->generators[g];
        if (generator->state != GB_STATE_OK) {
            reason(out, generator->id, NULL, gb_state_name(generator->state), generator->why);
            continue;
        }
        const gb_run_summary *const common = common_reason(run, dataset, generator, columns, count);
        if (common) reason(out, generator->id, NULL, gb_state_name(common->state), common->why);
        for (size_t c = 0; c < count && !common; c++) {
            const gb_run_summary *row = number_at(run, dataset, generator, &columns[c]);
            if (row && row->why)
                reason(out, generator->id, columns[c].metric->title,
                       row->state == GB_STATE_OK ? "" : gb_state_name(row->state), row->why);
        }
    }
    gb_buffer_text(out, "\n");
}

static gb_status dataset_table(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset, gb_error *err)
{
    gb_view_column columns[GB_VIEW_COLUMNS];
    const size_t count = gb_view_columns(run, dataset->id, columns);
    size_t *order = gb_view_order(run, dataset->id, gb_view_leading(run), GB_REGION_FULL);
    if (!order) return gb_fail_memory(err, "table", run->generator_count);
    column_names(out, columns, count);
    for (size_t i = 0; i < run->generator_count; i++) {
        const gb_run_generator *generator = &run->generators[order[i]];
        gb_buffer_text(out, "| ");
        gb_text_markdown(out, generator->id);
        gb_buffer_text(out, " |");
        for (size_t c = 0; c < count; c++)
            cell(out, run, gb_view_find(run, dataset->id, generator->id, columns[c].metric->id, columns[c].region),
                 &columns[c]);
        if (generator->centre_maxabs >= 0)
            gb_buffer_printf(out, " %d |\n", generator->centre_maxabs);
        else
            gb_buffer_printf(out, " %s |\n", gb_state_name(generator->state));
    }
    gb_buffer_text(out, "\n");
    reasons(out, run, dataset, columns, count);
    gb_markdown_differences(out, run, dataset->id);
    gb_markdown_tags(out, run, dataset->id);
    free(order);
    return GB_OK;
}

static void ladder_row(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset, const gb_run_metric *metric,
                       const char *generator, const char *const *steps, size_t count)
{
    const gb_run_step *last = gb_view_step(run, dataset->id, generator, metric->id, steps[count - 1]);
    if (!last) return;
    gb_buffer_text(out, "| ");
    gb_text_markdown(out, generator);
    for (size_t i = 0; i <= count; i++) {
        const gb_run_step *row =
            i < count ? gb_view_step(run, dataset->id, generator, metric->id, steps[i]) : last;
        gb_buffer_text(out, " | ");
        if (!row || row->state != GB_STATE_OK)
            gb_buffer_text(out, row ? gb_state_name(row->state) : "no row");
        else if (i == 0 || i == count)
            gb_view_value(out, metric, row->mean);
        else
            gb_buffer_printf(out, "%+.*f", metric->digits, row->change);
    }
    gb_buffer_text(out, " |\n");
}

/* From the strict number to the protocol's own, by the metric that leads. */
static void ladder_table(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset)
{
    const gb_run_metric *metric = gb_view_leading(run);
    const char *steps[GB_VIEW_STEPS], *protocol = gb_json_string_or(run->protocol, "protocol", "this protocol");
    const size_t count = metric ? gb_view_steps(run, dataset->id, metric->id, steps) : 0;
    if (count == 0) return;
    gb_buffer_text(out, "What each step from the strict protocol to this one does to ");
    gb_text_markdown(out, metric->title);
    gb_buffer_text(out, " full:\n\n| generator |");
    for (size_t i = 0; i < count; i++) {
        gb_buffer_text(out, " ");
        gb_text_markdown(out, steps[i]);
        gb_buffer_text(out, " |");
    }
    gb_buffer_text(out, " = ");
    gb_text_markdown(out, protocol);
    gb_buffer_text(out, " |\n|:--|");
    for (size_t i = 0; i <= count; i++) gb_buffer_text(out, "--:|");
    gb_buffer_text(out, "\n");
    for (size_t g = 0; g < run->generator_count; g++)
        ladder_row(out, run, dataset, metric, run->generators[g].id, steps, count);
    gb_buffer_text(out, "\n");
}

static gb_status dataset_section(gb_buffer *out, const gb_run *run, const gb_run_dataset *dataset, gb_error *err)
{
    gb_buffer_text(out, "\n## ");
    gb_text_markdown(out, dataset->id);
    gb_buffer_text(out, "\n\n");
    if (dataset->state != GB_STATE_OK) {
        gb_buffer_printf(out, "%s: ", gb_state_name(dataset->state));
        gb_text_markdown(out, dataset->why ? dataset->why : "no reason was recorded");
        gb_buffer_text(out, "\n");
        return GB_OK;
    }
    gb_text_markdown(out, dataset->title);
    gb_buffer_text(out, ", split ");
    gb_text_markdown(out, dataset->split);
    gb_buffer_printf(out, ": %d frame%s of %d shot%s, %d \xc3\x97 %d, strips of %d px.\n\n",
                     dataset->frames, gb_view_plural(dataset->frames), dataset->shots, gb_view_plural(dataset->shots),
                     dataset->geometry.width, dataset->geometry.height, dataset->geometry.side);
    if (dataset->flow_from) {
        gb_buffer_text(out, "The truth's flow in it: ");
        gb_text_markdown(out, dataset->flow_from);
        gb_buffer_text(out, ".\n\n");
    }
    if (isfinite(dataset->truth_flicker_hold))
        gb_buffer_printf(
            out, "Where the truth holds a drawing (%d pairs of frames) its own strips change by %.3f levels.\n\n",
            dataset->hold_pairs, dataset->truth_flicker_hold);
    GB_TRY(dataset_table(out, run, dataset, err));
    ladder_table(out, run, dataset);
    return GB_OK;
}

static void fraction(gb_buffer *out, double value, double scale, const char *unit)
{
    if (isfinite(value))
        gb_buffer_printf(out, " %.*f%s |", value * scale < 10.0 ? 2 : 0, value * scale, unit);
    else
        gb_buffer_text(out, " n/a |");
}

static void throughput(gb_buffer *out, const gb_run *run)
{
    if (!run->throughput_count) return;
    gb_buffer_text(
        out, "\n## Throughput\n\n| what | stage | device | precision | threads | batch | p50 ms | p90 ms | p99 ms |"
             " frames/s | GFLOP/s | of the roof | |\n|:--|:--|:--|:--|--:|--:|--:|--:|--:|--:|--:|--:|:--|\n");
    for (size_t i = 0; i < run->throughput_count; i++) {
        const gb_run_throughput *row = &run->throughput[i];
        const char *const names[] = {row->generator, row->stage, row->device, row->precision};
        const double times[] = {row->p50_ms, row->p90_ms, row->p99_ms};
        gb_buffer_text(out, "|");
        for (int n = 0; n < 4; n++) {
            gb_buffer_text(out, " ");
            gb_text_markdown(out, names[n]);
            gb_buffer_text(out, " |");
        }
        gb_buffer_printf(out, " %d | %d |", row->threads, row->batch);
        for (int t = 0; t < 3; t++) {
            gb_buffer_text(out, " ");
            gb_view_ms(out, times[t]);
            gb_buffer_text(out, " |");
        }
        fraction(out, row->fps, 1.0, "");
        fraction(out, row->gflops, 1.0, "");
        fraction(out, row->roof_fraction, 100.0, " %");
        gb_buffer_text(out, row->random_weights ? " random weights |\n" : " |\n");
    }
}

static void how_to_read(gb_buffer *out, const gb_run *run)
{
    gb_buffer_text(
        out,
        "\n## How to read this\n\n"
        "Brackets hold the 95 % interval of the mean, by bootstrap over shots; with one shot there is none. "
        "Bold: the best mean of the column. *full* is the whole frame, *sides* the two invented strips, *seam* the "
        "columns about their inner edges. `centre_maxabs` is the largest change to a known pixel: 0 proves that "
        "the centre is untouched.\n\n");
    for (size_t m = 0; m < run->metric_count; m++) {
        const gb_run_metric *metric = &run->metrics[m];
        gb_buffer_text(out, "- **");
        gb_text_markdown(out, metric->title);
        gb_buffer_text(out, "** (");
        gb_text_markdown(out, metric->id);
        gb_buffer_printf(out, "), %s: ", gb_view_direction(metric));
        gb_text_markdown(out, metric->recipe);
        if (gb_view_device(metric)) gb_buffer_printf(out, "; computed on %s", gb_view_device(metric));
        gb_buffer_text(out, "\n");
    }
    gb_buffer_text(
        out,
        "\nWords stand where there is no number: **undefined** (the formula has no value here, as PSNR of identical "
        "frames), **failed** (it was tried and went wrong), **skipped** (it was not tried), **no weights** (the "
        "generator has none here and so gets no quality number).\n");
}

static gb_status write_markdown(const gb_run *run, gb_error *err)
{
    gb_buffer out;
    gb_buffer_init(&out, MAX_FILE);
    head(&out, run);
    gb_status status = GB_OK;
    for (size_t d = 0; d < run->dataset_count && status == GB_OK; d++)
        status = dataset_section(&out, run, &run->datasets[d], err);
    gb_markdown_gaps(&out, run);
    throughput(&out, run);
    how_to_read(&out, run);
    if (status == GB_OK) status = gb_report_file_write(run, "summary.md", &out, err);
    gb_buffer_free(&out);
    return status;
}

const gb_report gb_report_markdown = {
    .id = "md", .file = "summary.md", .summary = "tables that GitHub renders", .write = write_markdown};
