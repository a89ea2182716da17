#include "extend/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/temporary.h"
#include "extend/filters.h"
#include "video/gif.h"

#define JPEG_QUALITY 95

struct gb_sink {
    const gb_extend_plan *plan;
    char *folder, *frames; /* of the job; of its pictures, or NULL */
    long finished;         /* frames that were there */
    long segments, in_segment, added;
    gb_segment_writer *writer;
    gb_stream *stream;
    gb_temporary file; /* of a stream that goes into one */
    gb_image picture;
};

static bool is_encoded(const gb_sink *sink)
{
    return sink->plan->form == GB_EXTEND_VIDEO || sink->plan->form == GB_EXTEND_GIF;
}

/* Whole segments from the first on; a shorter one is the video's last. */
static gb_status count_segments(gb_sink *s, gb_error *err)
{
    for (bool more = true; more;) {
        gb_segment_reader *reader = NULL;
        char *path = gb_segment_path(s->folder, s->segments);
        if (!path) return gb_fail_memory(err, s->folder, 0);
        more = gb_file_exists(path);
        const gb_status status = more ? gb_segment_open(path, &reader, err) : GB_OK;
        free(path);
        GB_TRY(status);
        if (!more) break;
        s->finished += gb_segment_frames(reader);
        s->segments++;
        gb_segment_close(reader);
    }
    return GB_OK;
}

/* Pictures are written whole and in order, so their number says which are there. */
static gb_status count_pictures(gb_sink *s, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_make(s->frames, err));
    GB_TRY(gb_directory_list(s->frames, &names, &count, err));
    for (size_t i = 0; i < count; i++)
        if (!strcmp(gb_path_extension(names[i]), ".png")) s->finished++;
    gb_directory_free(names, count);
    if (gb_filters_wanted(s->plan)) s->finished -= s->finished % s->plan->segment;
    return GB_OK;
}

gb_status gb_sink_open(const gb_extend_plan *plan, const char *folder, gb_sink **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_sink *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, plan->out, sizeof *s);
    s->plan = plan;
    if (plan->stream && !plan->to_stdout) GB_GO(gb_temporary_open(plan->out, &s->file, err));
    if (plan->stream)
        GB_GO(gb_stream_open(plan->stream, &plan->encoder, plan->info.time_base,
                             plan->to_stdout ? STDOUT_FILENO : s->file.fd, plan->out, &s->stream, err));
    if (folder) {
        s->folder = gb_strdup(folder);
        s->frames = gb_format("%s/frames", folder);
        if (!s->folder || !s->frames) GB_GO(gb_fail_memory(err, folder, 0));
        if (is_encoded(s)) GB_GO(count_segments(s, err));
        else GB_GO(count_pictures(s, err));
    }
done:
    if (status == GB_OK) *out = s;
    else gb_sink_close(s);
    return status;
}

void gb_sink_close(gb_sink *sink)
{
    if (!sink) return;
    gb_segment_abandon(sink->writer);
    gb_stream_close(sink->stream);
    const gb_status dropped = gb_temporary_close(&sink->file, sink->plan->out, false, NULL);
    (void)dropped; /* what is whole was closed before */
    gb_image_free(&sink->picture);
    free(sink->folder);
    free(sink->frames);
    free(sink);
}

long gb_sink_finished(const gb_sink *sink)
{
    return sink->finished;
}

const char *gb_sink_folder(const gb_sink *sink)
{
    return sink->folder;
}

static gb_status add_encoded(gb_sink *s, AVFrame *frame, gb_frame_time time, gb_error *err)
{
    if (!s->writer) {
        char *path = gb_segment_path(s->folder, s->segments);
        if (!path) return gb_fail_memory(err, s->folder, 0);
        const gb_status status = gb_segment_create(path, &s->plan->encoder, &s->writer, err);
        free(path);
        GB_TRY(status);
    }
    GB_TRY(gb_segment_add(s->writer, frame, time, err));
    if (++s->in_segment < s->plan->segment) return GB_OK;
    gb_segment_writer *full = s->writer;
    s->writer = NULL;
    s->in_segment = 0;
    s->segments++;
    return gb_segment_finish(full, err);
}

static gb_status write_picture(const gb_image *picture, const char *path, gb_error *err)
{
    if (!strcasecmp(gb_path_extension(path), ".png")) return gb_image_write_png(path, picture, err);
    uint8_t *bytes = NULL;
    size_t size = 0;
    GB_TRY(gb_image_encode_jpeg(picture, JPEG_QUALITY, &bytes, &size, err));
    const gb_status status = gb_file_write(path, bytes, size, err);
    free(bytes);
    return status;
}

static gb_status add_picture(gb_sink *s, const AVFrame *frame, const char *name, gb_error *err)
{
    GB_TRY(gb_image_reserve(&s->picture, frame->width, frame->height, err));
    const size_t line = (size_t)frame->width * 3;
    for (int y = 0; y < frame->height; y++)
        memcpy(s->picture.rgb + (size_t)y * line, frame->data[0] + (ptrdiff_t)y * frame->linesize[0], line);
    if (s->plan->form == GB_EXTEND_IMAGE) return write_picture(&s->picture, s->plan->out, err);
    char *path = *name ? gb_format("%s/%s.png", s->frames, name)
                       : gb_format("%s/%06ld.png", s->frames, s->finished + s->added);
    const gb_status status = path ? write_picture(&s->picture, path, err) : gb_fail_memory(err, s->frames, 0);
    free(path);
    return status;
}

gb_status gb_sink_add(gb_sink *sink, AVFrame *frame, gb_frame_time time, const char *name, gb_error *err)
{
    if (sink->stream) return gb_stream_add(sink->stream, frame, time, err);
    GB_TRY(is_encoded(sink) ? add_encoded(sink, frame, time, err) : add_picture(sink, frame, name, err));
    sink->added++;
    return GB_OK;
}

static gb_status move(const char *from, const char *to, gb_error *err)
{
    const int fd = open(from, O_RDONLY | O_CLOEXEC);
    const bool kept = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    if (kept && rename(from, to) == 0) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: %s", to, strerror(errno));
}

static gb_status finish_encoded(gb_sink *s, gb_error *err)
{
    if (s->writer) {
        gb_segment_writer *last = s->writer;
        s->writer = NULL;
        s->segments++;
        GB_TRY(gb_segment_finish(last, err));
    }
    gb_join_spec join = s->plan->join;
    join.folder = s->folder;
    join.segments = s->segments;
    char *whole = gb_format("%s/whole%s", s->folder, gb_path_extension(s->plan->out));
    if (!whole) return gb_fail_memory(err, s->folder, 0);
    const bool gif = s->plan->form == GB_EXTEND_GIF;
    gb_status status = gif ? gb_gif_write(&join, whole, err) : gb_join_run(&join, whole, err);
    if (status == GB_OK) status = move(whole, s->plan->out, err);
    free(whole);
    return status;
}

gb_status gb_sink_finish(gb_sink *sink, gb_error *err)
{
    if (sink->stream) {
        GB_TRY(gb_stream_finish(sink->stream, err));
        return gb_temporary_close(&sink->file, sink->plan->out, true, err);
    }
    if (is_encoded(sink)) return finish_encoded(sink, err);
    return sink->plan->form == GB_EXTEND_FOLDER ? move(sink->frames, sink->plan->out, err) : GB_OK;
}
