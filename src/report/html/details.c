/* What the numbers mean, every one of them, and everything that the run says of itself. */
#include <math.h>
#include <string.h>

#include "report/html/page.h"

static const gb_run_metric *metric_of(const gb_run *run, const char *id)
{
    for (size_t m = 0; m < run->metric_count; m++)
        if (!strcmp(run->metrics[m].id, id)) return &run->metrics[m];
    return NULL;
}

static void value_cell(gb_page *page, const gb_run_metric *metric, double value)
{
    if (!metric || !isfinite(value)) {
        gb_html_put(&page->out, "<td><span class=\"quiet\" title=\"one shot gives no interval\">none</span></td>");
        return;
    }
    gb_html_put(&page->out, "<td data-v=\"%g\">", value);
    gb_view_value(&page->out, metric, value);
    gb_html_put(&page->out, "</td>");
}

static void number_row(gb_page *page, const gb_run_summary *row)
{
    const gb_run_metric *metric = metric_of(page->run, row->metric);
    gb_html_put(&page->out,
                "<tr data-n=\"%s\"><th scope=\"row\"><bdi>%s</bdi></th><td class=\"text\">%s</td>"
                "<td class=\"text\">%s</td><td class=\"text\">%s</td>",
                row->generator, row->generator, row->dataset, row->metric, gb_region_name(row->region));
    if (row->state == GB_STATE_OK) {
        value_cell(page, metric, row->mean);
        value_cell(page, metric, row->lo);
        value_cell(page, metric, row->hi);
    } else {
        gb_html_put(&page->out, "<td><span class=\"state\">%s</span></td><td></td><td></td>",
                    gb_state_name(row->state));
    }
    gb_html_put(&page->out, "<td data-v=\"%d\">%d</td><td data-v=\"%d\">%d</td><td class=\"text why\">%s</td></tr>\n",
                row->frames, row->frames, row->shots, row->shots, row->why);
}

void gb_page_every_number(gb_page *page)
{
    static const char *const heads[] = {"Generator", "Dataset", "Metric", "Region", "Mean",
                                        "Low",       "High",    "Frames", "Shots",  "Why"};
    gb_html_put(&page->out,
                "<section id=\"numbers\"><h2>Every number</h2><details><summary>%d rows, as in "
                "summary.csv</summary><p><label>Filter rows <input type=\"search\" class=\"rows\" "
                "placeholder=\"lpips sides\" autocomplete=\"off\"></label> <output class=\"quiet\" "
                "aria-live=\"polite\"></output></p><div class=\"scroll tall\" role=\"region\" tabindex=\"0\" "
                "aria-label=\"Every number\"><table class=\"sortable\"><caption "
                "class=\"vh\">Every number</caption><thead><tr>",
                (int)page->run->summary_count);
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        gb_html_put(&page->out, "<th scope=\"col\"><button type=\"button\">%s</button></th>", heads[h]);
    gb_html_put(&page->out, "</tr></thead><tbody>");
    for (size_t i = 0; i < page->run->summary_count; i++) number_row(page, &page->run->summary[i]);
    gb_html_put(&page->out, "</tbody></table></div></details></section>\n");
}

void gb_page_reading(gb_page *page)
{
    gb_html_put(&page->out, "<section id=\"reading\"><h2>How to read this</h2><dl class=\"metrics\">");
    for (size_t m = 0; m < page->run->metric_count; m++) {
        const gb_run_metric *metric = &page->run->metrics[m];
        gb_html_put(&page->out, "<dt>%s <code>%s</code> <span class=\"direction\">%r %r%s%s</span></dt><dd>%s%s%s</dd>",
                    metric->title, metric->id, gb_view_arrow(metric), gb_view_direction(metric),
                    metric->unit[0] ? ", " : "", metric->unit, metric->recipe,
                    gb_view_device(metric) ? "; computed on " : "",
                    gb_view_device(metric) ? gb_view_device(metric) : "");
    }
    gb_html_put(
        &page->out,
        "</dl><p><b>full</b> is the whole frame, <b>sides</b> the two invented strips, <b>seam</b> the columns about "
        "their inner edges. <b>Centre</b> is the largest change to a known pixel, in 8-bit levels: 0 proves that the "
        "centre is untouched. Intervals hold 95 %% and come from a bootstrap over shots, because frames of one shot "
        "are not independent; overlapping intervals decide nothing, the paired differences below each table do.</p>"
        "<p>Words stand where there is no number: <b>undefined</b>, the formula has no value here, as PSNR of "
        "identical frames; <b>failed</b>, it was tried and went wrong; <b>skipped</b>, it was not tried; "
        "<b>no weights</b>, the generator has none here and so gets no quality number.</p></section>\n");
}

