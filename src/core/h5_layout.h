/* How a dataset of an HDF5 file says that it is laid out. */
#ifndef GB_CORE_H5_LAYOUT_H
#define GB_CORE_H5_LAYOUT_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct gb_h5_layout {
    H5D_layout_t kind;
    int rank, filters; /* filters: how many were applied to a chunk */
    size_t element;    /* bytes, above 0 */
    hsize_t dim[H5S_MAX_RANK], chunk[H5S_MAX_RANK]; /* chunk: of H5D_CHUNKED alone, each above 0 */
} gb_h5_layout;

/* False for a damaged one. */
bool gb_h5_layout_read(hid_t dataset, gb_h5_layout *out);

#endif
