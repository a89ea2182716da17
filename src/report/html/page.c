#include "report/html/page.h"

#include <stdlib.h>
#include <string.h>

#include "report/html/assets.h"
#include "report/report_file.h"
#include "report/text.h"

#define MAX_FILE ((size_t)64 << 20)
#define LONG 12    /* letters of a name that has no room beside lines on a telephone, */
#define LONGER 26  /* nor in one line beside bars on any screen, */
#define LONGEST 44 /* nor beside lines on any screen */

static void link_to(gb_page *page, const char *anchor, const char *text)
{
    gb_html_put(&page->out, "<a href=\"#%r\">%s</a>", anchor, text);
}

static int letters_of(const char *name)
{
    char *const text = gb_text_utf8(name);
    int letters = 0;
    for (const char *at = text; at && *at; at++) letters += ((unsigned char)*at & 0xc0) != 0x80;
    free(text);
    return letters;
}

static int longest_name(const gb_run *run)
{
    int most = 1;
    for (size_t g = 0; g < run->generator_count; g++) {
        const int letters = letters_of(run->generators[g].id);
        if (most < letters) most = letters;
    }
    return most;
}

/* The style sheet's variables: letters of the longest name, and the generators' colours. */
static void variables(gb_page *page, int most)
{
    gb_html_put(&page->out, ":root { --letters: %d;", most);
    for (int c = 0; c < GB_COLOURS; c++)
        gb_buffer_printf(&page->out, " --k%d: light-dark(#%06x, #%06x);", c, gb_palette[c].light, gb_palette[c].dark);
    gb_html_put(&page->out, " }\n");
}

static void head(gb_page *page)
{
    const gb_asset style = gb_html_style();
    const int most = longest_name(page->run);
    gb_html_put(&page->out,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\"><title>ganime-bench");
    for (size_t d = 0; d < page->run->dataset_count; d++)
        gb_html_put(&page->out, "%r%s", d ? ", " : ": ", page->run->datasets[d].id);
    gb_html_put(&page->out, "</title><link rel=\"icon\" href=\"data:,\"><style>\n");
    gb_buffer_append(&page->out, style.text, style.size);
    variables(page, most);
    gb_html_put(&page->out, "</style></head><body class=\"%r%r%r\">\n", most > LONG ? "long" : "",
                most > LONGER ? " longer" : "", most > LONGEST ? " longest" : "");
}

static void navigation(gb_page *page)
{
    gb_html_put(&page->out, "<nav aria-label=\"Sections\"><div class=\"links\">");
    for (size_t d = 0; d < page->run->dataset_count; d++)
        gb_html_put(&page->out, "<a href=\"#d%d\"><bdi>%s</bdi></a>", (int)d, page->run->datasets[d].id);
    if (gb_page_has_gap(page)) link_to(page, "gap", "Domain gap");
    if (page->run->throughput_count) link_to(page, "speed", "Speed");
    link_to(page, "numbers", "Numbers");
    link_to(page, "reading", "How to read");
    link_to(page, "details", "Details");
    gb_html_put(
        &page->out,
        "</div><div class=\"tools\"><label class=\"vh\" for=\"filter\">Filter generators</label><input id=\"filter\" "
        "type=\"search\" placeholder=\"Filter generators\" autocomplete=\"off\"><output id=\"found\" "
        "class=\"quiet\" aria-live=\"polite\"></output><button type=\"button\" id=\"theme\" "
        "aria-label=\"Switch between light and dark\">\xe2\x97\x90</button></div></nav>\n");
}

static void region_switch(gb_page *page, size_t dataset)
{
    static const char *const note[] = {"whole frame", "invented strips", "about the seams"};
    gb_html_put(&page->out, "<fieldset class=\"switch\"><legend>Region of the charts</legend>");
    for (int r = 0; r < GB_REGION_COUNT; r++)
        gb_html_put(&page->out,
                    "<label><input type=\"radio\" name=\"region%d\" value=\"%s\"%r><span>%s <small>%s</small>"
                    "</span></label>",
                    (int)dataset, gb_region_name((gb_region)r), r ? "" : " checked", gb_region_name((gb_region)r),
                    note[r]);
    gb_html_put(&page->out, "</fieldset>\n");
}

