/* Throughput, as measured apart from the scoring. */
#include <math.h>

#include <string.h>

#include "report/html/page.h"

static void time_cell(gb_page *page, double ms)
{
    gb_html_put(&page->out, "<td data-v=\"%g\">", ms);
    gb_view_ms(&page->out, ms);
    gb_html_put(&page->out, "</td>");
}

static void number_cell(gb_page *page, double value)
{
    if (!isfinite(value)) {
        gb_html_put(&page->out,
                    "<td><span class=\"state\" title=\"no operations are counted for it\">n/a</span></td>");
        return;
    }
    gb_html_put(&page->out, "<td data-v=\"%g\">", value);
    gb_buffer_printf(&page->out, value < 10.0 ? "%.2f</td>" : value < 100.0 ? "%.1f</td>" : "%.0f</td>", value);
}

static void roof_cell(gb_page *page, double fraction)
{
    if (!isfinite(fraction)) {
        gb_html_put(&page->out,
                    "<td><span class=\"state\" title=\"no operations are counted for it\">n/a</span></td>");
        return;
    }
    gb_html_put(&page->out, "<td data-v=\"%g\"><span class=\"roof\"><i style=\"width:%f%%\"></i></span> %d %%</td>",
                fraction, 100.0 * fmin(fmax(fraction, 0.0), 1.0), (int)lround(100.0 * fraction));
}

static int index_of(const gb_run *run, const char *id)
{
    const gb_run_generator *generator = gb_view_generator(run, id);
    return generator ? (int)(generator - run->generators) : -1;
}

static void speed_row(gb_page *page, const gb_run_throughput *row)
{
    const int g = index_of(page->run, row->generator);
    gb_html_put(&page->out, "<tr data-g=\"%d\" data-n=\"%s\"><th scope=\"row\">", g, row->generator);
    if (g >= 0)
        gb_page_name(page, (size_t)g);
    else
        gb_html_put(&page->out, "<span class=\"name\"><bdi>%s</bdi></span>", row->generator);
    if (row->random_weights) gb_html_put(&page->out, "<small>random weights</small>");
    gb_html_put(&page->out,
                "</th><td class=\"text\">%s</td><td class=\"text\">%s, %s</td><td data-v=\"%d\">%d</td>"
                "<td data-v=\"%d\">%d</td>",
                row->stage, row->device, row->precision, row->threads, row->threads, row->batch, row->batch);
    time_cell(page, row->p50_ms);
    time_cell(page, row->p90_ms);
    time_cell(page, row->p99_ms);
    number_cell(page, row->fps);
    number_cell(page, row->gflops);
    roof_cell(page, row->roof_fraction);
    gb_html_put(&page->out, "<td data-v=\"%d\">%d</td></tr>\n", row->samples, row->samples);
}

/* Why a generator has no audit, once for all datasets. */
static void put_unaudited(gb_page *page, size_t i)
{
    const gb_run_audit *const row = &page->run->audit[i];
    for (size_t k = 0; k < i; k++)
        if (page->run->audit[k].state == row->state && !strcmp(page->run->audit[k].generator, row->generator)) return;
    gb_html_put(&page->out, "<p class=\"quiet\">No audit of %s: %s.</p>", row->generator, row->why);
}

/* Whether what was timed is what was scored. */
static void audit(gb_page *page)
{
    int sampled = 0, equal = 0;
    for (size_t i = 0; i < page->run->audit_count; i++) {
        const gb_run_audit *const row = &page->run->audit[i];
        sampled += row->sampled;
        equal += row->equal;
        if (row->state == GB_STATE_FAILED)
            gb_html_put(&page->out, "<p><span class=\"state\">%s</span>: %s</p>", gb_state_name(row->state), row->why);
        if (row->state == GB_STATE_SKIPPED) put_unaudited(page, i);
    }
    if (sampled)
        gb_html_put(&page->out,
                    "<p class=\"quiet\">Audit: %d of %d sampled frames that were made while timed equal those that "
                    "were scored, byte for byte.</p>",
                    equal, sampled);
}

void gb_page_speed(gb_page *page)
{
    static const char *const heads[][2] = {{"What", ""},
                                           {"Stage", ""},
                                           {"On", ""},
                                           {"Threads", ""},
                                           {"Batch", "frames"},
                                           {"p50", "ms \xe2\x86\x93"},
                                           {"p90", "ms \xe2\x86\x93"},
                                           {"p99", "ms \xe2\x86\x93"},
                                           {"Rate", "frames/s \xe2\x86\x91"},
                                           {"Work", "GFLOP/s \xe2\x86\x91"},
                                           {"Roof", "share reached \xe2\x86\x91"},
                                           {"Samples", ""}};
    if (!page->run->throughput_count) return;
    gb_html_put(
        &page->out,
        "<section id=\"speed\"><h2>Speed</h2><p>Timed apart from the scoring, after a warm-up; p50, p90 and p99 of "
        "one call on a batch, all threads at work. The roof is the least time that the machine's measured "
        "arithmetic and memory speeds allow; work is counted as plain convolutions, so filtering that "
        "needs fewer operations can pass it.</p><div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"Speed\"><table class=\"sortable\"><caption class=\"vh\">Speed</caption><thead><tr>");
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        gb_html_put(&page->out, "<th scope=\"col\"><button type=\"button\">%s<small>%s</small></button></th>",
                    heads[h][0], heads[h][1]);
    gb_html_put(&page->out, "</tr></thead><tbody>");
    for (size_t i = 0; i < page->run->throughput_count; i++) speed_row(page, &page->run->throughput[i]);
    gb_html_put(&page->out, "</tbody></table></div>\n");
    audit(page);
    gb_html_put(&page->out, "</section>\n");
}
