/* The page's head: what was run, on what, and who leads. */
#include <math.h>
#include <stdlib.h>

#include "core/json.h"
#include "report/html/page.h"

static void fact(gb_page *page, const char *name, const char *value)
{
    if (value && value[0]) gb_html_put(&page->out, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

static void facts(gb_page *page)
{
    const gb_run *run = page->run;
    char fingerprint[13], threads[32];
    gb_view_short(run->fingerprint, fingerprint);
    gb_buffer text;
    gb_buffer_init(&text, sizeof threads);
    gb_buffer_printf(&text, "%.0f", gb_json_number_or(run->environment, "threads", 0.0));
    gb_html_put(&page->out, "<dl class=\"facts\">");
    fact(page, "Created", run->created);
    fact(page, "Commit", gb_json_string_or(run->environment, "commit", NULL));
    fact(page, "Protocol", gb_json_string_or(run->protocol, "protocol", NULL));
    fact(page, "Fingerprint", fingerprint);
    fact(page, "Machine", gb_json_string_or(run->environment, "device_name", NULL));
    fact(page, "Engine", gb_json_string_or(run->environment, "engine", NULL));
    fact(page, "Precision", gb_json_string_or(run->environment, "precision", NULL));
    fact(page, "Threads", text.data);
    gb_html_put(&page->out, "</dl>\n");
    if (run->command) gb_html_put(&page->out, "<p class=\"command\"><code>%s</code></p>\n", run->command);
    gb_buffer_free(&text);
}

static void value(gb_page *page, const gb_run_metric *metric, const gb_run_summary *row)
{
    gb_view_value(&page->out, metric, row->mean);
    if (!isfinite(row->lo)) return;
    gb_html_put(&page->out, " <small>[");
    gb_view_value(&page->out, metric, row->lo);
    gb_html_put(&page->out, ", ");
    gb_view_value(&page->out, metric, row->hi);
    gb_html_put(&page->out, "]</small>");
}

static const gb_run_summary *ranked(const gb_page *page, const gb_run_dataset *dataset, const gb_run_metric *metric,
                                    const size_t *order, size_t rank)
{
    if (rank >= page->run->generator_count) return NULL;
    const gb_run_summary *row =
        gb_view_find(page->run, dataset->id, page->run->generators[order[rank]].id, metric->id, GB_REGION_FULL);
    return row && row->state == GB_STATE_OK ? row : NULL;
}

static gb_status leader(gb_page *page, const gb_run_dataset *dataset, gb_error *err)
{
    const gb_run_metric *metric = gb_view_leading(page->run);
    size_t *order = gb_view_order(page->run, dataset->id, metric, GB_REGION_FULL);
    if (!order) return gb_fail_memory(err, "order", page->run->generator_count);
    const gb_run_summary *first = metric ? ranked(page, dataset, metric, order, 0) : NULL;
    const gb_run_summary *second = first ? ranked(page, dataset, metric, order, 1) : NULL;
    if (!first) {
        gb_html_put(&page->out, "<p class=\"lead\">No generator has a number here.</p>");
    } else {
        gb_html_put(&page->out, "<p class=\"lead\">");
        gb_page_name(page, order[0]);
        gb_html_put(&page->out, " <strong>");
        value(page, metric, first);
        gb_html_put(&page->out, "</strong></p><p>%s mean %s, %s.", second ? "Best" : "Only", metric->title,
                    gb_view_direction(metric));
    }
    if (second) {
        gb_html_put(&page->out, " Next: <bdi>%s</bdi> ", page->run->generators[order[1]].id);
        value(page, metric, second);
        gb_html_put(&page->out, ".");
    }
    if (first) gb_html_put(&page->out, "</p>");
    free(order);
    return GB_OK;
}

gb_status gb_page_overview(gb_page *page, gb_error *err)
{
    const gb_run *run = page->run;
    facts(page);
    gb_html_put(&page->out, "<div class=\"cards\">");
    for (size_t d = 0; d < run->dataset_count; d++) {
        const gb_run_dataset *dataset = &run->datasets[d];
        gb_html_put(&page->out, "<article class=\"card\"><h3><a href=\"#d%d\"><bdi>%s</bdi></a></h3>", (int)d,
                    dataset->id);
        if (dataset->state == GB_STATE_OK) {
            GB_TRY(leader(page, dataset, err));
            gb_html_put(&page->out, "<p class=\"quiet\">%d frame%s of %d shot%s</p></article>", dataset->frames,
                        gb_view_plural(dataset->frames), dataset->shots, gb_view_plural(dataset->shots));
        } else {
            gb_html_put(&page->out, "<p class=\"lead\"><span class=\"state\">%s</span></p><p>%s</p></article>",
                        gb_state_name(dataset->state), dataset->why ? dataset->why : "no reason was recorded");
        }
    }
    gb_html_put(&page->out, "</div>\n");
    return GB_OK;
}
