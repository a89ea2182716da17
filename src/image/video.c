#include "image/video.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "image/container_end.h"
#include "image/frame_scaler.h"
#include "image/media.h"
#include "image/retouch.h"
#include "image/upright.h"
#include "image/video_native.h"

struct gb_video {
    char *path;
    gb_video_options options;
    gb_video_info info;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    gb_frame_scaler *scaler;
    gb_upright upright;    /* what is done to frames before they are scaled */
    char turn[GB_UPRIGHT_TEXT];
    gb_retouch *retouch;   /* does it; from the first frame on */
    AVFrame *turned;
    AVStream *stream;
    int64_t given;         /* frames handed out */
    int64_t packets, tail; /* packets read, where the last one ended in the file */
    bool draining;         /* no more packets go in */
    char damage[256];      /* reported once all frames before it have been handed out */
};

static const char *av_text(int code, char text[AV_ERROR_MAX_STRING_SIZE])
{
    return av_make_error_string(text, AV_ERROR_MAX_STRING_SIZE, code);
}

static gb_status open_container(gb_video *video, gb_error *err)
{
    int index;
    GB_TRY(video->options.piped ? gb_media_open_piped(video->path, &video->format, err)
                                : gb_media_open(video->path, &video->format, err));
    GB_TRY(gb_media_picture_stream(video->format, video->path, &index, err));
    video->stream = video->format->streams[index];
    for (unsigned i = 0; i < video->format->nb_streams; i++)
        if ((int)i != index) video->format->streams[i]->discard = AVDISCARD_ALL;
    return GB_OK;
}

/* Damage must be an error, not a patched-up picture. */
static gb_status open_decoder(gb_video *video, gb_error *err)
{
    const AVCodecParameters *parameters = video->stream->codecpar;
    const AVCodec *decoder = avcodec_find_decoder(parameters->codec_id);
    if (!decoder)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: no decoder for codec %s", video->path,
                       avcodec_get_name(parameters->codec_id));
    video->codec = avcodec_alloc_context3(decoder);
    video->packet = av_packet_alloc();
    video->frame = av_frame_alloc();
    if (!video->codec || !video->packet || !video->frame) return gb_fail_memory(err, video->path, 0);
    int code = avcodec_parameters_to_context(video->codec, parameters);
    video->codec->thread_count = 1;
    video->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    video->codec->error_concealment = 0;
    video->codec->max_pixels = (int64_t)GB_IMAGE_MAX_SIDE * GB_IMAGE_MAX_SIDE;
    if (code >= 0) code = avcodec_open2(video->codec, decoder, NULL);
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (code >= 0) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: decoder %s: %s", video->path, decoder->name, av_text(code, text));
}

static gb_status plan_turn(gb_video *video, gb_error *err)
{
    if (video->options.as_stored) return GB_OK;
    GB_TRY(gb_upright_of(video->stream, video->path, &video->upright, err));
    gb_upright_describe(video->upright, video->turn);
    if (video->turn[0]) video->turned = av_frame_alloc();
    return video->turn[0] && !video->turned ? gb_fail_memory(err, video->path, 0) : GB_OK;
}

/* The whole picture, upright. */
static gb_rect picture_of(const gb_video *video)
{
    const AVCodecParameters *stored = video->stream->codecpar;
    const gb_rect whole = {.width = stored->width, .height = stored->height};
    return gb_upright_rect(video->upright, whole, stored->width, stored->height);
}

static gb_status fill_info(gb_video *video, gb_error *err)
{
    const AVCodecParameters *parameters = video->stream->codecpar;
    const gb_rect picture = picture_of(video);
    const AVRational sar = av_guess_sample_aspect_ratio(video->format, video->stream, NULL);
    const double aspect = sar.num > 0 && sar.den > 0 ? av_q2d(sar) : 1;
    const AVRational rate = video->stream->avg_frame_rate;
    const char *pixel = av_get_pix_fmt_name((enum AVPixelFormat)parameters->format);
    gb_video_info *info = &video->info;
    const double width = video->upright.transpose ? picture.width / aspect : picture.width * aspect;
    if (picture.width < 1 || picture.height < 1 || picture.height > GB_IMAGE_MAX_SIDE ||
        !(width >= 1 && width < GB_IMAGE_MAX_SIDE + 0.5) || picture.width > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_FORMAT, "%s: expected 1..%d pixels a side, found %dx%d", video->path,
                       GB_IMAGE_MAX_SIDE, parameters->width, parameters->height);
    info->width = (int)lround(width);
    info->height = picture.height;
    info->fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    info->frames = video->stream->nb_frames > 0 ? video->stream->nb_frames : 0;
    snprintf(info->codec, sizeof info->codec, "%s", avcodec_get_name(parameters->codec_id));
    snprintf(info->pixel_format, sizeof info->pixel_format, "%s", pixel ? pixel : "unknown");
    return GB_OK;
}

