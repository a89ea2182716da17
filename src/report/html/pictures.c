#include "report/html/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "image/image.h"

#define BUDGET 3600000.0 /* bytes of base64 */
#define MARGIN 16        /* pixels of known picture beside each strip: one block of a 4:2:0 JPEG */
#define GUARD 16         /* pixels between the strips */
#define HEAT_QUALITY 60 /* of a map: it is soft */
#define SAMPLE 4         /* panels that the quality is chosen on */

static const int qualities[] = {85, 75, 65, 50};
enum { QUALITIES = sizeof qualities / sizeof *qualities };

typedef struct encoded {
    uint8_t *bytes;
    size_t size;
    int width, height;
    int margin; /* 0: the whole picture; else width of each of the two strips in it */
} encoded;

struct gb_pictures {
    const gb_run *run;
    int quality;
    bool *shown;      /* [panel] */
    encoded **panel;  /* [panel]: its pictures, then their maps, in this quality; NULL: not encoded */
    size_t *turn;     /* [panel]: those that are encoded together */
    double used;      /* bytes so far */
};

gb_status gb_page_picture(const gb_run *run, const char *name, gb_image *out, gb_error *err)
{
    gb_error own = {0};
    char *path = gb_path_join(run->directory, name);
    if (!path) return gb_fail_memory(err, name, 1);
    const gb_status status = gb_image_read(path, out, &own);
    free(path);
    return status == GB_E_NOMEM || status == GB_E_IO ? gb_fail(err, status, "%s", own.text) : GB_OK;
}

static void repeat_pixel(const uint8_t *pixel, uint8_t *to, int count)
{
    for (int i = 0; i < count; i++) memcpy(to + 3 * i, pixel, 3);
}

/* Left and right strip with their margins side by side, and between them a guard of repeated pixels: neither shows in
 * the other when the picture is compressed and scaled. */
static gb_status cut_strips(const gb_image *image, int width, gb_image *out, gb_error *err)
{
    GB_TRY(gb_image_new(2 * width + GUARD, image->height, out, err));
    const size_t bytes = (size_t)width * 3, guard = (size_t)GUARD * 3;
    for (int y = 0; y < image->height; y++) {
        const uint8_t *from = image->rgb + (size_t)y * (size_t)image->width * 3;
        const uint8_t *right = from + (size_t)(image->width - width) * 3;
        uint8_t *to = out->rgb + (size_t)y * (size_t)out->width * 3;
        memcpy(to, from, bytes);
        repeat_pixel(from + bytes - 3, to + bytes, GUARD / 2);
        repeat_pixel(right, to + bytes + guard / 2, GUARD / 2);
        memcpy(to + bytes + guard, right, bytes);
    }
    return GB_OK;
}

static gb_status encode(const gb_image *image, const gb_image *input, int side, int quality, encoded *out,
                        gb_error *err)
{
    gb_image strips = {0};
    const int width = side + MARGIN;
    const bool cut = input && side > 0 && 2 * width < image->width && gb_image_same_centre(image, input, side);
    gb_status status = cut ? cut_strips(image, width, &strips, err) : GB_OK;
    const gb_image *what = cut ? &strips : image;
    if (status == GB_OK) status = gb_image_encode_jpeg(what, quality, &out->bytes, &out->size, err);
    out->width = image->width;
    out->height = image->height;
    out->margin = cut ? width : 0;
    gb_image_free(&strips);
    return status;
}

static bool is_label(const gb_run_picture *picture, const char *label)
{
    return !strcmp(picture->label, label);
}

static int find_input(const gb_run_panel *panel)
{
    for (int i = 0; i < panel->picture_count; i++)
        if (is_label(&panel->pictures[i], "input")) return i;
    return -1;
}

static int side_of(const gb_run *run, const gb_run_panel *panel)
{
    for (size_t d = 0; d < run->dataset_count; d++)
        if (!strcmp(run->datasets[d].id, panel->dataset)) return run->datasets[d].geometry.side;
    return 0;
}

static gb_status encode_heat(const gb_run *run, const char *name, encoded *out, gb_error *err)
{
    gb_image image = {0};
    if (!name) return GB_OK;
    GB_TRY(gb_page_picture(run, name, &image, err));
    if (!image.rgb) return GB_OK;
    const gb_status status = encode(&image, NULL, 0, HEAT_QUALITY, out, err);
    gb_image_free(&image);
    return status;
}

