#include "video/codec.h"

#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "image/libav.h"

static const char *const h264_settings[] = {"preset", "medium", NULL};
static const char *const av1_settings[] = {"preset", "8", "cpu-used", "6", "row-mt", "0", NULL};
static const char *const ffv1_settings[] = {"level", "3", "slices", "4", "slicecrc", "1", "coder", "range_def", NULL};

static const char *const no_settings[] = {NULL};
/* What y4m can say. */
static const enum AVPixelFormat raw_formats[] = {
    AV_PIX_FMT_YUV420P,   AV_PIX_FMT_YUV422P,   AV_PIX_FMT_YUV444P,   AV_PIX_FMT_YUV411P,   AV_PIX_FMT_GRAY8,
    AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV444P10, AV_PIX_FMT_YUV420P12, AV_PIX_FMT_YUV422P12,
    AV_PIX_FMT_YUV444P12, AV_PIX_FMT_GRAY10,    AV_PIX_FMT_GRAY12,    AV_PIX_FMT_NONE};

static const gb_codec codecs[] = {
    {"h264", "H.264", {"libx264"}, h264_settings, 18, false, 4, NULL},
    {"av1", "AV1", {"libsvtav1", "libaom-av1"}, av1_settings, 30, false, 1, NULL},
    {"ffv1", "FFV1", {"ffv1"}, ffv1_settings, -1, true, 4, NULL},
    {"raw", "y4m", {"wrapped_avframe"}, no_settings, -1, false, 1, raw_formats},
};

static const struct {
    const char *extension, *codec;
} containers[] = {{".mp4", "h264"}, {".m4v", "h264"}, {".mov", "h264"}, {".mkv", "h264"},
                  {".webm", "av1"}, {".gif", "ffv1"}};

gb_status gb_codec_find(const char *id, const char *path, const gb_codec **out, gb_error *err)
{
    const char *extension = gb_path_extension(path);
    for (size_t i = 0; !id && i < sizeof containers / sizeof containers[0]; i++)
        if (!strcasecmp(containers[i].extension, extension)) id = containers[i].codec;
    if (!id)
        return gb_fail(err, GB_E_USAGE, "%s: expected an output .mp4, .mov, .mkv, .webm, .y4m, .gif, .png, .jpg or a "
                       "folder's name, found \"%s\"", path, extension);
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        if (strcmp(codecs[i].id, id) != 0) continue;
        *out = &codecs[i];
        return GB_OK;
    }
    return gb_fail(err, GB_E_USAGE, "expected codec h264, av1 or ffv1, found \"%s\"", id);
}

gb_status gb_codec_encoder(const gb_codec *codec, const AVCodec **out, gb_error *err)
{
    for (int i = 0; codec->encoder[i]; i++) {
        *out = avcodec_find_encoder_by_name(codec->encoder[i]);
        if (*out) return GB_OK;
    }
    return gb_fail(err, GB_E_UNSUPPORTED, "FFmpeg's libraries here have no encoder for %s (%s)", codec->title,
                   codec->encoder[0]);
}

/* Names that say the same samples, as encoders list them. */
static enum AVPixelFormat for_listing(enum AVPixelFormat format, bool keeps_rgb)
{
    if (!gb_pixels_is_rgb(format)) return format;
    return keeps_rgb ? AV_PIX_FMT_0RGB32 : AV_PIX_FMT_YUV420P;
}

gb_status gb_codec_pixels(const gb_codec *codec, const gb_pixels *source, int height, gb_pixels *out, gb_error *err)
{
    const AVCodec *encoder;
    GB_TRY(gb_codec_encoder(codec, &encoder, err));
    const enum AVPixelFormat wanted = for_listing(source->format, codec->keeps_rgb);
    const enum AVPixelFormat *taken = codec->formats ? codec->formats : gb_libav_formats(encoder);
    enum AVPixelFormat chosen = AV_PIX_FMT_NONE;
    for (const enum AVPixelFormat *f = taken; f && *f != AV_PIX_FMT_NONE; f++)
        if (*f == wanted) chosen = wanted;
    if (chosen == AV_PIX_FMT_NONE && taken) chosen = avcodec_find_best_pix_fmt_of_list(taken, wanted, 0, NULL);
    if (chosen == AV_PIX_FMT_NONE)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s cannot take these pixels", codec->title);
    bool full = source->full_range;
    chosen = gb_pixels_plain(chosen, &full);
    *out = gb_pixels_in(source, chosen, height);
    return GB_OK;
}
