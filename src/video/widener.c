#include "video/widener.h"

#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "image/frame_scaler.h"
#include "video/converter.h"

struct gb_widener {
    gb_layout layout;
    gb_pixels source, target;
    gb_frame_scaler *look;
    gb_converter *strip;  /* of generated RGB to a strip of the target */
    gb_converter *centre; /* NULL where the centre is copied */
    gb_converter *whole;  /* made when first asked for */
    gb_image seen;        /* the centre at working size */
    /* swscale may touch a little beyond the last pixel of a line, so it works in frames with room for that. */
    AVFrame *strip_rgb, *strip_made, *centre_made;
};

static gb_status open_converters(gb_widener *w, gb_error *err)
{
    const gb_layout *l = &w->layout;
    const gb_pixels rgb_pixels = {.format = AV_PIX_FMT_RGB24};
    const gb_converter_end rgb = {AV_PIX_FMT_RGB24, l->work.side, l->work.height, AVCOL_SPC_RGB, true};
    gb_converter_end end = {w->target.format, l->side, l->height, w->target.matrix, w->target.full_range};
    w->strip_rgb = gb_pixels_frame(&rgb_pixels, l->work.side, l->work.height);
    w->strip_made = gb_pixels_frame(&w->target, l->side, l->height);
    w->centre_made = gb_pixels_frame(&w->target, l->centre.width, l->height);
    if (!w->strip_rgb || !w->strip_made || !w->centre_made)
        return gb_fail_memory(err, "widener", (unsigned long long)l->width * (unsigned)l->height * 3);
    GB_TRY(gb_converter_new(&rgb, &end, &w->strip, err));
    if (w->source.format == w->target.format) return GB_OK;
    const gb_converter_end from = {w->source.format, l->centre.width, l->height, w->source.matrix,
                                   w->source.full_range};
    end.width = l->centre.width;
    return gb_converter_new(&from, &end, &w->centre, err);
}

gb_status gb_widener_new(const gb_layout *layout, const gb_pixels *source, const gb_pixels *target, gb_widener **out,
                         gb_error *err)
{
    gb_status status;
    gb_widener *w = gb_alloc(1, sizeof *w);
    if (!w) return gb_fail_memory(err, "widener", sizeof *w);
    *w = (gb_widener){.layout = *layout, .source = *source, .target = *target};
    const gb_rect c = layout->centre;
    GB_GO(gb_frame_scaler_new((gb_frame_crop){c.width, c.height, c.x, c.y}, layout->work.width - 2 * layout->work.side,
                              layout->work.height, &w->look, err));
    GB_GO(open_converters(w, err));
done:
    if (status == GB_OK) *out = w;
    else gb_widener_free(w);
    return status;
}

void gb_widener_free(gb_widener *widener)
{
    if (!widener) return;
    gb_frame_scaler_free(widener->look);
    gb_converter_free(widener->strip);
    gb_converter_free(widener->centre);
    gb_converter_free(widener->whole);
    gb_image_free(&widener->seen);
    av_frame_free(&widener->strip_rgb);
    av_frame_free(&widener->strip_made);
    av_frame_free(&widener->centre_made);
    free(widener);
}

gb_status gb_widener_look(gb_widener *widener, const AVFrame *source, gb_image *input, gb_error *err)
{
    const gb_geometry g = widener->layout.work;
    GB_TRY(gb_frame_scaler_run(widener->look, source, &widener->seen, err));
    GB_TRY(gb_image_reserve(input, g.width, g.height, err));
    const size_t line = (size_t)g.width * 3, strip = (size_t)g.side * 3, centre = line - 2 * strip;
    for (int y = 0; y < g.height; y++) {
        uint8_t *row = input->rgb + (size_t)y * line;
        memset(row, 0, strip);
        memcpy(row + strip, widener->seen.rgb + (size_t)y * centre, centre);
        memset(row + strip + centre, 0, strip);
    }
    return GB_OK;
}

