#include "image/frame_scaler.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/memory.h"

/* What a context was made for; a stream may change any of it but the size. */
typedef struct frame_kind {
    int format, width, height, matrix, full_range;
} frame_kind;

struct gb_frame_scaler {
    gb_frame_crop crop;
    int width, height;
    frame_kind kind;
    struct SwsContext *context;
};

gb_status gb_frame_scaler_new(gb_frame_crop crop, int width, int height, gb_frame_scaler **out, gb_error *err)
{
    gb_frame_scaler *scaler = gb_alloc(1, sizeof *scaler);
    if (!scaler) return gb_fail_memory(err, "frame scaler", sizeof *scaler);
    scaler->crop = crop;
    scaler->width = width;
    scaler->height = height;
    *out = scaler;
    return GB_OK;
}

void gb_frame_scaler_free(gb_frame_scaler *scaler)
{
    if (!scaler) return;
    sws_freeContext(scaler->context);
    free(scaler);
}

/* Streams that do not say follow custom: BT.709 in high definition, BT.601 below, limited range. */
static frame_kind kind_of(const AVFrame *frame, gb_frame_crop crop)
{
    const bool said = frame->colorspace != AVCOL_SPC_UNSPECIFIED && frame->colorspace != AVCOL_SPC_RGB &&
                      frame->colorspace != AVCOL_SPC_RESERVED;
    const bool full = frame->color_range == AVCOL_RANGE_JPEG || frame->format == AV_PIX_FMT_YUVJ420P ||
                      frame->format == AV_PIX_FMT_YUVJ422P || frame->format == AV_PIX_FMT_YUVJ444P;
    return (frame_kind){.format = frame->format,
                        .width = crop.width,
                        .height = crop.height,
                        .matrix = said ? (int)frame->colorspace : frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601,
                        .full_range = full};
}

static bool same_kind(const frame_kind *a, const frame_kind *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height && a->matrix == b->matrix &&
           a->full_range == b->full_range;
}

static struct SwsContext *new_context(const gb_frame_scaler *scaler, const frame_kind *kind)
{
    struct SwsContext *context = sws_alloc_context();
    if (!context) return NULL;
    av_opt_set_int(context, "srcw", kind->width, 0);
    av_opt_set_int(context, "srch", kind->height, 0);
    av_opt_set_int(context, "src_format", kind->format, 0);
    av_opt_set_int(context, "src_range", kind->full_range, 0);
    av_opt_set_int(context, "dstw", scaler->width, 0);
    av_opt_set_int(context, "dsth", scaler->height, 0);
    av_opt_set_int(context, "dst_format", AV_PIX_FMT_RGB24, 0);
    av_opt_set_int(context, "sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT, 0);
    /* The vertical place of 4:2:0 chroma that FFmpeg's scale filter takes. */
    if (kind->format == AV_PIX_FMT_YUV420P) av_opt_set_int(context, "src_v_chr_pos", 128, 0);
    if (sws_init_context(context, NULL, NULL) < 0) {
        sws_freeContext(context);
        return NULL;
    }
    const int neutral = 1 << 16; /* contrast and saturation of 1, 16.16 */
    sws_setColorspaceDetails(context, sws_getCoefficients(kind->matrix), kind->full_range,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, neutral, neutral);
    return context;
}

static gb_status set_kind(gb_frame_scaler *scaler, const frame_kind *kind, gb_error *err)
{
    if (scaler->context && same_kind(&scaler->kind, kind)) return GB_OK;
    struct SwsContext *context = new_context(scaler, kind);
    if (!context)
        return gb_fail(err, GB_E_UNSUPPORTED, "pixel format %s at %dx%d cannot be scaled to %dx%d",
                       av_get_pix_fmt_name((enum AVPixelFormat)kind->format), kind->width, kind->height, scaler->width,
                       scaler->height);
    sws_freeContext(scaler->context);
    scaler->context = context;
    scaler->kind = *kind;
    return GB_OK;
}

/* Pointers to the crop's corner in each plane. */
static void offset_planes(const AVFrame *frame, const AVPixFmtDescriptor *pixel, gb_frame_crop crop,
                          const uint8_t *planes[4])
{
    int step[4];
    av_image_fill_max_pixsteps(step, NULL, pixel);
    for (int p = 0; p < 4; p++) {
        planes[p] = frame->data[p];
        if (!planes[p]) continue;
        const bool palette = p == 1 && (pixel->flags & AV_PIX_FMT_FLAG_PAL);
        if (palette) continue;
        const bool chroma = p == 1 || p == 2;
        const ptrdiff_t x = chroma ? crop.x >> pixel->log2_chroma_w : crop.x;
        const ptrdiff_t y = chroma ? crop.y >> pixel->log2_chroma_h : crop.y;
        planes[p] += y * frame->linesize[p] + x * step[p];
    }
}

gb_status gb_frame_scaler_run(gb_frame_scaler *scaler, const AVFrame *frame, gb_image *out, gb_error *err)
{
    const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    if (!pixel || (pixel->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM)))
        return gb_fail(err, GB_E_UNSUPPORTED, "pixel format %s", pixel ? pixel->name : "unknown");
    const int wide = (1 << pixel->log2_chroma_w) - 1, high = (1 << pixel->log2_chroma_h) - 1;
    gb_frame_crop crop = scaler->crop;
    if (crop.width != frame->width) crop.width &= ~wide;
    if (crop.height != frame->height) crop.height &= ~high;
    crop.x &= ~wide;
    crop.y &= ~high;
    if (crop.width < 1 || crop.height < 1)
        return gb_fail(err, GB_E_ARG, "a crop of %dx%d is less than one chroma sample", scaler->crop.width,
                       scaler->crop.height);
    const frame_kind kind = kind_of(frame, crop);
    GB_TRY(set_kind(scaler, &kind, err));
    GB_TRY(gb_image_reserve(out, scaler->width, scaler->height, err));
    const uint8_t *planes[4];
    offset_planes(frame, pixel, crop, planes);
    uint8_t *const to[4] = {out->rgb};
    const int stride[4] = {out->width * 3};
    if (sws_scale(scaler->context, planes, frame->linesize, 0, crop.height, to, stride) == scaler->height) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "scaling to %dx%d failed", scaler->width, scaler->height);
}
