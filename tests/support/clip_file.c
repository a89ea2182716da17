#include "support/clip_file.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>

#include "support/libav_write.h"

enum { RATE = 25, SOUND_RATE = 48000, SOUND_FRAME = SOUND_RATE / RATE };

typedef struct clip_job {
    const clip_spec *spec;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *pictures, *sound, *subtitle;
    AVFrame *frame;
    AVPacket *packet;
} clip_job;

static int64_t shown_at(const clip_job *job, int index)
{
    return job->spec->varying ? index + index / 3 : index;
}

static void draw(const clip_job *job, int index)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)job->frame->format);
    const int depth = d->comp[0].depth, wide = d->comp[0].depth > 8;
    for (int c = 0; c < d->nb_components && c < 3; c++) {
        const bool chroma = c > 0 && !(d->flags & AV_PIX_FMT_FLAG_RGB);
        const int sx = chroma ? d->log2_chroma_w : 0, sy = chroma ? d->log2_chroma_h : 0;
        for (int y = 0; y < AV_CEIL_RSHIFT(job->frame->height, sy); y++) {
            uint8_t *row = job->frame->data[d->comp[c].plane] + y * job->frame->linesize[d->comp[c].plane];
            for (int x = 0; x < AV_CEIL_RSHIFT(job->frame->width, sx); x++) {
                const bool bar = x << sx < job->spec->bars || x << sx >= job->frame->width - job->spec->bars;
                const int pattern = 60 + (3 * x + 2 * y + 5 * index + 40 * c) % 150;
                const int colour = c == 0 ? 100 : c == 1 ? 90 : 170;
                const int black = chroma ? 128 : 16, value = job->spec->flat ? colour : pattern;
                const int level = (bar ? black : value) << (depth - 8) | (wide && !bar && !job->spec->flat ? x & 3 : 0);
                uint8_t *at = row + d->comp[c].offset + x * d->comp[c].step;
                if (wide) *(uint16_t *)(void *)at = (uint16_t)level;
                else *at = (uint8_t)level;
            }
        }
    }
}

static int drain(clip_job *job)
{
    while (avcodec_receive_packet(job->codec, job->packet) == 0) {
        job->packet->duration = 0;
        av_packet_rescale_ts(job->packet, job->codec->time_base, job->pictures->time_base);
        job->packet->stream_index = job->pictures->index;
        if (av_interleaved_write_frame(job->format, job->packet) < 0) return -1;
    }
    return 0;
}

static int write_raw(clip_job *job, AVStream *stream, const void *bytes, int size, AVRational base, int64_t pts,
                     int64_t duration)
{
    if (av_new_packet(job->packet, size) < 0) return -1;
    memcpy(job->packet->data, bytes, (size_t)size);
    job->packet->pts = job->packet->dts = pts;
    job->packet->duration = duration;
    job->packet->flags = AV_PKT_FLAG_KEY;
    job->packet->stream_index = stream->index;
    av_packet_rescale_ts(job->packet, base, stream->time_base);
    return av_interleaved_write_frame(job->format, job->packet);
}

static int write_sound(clip_job *job, int index)
{
    int16_t wave[SOUND_FRAME];
    for (int i = 0; i < SOUND_FRAME; i++)
        wave[i] = (int16_t)lrint(8000 * sin((double)(index * SOUND_FRAME + i) * 0.05));
    return write_raw(job, job->sound, wave, sizeof wave, (AVRational){1, RATE}, index, 1);
}

static int encode(clip_job *job)
{
    const int frames = job->spec->frames;
    for (int i = 0; i < frames; i++) {
        if (av_frame_make_writable(job->frame) < 0) return -1;
        draw(job, i);
        job->frame->pts = shown_at(job, i);
        if (avcodec_send_frame(job->codec, job->frame) < 0 || drain(job) < 0) return -1;
        for (int64_t s = shown_at(job, i); job->sound && s < shown_at(job, i + 1); s++)
            if (write_sound(job, (int)s) < 0) return -1;
        if (i == 1 && job->subtitle &&
            write_raw(job, job->subtitle, "Hello.", 6, (AVRational){1, RATE}, shown_at(job, 1), 5) < 0)
            return -1;
    }
    return avcodec_send_frame(job->codec, NULL) < 0 ? -1 : drain(job);
}

