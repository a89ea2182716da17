/* The pieces that every section of the page is made of. */
#include "report/html/page.h"

void gb_page_markers(gb_page *page)
{
    gb_html_put(&page->out, "<svg class=\"defs\" aria-hidden=\"true\"><defs>");
    for (size_t g = 0; g < page->run->generator_count; g++) {
        const bool hollow = gb_view_is_baseline(&page->run->generators[g]);
        const gb_shape *shape = &gb_shapes[g % GB_SHAPES];
        gb_html_put(&page->out, "<g id=\"m%d\" class=\"mark c%d%r\">", (int)g, (int)(g % GB_COLOURS),
                    hollow ? " hollow" : "");
        if (shape->points)
            for (int i = 0; i < shape->points; i++)
                gb_html_put(&page->out, i ? " %g %g" : "<path d=\"M%g %g", shape->x[i], shape->y[i]);
        else
            gb_html_put(&page->out, "<circle r=\"%g", shape->radius);
        gb_html_put(&page->out, "%r\"/></g>", shape->points ? "Z" : "");
    }
    gb_html_put(&page->out, "</defs></svg>\n");
}

void gb_page_use_marker(gb_page *page, size_t g, double x, double y)
{
    gb_html_put(&page->out, "<use href=\"#m%d\" x=\"%f%%\" y=\"%f\"/>", (int)g, x, y);
}

void gb_page_name(gb_page *page, size_t g)
{
    gb_html_put(&page->out,
                "<span class=\"name\"><svg class=\"key\" aria-hidden=\"true\" viewBox=\"-8 -8 16 16\">"
                "<use href=\"#m%d\"/></svg><bdi>%s</bdi></span>",
                (int)g, page->run->generators[g].id);
}

void gb_page_word(gb_page *page, gb_state state, const char *why)
{
    gb_html_put(&page->out, "<span class=\"state\" title=\"%s\">%s</span>", why ? why : "no reason was recorded",
                gb_state_name(state));
}
