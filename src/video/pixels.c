#include "video/pixels.h"

#include <libavutil/pixdesc.h>

enum AVPixelFormat gb_pixels_plain(enum AVPixelFormat format, bool *full_range)
{
    static const enum AVPixelFormat pair[][2] = {{AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
                                                 {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
                                                 {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P},
                                                 {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
                                                 {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P}};
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        if (format != pair[i][0]) continue;
        *full_range = true;
        return pair[i][1];
    }
    return format;
}

bool gb_pixels_is_rgb(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    return d && (d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

static enum AVColorSpace custom(int height)
{
    return height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

gb_pixels gb_pixels_of(const AVFrame *frame)
{
    gb_pixels p = {.full_range = frame->color_range == AVCOL_RANGE_JPEG,
                   .said_matrix = frame->colorspace,
                   .said_range = frame->color_range,
                   .primaries = frame->color_primaries,
                   .transfer = frame->color_trc,
                   .chroma_location = frame->chroma_location};
    p.format = gb_pixels_plain((enum AVPixelFormat)frame->format, &p.full_range);
    if (p.full_range) p.said_range = AVCOL_RANGE_JPEG;
    const bool said = frame->colorspace != AVCOL_SPC_UNSPECIFIED && frame->colorspace != AVCOL_SPC_RGB &&
                      frame->colorspace != AVCOL_SPC_RESERVED;
    p.matrix = said ? frame->colorspace : custom(frame->height);
    return p;
}

gb_pixels gb_pixels_in(const gb_pixels *source, enum AVPixelFormat format, int height)
{
    gb_pixels p = *source;
    p.format = format;
    const bool from_rgb = gb_pixels_is_rgb(source->format), to_rgb = gb_pixels_is_rgb(format);
    if (from_rgb && !to_rgb) {
        p.matrix = p.said_matrix = custom(height);
        p.full_range = false;
        p.said_range = AVCOL_RANGE_MPEG;
        p.chroma_location = AVCHROMA_LOC_UNSPECIFIED;
    }
    if (to_rgb && !from_rgb) {
        p.said_matrix = AVCOL_SPC_RGB;
        p.said_range = AVCOL_RANGE_UNSPECIFIED;
        p.chroma_location = AVCHROMA_LOC_UNSPECIFIED;
    }
    return p;
}

void gb_pixels_grain(enum AVPixelFormat format, int *x, int *y)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    *x = d ? 1 << d->log2_chroma_w : 1;
    *y = d ? 1 << d->log2_chroma_h : 1;
}

static void tag(const gb_pixels *pixels, AVFrame *frame)
{
    frame->colorspace = pixels->said_matrix;
    frame->color_range = pixels->said_range;
    frame->color_primaries = pixels->primaries;
    frame->color_trc = pixels->transfer;
    frame->chroma_location = pixels->chroma_location;
}

AVFrame *gb_pixels_frame(const gb_pixels *pixels, int width, int height)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame) return NULL;
    frame->format = pixels->format;
    frame->width = width;
    frame->height = height;
    tag(pixels, frame);
    if (av_frame_get_buffer(frame, 0) < 0) av_frame_free(&frame);
    return frame;
}
