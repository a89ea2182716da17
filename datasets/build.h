/* What building shares between named datasets and a user's own material. */
#ifndef GB_DATASETS_BUILD_H
#define GB_DATASETS_BUILD_H

#include <stddef.h>

#include "datasets/dataset.h"

/* Defaults filled in and checked; `options` may be NULL. */
gb_status gb_build_resolve(const gb_build_options *options, gb_build_options *out, gb_error *err) GB_MUST_CHECK;

gb_status gb_build_make_parent(const char *path, gb_error *err) GB_MUST_CHECK;

/* Draws a dataset that is drawn here. */
gb_status gb_build_drawn(const gb_dataset *dataset, const gb_build_options *options, const char *out, gb_error *err)
    GB_MUST_CHECK;

typedef enum gb_source_kind {
    GB_SOURCE_ABSENT,
    GB_SOURCE_PACK,     /* HDF5 by content, or by a name that promises it */
    GB_SOURCE_FOLDER,
    GB_SOURCE_MANIFEST, /* .json */
    GB_SOURCE_VIDEO,    /* anything else */
} gb_source_kind;
gb_source_kind gb_source_get_kind(const char *path);

/* The base name without extension, letters that are awkward in ids replaced by '_'; cut to fit. */
void gb_build_default_id(const char *source, char *id, size_t size);

#endif
