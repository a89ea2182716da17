#include "report/markdown_findings.h"

#include <math.h>
#include <string.h>

#include "report/text.h"
#include "report/view.h"

static void signed_value(gb_buffer *out, const gb_run_metric *metric, double mean, double lo, double hi)
{
    if (!isfinite(mean)) {
        gb_buffer_text(out, " n/a |");
        return;
    }
    gb_buffer_printf(out, " %+.*f", metric->digits, mean);
    if (isfinite(lo) && isfinite(hi))
        gb_buffer_printf(out, " [%+.*f, %+.*f]", metric->digits, lo, metric->digits, hi);
    gb_buffer_text(out, " |");
}

static void name(gb_buffer *out, const char *text)
{
    gb_buffer_text(out, " ");
    gb_text_markdown(out, text);
    gb_buffer_text(out, " |");
}

void gb_markdown_differences(gb_buffer *out, const gb_run *run, const char *dataset)
{
    const gb_run_metric *metric = gb_view_leading(run);
    bool begun = false;
    for (size_t i = 0; metric && i < run->difference_count; i++) {
        const gb_run_difference *row = &run->differences[i];
        if (strcmp(row->dataset, dataset) != 0 || strcmp(row->metric, metric->id) != 0) continue;
        if (!begun) {
            gb_buffer_text(out, "Each generator less the next one, ");
            gb_text_markdown(out, metric->title);
            gb_buffer_printf(out, ", paired by frame, with the 95 %% interval over shots; %s, an interval that holds 0 "
                             "decides nothing.\n\n| less | of | region | difference | shots |\n|:--|:--|:--|--:|--:|\n",
                             gb_view_direction(metric));
        }
        begun = true;
        gb_buffer_text(out, "|");
        name(out, row->generator);
        name(out, row->other);
        gb_buffer_printf(out, " %s |", gb_region_name(row->region));
        signed_value(out, metric, row->mean, row->lo, row->hi);
        gb_buffer_printf(out, " %d |\n", row->shots);
    }
    if (begun) gb_buffer_text(out, "\n");
}

void gb_markdown_tags(gb_buffer *out, const gb_run *run, const char *dataset)
{
    const gb_run_metric *metric = gb_view_leading(run);
    bool begun = false;
    for (size_t i = 0; metric && i < run->tag_count; i++) {
        const gb_run_tag *row = &run->by_tag[i];
        if (strcmp(row->dataset, dataset) != 0 || strcmp(row->metric, metric->id) != 0) continue;
        if (!begun) {
            gb_buffer_text(out, "By what a shot shows, ");
            gb_text_markdown(out, metric->title);
            gb_buffer_printf(out, " %s: shots with the tag, the other shots, and the difference with its 95 %% "
                             "interval over shots. Other shots are other pictures: compare generators, not tags.\n\n"
                             "| tag | generator | with | shots | without | shots | difference |\n"
                             "|:--|:--|--:|--:|--:|--:|--:|\n", gb_region_name(row->region));
        }
        begun = true;
        gb_buffer_text(out, "|");
        name(out, row->tag);
        name(out, row->generator);
        gb_buffer_printf(out, " %.*f | %d |", metric->digits, row->mean, row->shots);
        if (row->rest_shots)
            gb_buffer_printf(out, " %.*f | %d |", metric->digits, row->rest, row->rest_shots);
        else
            gb_buffer_text(out, " n/a | 0 |");
        signed_value(out, metric, row->difference, row->difference_lo, row->difference_hi);
        gb_buffer_text(out, "\n");
    }
    if (begun) gb_buffer_text(out, "\n");
}

void gb_markdown_gaps(gb_buffer *out, const gb_run *run)
{
    const gb_run_metric *metric = gb_view_leading(run);
    bool begun = false;
    for (size_t i = 0; metric && i < run->gap_count; i++) {
        const gb_run_gap *row = &run->gaps[i];
        if (strcmp(row->metric, metric->id) != 0) continue;
        if (!begun) {
            gb_buffer_text(out, "\n## Outside the training domain\n\nMean ");
            gb_text_markdown(out, metric->title);
            gb_buffer_text(out, " over the datasets of each domain, each dataset counted once, and outside less "
                           "inside with the 95 % interval by bootstrap over the shots of all.\n\n"
                           "| generator | region | inside | shots | outside | shots | outside less inside |\n"
                           "|:--|:--|--:|--:|--:|--:|--:|\n");
        }
        begun = true;
        gb_buffer_text(out, "|");
        name(out, row->generator);
        gb_buffer_printf(out, " %s | %.*f | %d | %.*f | %d |", gb_region_name(row->region), metric->digits, row->inside,
                         row->inside_shots, metric->digits, row->outside, row->outside_shots);
        signed_value(out, metric, row->mean, row->lo, row->hi);
        gb_buffer_text(out, "\n");
    }
}
