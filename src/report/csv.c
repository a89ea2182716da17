/* summary.csv: one line a summary row, RFC 4180, columns in an order that only ever grows at the end. */
#include <math.h>
#include <string.h>

#include "report/report_file.h"
#include "report/text.h"

#define MAX_FILE ((size_t)1 << 30)

static const gb_run_metric *metric_of(const gb_run *run, const gb_run_summary *row)
{
    for (size_t m = 0; m < run->metric_count; m++)
        if (!strcmp(run->metrics[m].id, row->metric)) return &run->metrics[m];
    return NULL;
}

static void number(gb_buffer *out, double value)
{
    gb_buffer_text(out, ",");
    if (isfinite(value)) gb_text_number(out, value);
}

static void text(gb_buffer *out, const char *value)
{
    gb_buffer_text(out, ",");
    gb_text_csv(out, value);
}

static void line(gb_buffer *out, const gb_run *run, const gb_run_summary *row)
{
    const gb_run_metric *metric = metric_of(run, row);
    const bool ok = row->state == GB_STATE_OK;
    gb_text_csv(out, row->generator);
    text(out, row->dataset);
    text(out, row->metric);
    text(out, gb_region_name(row->region));
    text(out, gb_state_name(row->state));
    number(out, ok ? row->mean : NAN);
    number(out, ok ? row->lo : NAN);
    number(out, ok ? row->hi : NAN);
    gb_buffer_printf(out, ",%d,%d", row->frames, row->shots);
    text(out, metric ? metric->unit : "");
    text(out, metric ? metric->direction : "");
    text(out, row->why);
    gb_buffer_text(out, "\r\n");
}

static gb_status write_csv(const gb_run *run, gb_error *err)
{
    gb_buffer out;
    gb_buffer_init(&out, MAX_FILE);
    gb_buffer_text(&out, "generator,dataset,metric,region,state,mean,lo,hi,frames,shots,unit,direction,why\r\n");
    for (size_t i = 0; i < run->summary_count; i++) line(&out, run, &run->summary[i]);
    const gb_status status = gb_report_file_write(run, "summary.csv", &out, err);
    gb_buffer_free(&out);
    return status;
}

const gb_report gb_report_csv = {
    .id = "csv", .file = "summary.csv", .summary = "means with 95 % intervals, for spreadsheets", .write = write_csv};
