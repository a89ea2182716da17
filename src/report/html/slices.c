/* Time slices of a dataset's strips, one a generator, the truth above each. */
#include <stdlib.h>
#include <string.h>

#include "report/html/page.h"
#include "report/html/pictures.h"

#define QUALITY 80
#define MOST 12 /* slices in a page: each takes some 20 kB */

static size_t index_of(const gb_run *run, const char *generator)
{
    size_t g = 0;
    while (g < run->generator_count && strcmp(run->generators[g].id, generator) != 0) g++;
    return g;
}

/* A slice whose file cannot be read is said, not passed over. */
static gb_status put_slice(gb_page *page, const gb_run_slice *slice, gb_error *err)
{
    gb_image image = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    GB_TRY(gb_page_picture(page->run, slice->path, &image, err));
    gb_html_put(&page->out, "<figure data-g=\"%d\"><figcaption>", (int)index_of(page->run, slice->generator));
    gb_html_put(&page->out, "<span>truth, below it <bdi>%s</bdi></span></figcaption>", slice->generator);
    const gb_status status = image.rgb ? gb_image_encode_jpeg(&image, QUALITY, &bytes, &size, err) : GB_OK;
    if (bytes) {
        gb_html_put(&page->out,
                    "<img width=\"%d\" height=\"%d\" alt=\"Row %d of the strips over %d frames from frame %d on: the "
                    "truth, below it %s\" src=\"data:image/jpeg;base64,",
                    image.width, image.height, slice->row, slice->frames, slice->frame, slice->generator);
        gb_html_base64(&page->out, bytes, size);
        gb_html_put(&page->out, "\">");
    } else {
        gb_html_put(&page->out, "<p class=\"quiet\">%s is not there</p>", slice->path);
    }
    gb_html_put(&page->out, "</figure>\n");
    gb_image_free(&image);
    free(bytes);
    return status;
}

static void caption(gb_page *page, const gb_run_slice *first)
{
    gb_html_put(&page->out,
                "<div class=\"slices\"><h3>Time slices</h3><p>Row %d of the strips over %d frames, from frame %d on "
                "(shot %d, <bdi>%s</bdi>): time runs to the right, a column a frame; in each band the left strip from "
                "the frame's edge down to the seam, below it the right one from the seam to the edge. Smooth bands "
                "are still, slanted ones move; what is ragged where the truth is smooth flickers. The exact pictures "
                "are in the run's folder.</p><div class=\"thumbs\">\n",
                first->row, first->frames, first->frame, first->shot, first->clip);
}

gb_status gb_page_slices(gb_page *page, size_t dataset, gb_error *err)
{
    const gb_run *run = page->run;
    size_t total = 0;
    for (size_t i = 0; i < run->slice_count; i++) {
        const gb_run_slice *slice = &run->slices[i];
        if (strcmp(slice->dataset, run->datasets[dataset].id) != 0) continue;
        if (!total++) caption(page, slice);
        if (total <= MOST) GB_TRY(put_slice(page, slice, err));
    }
    if (!total) return GB_OK;
    gb_html_put(&page->out, "</div>");
    if (total > MOST)
        gb_html_put(&page->out, "<p class=\"quiet\">%d of %d are shown; all are in the run's folder.</p>", (int)MOST,
                    (int)total);
    gb_html_put(&page->out, "</div>\n");
    return GB_OK;
}
