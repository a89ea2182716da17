#include "video/join.h"

#include <libavformat/avformat.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/media.h"
#include "video/carry.h"

typedef struct join {
    const gb_join_spec *spec;
    const char *path;
    AVFormatContext *source, *out;
    int picture;       /* in the source; -1 without one */
    AVStream *pictures;
    int *target;       /* of each source stream: its index in the output, or -1 */
    gb_frame_time *times;
    size_t frames, capacity;
    gb_segment_reader *reader;
    long segment;      /* that `reader` reads */
    int64_t base;      /* frames before it */
    AVPacket *video, *other;
    bool video_end, other_end;
} join;

char *gb_segment_path(const char *folder, long index)
{
    return gb_format("%s/%06ld.segment", folder, index);
}

static gb_status fail_code(const join *j, const char *what, int code, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    return gb_fail(err, code == AVERROR(ENOMEM) ? GB_E_NOMEM : GB_E_IO, "%s: %s: %s", j->path, what,
                   av_make_error_string(text, sizeof text, code));
}

static gb_status open_source(const gb_join_spec *spec, AVFormatContext **source, int *picture, gb_error *err)
{
    *picture = -1;
    if (!spec->source) return GB_OK;
    GB_TRY(gb_media_open(spec->source, source, err));
    return gb_media_picture_stream(*source, spec->source, picture, err);
}

static gb_status find_container(const char *out, const AVOutputFormat **format, gb_error *err)
{
    *format = av_guess_format(NULL, out, NULL);
    if (*format) return GB_OK;
    return gb_fail(err, GB_E_USAGE, "%s: no container is known by this extension", out);
}

gb_status gb_join_check(const gb_join_spec *spec, const char *out, char *note, size_t size, gb_error *err)
{
    const AVOutputFormat *format;
    const AVCodec *encoder;
    GB_TRY(find_container(out, &format, err));
    GB_TRY(gb_codec_encoder(spec->encoder->codec, &encoder, err));
    if (avformat_query_codec(format, encoder->id, FF_COMPLIANCE_NORMAL) != 1)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: %s does not fit into %s: write .mkv or choose another --codec", out,
                       spec->encoder->codec->title, format->name);
    note[0] = '\0';
    AVFormatContext *source = NULL;
    int picture = -1;
    gb_status status = open_source(spec, &source, &picture, err);
    if (status == GB_OK && source)
        status = gb_carry_check(source, spec->source, picture, format, spec->drop, spec->drop_count, note, size, err);
    avformat_close_input(&source);
    return status;
}

static gb_status load_times(join *j, gb_error *err)
{
    for (long s = 0; s < j->spec->segments; s++) {
        char *path = gb_segment_path(j->spec->folder, s);
        gb_segment_reader *reader = NULL;
        gb_status status = path ? gb_segment_open(path, &reader, err) : gb_fail_memory(err, j->path, 0);
        free(path);
        GB_TRY(status);
        const size_t count = (size_t)gb_segment_frames(reader);
        if (gb_grow(&j->times, &j->capacity, j->frames + count, sizeof *j->times) != 0)
            status = gb_fail_memory(err, j->path, (j->frames + count) * sizeof *j->times);
        else
            memcpy(j->times + j->frames, gb_segment_times(reader), count * sizeof *j->times);
        j->frames += count;
        gb_segment_close(reader);
        GB_TRY(status);
    }
    return j->frames ? GB_OK : gb_fail(err, GB_E_FORMAT, "%s: expected at least one frame, found none", j->path);
}

static int64_t frame_duration(const join *j, int64_t frame)
{
    if (frame + 1 < (int64_t)j->frames) return j->times[frame + 1].pts - j->times[frame].pts;
    if (j->times[frame].duration > 0) return j->times[frame].duration;
    return frame > 0 ? j->times[frame].pts - j->times[frame - 1].pts : 0;
}

/* Time of a decoding step; encoders count those before the first frame downwards from it. */
static int64_t step_time(const join *j, int64_t frame)
{
    if (frame >= (int64_t)j->frames) frame = (int64_t)j->frames - 1;
    if (frame >= 0) return j->times[frame].pts;
    const int64_t step = frame_duration(j, 0);
    return j->times[0].pts + frame * (step > 0 ? step : 1);
}

/* Whether the container may say the rate; containers round times to a tick. */
static bool is_constant_rate(const join *j)
{
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 0; i + 1 < j->frames; i++) {
        const int64_t step = frame_duration(j, (int64_t)i);
        if (step < least) least = step;
        if (step > most) most = step;
    }
    return j->frames > 1 && most - least <= 1;
}

