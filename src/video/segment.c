#include "video/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"

/* File: opening, codec header, packets (each with its packet_head), times, closing. */
#define MAGIC UINT64_C(0x3153474553424147)
#define MAX_FRAMES 1000000
#define MAX_BYTES (1 << 30)

typedef struct opening {
    uint64_t magic, header_size;
} opening;

typedef struct packet_head {
    int64_t pts, dts;
    uint32_t key, size;
} packet_head;

typedef struct closing {
    uint64_t frames, packets, times_at, magic;
} closing;

struct gb_segment_writer {
    char *path, *partial;
    FILE *file;
    gb_encoder *encoder;
    AVPacket *packet;
    gb_frame_time *times;
    size_t frames, capacity;
    uint64_t packets;
};

static gb_status put(gb_segment_writer *w, const void *bytes, size_t size, gb_error *err)
{
    if (size == 0 || fwrite(bytes, 1, size, w->file) == size) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: %s", w->partial, strerror(errno));
}

static gb_status open_writer(gb_segment_writer *w, const char *path, const gb_encoder_spec *spec, gb_error *err)
{
    w->path = gb_strdup(path);
    w->partial = gb_format("%s.partial", path);
    w->packet = av_packet_alloc();
    if (!w->path || !w->partial || !w->packet) return gb_fail_memory(err, path, strlen(path));
    GB_TRY(gb_encoder_new(spec, &w->encoder, err));
    w->file = fopen(w->partial, "wb");
    if (!w->file) return gb_fail(err, GB_E_IO, "%s: %s", w->partial, strerror(errno));
    const AVCodecContext *c = gb_encoder_context(w->encoder);
    const opening head = {MAGIC, (uint64_t)c->extradata_size};
    GB_TRY(put(w, &head, sizeof head, err));
    return put(w, c->extradata, (size_t)c->extradata_size, err);
}

static void free_writer(gb_segment_writer *w)
{
    gb_encoder_free(w->encoder);
    av_packet_free(&w->packet);
    if (w->file) fclose(w->file);
    free(w->times);
    free(w->path);
    free(w->partial);
    free(w);
}

gb_status gb_segment_create(const char *path, const gb_encoder_spec *spec, gb_segment_writer **out, gb_error *err)
{
    gb_segment_writer *w = gb_alloc(1, sizeof *w);
    if (!w) return gb_fail_memory(err, path, sizeof *w);
    const gb_status status = open_writer(w, path, spec, err);
    if (status == GB_OK) *out = w;
    else gb_segment_abandon(w);
    return status;
}

void gb_segment_abandon(gb_segment_writer *writer)
{
    if (!writer) return;
    if (writer->file) unlink(writer->partial);
    free_writer(writer);
}

static gb_status drain(gb_segment_writer *w, gb_error *err)
{
    for (;;) {
        bool got = false;
        GB_TRY(gb_encoder_receive(w->encoder, w->packet, &got, err));
        if (!got) return GB_OK;
        const packet_head head = {.pts = w->packet->pts, .dts = w->packet->dts,
                                  .key = (w->packet->flags & AV_PKT_FLAG_KEY) != 0,
                                  .size = (uint32_t)w->packet->size};
        gb_status status = put(w, &head, sizeof head, err);
        if (status == GB_OK) status = put(w, w->packet->data, (size_t)w->packet->size, err);
        av_packet_unref(w->packet);
        GB_TRY(status);
        w->packets++;
    }
}

gb_status gb_segment_add(gb_segment_writer *writer, AVFrame *frame, gb_frame_time time, gb_error *err)
{
    if (writer->frames >= MAX_FRAMES || gb_grow(&writer->times, &writer->capacity, writer->frames + 1, sizeof time))
        return gb_fail_memory(err, writer->path, writer->frames * sizeof time);
    frame->pts = (int64_t)writer->frames;
    frame->pict_type = AV_PICTURE_TYPE_NONE;
    writer->times[writer->frames++] = time;
    GB_TRY(gb_encoder_send(writer->encoder, frame, err));
    return drain(writer, err);
}

static gb_status close_file(gb_segment_writer *w, gb_error *err)
{
    const bool written = fflush(w->file) == 0 && fsync(fileno(w->file)) == 0;
    const int code = errno;
    const bool closed = fclose(w->file) == 0;
    w->file = NULL;
    if (!written || !closed) {
        unlink(w->partial);
        return gb_fail(err, GB_E_IO, "%s: %s", w->partial, strerror(written ? errno : code));
    }
    if (rename(w->partial, w->path) == 0) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: %s", w->path, strerror(errno));
}

