#include "core/h5_claim.h"

/* Deflate makes at most 1032 bytes of one. */
#define DEFLATE_RATIO 1032

/* Bytes of `rank` dimensions of elements of that size; UINT64_MAX for more than can be counted. */
static uint64_t product(int rank, const hsize_t *dim, size_t element)
{
    uint64_t size = element;
    for (int d = 0; d < rank; d++)
        if (__builtin_mul_overflow(size, (uint64_t)dim[d], &size)) return UINT64_MAX;
    return size;
}

static uint64_t chunk_bytes(hid_t dataset, size_t element)
{
    hsize_t dim[H5S_MAX_RANK];
    const hid_t list = H5Dget_create_plist(dataset);
    if (list < 0) return UINT64_MAX;
    const bool chunked = H5Pget_layout(list) == H5D_CHUNKED;
    const int rank = chunked ? H5Pget_chunk(list, H5S_MAX_RANK, dim) : 0;
    H5Pclose(list);
    if (!chunked) return 0;
    return rank < 0 || rank > H5S_MAX_RANK ? UINT64_MAX : product(rank, dim, element);
}

bool gb_h5_claim_fits(hid_t dataset, uint64_t bytes)
{
    hsize_t dim[H5S_MAX_RANK];
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const size_t element = type < 0 ? 0 : H5Tget_size(type);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, dim, NULL);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (!element || rank < 0) return false;
    return product(rank, dim, element) / DEFLATE_RATIO <= bytes && chunk_bytes(dataset, element) / DEFLATE_RATIO <= bytes;
}
