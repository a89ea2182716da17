/* A stream of frames from whatever a path names: an image, a folder of images, a video, a pack (its 16:9 frames). */
#ifndef GB_DATASETS_FRAME_SOURCE_H
#define GB_DATASETS_FRAME_SOURCE_H

#include <stdbool.h>

#include "image/image.h"

typedef struct gb_frame_source gb_frame_source;

gb_status gb_frame_source_open(const char *path, gb_frame_source **out, gb_error *err) GB_MUST_CHECK;
void gb_frame_source_close(gb_frame_source *source);

/* The next frame; *end is set, and nothing else, after the last one. */
gb_status gb_frame_source_next(gb_frame_source *source, gb_image *out, bool *end, gb_error *err) GB_MUST_CHECK;

/* Of the frame read last: the file that it came from, its index in the source, whether it begins a shot (index 0 does;
 * further beginnings are known for packs alone). */
const char *gb_frame_source_name(const gb_frame_source *source);
long gb_frame_source_index(const gb_frame_source *source);
bool gb_frame_source_begins_shot(const gb_frame_source *source);

/* For two folders: every file must have its like (same name but for the extension) in the other, GB_E_MISMATCH names
 * the first that has not. Other kinds pass. */
gb_status gb_frame_source_check_pairs(const gb_frame_source *ref, const gb_frame_source *test, gb_error *err)
    GB_MUST_CHECK;

#endif
