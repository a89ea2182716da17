#include "video/encoder.h"

#include <libavutil/opt.h>
#include <stdlib.h>

#include "core/memory.h"

struct gb_encoder {
    AVCodecContext *context;
    const gb_codec *codec;
    bool flushed;
};

static gb_status fail_code(const gb_encoder *encoder, const char *what, int code, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (code == AVERROR(ENOMEM)) return gb_fail_memory(err, encoder->codec->title, 0);
    return gb_fail(err, GB_E_UNSUPPORTED, "%s encoder: %s: %s", encoder->codec->title, what,
                   av_make_error_string(text, sizeof text, code));
}

static void fill(AVCodecContext *c, const gb_encoder_spec *spec)
{
    const bool rate_said = spec->rate.num > 0 && spec->rate.den > 0;
    c->width = spec->width;
    c->height = spec->height;
    c->pix_fmt = spec->pixels.format;
    c->sample_aspect_ratio = spec->sar;
    c->framerate = rate_said ? spec->rate : (AVRational){25, 1};
    c->time_base = av_inv_q(c->framerate);
    c->colorspace = spec->pixels.said_matrix;
    c->color_range = spec->pixels.said_range;
    c->color_primaries = spec->pixels.primaries;
    c->color_trc = spec->pixels.transfer;
    c->chroma_sample_location = spec->pixels.chroma_location;
    c->gop_size = spec->key_interval;
    c->thread_count = spec->codec->threads;
    c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_CLOSED_GOP;
}

static void set_options(AVCodecContext *c, const gb_encoder_spec *spec)
{
    char number[16];
    snprintf(number, sizeof number, "%d", spec->quality);
    if (spec->codec->quality >= 0) av_opt_set(c->priv_data, "crf", number, 0);
    for (const char *const *s = spec->codec->settings; s[0]; s += 2)
        if (av_opt_set(c->priv_data, s[0], s[1], 0) < 0) av_opt_set(c, s[0], s[1], 0);
}

gb_status gb_encoder_new(const gb_encoder_spec *spec, gb_encoder **out, gb_error *err)
{
    const AVCodec *codec;
    GB_TRY(gb_codec_encoder(spec->codec, &codec, err));
    gb_encoder *encoder = gb_alloc(1, sizeof *encoder);
    if (!encoder) return gb_fail_memory(err, "encoder", sizeof *encoder);
    av_log_set_level(AV_LOG_QUIET);
    setenv("SVT_LOG", "0", 0); /* SVT-AV1 speaks on stderr by itself */
    encoder->codec = spec->codec;
    encoder->context = avcodec_alloc_context3(codec);
    gb_status status = GB_OK;
    if (!encoder->context) GB_GO(gb_fail_memory(err, "encoder", 0));
    fill(encoder->context, spec);
    set_options(encoder->context, spec);
    const int code = avcodec_open2(encoder->context, codec, NULL);
    if (code < 0) {
        status = fail_code(encoder, "cannot be opened", code, err);
        gb_fail_in(err, "%dx%d", spec->width, spec->height);
    }
done:
    if (status == GB_OK) *out = encoder;
    else gb_encoder_free(encoder);
    return status;
}

/* SVT-AV1 waits for ever when it is closed before it was told of the end and asked for all it has. */
static void flush(gb_encoder *encoder)
{
    AVPacket *packet = av_packet_alloc();
    if (packet && avcodec_is_open(encoder->context)) {
        if (!encoder->flushed) avcodec_send_frame(encoder->context, NULL);
        while (avcodec_receive_packet(encoder->context, packet) >= 0) av_packet_unref(packet);
    }
    av_packet_free(&packet);
}

void gb_encoder_free(gb_encoder *encoder)
{
    if (!encoder) return;
    if (encoder->context) flush(encoder);
    avcodec_free_context(&encoder->context);
    free(encoder);
}

const AVCodecContext *gb_encoder_context(const gb_encoder *encoder)
{
    return encoder->context;
}

gb_status gb_encoder_send(gb_encoder *encoder, const AVFrame *frame, gb_error *err)
{
    const int code = avcodec_send_frame(encoder->context, frame);
    encoder->flushed = frame == NULL;
    return code < 0 ? fail_code(encoder, "refuses a frame", code, err) : GB_OK;
}

gb_status gb_encoder_receive(gb_encoder *encoder, AVPacket *packet, bool *got, gb_error *err)
{
    const int code = avcodec_receive_packet(encoder->context, packet);
    *got = code >= 0;
    if (code >= 0 || code == AVERROR(EAGAIN) || code == AVERROR_EOF) return GB_OK;
    return fail_code(encoder, "fails", code, err);
}
