#include "video/gif.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

#define MAKE_PALETTE "stats_mode=full"
#define USE_PALETTE "dither=bayer:bayer_scale=4:diff_mode=rectangle"

static gb_status fail_code(const char *what, int code, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    return gb_fail(err, code == AVERROR(ENOMEM) ? GB_E_NOMEM : GB_E_UNSUPPORTED, "%s: %s", what,
                   av_make_error_string(text, sizeof text, code));
}

/* The segments' frames again. */
typedef struct playback {
    const gb_join_spec *spec;
    gb_segment_reader *reader;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    long segment;
    int64_t index; /* in the segment */
} playback;

static void close_segment(playback *p)
{
    gb_segment_close(p->reader);
    p->reader = NULL;
    avcodec_free_context(&p->decoder);
    p->index = 0;
}

static void stop(playback *p)
{
    close_segment(p);
    av_packet_free(&p->packet);
    av_frame_free(&p->frame);
}

static gb_status start(playback *p, const gb_join_spec *spec, gb_error *err)
{
    *p = (playback){.spec = spec, .packet = av_packet_alloc(), .frame = av_frame_alloc()};
    return p->packet && p->frame ? GB_OK : gb_fail_memory(err, "playback", 0);
}

static gb_status open_segment(playback *p, gb_error *err)
{
    char *path = gb_segment_path(p->spec->folder, p->segment);
    if (!path) return gb_fail_memory(err, "segment", 0);
    const gb_status status = gb_segment_open(path, &p->reader, err);
    free(path);
    GB_TRY(status);
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_FFV1);
    p->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!p->decoder) return gb_fail(err, GB_E_UNSUPPORTED, "FFmpeg's libraries here cannot read FFV1");
    size_t size;
    const uint8_t *header = gb_segment_header(p->reader, &size);
    p->decoder->width = p->spec->encoder->width;
    p->decoder->height = p->spec->encoder->height;
    p->decoder->thread_count = 1;
    p->decoder->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->decoder->extradata) return gb_fail_memory(err, "segment", size);
    for (size_t i = 0; i < size; i++) p->decoder->extradata[i] = header[i];
    p->decoder->extradata_size = (int)size;
    const int code = avcodec_open2(p->decoder, codec, NULL);
    return code < 0 ? fail_code("FFV1", code, err) : GB_OK;
}

/* FFV1 gives one frame for each packet. */
static gb_status play(playback *p, gb_frame_time *time, bool *end, gb_error *err)
{
    for (;;) {
        bool last = true;
        if (p->reader) GB_TRY(gb_segment_next(p->reader, p->packet, &last, err));
        if (last) {
            if (p->reader) p->segment++;
            close_segment(p);
            *end = p->segment >= p->spec->segments;
            if (*end) return GB_OK;
            GB_TRY(open_segment(p, err));
            continue;
        }
        int code = avcodec_send_packet(p->decoder, p->packet);
        av_packet_unref(p->packet);
        if (code >= 0) code = avcodec_receive_frame(p->decoder, p->frame);
        if (code < 0) return fail_code("segment", code, err);
        *time = gb_segment_times(p->reader)[p->index++];
        *end = false;
        return GB_OK;
    }
}

/* One or two inputs, a chain, one output. */
typedef struct filter {
    AVFilterGraph *graph;
    AVFilterContext *in[2], *out;
} filter;

static int add_input(filter *f, int index, int width, int height, AVRational time_base)
{
    char arguments[128], name[8];
    snprintf(name, sizeof name, "in%d", index);
    snprintf(arguments, sizeof arguments, "video_size=%dx%d:pix_fmt=%s:time_base=%d/%d", width, height,
             av_get_pix_fmt_name(index ? AV_PIX_FMT_RGB32 : AV_PIX_FMT_0RGB32), time_base.num, time_base.den);
    return avfilter_graph_create_filter(&f->in[index], avfilter_get_by_name("buffer"), name, arguments, NULL, f->graph);
}

static int build(filter *f, const gb_join_spec *spec, const char *what, const char *arguments, int inputs)
{
    AVFilterContext *middle = NULL;
    f->graph = avfilter_graph_alloc();
    if (!f->graph) return AVERROR(ENOMEM);
    avfilter_graph_set_auto_convert(f->graph, AVFILTER_AUTO_CONVERT_ALL);
    f->graph->nb_threads = 1;
    int code = add_input(f, 0, spec->encoder->width, spec->encoder->height, spec->time_base);
    if (code >= 0 && inputs == 2) code = add_input(f, 1, 16, 16, spec->time_base);
    if (code >= 0)
        code = avfilter_graph_create_filter(&middle, avfilter_get_by_name(what), what, arguments, NULL, f->graph);
    if (code >= 0)
        code = avfilter_graph_create_filter(&f->out, avfilter_get_by_name("buffersink"), "out", NULL, NULL, f->graph);
    for (int i = 0; code >= 0 && i < inputs; i++) code = avfilter_link(f->in[i], 0, middle, (unsigned)i);
    if (code >= 0) code = avfilter_link(middle, 0, f->out, 0);
    return code >= 0 ? avfilter_graph_config(f->graph, NULL) : code;
}

