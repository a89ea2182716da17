/* What each step from the strict protocol to the one that was run does to the leading metric. */
#include <math.h>

#include "core/json.h"
#include "report/html/page.h"

static void step_cell(gb_page *page, const gb_run_metric *metric, const gb_run_step *row, bool whole)
{
    if (!row || row->state != GB_STATE_OK) {
        gb_html_put(&page->out, "<td><span class=\"state\">%s</span></td>", row ? gb_state_name(row->state) : "no row");
    } else if (whole) {
        gb_html_put(&page->out, "<td data-v=\"%g\">", row->mean);
        gb_view_value(&page->out, metric, row->mean);
        gb_html_put(&page->out, "</td>");
    } else {
        gb_html_put(&page->out, "<td data-v=\"%g\">%r", row->change, row->change < 0.0 ? "\xe2\x88\x92" : "+");
        gb_view_value(&page->out, metric, fabs(row->change));
        gb_html_put(&page->out, "</td>");
    }
}

static void ladder_row(gb_page *page, const char *dataset, size_t g, const char *const *steps, size_t count)
{
    const gb_run_metric *const metric = gb_view_leading(page->run);
    const char *const id = page->run->generators[g].id;
    const gb_run_step *const last = gb_view_step(page->run, dataset, id, metric->id, steps[count - 1]);
    if (!last) return;
    gb_html_put(&page->out, "<tr data-g=\"%d\" data-n=\"%s\"><th scope=\"row\">", (int)g, id);
    gb_page_name(page, g);
    gb_html_put(&page->out, "</th>");
    for (size_t i = 0; i < count; i++)
        step_cell(page, metric, gb_view_step(page->run, dataset, id, metric->id, steps[i]), i == 0);
    step_cell(page, metric, last, true);
    gb_html_put(&page->out, "</tr>\n");
}

void gb_page_ladder(gb_page *page, size_t dataset)
{
    const char *const id = page->run->datasets[dataset].id;
    const gb_run_metric *const metric = gb_view_leading(page->run);
    const char *steps[GB_VIEW_STEPS];
    const size_t count = metric ? gb_view_steps(page->run, id, metric->id, steps) : 0;
    if (count == 0) return;
    gb_html_put(&page->out,
                "<h3>From the strict protocol to this one</h3><p class=\"quiet\">What each step does to %s of the "
                "whole frame, with all steps before it.</p><div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                "aria-label=\"%s by protocol step\"><table class=\"sortable\"><caption class=\"vh\">%s by protocol "
                "step</caption><thead><tr><th scope=\"col\"><button type=\"button\">Generator</button></th>",
                metric->title, id, id);
    for (size_t i = 0; i < count; i++)
        gb_html_put(&page->out, "<th scope=\"col\"><button type=\"button\">%s</button></th>", steps[i]);
    gb_html_put(&page->out, "<th scope=\"col\"><button type=\"button\">= %s</button></th></tr></thead><tbody>\n",
                gb_json_string_or(page->run->protocol, "protocol", "this protocol"));
    for (size_t g = 0; g < page->run->generator_count; g++) ladder_row(page, id, g, steps, count);
    gb_html_put(&page->out, "</tbody></table></div>\n");
}
