/* The decoder's own frames of a gb_video, for who keeps a video's pixels and times as they are. */
#ifndef GB_IMAGE_VIDEO_NATIVE_H
#define GB_IMAGE_VIDEO_NATIVE_H

#include <libavformat/avformat.h>

#include "image/video.h"

/* As gb_video_next, but as stored; the frame is the video's own and valid until the next call. Its
 * best_effort_timestamp is in the stream's time base. */
gb_status gb_video_next_native(gb_video *video, const AVFrame **out, bool *end, gb_error *err) GB_MUST_CHECK;

const AVStream *gb_video_stream(const gb_video *video);
int gb_video_streams(const gb_video *video); /* of all kinds in its container */
AVRational gb_video_sample_aspect(const gb_video *video); /* 0/1 when not said */

/* Goes to a frame at or before `part` (0 to 1) of the length, for a look only: from here on damage is told without its
 * frame's number. GB_E_UNSUPPORTED where the container cannot. */
gb_status gb_video_jump(gb_video *video, double part, gb_error *err) GB_MUST_CHECK;

#endif