static void put_planes(AVFrame *out, int x, uint8_t *const from[4], const int from_stride[4], int width)
{
    uint8_t *to[4];
    gb_converter_at(out, x, 0, to);
    av_image_copy(to, out->linesize, (const uint8_t **)from, from_stride, (enum AVPixelFormat)out->format, width,
                  out->height);
}

static gb_status put_strip(const gb_widener *w, const gb_image *generated, int from_x, AVFrame *out, int to_x,
                           gb_error *err)
{
    AVFrame *rgb = w->strip_rgb, *made = w->strip_made;
    for (int y = 0; y < rgb->height; y++)
        memcpy(rgb->data[0] + (ptrdiff_t)y * rgb->linesize[0],
               generated->rgb + ((size_t)y * (size_t)generated->width + (size_t)from_x) * 3, (size_t)rgb->width * 3);
    GB_TRY(gb_converter_run(w->strip, (const uint8_t *const *)rgb->data, rgb->linesize, made->data, made->linesize,
                            err));
    put_planes(out, to_x, made->data, made->linesize, w->layout.side);
    return GB_OK;
}

static gb_status put_centre(const gb_widener *w, const AVFrame *source, AVFrame *out, gb_error *err)
{
    const gb_rect c = w->layout.centre;
    AVFrame plain = *source; /* a view, its buffers are not its own */
    plain.format = w->source.format;
    uint8_t *from[4];
    gb_converter_at(&plain, c.x, c.y, from);
    if (!w->centre) {
        put_planes(out, w->layout.side, from, source->linesize, c.width);
        return GB_OK;
    }
    AVFrame *made = w->centre_made;
    GB_TRY(gb_converter_run(w->centre, (const uint8_t *const *)from, source->linesize, made->data, made->linesize,
                            err));
    put_planes(out, w->layout.side, made->data, made->linesize, c.width);
    return GB_OK;
}

gb_status gb_widener_join(gb_widener *widener, const AVFrame *source, const gb_image *generated, AVFrame **out,
                          gb_error *err)
{
    const gb_layout *l = &widener->layout;
    if (generated->width != l->work.width || generated->height != l->work.height)
        return gb_fail(err, GB_E_MISMATCH, "expected a generated frame of %dx%d, found %dx%d", l->work.width,
                       l->work.height, generated->width, generated->height);
    AVFrame *frame = gb_pixels_frame(&widener->target, l->width, l->height);
    if (!frame) return gb_fail_memory(err, "frame", (unsigned long long)l->width * (unsigned)l->height * 3);
    gb_status status = put_strip(widener, generated, 0, frame, 0, err);
    if (status == GB_OK)
        status = put_strip(widener, generated, l->work.width - l->work.side, frame, l->width - l->side, err);
    if (status == GB_OK) status = put_centre(widener, source, frame, err);
    if (status == GB_OK) *out = frame;
    else av_frame_free(&frame);
    return status;
}

gb_status gb_widener_whole(gb_widener *widener, const AVFrame *source, AVFrame **out, gb_error *err)
{
    const gb_layout *l = &widener->layout;
    const gb_converter_end from = {widener->source.format, l->width, l->height, widener->source.matrix,
                                   widener->source.full_range};
    const gb_converter_end to = {widener->target.format, l->width, l->height, widener->target.matrix,
                                 widener->target.full_range};
    if (!l->was_wide) return gb_fail(err, GB_E_ARG, "expected an input of 16:9");
    if (!widener->whole) GB_TRY(gb_converter_new(&from, &to, &widener->whole, err));
    AVFrame plain = *source, *frame = gb_pixels_frame(&widener->target, l->width, l->height);
    if (!frame) return gb_fail_memory(err, "frame", (unsigned long long)l->width * (unsigned)l->height * 3);
    plain.format = widener->source.format;
    uint8_t *at[4];
    gb_converter_at(&plain, l->centre.x - l->side, l->centre.y, at);
    const gb_status status = gb_converter_run(widener->whole, (const uint8_t *const *)at, source->linesize, frame->data,
                                              frame->linesize, err);
    if (status == GB_OK) *out = frame;
    else av_frame_free(&frame);
    return status;
}