/* All pictures of a panel, then their maps; those whose file cannot be read are left empty. */
static gb_status encode_panel(const gb_run *run, const gb_run_panel *panel, int quality, encoded *out, gb_error *err)
{
    gb_image input = {0};
    const int at = find_input(panel);
    gb_status status = at >= 0 ? gb_page_picture(run, panel->pictures[at].path, &input, err) : GB_OK;
    const bool have_input = input.rgb != NULL;
    for (int i = 0; i < panel->picture_count && status == GB_OK; i++) {
        gb_image image = {0};
        const bool whole = is_label(&panel->pictures[i], "truth") || is_label(&panel->pictures[i], "input");
        status = gb_page_picture(run, panel->pictures[i].path, &image, err);
        if (!image.rgb) continue;
        status = encode(&image, have_input && !whole ? &input : NULL, side_of(run, panel), quality, &out[i], err);
        gb_image_free(&image);
        if (status == GB_OK) status = encode_heat(run, panel->pictures[i].heat, &out[panel->picture_count + i], err);
    }
    gb_image_free(&input);
    return status;
}

static void free_encoded(encoded *list, int count)
{
    for (int i = 0; list && i < count; i++) free(list[i].bytes);
    free(list);
}

static void forget(gb_pictures *pictures, size_t panel)
{
    free_encoded(pictures->panel[panel], 2 * pictures->run->panels[panel].picture_count);
    pictures->panel[panel] = NULL;
}

static gb_status encode_turn(void *user, int lane, size_t i, gb_error *err)
{
    gb_pictures *const pictures = user;
    const size_t at = pictures->turn[i];
    const gb_run_panel *panel = &pictures->run->panels[at];
    (void)lane;
    pictures->panel[at] = gb_alloc(2 * (size_t)panel->picture_count, sizeof **pictures->panel);
    if (!pictures->panel[at]) return gb_fail_memory(err, "pictures", (size_t)panel->picture_count * sizeof(encoded));
    return encode_panel(pictures->run, panel, pictures->quality, pictures->panel[at], err);
}

/* The first `count` of `turn`. */
static gb_status encode_all(gb_pictures *pictures, size_t count, gb_error *err)
{
    const int threads = pictures->run->threads > 1 ? pictures->run->threads : 1;
    return gb_parallel(threads, count, encode_turn, pictures, err);
}

static double panel_size(const gb_pictures *pictures, size_t panel)
{
    double size = 0.0;
    for (int i = 0; i < 2 * pictures->run->panels[panel].picture_count; i++)
        size += 4.0 / 3.0 * (double)pictures->panel[panel][i].size;
    return size;
}

/* The size that all panels would have, from a few, which are encoded for it. */
static gb_status estimate(gb_pictures *pictures, double *size, gb_error *err)
{
    const size_t panels = pictures->run->panel_count, sampled = panels < SAMPLE ? panels : SAMPLE;
    *size = 0.0;
    for (size_t s = 0; s < sampled; s++) {
        pictures->turn[s] = s * panels / sampled;
        forget(pictures, pictures->turn[s]);
    }
    GB_TRY(encode_all(pictures, sampled, err));
    for (size_t s = 0; s < sampled; s++) *size += panel_size(pictures, pictures->turn[s]);
    if (sampled) *size *= (double)panels / (double)sampled;
    return GB_OK;
}

bool gb_page_is_extreme(const gb_run_panel *panel)
{
    return panel->why && (!strncmp(panel->why, "best", 4) || !strncmp(panel->why, "worst", 5));
}

/* Best and worst frames first, then of the others as many as fit, spread evenly. */
static void show(const gb_run *run, size_t wanted, bool *shown)
{
    size_t extremes = 0, seen = 0;
    for (size_t p = 0; p < run->panel_count; p++) extremes += gb_page_is_extreme(&run->panels[p]);
    const size_t others = run->panel_count - extremes;
    const size_t room = wanted > extremes ? wanted - extremes : 0;
    for (size_t p = 0; p < run->panel_count; p++) {
        const bool extreme = gb_page_is_extreme(&run->panels[p]);
        shown[p] = extreme || (seen + 1) * room / others > seen * room / others;
        seen += !extreme;
    }
}

static gb_status choose(gb_pictures *pictures, gb_error *err)
{
    const gb_run *run = pictures->run;
    double size = 0.0;
    for (int q = 0; q < QUALITIES; q++) {
        pictures->quality = qualities[q];
        GB_TRY(estimate(pictures, &size, err));
        if (size < 0.9 * BUDGET) break;
    }
    size_t wanted = run->panel_count;
    if (size > 0.9 * BUDGET) wanted = (size_t)(0.9 * BUDGET / size * (double)run->panel_count);
    show(run, wanted, pictures->shown);
    return GB_OK;
}

