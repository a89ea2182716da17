/* What packs are made of, before anything is made: options with their defaults, what a path is, what it is called. */
#ifndef GB_DATASETS_SOURCE_H
#define GB_DATASETS_SOURCE_H

#include <stddef.h>

#include "datasets/dataset.h"

/* Defaults filled in and checked; `options` may be NULL. */
gb_status gb_build_resolve(const gb_build_options *options, gb_build_options *out, gb_error *err) GB_MUST_CHECK;

/* The folders above `path`. */
gb_status gb_build_make_parent(const char *path, gb_error *err) GB_MUST_CHECK;

typedef enum gb_source_kind {
    GB_SOURCE_ABSENT,
    GB_SOURCE_PACK,     /* HDF5 by content, or by a name that promises it */
    GB_SOURCE_FOLDER,
    GB_SOURCE_MANIFEST, /* .json */
    GB_SOURCE_VIDEO,    /* anything else */
} gb_source_kind;
gb_source_kind gb_source_get_kind(const char *path);

/* Of a file that must be a video or a picture because it is nothing else: GB_E_FORMAT when it is empty. */
gb_status gb_source_check_video(const char *path, gb_error *err) GB_MUST_CHECK;

/* The base name without extension, letters that are awkward in ids replaced by '_'; cut to fit. */
void gb_build_default_id(const char *source, char *id, size_t size);

#endif