static gb_status open_scaler(gb_video *video, gb_error *err)
{
    const gb_rect source = picture_of(video);
    const gb_video_options *o = &video->options;
    const bool whole = o->crop_w == 0;
    const gb_frame_crop crop = whole ? (gb_frame_crop){source.width, source.height, 0, 0}
                                     : (gb_frame_crop){o->crop_w, o->crop_h, o->crop_x, o->crop_y};
    if (crop.width < 1 || crop.height < 1 || crop.x < 0 || crop.y < 0 || crop.width > source.width - crop.x ||
        crop.height > source.height - crop.y)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected the crop %d:%d:%d:%d to lie inside the picture, found %dx%d",
                       video->path, crop.width, crop.height, crop.x, crop.y, source.width, source.height);
    const double stretch = (double)video->info.width / source.width;
    const int width = o->width ? o->width : (int)lround(crop.width * stretch);
    return gb_frame_scaler_new(crop, width < 1 ? 1 : width, o->height ? o->height : crop.height, &video->scaler, err);
}

static gb_status open_all(gb_video *video, gb_error *err)
{
    GB_TRY(open_container(video, err));
    GB_TRY(plan_turn(video, err));
    GB_TRY(open_decoder(video, err));
    GB_TRY(fill_info(video, err));
    return open_scaler(video, err);
}

gb_status gb_video_open(const char *path, const gb_video_options *options, gb_video **out, gb_error *err)
{
    gb_video *video = gb_alloc(1, sizeof *video);
    if (!video) return gb_fail_memory(err, path, sizeof *video);
    if (options) video->options = *options;
    video->path = gb_strdup(path);
    const gb_status status = video->path ? open_all(video, err) : gb_fail_memory(err, path, strlen(path));
    if (status != GB_OK)
        gb_video_close(video);
    else
        *out = video;
    return status;
}

gb_video_info gb_video_get_info(const gb_video *video)
{
    return video->info;
}

void gb_video_close(gb_video *video)
{
    if (!video) return;
    gb_frame_scaler_free(video->scaler);
    gb_retouch_free(video->retouch);
    av_frame_free(&video->turned);
    av_frame_free(&video->frame);
    av_packet_free(&video->packet);
    avcodec_free_context(&video->codec);
    avformat_close_input(&video->format);
    free(video->path);
    free(video);
}

static void note_damage(gb_video *video, int code)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (!video->damage[0]) snprintf(video->damage, sizeof video->damage, "damaged: %s", av_text(code, text));
}

/* Reads one packet of the stream into the decoder; at the end or at damage the decoder is told to empty itself. */
static gb_status feed(gb_video *video, gb_error *err)
{
    int code;
    do {
        av_packet_unref(video->packet);
        code = av_read_frame(video->format, video->packet);
    } while (code >= 0 && video->packet->stream_index != video->stream->index);
    if (code == AVERROR_EOF)
        gb_container_is_cut(video->format, video->stream, video->packets, video->tail, video->damage,
                            sizeof video->damage);
    if (code >= 0) {
        video->packets++;
        video->tail = avio_tell(video->format->pb);
        if (video->packet->flags & AV_PKT_FLAG_CORRUPT)
            code = AVERROR_INVALIDDATA;
        else
            code = avcodec_send_packet(video->codec, video->packet);
        av_packet_unref(video->packet);
        if (code >= 0) return GB_OK;
    }
    if (code == AVERROR(ENOMEM)) return gb_fail_memory(err, video->path, 0);
    if (code != AVERROR_EOF) note_damage(video, code);
    video->draining = true;
    avcodec_send_packet(video->codec, NULL);
    return GB_OK;
}

static gb_status fail_at_frame(const gb_video *video, const char *why, gb_error *err)
{
    return gb_fail(err, GB_E_FORMAT, "%s: frame %lld: %s", video->path, (long long)video->given, why);
}

