/* The HTML report, section by section. Each function appends its part to page->out; nothing in it needs a network. */
#ifndef GB_REPORT_HTML_PAGE_H
#define GB_REPORT_HTML_PAGE_H

#include "report/html/put.h"
#include "report/plot/chart.h"
#include "report/plot/palette.h"
#include "report/plot/rows.h"
#include "report/view.h"

typedef struct gb_page {
    const gb_run *run;
    gb_buffer out;
    gb_rows rows;
} gb_page;

/* Shared pieces. A generator keeps its colour and shape everywhere; `g` is its index in the run. */
void gb_page_markers(gb_page *page);                              /* the shapes, once, for the others to use */
void gb_page_name(gb_page *page, size_t g);                       /* shape and name */
void gb_page_use_marker(gb_page *page, size_t g, double x, double y); /* in an SVG: x percent, y pixels */
void gb_page_word(gb_page *page, gb_state state, const char *why);    /* a state with its reason on demand */

/* A chart of rows with its caption, and without. An empty one is left out. */
void gb_page_chart(gb_page *page, const gb_chart *chart, const char *classes);
void gb_page_chart_body(gb_page *page, const gb_chart *chart);

/* Sections. */
gb_status gb_page_overview(gb_page *page, gb_error *err) GB_MUST_CHECK;
gb_status gb_page_table(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
void gb_page_tags(gb_page *page, size_t dataset);
void gb_page_ladder(gb_page *page, size_t dataset); /* nothing under the strict protocol */
gb_status gb_page_charts(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
gb_status gb_page_scatter(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
gb_status gb_page_flicker(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
gb_status gb_page_changes(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
gb_status gb_page_slices(gb_page *page, size_t dataset, gb_error *err) GB_MUST_CHECK;
bool gb_page_has_gap(const gb_page *page); /* datasets of both domains were scored */
gb_status gb_page_gap(gb_page *page, gb_error *err) GB_MUST_CHECK;
void gb_page_speed(gb_page *page);
void gb_page_every_number(gb_page *page);
void gb_page_reading(gb_page *page);
void gb_page_details(gb_page *page);

/* The panels' pictures, encoded by run->threads threads; together they stay under a budget. `run` is borrowed. */
typedef struct gb_pictures gb_pictures;
gb_status gb_pictures_new(const gb_run *run, gb_pictures **out, gb_error *err) GB_MUST_CHECK;
void gb_pictures_free(gb_pictures *pictures);
gb_status gb_page_scenes(gb_page *page, gb_pictures *pictures, size_t dataset, gb_error *err) GB_MUST_CHECK;

#endif
