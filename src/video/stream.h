/* Frames encoded and written to an open descriptor as they come, in one go: for pipes. Nothing is sought, nothing kept
 * but what the encoder holds back. */
#ifndef GB_VIDEO_STREAM_H
#define GB_VIDEO_STREAM_H

#include "video/encoder.h"
#include "video/segment.h"

/* A container that can be written in one go. */
typedef struct gb_stream_format {
    const char *id, *muxer; /* as options have it; FFmpeg's name */
    const char *codec;      /* id of the codec that it takes by default */
    bool constant_rate;     /* has no times: frames follow one another at the stated rate */
} gb_stream_format;

/* By id ("y4m", "mkv", "nut"); NULL: y4m. */
gb_status gb_stream_format_find(const char *id, const gb_stream_format **out, gb_error *err) GB_MUST_CHECK;

typedef struct gb_stream gb_stream;

/* `spec` must outlive the stream. `fd` stays the caller's, who ignores SIGPIPE; `name` is what messages call it. */
gb_status gb_stream_open(const gb_stream_format *format, const gb_encoder_spec *spec, AVRational time_base, int fd,
                         const char *name, gb_stream **out, gb_error *err) GB_MUST_CHECK;
/* The next frame; of a constant rate GB_E_UNSUPPORTED when its time is more than half a frame away from where that puts
 * it. */
gb_status gb_stream_add(gb_stream *stream, AVFrame *frame, gb_frame_time time, gb_error *err) GB_MUST_CHECK;
gb_status gb_stream_finish(gb_stream *stream, gb_error *err) GB_MUST_CHECK;
void gb_stream_close(gb_stream *stream);

#endif
