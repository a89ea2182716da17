#include "video/converter.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>

#include "core/memory.h"

struct gb_converter {
    struct SwsContext *context;
    int from_height, to_height;
};

static void set_end(struct SwsContext *context, const char *side, const gb_converter_end *end)
{
    char name[24];
    const struct {
        const char *what;
        int value;
    } part[] = {{"%sw", end->width}, {"%sh", end->height}, {"%s_format", end->format},
                {"%s_range", end->full_range && !gb_pixels_is_rgb(end->format)}};
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        snprintf(name, sizeof name, part[i].what, side);
        av_opt_set_int(context, name, part[i].value, 0);
    }
    /* The vertical place of 4:2:0 chroma that FFmpeg's scale filter takes. */
    snprintf(name, sizeof name, "%s_v_chr_pos", side);
    int grain_x, grain_y;
    gb_pixels_grain(end->format, &grain_x, &grain_y);
    if (grain_x == 2 && grain_y == 2) av_opt_set_int(context, name, 128, 0);
}

gb_status gb_converter_new(const gb_converter_end *from, const gb_converter_end *to, gb_converter **out, gb_error *err)
{
    gb_converter *converter = gb_alloc(1, sizeof *converter);
    struct SwsContext *context = sws_alloc_context();
    if (!converter || !context) {
        free(converter);
        sws_freeContext(context);
        return gb_fail_memory(err, "converter", sizeof *converter);
    }
    set_end(context, "src", from);
    set_end(context, "dst", to);
    av_opt_set_int(context, "sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INP |
                   SWS_FULL_CHR_H_INT, 0);
    if (sws_init_context(context, NULL, NULL) < 0) {
        sws_freeContext(context);
        free(converter);
        return gb_fail(err, GB_E_UNSUPPORTED, "pixels %s of %dx%d cannot become %s of %dx%d",
                       av_get_pix_fmt_name(from->format), from->width, from->height, av_get_pix_fmt_name(to->format),
                       to->width, to->height);
    }
    const int neutral = 1 << 16; /* contrast and saturation of 1, 16.16 */
    sws_setColorspaceDetails(context, sws_getCoefficients(from->matrix), from->full_range,
                             sws_getCoefficients(to->matrix), to->full_range, 0, neutral, neutral);
    *converter = (gb_converter){context, from->height, to->height};
    *out = converter;
    return GB_OK;
}

void gb_converter_free(gb_converter *converter)
{
    if (!converter) return;
    sws_freeContext(converter->context);
    free(converter);
}

gb_status gb_converter_run(gb_converter *converter, const uint8_t *const from[4], const int from_stride[4],
                           uint8_t *const to[4], const int to_stride[4], gb_error *err)
{
    const int lines = sws_scale(converter->context, from, from_stride, 0, converter->from_height, to, to_stride);
    if (lines == converter->to_height) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "pixel conversion failed");
}

void gb_converter_at(const AVFrame *frame, int x, int y, uint8_t *plane[4])
{
    const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    int step[4];
    av_image_fill_max_pixsteps(step, NULL, pixel);
    for (int p = 0; p < 4; p++) {
        plane[p] = frame->data[p];
        const bool palette = p == 1 && (pixel->flags & AV_PIX_FMT_FLAG_PAL);
        if (!plane[p] || palette) continue;
        const bool chroma = p == 1 || p == 2;
        const ptrdiff_t px = chroma ? x >> pixel->log2_chroma_w : x, py = chroma ? y >> pixel->log2_chroma_h : y;
        plane[p] += py * frame->linesize[p] + px * step[p];
    }
}
