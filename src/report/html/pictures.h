/* The panels' pictures, inside the page.
 *
 * A generator's picture differs from the input in the strips alone, so only these are embedded (with a margin, so that
 * no edge of theirs shows) and laid over the input; a picture whose centre was changed is embedded whole. Everything is
 * JPEG, as good as a budget for all of the page's pictures allows; when even the worst quality is too large, scenes
 * are left out, the best and worst frames last, and the page says so. */
#ifndef GB_REPORT_HTML_PICTURES_H
#define GB_REPORT_HTML_PICTURES_H

#include "image/image.h"
#include "report/html/page.h"

/* A picture of the run's folder. One that is not there or is damaged is left empty (`rgb` NULL), which the page tells;
 * for what else goes wrong there is no page. */
gb_status gb_page_picture(const gb_run *run, const char *name, gb_image *out, gb_error *err) GB_MUST_CHECK;

/* Whether the panel shows a generator's best or worst frame. */
bool gb_page_is_extreme(const gb_run_panel *panel);

/* Whether the panel's pictures are to be embedded. */
bool gb_pictures_shown(const gb_pictures *pictures, size_t panel);

/* Appends symbols "p<panel>-<picture>" for others to use, and "p<panel>-<picture>h" for the map of where a picture's
 * LPIPS comes from; once a panel, and only one that is shown. `missing` ([2][pictures of the panel]: pictures, then
 * maps) is set where there is no file that can be read: it has no symbol. */
void gb_pictures_put(gb_page *page, gb_pictures *pictures, size_t panel, bool *missing);

#endif
