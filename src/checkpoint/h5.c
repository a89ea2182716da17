#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/formats.h"
#include "core/h5_chunk.h"
#include "core/h5_claim.h"
#include "core/h5_sink.h"

#define NAME_MAX_BYTES 512
#define OBJECT_BYTES 16 /* at least, of any object in a file */

typedef struct reader {
    const char *path;
    uint64_t bytes, objects; /* of the file; seen in it */
    gb_weights *weights;
    gb_error *err;
    gb_status status;
    int why; /* the errno of a failed read */
} reader;

static gb_status damaged(const reader *r, const char *name, const char *what)
{
    return gb_fail(r->err, GB_E_FORMAT, "%s: expected a readable dataset \"%s\", found %s", r->path, name, what);
}

/* Data must lie in this file, and no more is claimed than it can hold, compressed at best. */
static gb_status check_size(const reader *r, const char *name, hid_t dataset, const gb_view *view)
{
    const hid_t list = H5Dget_create_plist(dataset);
    const bool outside = list < 0 || H5Pget_external_count(list) != 0 || H5Pget_layout(list) == H5D_VIRTUAL;
    if (list >= 0) H5Pclose(list);
    if (outside) return damaged(r, name, "that its data are in another file");
    const int64_t size = gb_view_size(view);
    if (size < 0 || !gb_h5_claim_fits(dataset, r->bytes))
        return damaged(r, name, "that it claims more than the file can hold");
    if (size > 0 && H5Dget_storage_size(dataset) == 0) return damaged(r, name, "that nothing was written to it");
    return GB_OK;
}

static gb_status read_shape(const reader *r, const char *name, hid_t dataset, gb_view *view)
{
    hsize_t dim[H5S_MAX_RANK];
    const hid_t space = H5Dget_space(dataset);
    if (space < 0) return damaged(r, name, "damage");
    const int rank = H5Sget_simple_extent_dims(space, dim, NULL);
    H5Sclose(space);
    if (rank < 0 || rank > GB_MAX_RANK) return damaged(r, name, "too many dimensions");
    view->rank = rank;
    for (int d = 0; d < rank; d++) view->dim[d] = dim[d] <= INT64_MAX ? (int64_t)dim[d] : -1;
    return GB_OK;
}

static gb_status read_dataset(const reader *r, const char *name, hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    if (type < 0) return damaged(r, name, "damage");
    const H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    if (class != H5T_FLOAT && class != H5T_INTEGER) return GB_OK;
    gb_view view = {0};
    GB_TRY(read_shape(r, name, dataset, &view));
    if (class == H5T_INTEGER) return gb_weights_add(r->weights, name, view.rank, view.dim, NULL, r->err);
    GB_TRY(check_size(r, name, dataset, &view));
    GB_TRY(gb_view_allocate(&view, name, r->err));
    if (!gb_h5_chunks_whole(dataset) ||
        (gb_view_size(&view) && H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, view.data) < 0)) {
        free(view.data);
        return damaged(r, name, "damaged data");
    }
    return gb_weights_add(r->weights, name, view.rank, view.dim, view.data, r->err);
}

/* HDF5 goes into a group within itself again and again, unless the group says that it has several names. */
static gb_status check_object(reader *r, size_t length)
{
    if (length >= NAME_MAX_BYTES)
        return gb_fail(r->err, GB_E_FORMAT, "%s: expected names of at most %d characters, found a longer one", r->path,
                       NAME_MAX_BYTES - 1);
    if (++r->objects > r->bytes / OBJECT_BYTES)
        return gb_fail(r->err, GB_E_FORMAT, "%s: expected no more objects than the file has room for, found groups "
                       "within themselves", r->path);
    return GB_OK;
}

static herr_t visit(hid_t root, const char *path, const H5O_info_t *info, void *context)
{
    reader *r = context;
    const size_t length = strlen(path);
    char name[NAME_MAX_BYTES];
    r->status = check_object(r, length);
    if (r->status != GB_OK) return -1;
    if (info->type != H5O_TYPE_DATASET) return 0;
    for (size_t i = 0; i <= length; i++) name[i] = path[i] == '/' ? '.' : path[i];
    const hid_t dataset = H5Dopen2(root, path, H5P_DEFAULT);
    r->status = dataset < 0 ? damaged(r, name, "damage") : read_dataset(r, name, dataset);
    if (dataset >= 0) H5Dclose(dataset);
    return r->status == GB_OK ? 0 : -1;
}

static gb_status read_file(reader *r)
{
    const hid_t file = gb_h5_sink_open(r->path, &r->why);
    if (file < 0) return gb_fail(r->err, GB_E_FORMAT, "%s: expected a whole HDF5 file, found a damaged one", r->path);
    const herr_t result = H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit, r, H5O_INFO_BASIC);
    gb_h5_sink_close(file);
    if (r->status != GB_OK) return r->status;
    return result >= 0 ? GB_OK
                       : gb_fail(r->err, GB_E_FORMAT, "%s: expected a whole HDF5 file, found a damaged one", r->path);
}

gb_status gb_read_h5(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    reader r = {.path = path, .bytes = bytes, .weights = weights, .err = err};
    H5E_auto2_t print;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &print, &data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* the library's own trace would go to stderr */
    gb_status status = read_file(&r);
    if (r.why) status = gb_fail(err, GB_E_IO, "%s: read failed: %s", path, strerror(r.why));
    H5Eset_auto2(H5E_DEFAULT, print, data);
    return status;
}
