#include "report/paper/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/plot/palette.h"
#include "report/report_file.h"
#include "report/text.h"

#define MAX_FILE ((size_t)64 << 20)
#define DOTS_PER_POINT (300.0 / 72.0)
#define LEADING 1.35 /* distance of baselines over the size of letters */
#define ELLIPSIS "\xe2\x80\xa6"

struct gb_canvas {
    gb_paper paper;
    cairo_surface_t *surface;
    cairo_t *cairo;
    gb_buffer file; /* what Cairo has written */
    bool short_of_memory, halo;
};

static cairo_status_t append(void *user, const unsigned char *bytes, unsigned size)
{
    gb_canvas *canvas = user;
    gb_buffer_append(&canvas->file, bytes, size);
    return canvas->file.status == GB_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *make_surface(gb_canvas *canvas, double width, double height, const char *title,
                                     const char *created)
{
    if (canvas->paper == GB_PAPER_PNG)
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * DOTS_PER_POINT),
                                          (int)ceil(height * DOTS_PER_POINT));
    if (canvas->paper == GB_PAPER_SVG) return cairo_svg_surface_create_for_stream(append, canvas, width, height);
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, canvas, width, height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created ? created : "2000-01-01T00:00:00Z");
    return surface;
}

static void set_colour(gb_canvas *canvas, unsigned colour, double opacity)
{
    cairo_set_source_rgba(canvas->cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                          (colour & 255) / 255.0, opacity);
}

static gb_status check(const gb_canvas *canvas, gb_error *err)
{
    cairo_status_t status = cairo_status(canvas->cairo);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS && !canvas->short_of_memory) return GB_OK;
    return gb_fail(err, GB_E_NOMEM, "figure: Cairo says: %s", cairo_status_to_string(status));
}

static double width_of(gb_canvas *canvas, double size, const char *text)
{
    cairo_text_extents_t extents;
    cairo_set_font_size(canvas->cairo, size);
    cairo_text_extents(canvas->cairo, text, &extents);
    return extents.x_advance;
}

gb_status gb_canvas_open(gb_paper paper, double width, double height, const char *title, const char *created,
                         gb_canvas **out, gb_error *err)
{
    gb_canvas *canvas = gb_alloc(1, sizeof *canvas);
    if (!canvas) return gb_fail_memory(err, "figure", sizeof *canvas);
    canvas->paper = paper;
    gb_buffer_init(&canvas->file, MAX_FILE);
    canvas->surface = make_surface(canvas, width, height, title, created);
    canvas->cairo = cairo_create(canvas->surface);
    if (paper == GB_PAPER_PNG) cairo_scale(canvas->cairo, DOTS_PER_POINT, DOTS_PER_POINT);
    set_colour(canvas, GB_GROUND, 1.0);
    cairo_paint(canvas->cairo);
    cairo_set_line_join(canvas->cairo, CAIRO_LINE_JOIN_ROUND);
    gb_canvas_bold(canvas, false);
    gb_status status = check(canvas, err);
    if (status == GB_OK && !(width_of(canvas, 10.0, "M") > 0.0))
        status = gb_fail(err, GB_E_NOT_FOUND,
                         "figure: expected a font for \"sans-serif\", found none (Debian: fonts-dejavu-core)");
    if (status == GB_OK)
        *out = canvas;
    else
        gb_canvas_free(canvas);
    return status;
}

void gb_canvas_free(gb_canvas *canvas)
{
    if (!canvas) return;
    cairo_destroy(canvas->cairo);
    cairo_surface_destroy(canvas->surface);
    gb_buffer_free(&canvas->file);
    free(canvas);
}

gb_status gb_canvas_write(gb_canvas *canvas, const gb_run *run, const char *name, gb_error *err)
{
    GB_TRY(check(canvas, err));
    if (canvas->paper == GB_PAPER_PNG)
        cairo_surface_write_to_png_stream(canvas->surface, append, canvas);
    else
        cairo_surface_finish(canvas->surface);
    GB_TRY(gb_buffer_status(&canvas->file, err));
    GB_TRY(canvas->paper == GB_PAPER_PNG ? check(canvas, err) : GB_OK);
    return gb_report_file_write(run, name, &canvas->file, err);
}

void gb_canvas_dash(gb_canvas *canvas, double on, double off)
{
    const double dash[] = {on, off};
    cairo_set_dash(canvas->cairo, dash, on > 0.0 ? 2 : 0, 0.0);
}

void gb_canvas_line(gb_canvas *canvas, double x1, double y1, double x2, double y2, double width, unsigned colour,
                    double opacity)
{
    set_colour(canvas, colour, opacity);
    cairo_set_line_width(canvas->cairo, width);
    cairo_move_to(canvas->cairo, x1, y1);
    cairo_line_to(canvas->cairo, x2, y2);
    cairo_stroke(canvas->cairo);
}

void gb_canvas_dot(gb_canvas *canvas, double x, double y, double radius, unsigned fill, double opacity,
                   unsigned stroke)
{
    cairo_new_path(canvas->cairo);
    cairo_arc(canvas->cairo, x, y, radius, 0.0, 2.0 * acos(-1.0));
    set_colour(canvas, fill, opacity);
    cairo_fill_preserve(canvas->cairo);
    set_colour(canvas, stroke, 1.0);
    cairo_set_line_width(canvas->cairo, 0.6);
    cairo_stroke(canvas->cairo);
}

