#include "support/video_file.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <stdio.h>
#include <string.h>

#include "support/libav_write.h"

static void put_many(FILE *file, int value, int count)
{
    for (int i = 0; i < count; i++) putc(value, file);
}

int write_y4m(const char *path, int width, int height, const video_colour *colours, int count)
{
    FILE *file = fopen(path, "wb");
    if (!file) return -1;
    fprintf(file, "YUV4MPEG2 W%d H%d F24:1 Ip A1:1 C420mpeg2\n", width, height);
    for (int i = 0; i < count; i++) {
        fputs("FRAME\n", file);
        put_many(file, colours[i].y, width * height);
        put_many(file, colours[i].u, width * height / 4);
        put_many(file, colours[i].v, width * height / 4);
    }
    return fclose(file);
}

typedef struct mp4_job {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
} mp4_job;

static int drain(mp4_job *job)
{
    while (avcodec_receive_packet(job->codec, job->packet) == 0) {
        av_packet_rescale_ts(job->packet, job->codec->time_base, job->stream->time_base);
        if (av_interleaved_write_frame(job->format, job->packet) < 0) return -1;
    }
    return 0;
}

static int encode(mp4_job *job, int count)
{
    for (int i = 0; i < count; i++) {
        if (av_frame_make_writable(job->frame) < 0) return -1;
        for (int y = 0; y < job->frame->height; y++)
            for (int x = 0; x < job->frame->width; x++)
                job->frame->data[0][y * job->frame->linesize[0] + x] = (uint8_t)(16 + (3 * x + 2 * y + 5 * i) % 200);
        for (int p = 1; p < 3; p++)
            memset(job->frame->data[p], 128, (size_t)(job->frame->linesize[p] * job->frame->height / 2));
        job->frame->pts = i;
        if (avcodec_send_frame(job->codec, job->frame) < 0 || drain(job) < 0) return -1;
    }
    return avcodec_send_frame(job->codec, NULL) < 0 ? -1 : drain(job);
}

static int open_job(mp4_job *job, const char *path, int width, int height)
{
    const AVCodec *encoder = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (!encoder || avformat_alloc_output_context2(&job->format, NULL, "mp4", path) < 0) return -1;
    job->stream = avformat_new_stream(job->format, NULL);
    job->codec = avcodec_alloc_context3(encoder);
    job->frame = av_frame_alloc();
    job->packet = av_packet_alloc();
    if (!job->stream || !job->codec || !job->frame || !job->packet) return -1;
    job->codec->width = job->frame->width = width;
    job->codec->height = job->frame->height = height;
    job->codec->pix_fmt = AV_PIX_FMT_YUV420P;
    job->frame->format = AV_PIX_FMT_YUV420P;
    job->codec->time_base = (AVRational){1, 24};
    job->codec->framerate = (AVRational){24, 1};
    job->codec->bit_rate = 400000;
    job->codec->gop_size = 4;
    job->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    job->stream->time_base = job->codec->time_base;
    if (avcodec_open2(job->codec, encoder, NULL) < 0 || av_frame_get_buffer(job->frame, 0) < 0) return -1;
    return avcodec_parameters_from_context(job->stream->codecpar, job->codec);
}

int write_mp4(const char *path, int width, int height, int count, int rotate)
{
    av_log_set_level(AV_LOG_QUIET);
    mp4_job job = {0};
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "faststart", 0);
    int code = open_job(&job, path, width, height);
    if (code >= 0 && rotate) {
        int32_t *matrix = libav_new_display_matrix(job.stream);
        if (matrix) av_display_rotation_set(matrix, rotate);
    }
    if (code >= 0) code = avio_open(&job.format->pb, path, AVIO_FLAG_WRITE);
    if (code >= 0) code = avformat_write_header(job.format, &options);
    if (code >= 0) code = encode(&job, count);
    if (code >= 0) code = av_write_trailer(job.format);
    if (job.format) avio_closep(&job.format->pb);
    avformat_free_context(job.format);
    avcodec_free_context(&job.codec);
    av_frame_free(&job.frame);
    av_packet_free(&job.packet);
    av_dict_free(&options);
    return code < 0 ? -1 : 0;
}
