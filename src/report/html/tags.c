/* The leading metric by what a shot shows: shots with a tag against the others. */
#include <math.h>
#include <string.h>

#include "report/html/page.h"

static bool is_shown(const gb_page *page, const gb_run_tag *row, const char *dataset)
{
    const gb_run_metric *metric = gb_view_leading(page->run);
    return metric && !strcmp(row->dataset, dataset) && !strcmp(row->metric, metric->id);
}

static void number_cell(gb_page *page, double value)
{
    if (!isfinite(value)) {
        gb_html_put(&page->out, "<td><span class=\"quiet\">none</span></td>");
        return;
    }
    gb_html_put(&page->out, "<td data-v=\"%g\">", value);
    gb_view_value(&page->out, gb_view_leading(page->run), value);
    gb_html_put(&page->out, "</td>");
}

static void difference_cell(gb_page *page, const gb_run_tag *row)
{
    const gb_run_metric *metric = gb_view_leading(page->run);
    if (!isfinite(row->difference)) {
        gb_html_put(&page->out, "<td><span class=\"quiet\">none</span></td>");
        return;
    }
    gb_html_put(&page->out, "<td data-v=\"%g\">%r", row->difference, row->difference < 0.0 ? "\xe2\x88\x92" : "+");
    gb_view_value(&page->out, metric, fabs(row->difference));
    if (isfinite(row->difference_lo)) {
        gb_html_put(&page->out, "<small>[");
        gb_view_value(&page->out, metric, row->difference_lo);
        gb_html_put(&page->out, ", ");
        gb_view_value(&page->out, metric, row->difference_hi);
        gb_html_put(&page->out, "]</small>");
    }
    gb_html_put(&page->out, "</td>");
}

static void tag_row(gb_page *page, const gb_run_tag *row)
{
    const gb_run_generator *generator = gb_view_generator(page->run, row->generator);
    const size_t g = generator ? (size_t)(generator - page->run->generators) : page->run->generator_count;
    gb_html_put(&page->out, "<tr data-g=\"%d\" data-n=\"%s %s\"><th scope=\"row\">%s</th><td class=\"text\">", (int)g,
                row->generator, generator ? generator->title : "", row->tag);
    if (generator)
        gb_page_name(page, g);
    else
        gb_html_put(&page->out, "<bdi>%s</bdi>", row->generator);
    gb_html_put(&page->out, "</td>");
    number_cell(page, row->mean);
    gb_html_put(&page->out, "<td data-v=\"%d\">%d</td>", row->shots, row->shots);
    number_cell(page, row->rest);
    gb_html_put(&page->out, "<td data-v=\"%d\">%d</td>", row->rest_shots, row->rest_shots);
    difference_cell(page, row);
    gb_html_put(&page->out, "</tr>\n");
}

static void begin(gb_page *page, const char *dataset, gb_region region)
{
    static const char *const heads[] = {"Shots with", "Generator", "Mean", "Shots", "Mean of the others", "Others",
                                        "Difference"};
    const gb_run_metric *metric = gb_view_leading(page->run);
    gb_html_put(&page->out,
                "<details class=\"tags\"><summary>By what a shot shows</summary><p class=\"quiet\">%s, %s, %s. Shots "
                "with a tag, the other shots, and the difference with its 95 %% interval over shots. Other shots are "
                "other pictures: compare generators, not tags.</p><div class=\"scroll tall\" role=\"region\" "
                "tabindex=\"0\" aria-label=\"%s by what a shot shows\"><table class=\"sortable\"><caption "
                "class=\"vh\">%s by what a shot shows</caption><thead><tr>",
                metric->title, gb_region_name(region), gb_view_direction(metric), dataset, dataset);
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        gb_html_put(&page->out, "<th scope=\"col\"><button type=\"button\">%s</button></th>", heads[h]);
    gb_html_put(&page->out, "</tr></thead><tbody>\n");
}

void gb_page_tags(gb_page *page, size_t dataset)
{
    const char *id = page->run->datasets[dataset].id;
    bool begun = false;
    for (size_t i = 0; i < page->run->tag_count; i++) {
        const gb_run_tag *row = &page->run->by_tag[i];
        if (!is_shown(page, row, id)) continue;
        if (!begun) begin(page, id, row->region);
        begun = true;
        tag_row(page, row);
    }
    if (begun) gb_html_put(&page->out, "</tbody></table></div></details>\n");
}
