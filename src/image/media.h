/* Opens a file with FFmpeg's demuxers, from this machine alone. */
#ifndef GB_IMAGE_MEDIA_H
#define GB_IMAGE_MEDIA_H

#include <libavformat/avformat.h>

#include "core/status.h"

/* With its streams' parameters found; the caller closes it with avformat_close_input. A directory, a missing file or
 * one that is no media is one line. Sets FFmpeg's log to quiet, which holds for the process. */
gb_status gb_media_open(const char *path, AVFormatContext **out, gb_error *err) GB_MUST_CHECK;

/* The same from standard input, which messages call `name`: of containers that can be read in one go. */
gb_status gb_media_open_piped(const char *name, AVFormatContext **out, gb_error *err) GB_MUST_CHECK;

/* Index of the stream of pictures (cover art comes last), or GB_E_FORMAT. */
gb_status gb_media_picture_stream(AVFormatContext *format, const char *path, int *index, gb_error *err) GB_MUST_CHECK;

#endif