/* All segments must come from one encoder. */
static gb_status check_header(const join *j, gb_error *err)
{
    size_t size;
    const uint8_t *header = gb_segment_header(j->reader, &size);
    if (!j->pictures) return GB_OK; /* the first, which they are compared with */
    const AVCodecParameters *p = j->pictures->codecpar;
    if (size == (size_t)p->extradata_size && (size == 0 || !memcmp(header, p->extradata, size))) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: segment %ld was encoded by another encoder: remove the folder and begin "
                   "again", j->spec->folder, j->segment);
}

static gb_status next_segment(join *j, gb_error *err)
{
    if (j->reader) {
        j->base += gb_segment_frames(j->reader);
        j->segment++;
        gb_segment_close(j->reader);
        j->reader = NULL;
    }
    if (j->segment >= j->spec->segments) {
        j->video_end = true;
        return GB_OK;
    }
    char *path = gb_segment_path(j->spec->folder, j->segment);
    if (!path) return gb_fail_memory(err, j->path, 0);
    const gb_status status = gb_segment_open(path, &j->reader, err);
    free(path);
    GB_TRY(status);
    return check_header(j, err);
}

/* What muxers need to know, without opening an encoder again; the codec's headers are those of the first segment. */
static gb_status fill_pictures(const join *j, AVCodecParameters *p, gb_error *err)
{
    const gb_encoder_spec *e = j->spec->encoder;
    const AVCodec *codec;
    size_t size;
    const uint8_t *header = gb_segment_header(j->reader, &size);
    GB_TRY(gb_codec_encoder(e->codec, &codec, err));
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->codec_id = codec->id;
    p->format = e->pixels.format;
    p->width = e->width;
    p->height = e->height;
    p->sample_aspect_ratio = e->sar;
    p->field_order = AV_FIELD_PROGRESSIVE;
    p->color_range = e->pixels.said_range;
    p->color_primaries = e->pixels.primaries;
    p->color_trc = e->pixels.transfer;
    p->color_space = e->pixels.said_matrix;
    p->chroma_location = e->pixels.chroma_location;
    p->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->extradata) return gb_fail_memory(err, j->path, size);
    memcpy(p->extradata, header, size);
    p->extradata_size = (int)size;
    return GB_OK;
}

static gb_status add_pictures(join *j, gb_error *err)
{
    j->pictures = avformat_new_stream(j->out, NULL);
    if (!j->pictures) return gb_fail_memory(err, j->path, 0);
    j->pictures->time_base = j->spec->time_base;
    j->pictures->sample_aspect_ratio = j->spec->encoder->sar;
    if (is_constant_rate(j)) j->pictures->avg_frame_rate = j->pictures->r_frame_rate = j->spec->encoder->rate;
    return fill_pictures(j, j->pictures->codecpar, err);
}

static gb_status add_copied(join *j, const AVStream *from, gb_error *err)
{
    AVStream *to = avformat_new_stream(j->out, NULL);
    if (!to || avcodec_parameters_copy(to->codecpar, from->codecpar) < 0) return gb_fail_memory(err, j->path, 0);
    to->codecpar->codec_tag = 0;
    to->time_base = from->time_base;
    gb_carry_stream_tags(from, to, false);
    return GB_OK;
}

static gb_status add_streams(join *j, gb_error *err)
{
    if (!j->source) return add_pictures(j, err);
    j->target = gb_alloc(j->source->nb_streams, sizeof *j->target);
    if (!j->target) return gb_fail_memory(err, j->path, 0);
    for (unsigned i = 0; i < j->source->nb_streams; i++) {
        const gb_carry_kind kind = gb_carry_kind_of(j->source, i, j->picture, j->out->oformat, j->spec->drop,
                                                    j->spec->drop_count);
        j->target[i] = -1;
        if (kind == GB_CARRY_LEAVE) {
            j->source->streams[i]->discard = AVDISCARD_ALL;
        } else if (kind == GB_CARRY_PICTURES) {
            j->source->streams[i]->discard = AVDISCARD_ALL;
            GB_TRY(add_pictures(j, err));
            gb_carry_stream_tags(j->source->streams[i], j->pictures, true);
        } else {
            j->target[i] = (int)j->out->nb_streams;
            GB_TRY(add_copied(j, j->source->streams[i], err));
        }
    }
    return gb_carry_describe(j->source, j->out, err);
}

