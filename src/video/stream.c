#include "video/stream.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "image/libav.h"

#define BUFFER (1 << 16)
#define HELD 1024 /* frames that an encoder may hold back */

static const gb_stream_format formats[] = {
    {"y4m", "yuv4mpegpipe", "raw", true},
    {"mkv", "matroska", "h264", false},
    {"nut", "nut", "ffv1", false},
};

struct gb_stream {
    const gb_stream_format *format;
    const gb_encoder_spec *spec;
    const char *name;
    AVRational time_base;
    int fd, write_error; /* errno of the write that failed */
    gb_encoder *encoder;
    AVFormatContext *out;
    AVPacket *packet;
    gb_frame_time time[HELD]; /* of frame i at i % HELD */
    int64_t first_pts, frames;
};

gb_status gb_stream_format_find(const char *id, const gb_stream_format **out, gb_error *err)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (id && strcmp(formats[i].id, id) != 0) continue;
        *out = &formats[i];
        return GB_OK;
    }
    return gb_fail(err, GB_E_USAGE, "--format: expected y4m, mkv or nut to write to standard output, found '%s'", id);
}

static gb_status fail_code(const gb_stream *s, int code, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    if (s->write_error == EPIPE)
        return gb_fail(err, GB_E_IO, "%s: whoever reads it has gone after %lld frames", s->name, (long long)s->frames);
    if (s->write_error) return gb_fail(err, GB_E_IO, "%s: %s", s->name, strerror(s->write_error));
    if (code == AVERROR(ENOMEM)) return gb_fail_memory(err, s->name, 0);
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: %s: %s", s->name, s->format->muxer,
                   av_make_error_string(text, sizeof text, code));
}

static int write_bytes(void *user, gb_libav_bytes *bytes, int size)
{
    gb_stream *s = user;
    for (int done = 0; done < size;) {
        const ssize_t wrote = write(s->fd, bytes + done, (size_t)(size - done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) {
            s->write_error = errno;
            return AVERROR(errno);
        }
        done += (int)wrote;
    }
    return size;
}

static AVRational rate_of(const gb_encoder_spec *spec)
{
    return spec->rate.num > 0 && spec->rate.den > 0 ? spec->rate : (AVRational){25, 1};
}

static gb_status add_pictures(gb_stream *s, gb_error *err)
{
    AVStream *pictures = avformat_new_stream(s->out, NULL);
    if (!pictures || avcodec_parameters_from_context(pictures->codecpar, gb_encoder_context(s->encoder)) < 0)
        return gb_fail_memory(err, s->name, 0);
    pictures->codecpar->field_order = AV_FIELD_PROGRESSIVE;
    pictures->time_base = s->format->constant_rate ? av_inv_q(rate_of(s->spec)) : s->time_base;
    pictures->sample_aspect_ratio = s->spec->sar;
    pictures->avg_frame_rate = pictures->r_frame_rate = s->spec->rate;
    return GB_OK;
}

static gb_status open_out(gb_stream *s, gb_error *err)
{
    int code = avformat_alloc_output_context2(&s->out, NULL, s->format->muxer, NULL);
    if (code < 0) return fail_code(s, code, err);
    s->out->flags |= AVFMT_FLAG_BITEXACT;
    s->out->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL; /* more than 8 bits in y4m, as its readers take them */
    GB_TRY(add_pictures(s, err));
    unsigned char *buffer = av_malloc(BUFFER);
    if (buffer) s->out->pb = avio_alloc_context(buffer, BUFFER, 1, s, NULL, write_bytes, NULL);
    if (!s->out->pb) {
        av_free(buffer);
        return gb_fail_memory(err, s->name, BUFFER);
    }
    s->out->flags |= AVFMT_FLAG_CUSTOM_IO;
    code = avformat_write_header(s->out, NULL);
    return code < 0 ? fail_code(s, code, err) : GB_OK;
}

gb_status gb_stream_open(const gb_stream_format *format, const gb_encoder_spec *spec, AVRational time_base, int fd,
                         const char *name, gb_stream **out, gb_error *err)
{
    gb_status status;
    gb_stream *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, name, sizeof *s);
    s->format = format;
    s->spec = spec;
    s->name = name;
    s->time_base = time_base;
    s->fd = fd;
    s->packet = av_packet_alloc();
    if (!s->packet) GB_GO(gb_fail_memory(err, name, 0));
    GB_GO(gb_encoder_new(spec, &s->encoder, err));
    GB_GO(open_out(s, err));
done:
    if (status == GB_OK) *out = s;
    else gb_stream_close(s);
    return status;
}

