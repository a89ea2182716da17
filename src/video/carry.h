/* What of a source goes unchanged into an output beside the pictures. */
#ifndef GB_VIDEO_CARRY_H
#define GB_VIDEO_CARRY_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "core/status.h"

typedef enum gb_carry_kind { GB_CARRY_PICTURES, GB_CARRY_COPY, GB_CARRY_LEAVE } gb_carry_kind;

/* Of one stream of the source; `picture` is the index of the stream that is widened. */
gb_carry_kind gb_carry_kind_of(const AVFormatContext *source, unsigned stream, int picture, const AVOutputFormat *to,
                               const char *const *drop, int drop_count);

/* GB_E_UNSUPPORTED naming the streams that are to be copied and that `to` cannot take. */
gb_status gb_carry_check(const AVFormatContext *source, const char *path, int picture, const AVOutputFormat *to,
                         const char *const *drop, int drop_count, char *note, size_t size, gb_error *err)
    GB_MUST_CHECK;

/* The file's and its chapters' metadata, but for what describes the old container. */
gb_status gb_carry_describe(const AVFormatContext *source, AVFormatContext *out, gb_error *err) GB_MUST_CHECK;
/* A stream's metadata and disposition; `pictures`: without the old stream's statistics. */
void gb_carry_stream_tags(const AVStream *from, AVStream *to, bool pictures);

#endif