static gb_status dataset_section(gb_page *page, gb_pictures *pictures, size_t d, gb_error *err)
{
    const gb_run_dataset *dataset = &page->run->datasets[d];
    gb_html_put(&page->out, "<section class=\"dataset\" id=\"d%d\"><h2><bdi>%s</bdi></h2>", (int)d, dataset->id);
    if (dataset->state != GB_STATE_OK) {
        gb_html_put(&page->out, "<p><span class=\"state\">%s</span>: %s</p></section>\n",
                    gb_state_name(dataset->state), dataset->why ? dataset->why : "no reason was recorded");
        return GB_OK;
    }
    gb_html_put(
        &page->out,
        "<p class=\"about\">%s. Split %s, %d frame%s of %d shot%s, %d \xc3\x97 %d with strips of %d px%s.</p>\n",
        dataset->title, dataset->split, dataset->frames, gb_view_plural(dataset->frames), dataset->shots,
        gb_view_plural(dataset->shots), dataset->geometry.width, dataset->geometry.height, dataset->geometry.side,
        dataset->domain && !strcmp(dataset->domain, "out") ? "; outside the training domain" : "");
    GB_TRY(gb_page_table(page, d, err));
    gb_page_ladder(page, d);
    gb_html_put(&page->out, "<div class=\"charts\">");
    if (dataset->geometry.side > 0) region_switch(page, d);
    GB_TRY(gb_page_charts(page, d, err));
    gb_html_put(&page->out, "</div>\n");
    gb_page_tags(page, d);
    GB_TRY(gb_page_scenes(page, pictures, d, err));
    gb_html_put(&page->out, "</section>\n");
    return GB_OK;
}

static gb_status body(gb_page *page, gb_pictures *pictures, gb_error *err)
{
    const gb_asset script = gb_html_script();
    gb_html_put(
        &page->out,
        "<header><svg class=\"logo\" viewBox=\"0 0 64 36\" aria-hidden=\"true\"><rect class=\"sides\" x=\"1\" y=\"1\" "
        "width=\"62\" height=\"34\" rx=\"3\"/><rect class=\"known\" x=\"9\" y=\"1\" width=\"46\" height=\"34\"/>"
        "</svg><h1>ganime-bench</h1><p>4:3 to 16:9: how well generators invent the two side strips</p></header>\n");
    gb_page_markers(page);
    navigation(page);
    gb_html_put(&page->out, "<main><section id=\"overview\"><h2 class=\"vh\">Overview</h2>");
    GB_TRY(gb_page_overview(page, err));
    gb_html_put(&page->out, "</section>\n");
    for (size_t d = 0; d < page->run->dataset_count; d++) GB_TRY(dataset_section(page, pictures, d, err));
    GB_TRY(gb_page_gap(page, err));
    gb_page_speed(page);
    gb_page_every_number(page);
    gb_page_reading(page);
    gb_page_details(page);
    gb_html_put(&page->out, "</main>\n<script>\n");
    gb_buffer_append(&page->out, script.text, script.size);
    gb_html_put(&page->out, "</script></body></html>\n");
    return GB_OK;
}

static gb_status write_html(const gb_run *run, gb_error *err)
{
    gb_page page = {.run = run};
    gb_pictures *pictures = NULL;
    gb_status status = GB_OK;
    gb_buffer_init(&page.out, MAX_FILE);
    GB_GO(gb_rows_read(run, &page.rows, err));
    GB_GO(gb_pictures_new(run, &pictures, err));
    head(&page);
    GB_GO(body(&page, pictures, err));
    GB_GO(gb_report_file_write(run, "report.html", &page.out, err));
done:
    gb_pictures_free(pictures);
    gb_rows_free(&page.rows);
    gb_buffer_free(&page.out);
    return status;
}

const gb_report gb_report_html = {.id = "html",
                                  .file = "report.html",
                                  .summary = "one self-contained page: tables, charts, pictures to compare",
                                  .write = write_html};