gb_status gb_segment_finish(gb_segment_writer *writer, gb_error *err)
{
    gb_status status;
    GB_GO(gb_encoder_send(writer->encoder, NULL, err));
    GB_GO(drain(writer, err));
    const off_t at = ftello(writer->file);
    if (at < 0) GB_GO(gb_fail(err, GB_E_IO, "%s: %s", writer->partial, strerror(errno)));
    const closing end = {writer->frames, writer->packets, (uint64_t)at, MAGIC};
    GB_GO(put(writer, writer->times, writer->frames * sizeof *writer->times, err));
    GB_GO(put(writer, &end, sizeof end, err));
    GB_GO(close_file(writer, err));
    free_writer(writer);
    return GB_OK;
done:
    gb_segment_abandon(writer);
    return status;
}

struct gb_segment_reader {
    char *path;
    FILE *file;
    closing end;
    uint64_t packets;
    gb_frame_time *times;
    uint8_t *header;
    size_t header_size;
};

static gb_status get(gb_segment_reader *r, void *bytes, size_t size, gb_error *err)
{
    if (size == 0 || fread(bytes, 1, size, r->file) == size) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected a whole segment, found a cut one", r->path);
}

static gb_status read_closing(gb_segment_reader *r, gb_error *err)
{
    if (fseeko(r->file, -(off_t)sizeof r->end, SEEK_END) == 0) {
        const off_t last = ftello(r->file);
        GB_TRY(get(r, &r->end, sizeof r->end, err));
        const closing *e = &r->end;
        const bool whole = e->magic == MAGIC && e->frames <= MAX_FRAMES && last >= 0 &&
                           e->times_at + e->frames * sizeof *r->times == (uint64_t)last;
        if (whole) return GB_OK;
    }
    return gb_fail(err, GB_E_FORMAT, "%s: expected a whole segment, found a cut one", r->path);
}

static gb_status read_frame_of(gb_segment_reader *r, gb_error *err)
{
    opening head;
    GB_TRY(read_closing(r, err));
    r->times = gb_alloc(r->end.frames, sizeof *r->times);
    if (!r->times) return gb_fail_memory(err, r->path, r->end.frames * sizeof *r->times);
    if (fseeko(r->file, (off_t)r->end.times_at, SEEK_SET) != 0)
        return gb_fail(err, GB_E_IO, "%s: cannot seek", r->path);
    GB_TRY(get(r, r->times, r->end.frames * sizeof *r->times, err));
    rewind(r->file);
    GB_TRY(get(r, &head, sizeof head, err));
    if (head.magic != MAGIC || head.header_size > MAX_BYTES)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a segment, found something else", r->path);
    r->header_size = (size_t)head.header_size;
    r->header = gb_alloc(r->header_size, 1);
    if (!r->header) return gb_fail_memory(err, r->path, r->header_size);
    return get(r, r->header, r->header_size, err);
}

gb_status gb_segment_open(const char *path, gb_segment_reader **out, gb_error *err)
{
    gb_status status;
    gb_segment_reader *r = gb_alloc(1, sizeof *r);
    if (!r) return gb_fail_memory(err, path, sizeof *r);
    r->path = gb_strdup(path);
    r->file = fopen(path, "rb");
    if (!r->path) GB_GO(gb_fail_memory(err, path, strlen(path)));
    if (!r->file) GB_GO(gb_fail(err, GB_E_IO, "%s: %s", path, strerror(errno)));
    GB_GO(read_frame_of(r, err));
done:
    if (status == GB_OK) *out = r;
    else gb_segment_close(r);
    return status;
}

void gb_segment_close(gb_segment_reader *reader)
{
    if (!reader) return;
    if (reader->file) fclose(reader->file);
    free(reader->times);
    free(reader->header);
    free(reader->path);
    free(reader);
}

long gb_segment_frames(const gb_segment_reader *reader)
{
    return (long)reader->end.frames;
}

const gb_frame_time *gb_segment_times(const gb_segment_reader *reader)
{
    return reader->times;
}

const uint8_t *gb_segment_header(const gb_segment_reader *reader, size_t *size)
{
    *size = reader->header_size;
    return reader->header;
}

gb_status gb_segment_next(gb_segment_reader *reader, AVPacket *packet, bool *end, gb_error *err)
{
    *end = reader->packets == reader->end.packets;
    if (*end) return GB_OK;
    packet_head head;
    GB_TRY(get(reader, &head, sizeof head, err));
    if (head.size > MAX_BYTES) return gb_fail(err, GB_E_FORMAT, "%s: damaged", reader->path);
    if (av_new_packet(packet, (int)head.size) < 0) return gb_fail_memory(err, reader->path, head.size);
    packet->pts = head.pts;
    packet->dts = head.dts;
    packet->flags = head.key ? AV_PKT_FLAG_KEY : 0;
    reader->packets++;
    const gb_status status = get(reader, packet->data, head.size, err);
    if (status != GB_OK) av_packet_unref(packet);
    return status;
}