static gb_status open_out(join *j, gb_error *err)
{
    int code = avformat_alloc_output_context2(&j->out, NULL, NULL, j->path);
    if (code < 0) return fail_code(j, "cannot be written", code, err);
    j->out->flags |= AVFMT_FLAG_BITEXACT; /* no dates, no random numbers */
    GB_TRY(add_streams(j, err));
    char *url = gb_format("file:%s", j->path);
    if (!url) return gb_fail_memory(err, j->path, strlen(j->path));
    code = avio_open(&j->out->pb, url, AVIO_FLAG_WRITE);
    free(url);
    if (code < 0) return fail_code(j, "cannot be written", code, err);
    code = avformat_write_header(j->out, NULL);
    return code < 0 ? fail_code(j, "the container refuses these streams", code, err) : GB_OK;
}

static gb_status next_video(join *j, gb_error *err)
{
    while (!j->video_end) {
        bool end = true;
        if (j->reader) GB_TRY(gb_segment_next(j->reader, j->video, &end, err));
        if (end) {
            GB_TRY(next_segment(j, err));
            continue;
        }
        const int64_t shown = j->base + j->video->pts;
        if (j->video->pts < 0 || shown >= (int64_t)j->frames)
            return gb_fail(err, GB_E_FORMAT, "%s: segment %ld is damaged", j->spec->folder, j->segment);
        const bool has_step = j->video->dts != AV_NOPTS_VALUE && j->video->dts <= j->video->pts;
        j->video->pts = j->times[shown].pts;
        j->video->dts = has_step ? step_time(j, j->base + j->video->dts) : j->video->pts;
        j->video->duration = frame_duration(j, shown);
        return GB_OK;
    }
    return GB_OK;
}

static bool is_past_end(const join *j, const AVPacket *packet)
{
    if (!j->spec->ends_early || packet->pts == AV_NOPTS_VALUE) return false;
    const int64_t last = (int64_t)j->frames - 1, end = j->times[last].pts + frame_duration(j, last);
    const AVRational base = j->source->streams[packet->stream_index]->time_base;
    return av_compare_ts(packet->pts, base, end, j->spec->time_base) >= 0;
}

static void next_other(join *j)
{
    while (j->source && !j->other_end) {
        av_packet_unref(j->other);
        if (av_read_frame(j->source, j->other) < 0)
            j->other_end = true;
        else if (j->target[j->other->stream_index] >= 0 && !is_past_end(j, j->other))
            return;
    }
    j->other_end = true;
}

static gb_status write_packet(join *j, AVPacket *packet, AVRational from, int target, gb_error *err)
{
    packet->stream_index = target;
    packet->pos = -1;
    av_packet_rescale_ts(packet, from, j->out->streams[target]->time_base);
    const int code = av_interleaved_write_frame(j->out, packet);
    return code < 0 ? fail_code(j, "cannot be written", code, err) : GB_OK;
}

static bool video_is_next(const join *j)
{
    if (j->video_end || j->other_end) return j->other_end;
    const int64_t other = j->other->dts != AV_NOPTS_VALUE ? j->other->dts : j->other->pts;
    if (other == AV_NOPTS_VALUE) return false;
    return av_compare_ts(j->video->dts, j->spec->time_base, other,
                         j->source->streams[j->other->stream_index]->time_base) <= 0;
}

static gb_status write_all(join *j, gb_error *err)
{
    GB_TRY(next_video(j, err));
    next_other(j);
    while (!j->video_end || !j->other_end) {
        if (video_is_next(j)) {
            GB_TRY(write_packet(j, j->video, j->spec->time_base, j->pictures->index, err));
            GB_TRY(next_video(j, err));
        } else {
            const int from = j->other->stream_index;
            GB_TRY(write_packet(j, j->other, j->source->streams[from]->time_base, j->target[from], err));
            next_other(j);
        }
    }
    int code = av_write_trailer(j->out);
    const int closed = avio_closep(&j->out->pb);
    if (code >= 0) code = closed;
    return code < 0 ? fail_code(j, "cannot be finished", code, err) : GB_OK;
}

gb_status gb_join_run(const gb_join_spec *spec, const char *out, gb_error *err)
{
    join j = {.spec = spec, .path = out, .picture = -1, .video = av_packet_alloc(), .other = av_packet_alloc()};
    gb_status status = GB_OK;
    if (!j.video || !j.other) GB_GO(gb_fail_memory(err, out, 0));
    GB_GO(load_times(&j, err));
    GB_GO(next_segment(&j, err));
    GB_GO(open_source(spec, &j.source, &j.picture, err));
    GB_GO(open_out(&j, err));
    GB_GO(write_all(&j, err));
done:
    gb_segment_close(j.reader);
    av_packet_free(&j.video);
    av_packet_free(&j.other);
    avformat_close_input(&j.source);
    if (j.out) avio_closep(&j.out->pb);
    avformat_free_context(j.out);
    free(j.target);
    free(j.times);
    return status;
}
