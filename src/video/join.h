/* Segments and everything else of the source into one file: sound, subtitles, attachments, chapters and metadata
 * are copied as they are, each frame is shown at its own time. Constant memory but for the frames' times (16 bytes
 * each). */
#ifndef GB_VIDEO_JOIN_H
#define GB_VIDEO_JOIN_H

#include "video/segment.h"

typedef struct gb_join_spec {
    const char *folder;      /* of the segments, see gb_segment_path */
    long segments;
    const gb_encoder_spec *encoder;
    AVRational time_base;    /* of the frames' times */
    const char *source;      /* what the rest is carried over from; NULL: nothing */
    const char *const *drop; /* kinds of streams not to be carried: "audio", "subtitle", "attachment" */
    int drop_count;
    bool ends_early;         /* the source goes on after the last frame: what is carried ends with it */
} gb_join_spec;

char *gb_segment_path(const char *folder, long index); /* the caller frees */

/* Whether `out`'s container takes the codec and every stream, asked before any work; GB_E_UNSUPPORTED names the first
 * that it does not. `note` (size bytes) becomes a line on what is never carried (data streams, further pictures), or
 * empty. */
gb_status gb_join_check(const gb_join_spec *spec, const char *out, char *note, size_t size, gb_error *err)
    GB_MUST_CHECK;
/* Writes `out`; the container is told by its extension. */
gb_status gb_join_run(const gb_join_spec *spec, const char *out, gb_error *err) GB_MUST_CHECK;

#endif