void gb_canvas_path(gb_canvas *canvas, const double *x, const double *y, size_t count, bool closed, double width,
                    unsigned colour, double opacity)
{
    cairo_new_path(canvas->cairo);
    for (size_t i = 0; i < count; i++) cairo_line_to(canvas->cairo, x[i], y[i]);
    set_colour(canvas, colour, opacity);
    if (closed) {
        cairo_close_path(canvas->cairo);
        cairo_fill(canvas->cairo);
    } else {
        cairo_set_line_width(canvas->cairo, width);
        cairo_stroke(canvas->cairo);
    }
}

void gb_canvas_mark(gb_canvas *canvas, const gb_run *run, size_t generator, double x, double y)
{
    const double scale = 0.6; /* from the page's pixels */
    const gb_shape *shape = &gb_shapes[generator % GB_SHAPES];
    const unsigned colour = gb_palette[generator % GB_COLOURS].light;
    cairo_new_path(canvas->cairo);
    if (!shape->points) cairo_arc(canvas->cairo, x, y, shape->radius * scale, 0.0, 2.0 * acos(-1.0));
    for (int i = 0; i < shape->points; i++)
        cairo_line_to(canvas->cairo, x + scale * shape->x[i], y + scale * shape->y[i]);
    cairo_close_path(canvas->cairo);
    set_colour(canvas, run->generators[generator].parameters == 0.0 ? GB_GROUND : colour, 1.0);
    cairo_fill_preserve(canvas->cairo);
    set_colour(canvas, colour, 1.0);
    cairo_set_line_width(canvas->cairo, 1.1);
    cairo_stroke(canvas->cairo);
}

void gb_canvas_bold(gb_canvas *canvas, bool bold)
{
    cairo_select_font_face(canvas->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
}

void gb_canvas_halo(gb_canvas *canvas, bool halo)
{
    canvas->halo = halo;
}

/* One line of valid UTF-8 without control characters, which a font has no letters for. */
static char *clean(const char *text)
{
    char *copy = gb_text_utf8(text);
    for (char *at = copy; at && *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = ' ';
    return copy;
}

/* As many letters as fit before an ellipsis. */
static void cut(gb_canvas *canvas, double size, double most, char **text)
{
    size_t length = strlen(*text);
    while (length > 0) {
        do length--;
        while (length > 0 && ((unsigned char)(*text)[length] & 0xc0) == 0x80);
        char *shorter = gb_format("%.*s" ELLIPSIS, (int)length, *text);
        if (!shorter) return;
        if (length == 0 || width_of(canvas, size, shorter) <= most) {
            free(*text);
            *text = shorter;
            return;
        }
        free(shorter);
    }
}

double gb_canvas_text_width(gb_canvas *canvas, double size, const char *text)
{
    char *line = clean(text);
    const double width = line ? width_of(canvas, size, line) : 0.0;
    canvas->short_of_memory = canvas->short_of_memory || !line;
    free(line);
    return width;
}

void gb_canvas_text(gb_canvas *canvas, double x, double y, double size, unsigned colour, gb_align align, double most,
                    const char *text)
{
    char *line = clean(text);
    if (!line) {
        canvas->short_of_memory = true;
        return;
    }
    if (most > 0.0 && width_of(canvas, size, line) > most) cut(canvas, size, most, &line);
    const double width = width_of(canvas, size, line);
    const double left = align == GB_ALIGN_LEFT ? x : align == GB_ALIGN_RIGHT ? x - width : x - width / 2.0;
    if (canvas->halo) {
        cairo_move_to(canvas->cairo, left, y);
        cairo_text_path(canvas->cairo, line);
        set_colour(canvas, GB_GROUND, 1.0);
        cairo_set_line_width(canvas->cairo, 2.4);
        cairo_stroke(canvas->cairo);
    }
    set_colour(canvas, colour, 1.0);
    cairo_move_to(canvas->cairo, left, y);
    cairo_show_text(canvas->cairo, line);
    free(line);
}

double gb_canvas_paragraph(gb_canvas *canvas, double x, double y, double size, unsigned colour, double most,
                           const char *text)
{
    char *words = clean(text), *line = words;
    if (!words) canvas->short_of_memory = true;
    while (line && *line) {
        size_t fits = 0;
        for (size_t end = 1;; end++) {
            if (line[end] != ' ' && line[end] != '\0') continue;
            const char kept = line[end];
            line[end] = '\0';
            const bool wide = width_of(canvas, size, line) > most;
            line[end] = kept;
            if (wide && fits) break;
            fits = end;
            if (!kept) break;
        }
        const bool last = line[fits] == '\0';
        line[fits] = '\0';
        gb_canvas_text(canvas, x, y, size, colour, GB_ALIGN_LEFT, most, line);
        y += size * LEADING;
        line += fits + (last ? 0 : 1);
    }
    free(words);
    return y;
}