static gb_status check_frame(const gb_video *video, gb_error *err)
{
    const AVFrame *frame = video->frame;
    const AVCodecParameters *opened = video->stream->codecpar;
    if (frame->decode_error_flags || (frame->flags & AV_FRAME_FLAG_CORRUPT))
        return fail_at_frame(video, "damaged: its picture is incomplete", err);
    if (frame->width == opened->width && frame->height == opened->height) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %lld: expected %dx%d throughout, found %dx%d", video->path,
                   (long long)video->given, opened->width, opened->height, frame->width, frame->height);
}

static gb_status decode_next(gb_video *video, bool *end, gb_error *err)
{
    for (;;) {
        const int code = avcodec_receive_frame(video->codec, video->frame);
        if (code == AVERROR(EAGAIN) && !video->draining) {
            GB_TRY(feed(video, err));
            continue;
        }
        if (code == AVERROR(ENOMEM)) return gb_fail_memory(err, video->path, 0);
        if (code < 0 && code != AVERROR_EOF) note_damage(video, code);
        if (code < 0) {
            if (video->damage[0]) return fail_at_frame(video, video->damage, err);
            *end = true;
            return GB_OK;
        }
        GB_TRY(check_frame(video, err));
        *end = false;
        return GB_OK;
    }
}

/* The decoded frame, upright; the video's own. */
static gb_status turn_frame(gb_video *video, const AVFrame **out, gb_error *err)
{
    const gb_retouch_spec spec = {.chain = video->turn, .time_base = video->stream->time_base};
    bool got = false;
    *out = video->frame;
    if (!video->turn[0]) return GB_OK;
    video->frame->pts = video->given; /* one for one, in order: it need not be true */
    if (!video->retouch) GB_TRY(gb_retouch_new(&spec, video->frame, &video->retouch, err));
    av_frame_unref(video->turned);
    GB_TRY(gb_retouch_send(video->retouch, video->frame, err));
    GB_TRY(gb_retouch_receive(video->retouch, video->turned, &got, err));
    *out = video->turned;
    return got ? GB_OK : gb_fail(err, GB_E_FORMAT, "filter %s gave no picture", video->turn);
}

static gb_status upright_picture(gb_video *video, gb_image *out, gb_error *err)
{
    const AVFrame *frame;
    GB_TRY(turn_frame(video, &frame, err));
    return gb_frame_scaler_run(video->scaler, frame, out, err);
}

gb_status gb_video_next(gb_video *video, gb_image *out, bool *end, gb_error *err)
{
    bool last = false;
    GB_TRY(decode_next(video, &last, err));
    if (!last) {
        if (upright_picture(video, out, err) != GB_OK)
            return gb_fail_in(err, "%s: frame %lld", video->path, (long long)video->given);
        video->given++;
    }
    *end = last;
    return GB_OK;
}

gb_status gb_video_skip(gb_video *video, bool *end, gb_error *err)
{
    bool last = false;
    GB_TRY(decode_next(video, &last, err));
    if (!last) video->given++;
    *end = last;
    return GB_OK;
}

gb_status gb_video_next_native(gb_video *video, const AVFrame **out, bool *end, gb_error *err)
{
    bool last = false;
    GB_TRY(decode_next(video, &last, err));
    if (!last) {
        video->given++;
        *out = video->frame;
    }
    *end = last;
    return GB_OK;
}

const AVStream *gb_video_stream(const gb_video *video)
{
    return video->stream;
}

int gb_video_streams(const gb_video *video)
{
    return (int)video->format->nb_streams;
}

AVRational gb_video_sample_aspect(const gb_video *video)
{
    const AVRational sar = av_guess_sample_aspect_ratio(video->format, video->stream, NULL);
    return sar.num > 0 && sar.den > 0 ? sar : (AVRational){0, 1};
}

gb_status gb_video_jump(gb_video *video, double part, gb_error *err)
{
    const int64_t start = video->format->start_time == AV_NOPTS_VALUE ? 0 : video->format->start_time;
    const int64_t length = video->format->duration;
    const int64_t to = start + (int64_t)(part * (double)length);
    if (length <= 0 || av_seek_frame(video->format, -1, to, AVSEEK_FLAG_BACKWARD) < 0)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: cannot be read out of order", video->path);
    avcodec_flush_buffers(video->codec);
    video->draining = false;
    video->damage[0] = '\0';
    return GB_OK;
}
