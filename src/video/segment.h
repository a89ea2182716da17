/* A finished stretch of a video on disk: its packets and its frames' times. A file appears under its name only
 * whole, so that work cut off at any moment can be taken up again. Native byte order: the files are for this
 * machine alone. */
#ifndef GB_VIDEO_SEGMENT_H
#define GB_VIDEO_SEGMENT_H

#include <stdint.h>

#include "video/encoder.h"

typedef struct gb_frame_time {
    int64_t pts, duration; /* in the source's time base; duration 0: not known */
} gb_frame_time;

typedef struct gb_segment_writer gb_segment_writer;
gb_status gb_segment_create(const char *path, const gb_encoder_spec *spec, gb_segment_writer **out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_segment_add(gb_segment_writer *writer, AVFrame *frame, gb_frame_time time, gb_error *err) GB_MUST_CHECK;
gb_status gb_segment_finish(gb_segment_writer *writer, gb_error *err) GB_MUST_CHECK; /* frees, also on failure */
void gb_segment_abandon(gb_segment_writer *writer);                                  /* removes what was written */

typedef struct gb_segment_reader gb_segment_reader;
/* A file that is not whole is GB_E_FORMAT. */
gb_status gb_segment_open(const char *path, gb_segment_reader **out, gb_error *err) GB_MUST_CHECK;
void gb_segment_close(gb_segment_reader *reader);
long gb_segment_frames(const gb_segment_reader *reader);
const gb_frame_time *gb_segment_times(const gb_segment_reader *reader); /* one a frame, in order of showing */
const uint8_t *gb_segment_header(const gb_segment_reader *reader, size_t *size); /* the codec's; borrowed */
/* The next packet; pts and dts count frames of the segment. */
gb_status gb_segment_next(gb_segment_reader *reader, AVPacket *packet, bool *end, gb_error *err) GB_MUST_CHECK;

#endif