static gb_status find_palette(const gb_join_spec *spec, AVFrame *palette, gb_error *err)
{
    playback p;
    filter f = {0};
    gb_frame_time time;
    bool end = false;
    int code = 0;
    gb_status status = start(&p, spec, err);
    if (status == GB_OK) code = build(&f, spec, "palettegen", MAKE_PALETTE, 1);
    while (status == GB_OK && code >= 0 && !end) {
        status = play(&p, &time, &end, err);
        if (status != GB_OK || end) break;
        p.frame->pts = time.pts;
        code = av_buffersrc_add_frame(f.in[0], p.frame);
    }
    if (status == GB_OK && code >= 0) code = av_buffersrc_add_frame(f.in[0], NULL);
    if (status == GB_OK && code >= 0) code = av_buffersink_get_frame(f.out, palette);
    if (status == GB_OK && code < 0) status = fail_code("palettegen", code, err);
    avfilter_graph_free(&f.graph);
    stop(&p);
    return status;
}

typedef struct gif {
    const gb_join_spec *spec;
    const char *path;
    filter f;
    AVFormatContext *out;
    AVCodecContext *encoder;
    AVPacket *packet;
    AVFrame *frame;
} gif;

static gb_status open_gif(gif *g, gb_error *err)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_GIF);
    int code = avformat_alloc_output_context2(&g->out, NULL, "gif", g->path);
    if (!codec || code < 0) return fail_code("gif", codec ? code : AVERROR_ENCODER_NOT_FOUND, err);
    AVStream *stream = avformat_new_stream(g->out, NULL);
    g->encoder = avcodec_alloc_context3(codec);
    g->packet = av_packet_alloc();
    g->frame = av_frame_alloc();
    if (!stream || !g->encoder || !g->packet || !g->frame) return gb_fail_memory(err, g->path, 0);
    g->encoder->width = g->spec->encoder->width;
    g->encoder->height = g->spec->encoder->height;
    g->encoder->pix_fmt = AV_PIX_FMT_PAL8;
    g->encoder->time_base = (AVRational){1, 100};
    g->encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    g->out->flags |= AVFMT_FLAG_BITEXACT;
    code = avcodec_open2(g->encoder, codec, NULL);
    if (code >= 0) code = avcodec_parameters_from_context(stream->codecpar, g->encoder);
    stream->time_base = g->encoder->time_base;
    if (code >= 0) code = avio_open(&g->out->pb, g->path, AVIO_FLAG_WRITE);
    if (code >= 0) code = avformat_write_header(g->out, NULL);
    return code < 0 ? fail_code(g->path, code, err) : GB_OK;
}

static int write_packets(gif *g)
{
    for (;;) {
        int code = avcodec_receive_packet(g->encoder, g->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return 0;
        if (code < 0) return code;
        av_packet_rescale_ts(g->packet, g->encoder->time_base, g->out->streams[0]->time_base);
        code = av_interleaved_write_frame(g->out, g->packet);
        if (code < 0) return code;
    }
}

/* What the filter has ready; at the end all that it holds. */
static int encode_ready(gif *g)
{
    for (;;) {
        int code = av_buffersink_get_frame(g->f.out, g->frame);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return 0;
        if (code < 0) return code;
        g->frame->pts = av_rescale_q(g->frame->pts, av_buffersink_get_time_base(g->f.out), g->encoder->time_base);
        g->frame->pict_type = AV_PICTURE_TYPE_NONE;
        code = avcodec_send_frame(g->encoder, g->frame);
        av_frame_unref(g->frame);
        if (code >= 0) code = write_packets(g);
        if (code < 0) return code;
    }
}

static gb_status colour_frames(gif *g, playback *p, AVFrame *palette, gb_error *err)
{
    bool end = false, begun = false;
    int64_t first = 0; /* the palette's time is 0, too */
    int code = av_buffersrc_add_frame(g->f.in[1], palette);
    if (code >= 0) code = av_buffersrc_add_frame(g->f.in[1], NULL);
    while (code >= 0) {
        gb_frame_time time;
        GB_TRY(play(p, &time, &end, err));
        if (end) break;
        if (!begun) first = time.pts;
        begun = true;
        p->frame->pts = time.pts - first;
        code = av_buffersrc_add_frame(g->f.in[0], p->frame);
        if (code >= 0) code = encode_ready(g);
    }
    if (code >= 0) code = av_buffersrc_add_frame(g->f.in[0], NULL);
    if (code >= 0) code = encode_ready(g);
    if (code >= 0) code = avcodec_send_frame(g->encoder, NULL);
    if (code >= 0) code = write_packets(g);
    if (code >= 0) code = av_write_trailer(g->out);
    const int closed = avio_closep(&g->out->pb);
    if (code >= 0) code = closed;
    return code < 0 ? fail_code(g->path, code, err) : GB_OK;
}

gb_status gb_gif_write(const gb_join_spec *spec, const char *out, gb_error *err)
{
    gif g = {.spec = spec, .path = out};
    playback p = {0};
    AVFrame *palette = av_frame_alloc();
    gb_status status = GB_OK;
    if (!palette) GB_GO(gb_fail_memory(err, out, 0));
    GB_GO(find_palette(spec, palette, err));
    const int code = build(&g.f, spec, "paletteuse", USE_PALETTE, 2);
    if (code < 0) GB_GO(fail_code("paletteuse", code, err));
    GB_GO(start(&p, spec, err));
    GB_GO(open_gif(&g, err));
    GB_GO(colour_frames(&g, &p, palette, err));
done:
    stop(&p);
    av_frame_free(&palette);
    avfilter_graph_free(&g.f.graph);
    avcodec_free_context(&g.encoder);
    av_packet_free(&g.packet);
    av_frame_free(&g.frame);
    if (g.out) avio_closep(&g.out->pb);
    avformat_free_context(g.out);
    return status;
}
