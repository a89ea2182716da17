/* The codecs that extended videos are written in: one table that options, checks and help come from. */
#ifndef GB_VIDEO_CODEC_H
#define GB_VIDEO_CODEC_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "video/pixels.h"

typedef struct gb_codec {
    const char *id, *title;
    const char *encoder[4];      /* FFmpeg's names, the first that is there is used; NULL-ended */
    const char *const *settings; /* name, value pairs of all its encoders that have them; NULL-ended */
    int quality;                 /* default CRF, lower is better; -1: lossless, no such thing */
    bool keeps_rgb;              /* else RGB becomes 4:2:0, which plays everywhere */
    int threads;                 /* fixed: some encoders' bytes depend on it */
    const enum AVPixelFormat *formats; /* what it is given, where that is less than its encoder takes; NULL: all */
} gb_codec;

/* By id ("h264", "av1", "ffv1", for y4m "raw"); NULL id: what the extension of `path` stands for. Gif files take ffv1
 * on their way. */
gb_status gb_codec_find(const char *id, const char *path, const gb_codec **out, gb_error *err) GB_MUST_CHECK;
/* Its encoder here, or GB_E_UNSUPPORTED. */
gb_status gb_codec_encoder(const gb_codec *codec, const AVCodec **out, gb_error *err) GB_MUST_CHECK;
/* What a source's pixels become: the same where the encoder takes them, else the nearest that it takes. */
gb_status gb_codec_pixels(const gb_codec *codec, const gb_pixels *source, int height, gb_pixels *out, gb_error *err)
    GB_MUST_CHECK;

#endif