static void json_value(gb_page *page, const cJSON *value)
{
    if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
        gb_html_put(&page->out, "<dl class=\"nested\">");
        const cJSON *item;
        cJSON_ArrayForEach(item, value)
        {
            gb_html_put(&page->out, "<div><dt>%s</dt><dd>", item->string ? item->string : "");
            json_value(page, item);
            gb_html_put(&page->out, "</dd></div>");
        }
        gb_html_put(&page->out, "</dl>");
    } else if (cJSON_IsString(value)) {
        gb_html_put(&page->out, "%s", value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        gb_html_put(&page->out, "%g", value->valuedouble);
    } else {
        gb_html_put(&page->out, cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
    }
}

static void line(gb_page *page, const char *name, const char *value)
{
    if (value && value[0]) gb_html_put(&page->out, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

/* flicker_hold alone looks for held drawings. */
static bool counts_holds(const gb_run *run)
{
    for (size_t m = 0; m < run->metric_count; m++)
        if (!strcmp(run->metrics[m].id, "flicker_hold")) return true;
    return false;
}

static void dataset_details(gb_page *page, const gb_run *run, const gb_run_dataset *dataset)
{
    gb_html_put(&page->out, "<div><dt><bdi>%s</bdi></dt><dd><dl class=\"nested\">", dataset->id);
    line(page, "state", gb_state_name(dataset->state));
    line(page, "why", dataset->why);
    line(page, "title", dataset->title);
    line(page, "domain", dataset->domain);
    line(page, "split", dataset->split);
    line(page, "source", dataset->source);
    line(page, "licence", dataset->licence);
    line(page, "content", dataset->content);
    line(page, "flow", dataset->flow_from);
    gb_html_put(&page->out, "<div><dt>pairs of frames</dt><dd>%d", dataset->pairs);
    if (counts_holds(run)) gb_html_put(&page->out, ", of these %d on held drawings", dataset->hold_pairs);
    gb_html_put(&page->out, "; %d across cuts were left out</dd></div></dl></dd></div>", dataset->cut_pairs);
}

static void generator_details(gb_page *page, const gb_run_generator *generator)
{
    gb_html_put(&page->out, "<div><dt><bdi>%s</bdi></dt><dd><dl class=\"nested\">", generator->id);
    line(page, "state", gb_state_name(generator->state));
    line(page, "why", generator->why);
    line(page, "title", generator->title);
    line(page, "source", generator->source);
    line(page, strcmp(generator->kind, "exec") ? "frames from" : "command", generator->origin);
    if (generator->origin && generator->composited && generator->delivered_centre >= 0)
        gb_html_put(&page->out, "<div><dt>centre</dt><dd>the input's, put over what it gave: that differed by up to %d "
                    "of 255 levels</dd></div>", generator->delivered_centre);
    line(page, "sha256 of its frames", generator->frames_sha256);
    line(page, "filter", generator->filter);
    line(page, "weights", generator->weights);
    line(page, "sha256", generator->weights_sha256);
    line(page, "batch norm", generator->batchnorm);
    if (generator->parameters > 0.0) {
        gb_buffer_printf(&page->out, "<div><dt>parameters</dt><dd>%.2f million</dd></div>",
                         generator->parameters * 1e-6);
        gb_buffer_printf(&page->out, "<div><dt>work a frame</dt><dd>%.1f GFLOP</dd></div>", generator->gflop);
    }
    gb_html_put(&page->out, "</dl></dd></div>");
}

void gb_page_details(gb_page *page)
{
    const gb_run *run = page->run;
    gb_html_put(&page->out,
                "<section id=\"details\"><h2>Details</h2><details><summary>Datasets</summary><dl class=\"nested\">");
    for (size_t d = 0; d < run->dataset_count; d++) dataset_details(page, run, &run->datasets[d]);
    gb_html_put(&page->out, "</dl></details><details><summary>Generators</summary><dl class=\"nested\">");
    for (size_t g = 0; g < run->generator_count; g++) generator_details(page, &run->generators[g]);
    gb_html_put(&page->out, "</dl></details><details><summary>Protocol, fingerprint <code>%s</code></summary>",
                run->fingerprint);
    json_value(page, run->protocol);
    gb_html_put(&page->out, "</details><details><summary>Environment</summary>");
    json_value(page, run->environment);
    gb_html_put(&page->out, "</details></section>\n");
}