static int open_pictures(clip_job *job)
{
    const clip_spec *s = job->spec;
    const AVCodec *encoder = avcodec_find_encoder_by_name(s->encoder ? s->encoder : "ffv1");
    job->pictures = avformat_new_stream(job->format, NULL);
    job->codec = encoder ? avcodec_alloc_context3(encoder) : NULL;
    job->frame = av_frame_alloc();
    job->packet = av_packet_alloc();
    if (!job->pictures || !job->codec || !job->frame || !job->packet) return -1;
    AVCodecContext *c = job->codec;
    c->width = job->frame->width = s->width;
    c->height = job->frame->height = s->height;
    c->pix_fmt = s->format;
    job->frame->format = s->format;
    if (s->sar_num) c->sample_aspect_ratio = job->pictures->sample_aspect_ratio = (AVRational){s->sar_num, s->sar_den};
    c->time_base = (AVRational){1, RATE};
    c->framerate = (AVRational){RATE, 1};
    c->gop_size = 4;
    c->bit_rate = 400000;
    if (s->full_range) c->color_range = AVCOL_RANGE_JPEG;
    if (s->bt709) c->colorspace = AVCOL_SPC_BT709;
    if (s->interlaced) {
        c->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
        libav_set_interlaced(job->frame);
    }
    c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    job->pictures->time_base = c->time_base;
    if (avcodec_open2(c, encoder, NULL) < 0 || av_frame_get_buffer(job->frame, 0) < 0) return -1;
    return avcodec_parameters_from_context(job->pictures->codecpar, c);
}

static int open_sound(clip_job *job)
{
    job->sound = avformat_new_stream(job->format, NULL);
    if (!job->sound) return -1;
    AVCodecParameters *p = job->sound->codecpar;
    p->codec_type = AVMEDIA_TYPE_AUDIO;
    p->codec_id = AV_CODEC_ID_PCM_S16LE;
    p->format = AV_SAMPLE_FMT_S16;
    p->sample_rate = SOUND_RATE;
    p->bits_per_coded_sample = 16;
    p->block_align = 2;
    av_channel_layout_default(&p->ch_layout, 1);
    job->sound->time_base = (AVRational){1, SOUND_RATE};
    return 0;
}

static int open_extras(clip_job *job)
{
    job->subtitle = avformat_new_stream(job->format, NULL);
    if (!job->subtitle) return -1;
    job->subtitle->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
    job->subtitle->codecpar->codec_id = AV_CODEC_ID_SUBRIP;
    av_dict_set(&job->subtitle->metadata, "language", "eng", 0);
    av_dict_set(&job->format->metadata, "title", "A clip", 0);
    job->format->chapters = av_calloc(2, sizeof *job->format->chapters);
    for (int i = 0; job->format->chapters && i < 2; i++) {
        AVChapter *chapter = av_mallocz(sizeof *chapter);
        if (!chapter) return -1;
        *chapter = (AVChapter){.id = i + 1, .time_base = {1, RATE}, .start = 5 * i, .end = 5 * i + 5};
        av_dict_set(&chapter->metadata, "title", i ? "second" : "first", 0);
        job->format->chapters[job->format->nb_chapters++] = chapter;
    }
    return 0;
}

int write_clip(const char *path, const clip_spec *spec)
{
    av_log_set_level(AV_LOG_QUIET);
    clip_job job = {.spec = spec};
    int code = avformat_alloc_output_context2(&job.format, NULL, NULL, path);
    if (code >= 0) code = open_pictures(&job);
    if (code >= 0 && spec->sound) code = open_sound(&job);
    if (code >= 0 && spec->extras) code = open_extras(&job);
    if (code >= 0) code = avio_open(&job.format->pb, path, AVIO_FLAG_WRITE);
    if (code >= 0) code = avformat_write_header(job.format, NULL);
    if (code >= 0) code = encode(&job);
    if (code >= 0) code = av_write_trailer(job.format);
    if (job.format) avio_closep(&job.format->pb);
    avformat_free_context(job.format);
    avcodec_free_context(&job.codec);
    av_frame_free(&job.frame);
    av_packet_free(&job.packet);
    return code < 0 ? -1 : 0;
}