static int64_t duration_of(const gb_stream *s, int64_t frame)
{
    const gb_frame_time *t = &s->time[frame % HELD];
    if (frame + 1 < s->frames) return s->time[(frame + 1) % HELD].pts - t->pts;
    return t->duration > 0 ? t->duration : av_rescale_q(1, av_inv_q(rate_of(s->spec)), s->time_base);
}

/* Time of a decoding step; encoders count those before the first frame downwards from it. */
static int64_t step_time(const gb_stream *s, int64_t frame)
{
    if (frame >= 0) return s->time[frame % HELD].pts;
    const int64_t step = av_rescale_q(1, av_inv_q(rate_of(s->spec)), s->time_base);
    return s->first_pts + frame * (step > 0 ? step : 1);
}

/* The encoder counts frames; the container has their times. */
static gb_status write_packet(gb_stream *s, gb_error *err)
{
    AVPacket *p = s->packet;
    const AVStream *pictures = s->out->streams[0];
    const int64_t frame = p->pts;
    p->stream_index = 0;
    if (s->format->constant_rate) {
        p->dts = p->pts;
        p->duration = 1;
    } else {
        const bool has_step = p->dts != AV_NOPTS_VALUE && p->dts <= frame;
        p->pts = step_time(s, frame);
        p->dts = has_step ? step_time(s, p->dts) : p->pts;
        p->duration = duration_of(s, frame);
        av_packet_rescale_ts(p, s->time_base, pictures->time_base);
    }
    int code = av_write_frame(s->out, p);
    if (code >= 0) avio_flush(s->out->pb);
    if (code >= 0 && s->write_error) code = AVERROR(s->write_error);
    av_packet_unref(p);
    return code < 0 ? fail_code(s, code, err) : GB_OK;
}

static gb_status drain(gb_stream *s, gb_error *err)
{
    for (;;) {
        bool got = false;
        GB_TRY(gb_encoder_receive(s->encoder, s->packet, &got, err));
        if (!got) return GB_OK;
        GB_TRY(write_packet(s, err));
    }
}

static gb_status check_rate(const gb_stream *s, gb_frame_time time, gb_error *err)
{
    const AVRational tick = av_inv_q(rate_of(s->spec));
    const int64_t late = av_rescale_q(time.pts - s->first_pts, s->time_base, (AVRational){tick.num, 4 * tick.den}) -
                         4 * s->frames; /* in quarters of a frame */
    const int64_t slack = 2 + s->frames / 5000; /* stated rates are rounded */
    if (late >= -slack && late <= slack) return GB_OK;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: frame %lld: expected frames at a constant rate, which is all that y4m "
                   "can say, found one that is %.1f frames %s: write .mkv, or to a pipe --format nut or mkv", s->name,
                   (long long)s->frames, fabs((double)late) / 4, late < 0 ? "early" : "late");
}

gb_status gb_stream_add(gb_stream *stream, AVFrame *frame, gb_frame_time time, gb_error *err)
{
    gb_stream *s = stream;
    if (s->frames == 0) s->first_pts = time.pts;
    if (s->format->constant_rate) GB_TRY(check_rate(s, time, err));
    s->time[s->frames % HELD] = time;
    frame->pts = s->frames++;
    frame->pict_type = AV_PICTURE_TYPE_NONE;
    GB_TRY(gb_encoder_send(s->encoder, frame, err));
    return drain(s, err);
}

gb_status gb_stream_finish(gb_stream *stream, gb_error *err)
{
    gb_stream *s = stream;
    GB_TRY(gb_encoder_send(s->encoder, NULL, err));
    GB_TRY(drain(s, err));
    int code = av_write_trailer(s->out);
    avio_flush(s->out->pb);
    if (code >= 0 && s->write_error) code = AVERROR(s->write_error);
    return code < 0 ? fail_code(s, code, err) : GB_OK;
}

void gb_stream_close(gb_stream *stream)
{
    gb_stream *s = stream;
    if (!s) return;
    if (s->out) {
        if (s->out->pb) av_freep(&s->out->pb->buffer);
        avio_context_free(&s->out->pb);
        avformat_free_context(s->out);
    }
    gb_encoder_free(s->encoder);
    av_packet_free(&s->packet);
    free(s);
}
