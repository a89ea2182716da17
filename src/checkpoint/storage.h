/* A storage is a run of elements in a file; views show parts of it as tensors, with an offset and strides as PyTorch
 * has them. A storage is read once, front to back, in small pieces that go straight into the views' float32 tensors;
 * only views that are not contiguous need the storage in memory for a moment. */
#ifndef GB_CHECKPOINT_STORAGE_H
#define GB_CHECKPOINT_STORAGE_H

#include <stdio.h>

#include "checkpoint/element.h"
#include "engine/weights.h"

typedef struct gb_view {
    int64_t offset; /* in elements, as are the strides */
    int rank;
    int64_t dim[GB_MAX_RANK], stride[GB_MAX_RANK];
    float *data;    /* made by gb_view_allocate; owned by whoever holds the view */
} gb_view;

/* Gives exactly `size` bytes more, or fails with the file's name in the error. */
typedef struct gb_source {
    gb_status (*read)(void *context, void *bytes, size_t size, gb_error *err);
    void *context;
} gb_source;

/* An open file as a gb_source; `path` names it in errors and must outlive it. */
typedef struct gb_file_source {
    FILE *file;
    const char *path;
} gb_file_source;
gb_status gb_file_source_open(gb_file_source *source, const char *path, gb_error *err) GB_MUST_CHECK;
void gb_file_source_close(gb_file_source *source);
gb_status gb_file_source_seek(gb_file_source *source, uint64_t offset, gb_error *err) GB_MUST_CHECK;
gb_status gb_file_source_read(void *file_source, void *bytes, size_t size, gb_error *err) GB_MUST_CHECK;

/* Row-major strides for the view's dims, or column-major ones; its size must be valid. */
void gb_view_set_strides(gb_view *view, bool column_major);
/* The number of elements, or -1 when it is negative or beyond 2^60. */
int64_t gb_view_size(const gb_view *view);
/* True when every element lies inside a storage of `count` elements. */
bool gb_view_fits(const gb_view *view, int64_t count);
gb_status gb_view_allocate(gb_view *view, const char *name, gb_error *err) GB_MUST_CHECK;

/* Reads a storage of `count` elements into `views`, whose data is allocated and which fit. */
gb_status gb_storage_read(gb_source source, gb_element element, int64_t count, gb_view *const *views, size_t view_count,
                          gb_error *err) GB_MUST_CHECK;
/* The same from bytes in memory. */
void gb_storage_gather(const void *bytes, gb_element element, gb_view *view);

#endif
