/* A dataset's table: one row a generator, sortable, with the reasons where a word stands for a number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/html/page.h"

typedef struct table {
    gb_page *page;
    const gb_run_dataset *dataset;
    gb_view_column column[GB_VIEW_COLUMNS];
    const gb_run_summary *best[GB_VIEW_COLUMNS];
    size_t columns;
    bool timed;
} table;

/* "LPIPS (AlexNet)" is "LPIPS" at the head of a column, unless another metric of the table is called so, too; the whole
 * name stands on the charts. */
static int short_length(const gb_run_metric *metric)
{
    const char *more = strstr(metric->title, " (");
    return (int)(more ? (size_t)(more - metric->title) : strlen(metric->title));
}

static bool is_short_name_taken(const table *t, const gb_run_metric *metric)
{
    const int length = short_length(metric);
    for (size_t c = 0; c < t->columns; c++) {
        const gb_run_metric *other = t->column[c].metric;
        if (other != metric && short_length(other) == length && !strncmp(other->title, metric->title, (size_t)length))
            return true;
    }
    return false;
}

static void short_title(const table *t, const gb_run_metric *metric)
{
    char *text = gb_format("%.*s", short_length(metric), metric->title);
    gb_html_put(&t->page->out, "%s", is_short_name_taken(t, metric) ? metric->title : text);
    free(text);
}

static void heading(const table *t, const char *title, const char *below)
{
    gb_html_put(&t->page->out, "<th scope=\"col\"><button type=\"button\">%s<small>%s</small></button></th>", title,
                below);
}

static void header(const table *t)
{
    gb_page *page = t->page;
    gb_html_put(&page->out, "<thead><tr>");
    heading(t, "Generator", "");
    for (size_t c = 0; c < t->columns; c++) {
        const gb_run_metric *metric = t->column[c].metric;
        const char *sort = c                                      ? ""
                           : !strcmp(metric->direction, "higher") ? " aria-sort=\"descending\""
                                                                  : " aria-sort=\"ascending\"";
        gb_html_put(&page->out, "<th scope=\"col\"%r><button type=\"button\">", sort);
        short_title(t, metric);
        gb_html_put(&page->out, "<small>%s%s%s\xc2\xa0%r</small></button></th>", gb_region_name(t->column[c].region),
                    metric->unit[0] ? ", " : "", metric->unit, gb_view_arrow(metric));
    }
    heading(t, "Centre", "largest change");
    if (t->timed) heading(t, "Time", "ms a frame\xc2\xa0\xe2\x86\x93");
    gb_html_put(&page->out, "</tr></thead>\n");
}

/* Which columns are shown, in their order; the script brings it out where there is one to work it. */
static void chooser(const table *t)
{
    static const char box[] = "<label><input type=\"checkbox\" checked><span>", end[] = "</span></label>";
    gb_page *page = t->page;
    gb_html_put(&page->out, "<fieldset class=\"switch columns\" hidden><legend>Columns</legend>");
    for (size_t c = 0; c < t->columns; c++) {
        const gb_run_metric *metric = t->column[c].metric;
        const bool one = (!c || t->column[c - 1].metric != metric) &&
                         (c + 1 == t->columns || t->column[c + 1].metric != metric);
        gb_html_put(&page->out, "%r", box);
        short_title(t, metric);
        gb_html_put(&page->out, "%r%r%r", one ? "" : " ", one ? "" : gb_region_name(t->column[c].region), end);
    }
    gb_html_put(&page->out, "%rCentre%r", box, end);
    if (t->timed) gb_html_put(&page->out, "%rTime%r", box, end);
    gb_html_put(&page->out, "</fieldset>\n");
}

static void cell(const table *t, size_t g, size_t c)
{
    gb_page *page = t->page;
    const gb_run_metric *metric = t->column[c].metric;
    const gb_run_summary *row =
        gb_view_find(page->run, t->dataset->id, page->run->generators[g].id, metric->id, t->column[c].region);
    if (!row || row->state != GB_STATE_OK) {
        gb_html_put(&page->out, "<td>");
        gb_page_word(page, row ? row->state : GB_STATE_SKIPPED, row ? row->why : "the run has no row for it");
        gb_html_put(&page->out, "</td>");
        return;
    }
    const bool best = row == t->best[c];
    gb_html_put(&page->out, "<td data-v=\"%g\"%r>", row->mean, best ? " class=\"best\"" : "");
    gb_view_value(&page->out, metric, row->mean);
    if (best) gb_html_put(&page->out, "<span class=\"vh\"> best</span>");
    if (isfinite(row->lo)) {
        gb_html_put(&page->out, "<small>");
        gb_view_value(&page->out, metric, row->lo);
        gb_html_put(&page->out, "\xe2\x80\x93");
        gb_view_value(&page->out, metric, row->hi);
        gb_html_put(&page->out, "</small>");
    }
    gb_html_put(&page->out, "</td>");
}

static void time_cell(gb_page *page, const gb_run_generator *generator)
{
    const gb_run_throughput *speed = gb_view_speed(page->run, generator->id);
    if (!speed) {
        gb_html_put(&page->out, "<td><span class=\"state\">not timed</span></td>");
        return;
    }
    const double ms = speed->p50_ms / (speed->batch > 0 ? speed->batch : 1);
    gb_html_put(&page->out, "<td data-v=\"%g\">", ms);
    gb_view_ms(&page->out, ms);
    if (speed->random_weights) gb_html_put(&page->out, "<small>random weights</small>");
    gb_html_put(&page->out, "</td>");
}

