#include <stdlib.h>

#include "checkpoint/formats.h"
#include "core/file.h"

#define FILE_MAX ((size_t)2 << 30)

gb_status gb_add_numpy_array(gb_weights *weights, const char *name, const gb_pickle_array *array, gb_error *err)
{
    if (!array->filled) return gb_fail(err, GB_E_FORMAT, "%s: expected an array's data, found none", name);
    gb_view view = array->view;
    if (array->element.kind != GB_ELEMENT_OTHER) {
        GB_TRY(gb_view_allocate(&view, name, err));
        gb_storage_gather(array->bytes.data, array->element, &view);
    }
    return gb_weights_add(weights, name, view.rank, view.dim, view.data, err);
}

static gb_status add(void *weights, const char *name, const gb_pickle_value *value, gb_error *err)
{
    return value->kind == GB_PICKLE_ARRAY ? gb_add_numpy_array(weights, name, value->array, err) : GB_OK;
}

gb_status gb_read_numpy_pickle(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    char *data = NULL;
    size_t size = 0, used = 0;
    gb_pickle *pickle = NULL;
    gb_status status = gb_file_read(path, FILE_MAX, &data, &size, err);
    if (status == GB_OK) status = gb_pickle_parse(path, data, size, &pickle, &used, err);
    if (status == GB_OK && used != bytes)
        status = gb_fail(err, GB_E_FORMAT, "%s: expected one pickle of %llu bytes, found its end at %zu", path,
                         (unsigned long long)bytes, used);
    if (status == GB_OK) status = gb_pickle_walk(pickle, add, weights, err);
    gb_pickle_free(pickle);
    free(data);
    return status;
}
