#include "checkpoint/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define CHUNK 65536 /* bytes read at once: stays in the second-level cache; a multiple of every element's size */

gb_status gb_file_source_open(gb_file_source *source, const char *path, gb_error *err)
{
    *source = (gb_file_source){fopen(path, "rbe"), path};
    return source->file ? GB_OK : gb_fail(err, GB_E_IO, "%s: %s", path, strerror(errno));
}

void gb_file_source_close(gb_file_source *source)
{
    if (source->file) fclose(source->file);
    source->file = NULL;
}

gb_status gb_file_source_seek(gb_file_source *source, uint64_t offset, gb_error *err)
{
    if (fseeko(source->file, (off_t)offset, SEEK_SET) == 0) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: cannot seek: %s", source->path, strerror(errno));
}

gb_status gb_file_source_read(void *file_source, void *bytes, size_t size, gb_error *err)
{
    const gb_file_source *s = file_source;
    const size_t got = fread(bytes, 1, size, s->file);
    if (got == size) return GB_OK;
    if (ferror(s->file)) return gb_fail(err, GB_E_IO, "%s: read failed: %s", s->path, strerror(errno));
    return gb_fail(err, GB_E_FORMAT, "%s: expected %zu bytes more, found the end of the file", s->path, size - got);
}

void gb_view_set_strides(gb_view *view, bool column_major)
{
    int64_t step = 1;
    for (int i = 0; i < view->rank; i++) {
        const int d = column_major ? i : view->rank - 1 - i;
        view->stride[d] = step;
        step *= view->dim[d] > 0 ? view->dim[d] : 1;
    }
}

int64_t gb_view_size(const gb_view *view)
{
    int64_t size = 1;
    bool empty = false;
    for (int d = 0; d < view->rank; d++) {
        if (view->dim[d] < 0) return -1;
        if (view->dim[d] == 0) empty = true;
        else if (__builtin_mul_overflow(size, view->dim[d], &size) || size > INT64_C(1) << 60) return -1;
    }
    return empty ? 0 : size;
}

bool gb_view_fits(const gb_view *view, int64_t count)
{
    const int64_t size = gb_view_size(view);
    if (size < 0 || view->offset < 0 || view->offset > count) return false;
    if (size == 0) return true;
    int64_t last = view->offset;
    for (int d = 0; d < view->rank; d++) {
        int64_t reach;
        if (view->stride[d] < 0 || __builtin_mul_overflow(view->dim[d] - 1, view->stride[d], &reach) ||
            __builtin_add_overflow(last, reach, &last))
            return false;
    }
    return last < count;
}

gb_status gb_view_allocate(gb_view *view, const char *name, gb_error *err)
{
    const int64_t size = gb_view_size(view);
    view->data = size < 0 ? NULL : gb_alloc_aligned((size_t)size, sizeof *view->data);
    return view->data ? GB_OK : gb_fail_memory(err, name, (unsigned long long)size * sizeof *view->data);
}

static bool is_contiguous(const gb_view *view)
{
    int64_t step = 1;
    for (int d = view->rank - 1; d >= 0; d--) {
        if (view->dim[d] == 1) continue;
        if (view->stride[d] != step) return false;
        step *= view->dim[d];
    }
    return true;
}

/* Converts what `bytes`, elements [start, start + count) of the storage, holds of a contiguous view. */
static void feed(gb_view *view, const unsigned char *bytes, gb_element element, int64_t start, int64_t count)
{
    const int64_t end = view->offset + gb_view_size(view);
    const int64_t from = view->offset > start ? view->offset : start;
    const int64_t to = end < start + count ? end : start + count;
    if (from >= to) return;
    gb_element_to_float(view->data + (from - view->offset), bytes + (size_t)(from - start) * element.size,
                        (size_t)(to - from), element);
}

void gb_storage_gather(const void *bytes, gb_element element, gb_view *view)
{
    const int64_t size = gb_view_size(view);
    if (is_contiguous(view)) {
        feed(view, bytes, element, 0, size ? view->offset + size : 0);
        return;
    }
    int64_t index[GB_MAX_RANK] = {0};
    const unsigned char *base = bytes;
    for (int64_t i = 0, at = view->offset; i < size; i++) {
        gb_element_to_float(view->data + i, base + (size_t)at * element.size, 1, element);
        for (int d = view->rank - 1; d >= 0; d--) {
            at += view->stride[d];
            if (++index[d] < view->dim[d]) break;
            at -= view->dim[d] * view->stride[d];
            index[d] = 0;
        }
    }
}

static gb_status read_whole(gb_source source, gb_element element, int64_t count, gb_view *const *views,
                            size_t view_count, gb_error *err)
{
    const size_t size = (size_t)count * element.size;
    unsigned char *bytes = gb_alloc_aligned(size, 1);
    if (!bytes) return gb_fail_memory(err, "a storage", size);
    const gb_status status = source.read(source.context, bytes, size, err);
    for (size_t v = 0; v < view_count && status == GB_OK; v++) gb_storage_gather(bytes, element, views[v]);
    free(bytes);
    return status;
}

gb_status gb_storage_read(gb_source source, gb_element element, int64_t count, gb_view *const *views, size_t view_count,
                          gb_error *err)
{
    for (size_t v = 0; v < view_count; v++)
        if (gb_view_size(views[v]) && !is_contiguous(views[v]))
            return read_whole(source, element, count, views, view_count, err);
    unsigned char *bytes = gb_alloc_aligned(CHUNK, 1);
    if (!bytes) return gb_fail_memory(err, "a storage", CHUNK);
    const int64_t step = (int64_t)(CHUNK / element.size);
    gb_status status = GB_OK;
    for (int64_t start = 0; start < count && status == GB_OK; start += step) {
        const int64_t now = count - start < step ? count - start : step;
        status = source.read(source.context, bytes, (size_t)now * element.size, err);
        for (size_t v = 0; v < view_count && status == GB_OK; v++) feed(views[v], bytes, element, start, now);
    }
    free(bytes);
    return status;
}