static void body_row(const table *t, size_t g)
{
    gb_page *page = t->page;
    const gb_run_generator *generator = &page->run->generators[g];
    gb_html_put(&page->out, "<tr data-g=\"%d\" data-n=\"%s %s\"><th scope=\"row\" title=\"%s\">", (int)g,
                generator->id, generator->title, generator->title);
    gb_page_name(page, g);
    gb_html_put(&page->out, "</th>");
    for (size_t c = 0; c < t->columns; c++) cell(t, g, c);
    if (generator->centre_maxabs >= 0)
        gb_html_put(&page->out, "<td data-v=\"%d\">%d</td>", generator->centre_maxabs, generator->centre_maxabs);
    else
        gb_html_put(&page->out, "<td><span class=\"state\">not generated</span></td>");
    if (t->timed) time_cell(page, generator);
    gb_html_put(&page->out, "</tr>\n");
}

/* What each column would say of the truth itself. */
static void footer(const table *t)
{
    gb_page *page = t->page;
    gb_html_put(&page->out, "<tfoot><tr><th scope=\"row\">the truth itself</th>");
    for (size_t c = 0; c < t->columns; c++) {
        const double ideal = gb_chart_ideal(t->column[c].metric, t->dataset);
        gb_html_put(&page->out, "<td>");
        if (isfinite(ideal))
            gb_view_value(&page->out, t->column[c].metric, ideal);
        else
            gb_html_put(&page->out, strcmp(t->column[c].metric->id, "e_warp") ? "undefined" : "not measured");
        gb_html_put(&page->out, "</td>");
    }
    gb_html_put(&page->out, "<td>0</td>%r</tr></tfoot>", t->timed ? "<td></td>" : "");
}

static bool same_text(const char *a, const char *b)
{
    return !a || !b ? a == b : !strcmp(a, b);
}

/* Whether row `b` needs the same words as `a`. */
static bool same_reason(const gb_run_summary *a, const gb_run_summary *b)
{
    return a && b && b->why && a->state == b->state && same_text(a->why, b->why);
}

static const gb_run_summary *row_of(const table *t, size_t g, size_t c)
{
    const gb_run_generator *generator = &t->page->run->generators[g];
    if (generator->state != GB_STATE_OK) return NULL; /* said of the generator as a whole */
    return gb_view_find(t->page->run, t->dataset->id, generator->id, t->column[c].metric->id, t->column[c].region);
}

/* One line for all generators that a column's cell needs the same words for; the first of them writes it. */
static void cell_note(const table *t, size_t g, size_t c)
{
    gb_page *page = t->page;
    const gb_run_summary *row = row_of(t, g, c);
    if (!row || !row->why) return;
    for (size_t k = 0; k < g; k++)
        if (same_reason(row_of(t, k, c), row)) return;
    gb_html_put(&page->out, "<li><bdi>%s</bdi>", page->run->generators[g].id);
    for (size_t k = g + 1; k < page->run->generator_count; k++)
        if (same_reason(row, row_of(t, k, c)))
            gb_html_put(&page->out, ", <bdi>%s</bdi>", page->run->generators[k].id);
    gb_html_put(&page->out, ", %s %s: %s%s%s</li>", t->column[c].metric->title, gb_region_name(t->column[c].region),
                row->state == GB_STATE_OK ? "" : gb_state_name(row->state), row->state == GB_STATE_OK ? "" : ": ",
                row->why);
}

static void notes(const table *t)
{
    gb_page *page = t->page;
    gb_html_put(&page->out, "<ul class=\"notes\">");
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const gb_run_generator *generator = &page->run->generators[g];
        if (generator->state != GB_STATE_OK)
            gb_html_put(&page->out, "<li data-g=\"%d\"><bdi>%s</bdi>: %s: %s</li>", (int)g, generator->id,
                        gb_state_name(generator->state), generator->why ? generator->why : "no reason was recorded");
        for (size_t c = 0; c < t->columns; c++) cell_note(t, g, c);
    }
    gb_html_put(&page->out, "</ul>\n");
}

gb_status gb_page_table(gb_page *page, size_t dataset, gb_error *err)
{
    const gb_run *run = page->run;
    table t = {.page = page, .dataset = &run->datasets[dataset]};
    t.columns = gb_view_columns(run, t.dataset->id, t.column);
    for (size_t c = 0; c < t.columns; c++) t.best[c] = gb_view_best(run, t.dataset->id, &t.column[c]);
    for (size_t g = 0; g < run->generator_count; g++)
        if (gb_view_speed(run, run->generators[g].id)) t.timed = true;
    size_t *order = gb_view_order(run, t.dataset->id, gb_view_leading(run), GB_REGION_FULL);
    if (!order) return gb_fail_memory(err, "order", run->generator_count);
    gb_html_put(&page->out, "<div class=\"summary\">");
    chooser(&t);
    gb_html_put(&page->out,
                "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Summary of %s\"><table "
                "class=\"sortable\"><caption class=\"vh\">Summary of %s</caption>",
                t.dataset->id, t.dataset->id);
    header(&t);
    gb_html_put(&page->out, "<tbody>");
    for (size_t i = 0; i < run->generator_count; i++) body_row(&t, order[i]);
    gb_html_put(&page->out, "</tbody>");
    footer(&t);
    gb_html_put(&page->out, "</table></div></div>\n<p class=\"quiet\">Means over frames; below them the 95 %% interval "
                            "by bootstrap over shots. \xe2\x98\x85 marks the best mean of a column. %rPress a "
                            "heading to sort.</p>\n", t.timed ? "Time: the median. " : "");
    notes(&t);
    free(order);
    return GB_OK;
}