/* Those that are shown and were not yet encoded when the quality was chosen. */
static gb_status encode_rest(gb_pictures *pictures, gb_error *err)
{
    size_t left = 0;
    for (size_t p = 0; p < pictures->run->panel_count; p++)
        if (pictures->shown[p] && !pictures->panel[p]) pictures->turn[left++] = p;
    return encode_all(pictures, left, err);
}

gb_status gb_pictures_new(const gb_run *run, gb_pictures **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_pictures *pictures = gb_alloc(1, sizeof *pictures);
    if (!pictures) return gb_fail_memory(err, "pictures", sizeof *pictures);
    pictures->run = run;
    pictures->shown = gb_alloc(run->panel_count, sizeof *pictures->shown);
    pictures->panel = gb_alloc(run->panel_count, sizeof *pictures->panel);
    pictures->turn = gb_alloc(run->panel_count, sizeof *pictures->turn);
    if (!pictures->shown || !pictures->panel || !pictures->turn)
        GB_GO(gb_fail_memory(err, "pictures", run->panel_count));
    GB_GO(choose(pictures, err));
    GB_GO(encode_rest(pictures, err));
    *out = pictures;
    pictures = NULL;
done:
    gb_pictures_free(pictures);
    return status;
}

void gb_pictures_free(gb_pictures *pictures)
{
    if (!pictures) return;
    for (size_t p = 0; pictures->panel && p < pictures->run->panel_count; p++) forget(pictures, p);
    free(pictures->shown);
    free(pictures->panel);
    free(pictures->turn);
    free(pictures);
}

bool gb_pictures_shown(const gb_pictures *pictures, size_t panel)
{
    return pictures->shown[panel] && pictures->used < BUDGET;
}

static void put_image(gb_page *page, const char *id, const encoded *e, int width)
{
    gb_html_put(&page->out, "<image%r width=\"%d\" height=\"%d\" href=\"data:image/jpeg;base64,", id, width,
                e->height);
    gb_html_base64(&page->out, e->bytes, e->size);
    gb_html_put(&page->out, "\"/>");
}

/* The input below, each strip seen through a window over it. */
static void put_strips(gb_page *page, size_t panel, int picture, int input, const encoded *e)
{
    char *id = gb_format(" id=\"p%zu-%ds\"", panel, picture);
    gb_html_put(&page->out, "<use href=\"#p%d-%d\"/><svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">",
                (int)panel, input, e->margin, e->height, e->margin, e->height);
    put_image(page, id ? id : "", e, 2 * e->margin + GUARD);
    gb_html_put(
        &page->out,
        "</svg><svg x=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%d 0 %d %d\"><use href=\"#p%d-%ds\"/></svg>",
        e->width - e->margin, e->margin, e->height, e->margin + GUARD, e->margin, e->height, (int)panel, picture);
    if (!id) page->out.status = GB_E_NOMEM;
    free(id);
}

static void put_symbol(gb_page *page, size_t panel, int picture, int input, const encoded *e)
{
    gb_html_put(&page->out, "<symbol id=\"p%d-%d\" viewBox=\"0 0 %d %d\">", (int)panel, picture, e->width, e->height);
    if (e->margin)
        put_strips(page, panel, picture, input, e);
    else
        put_image(page, "", e, e->width);
    gb_html_put(&page->out, "</symbol>\n");
}

/* As large as its picture. */
static void put_heat(gb_page *page, size_t panel, int picture, const encoded *of, const encoded *e)
{
    gb_html_put(&page->out,
                "<symbol id=\"p%d-%dh\" viewBox=\"0 0 %d %d\"><svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                "preserveAspectRatio=\"none\">",
                (int)panel, picture, of->width, of->height, of->width, of->height, e->width, e->height);
    put_image(page, "", e, e->width);
    gb_html_put(&page->out, "</svg></symbol>\n");
}

void gb_pictures_put(gb_page *page, gb_pictures *pictures, size_t panel, bool *missing)
{
    const gb_run_panel *p = &page->run->panels[panel];
    const encoded *list = pictures->panel[panel];
    const int count = p->picture_count, input = find_input(p);
    gb_html_put(&page->out, "<svg class=\"defs\" aria-hidden=\"true\">");
    for (int i = 0; i < count; i++) {
        missing[i] = list[i].bytes == NULL;
        missing[count + i] = missing[i] || list[count + i].bytes == NULL;
        if (!missing[i]) put_symbol(page, panel, i, input, &list[i]);
        if (!missing[count + i]) put_heat(page, panel, i, &list[i], &list[count + i]);
    }
    gb_html_put(&page->out, "</svg>");
    pictures->used += panel_size(pictures, panel);
    forget(pictures, panel);
}
