#include "extend/board.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/lettering.h"
#include "video/converter.h"

#define GAP 4

struct gb_board {
    gb_board_spec spec;
    AVFrame *canvas;       /* RGB24, labels drawn once */
    AVFrame *panel;        /* RGB24 */
    gb_converter *scale;   /* NULL where frames have a panel's size */
    gb_converter *convert; /* canvas to the board's pixels */
};

static int columns(const gb_board_spec *spec)
{
    return spec->count <= 3 ? spec->count : spec->count == 4 ? 2 : 3;
}

static int label_height(const gb_board_spec *spec)
{
    const int height = spec->panel_height / 10 & ~1;
    return height < 14 ? 14 : height;
}

void gb_board_size(const gb_board_spec *spec, int *width, int *height)
{
    const int across = columns(spec), down = (spec->count + across - 1) / across;
    *width = across * spec->panel_width + (across + 1) * GAP;
    *height = down * (spec->panel_height + label_height(spec) + GAP) + GAP;
}

static void panel_corner(const gb_board_spec *spec, int index, int *x, int *y)
{
    const int across = columns(spec);
    *x = GAP + index % across * (spec->panel_width + GAP);
    *y = GAP + index / across * (spec->panel_height + label_height(spec) + GAP) + label_height(spec);
}

/* Capitals are what the lettering has; long names shrink to the panel's width. */
static void draw_label(cairo_t *cairo, const gb_board_spec *spec, int index)
{
    char text[64];
    int x, y;
    panel_corner(spec, index, &x, &y);
    snprintf(text, sizeof text, "%s", spec->label[index]);
    for (char *c = text; *c; c++) *c = (char)toupper((unsigned char)*c);
    double size = label_height(spec) * 0.55;
    const double width = gb_lettering_width(text, size), room = spec->panel_width - 8.0;
    if (width > room) size *= room / width;
    const gb_canvas canvas = {.cairo = cairo, .light = 0xffffff, .weight = 1};
    gb_lettering_draw(&canvas, text, x + spec->panel_width / 2.0, y - label_height(spec) * 0.22, size, size * 0.16,
                      0xf2f2f2, 0);
}

static gb_status draw_labels(gb_board *board, gb_error *err)
{
    AVFrame *canvas = board->canvas;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, canvas->width, canvas->height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 0.12, 0.12, 0.14);
    cairo_paint(cairo);
    for (int i = 0; i < board->spec.count; i++) draw_label(cairo, &board->spec, i);
    cairo_surface_flush(surface);
    const bool good = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
    for (int y = 0; good && y < canvas->height; y++) {
        const unsigned char *from = cairo_image_surface_get_data(surface) +
                                    (ptrdiff_t)y * cairo_image_surface_get_stride(surface);
        uint8_t *to = canvas->data[0] + (ptrdiff_t)y * canvas->linesize[0];
        for (int x = 0; x < canvas->width; x++, from += 4) {
            uint32_t pixel;
            memcpy(&pixel, from, sizeof pixel);
            *to++ = (uint8_t)(pixel >> 16);
            *to++ = (uint8_t)(pixel >> 8);
            *to++ = (uint8_t)pixel;
        }
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return good ? GB_OK : gb_fail_memory(err, "labels", 0);
}

static gb_status open_board(gb_board *b, gb_error *err)
{
    const gb_board_spec *s = &b->spec;
    const gb_pixels rgb = {.format = AV_PIX_FMT_RGB24};
    int width, height;
    gb_board_size(s, &width, &height);
    b->canvas = gb_pixels_frame(&rgb, width, height);
    b->panel = gb_pixels_frame(&rgb, s->panel_width, s->panel_height);
    if (!b->canvas || !b->panel) return gb_fail_memory(err, "board", (unsigned long long)width * (unsigned)height * 3);
    GB_TRY(draw_labels(b, err));
    const gb_converter_end frame = {AV_PIX_FMT_RGB24, s->frame_width, s->frame_height, AVCOL_SPC_RGB, true};
    const gb_converter_end panel = {AV_PIX_FMT_RGB24, s->panel_width, s->panel_height, AVCOL_SPC_RGB, true};
    if (s->frame_width != s->panel_width || s->frame_height != s->panel_height)
        GB_TRY(gb_converter_new(&frame, &panel, &b->scale, err));
    const gb_converter_end canvas = {AV_PIX_FMT_RGB24, width, height, AVCOL_SPC_RGB, true};
    const gb_converter_end out = {s->pixels.format, width, height, s->pixels.matrix, s->pixels.full_range};
    return gb_converter_new(&canvas, &out, &b->convert, err);
}

gb_status gb_board_new(const gb_board_spec *spec, gb_board **out, gb_error *err)
{
    gb_board *board = gb_alloc(1, sizeof *board);
    if (!board) return gb_fail_memory(err, "board", sizeof *board);
    board->spec = *spec;
    const gb_status status = open_board(board, err);
    if (status == GB_OK) *out = board;
    else gb_board_free(board);
    return status;
}

void gb_board_free(gb_board *board)
{
    if (!board) return;
    av_frame_free(&board->canvas);
    av_frame_free(&board->panel);
    gb_converter_free(board->scale);
    gb_converter_free(board->convert);
    free(board);
}

static gb_status place(gb_board *b, const AVFrame *frame, int index, gb_error *err)
{
    const AVFrame *panel = frame;
    if (b->scale) {
        GB_TRY(gb_converter_run(b->scale, (const uint8_t *const *)frame->data, frame->linesize, b->panel->data,
                                b->panel->linesize, err));
        panel = b->panel;
    }
    int x, y;
    panel_corner(&b->spec, index, &x, &y);
    for (int row = 0; row < b->spec.panel_height; row++)
        memcpy(b->canvas->data[0] + (ptrdiff_t)(y + row) * b->canvas->linesize[0] + (ptrdiff_t)x * 3,
               panel->data[0] + (ptrdiff_t)row * panel->linesize[0], (size_t)b->spec.panel_width * 3);
    return GB_OK;
}

gb_status gb_board_draw(gb_board *board, AVFrame *const *frames, AVFrame **out, gb_error *err)
{
    for (int i = 0; i < board->spec.count; i++) GB_TRY(place(board, frames[i], i, err));
    AVFrame *made = gb_pixels_frame(&board->spec.pixels, board->canvas->width, board->canvas->height);
    if (!made) return gb_fail_memory(err, "board", 0);
    const gb_status status = gb_converter_run(board->convert, (const uint8_t *const *)board->canvas->data,
                                              board->canvas->linesize, made->data, made->linesize, err);
    if (status == GB_OK) *out = made;
    else av_frame_free(&made);
    return status;
}
