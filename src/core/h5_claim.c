#include "core/h5_claim.h"

/* Deflate makes at most 1032 bytes of one. */
#define DEFLATE_RATIO 1032

typedef struct claim {
    int rank;
    hsize_t dim[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
    bool chunked, compact, packed; /* packed: filters may have made it smaller */
    size_t element; /* bytes */
} claim;

/* `first` times all dimensions; UINT64_MAX for more than can be counted. */
static uint64_t product(int rank, const hsize_t *dim, uint64_t first)
{
    uint64_t size = first;
    for (int d = 0; d < rank; d++)
        if (__builtin_mul_overflow(size, (uint64_t)dim[d], &size)) return UINT64_MAX;
    return size;
}

static uint64_t count_chunks(const claim *c)
{
    hsize_t count[H5S_MAX_RANK];
    for (int d = 0; d < c->rank; d++) count[d] = c->dim[d] / c->chunk[d] + (c->dim[d] % c->chunk[d] != 0);
    return product(c->rank, count, 1);
}

static bool read_chunk(hid_t dataset, claim *c)
{
    const hid_t list = H5Dget_create_plist(dataset);
    if (list < 0) return false;
    c->chunked = H5Pget_layout(list) == H5D_CHUNKED;
    c->compact = H5Pget_layout(list) == H5D_COMPACT;
    c->packed = H5Pget_nfilters(list) != 0;
    bool good = !c->chunked || H5Pget_chunk(list, H5S_MAX_RANK, c->chunk) == c->rank;
    H5Pclose(list);
    for (int d = 0; d < c->rank && c->chunked && good; d++) good = c->chunk[d] > 0;
    return good;
}

static bool read_claim(hid_t dataset, claim *c)
{
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    c->element = type < 0 ? 0 : H5Tget_size(type);
    c->rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, c->dim, NULL);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    return c->element > 0 && c->rank >= 0 && read_chunk(dataset, c);
}

/* What is not chunked is stored as it is. HDF5 1.10 believes the shape of a dataset that lies in its header, and copies
 * what comes after it in memory. Another one that was never written takes no room, and reads as fill values. */
static bool plain_fits(hid_t dataset, const claim *c, uint64_t bytes)
{
    const uint64_t size = product(c->rank, c->dim, c->element), stored = H5Dget_storage_size(dataset);
    return size <= bytes && (size <= stored || (stored == 0 && !c->compact));
}

bool gb_h5_claim_fits(hid_t dataset, uint64_t bytes)
{
    claim c;
    if (!read_claim(dataset, &c)) return false;
    if (!c.chunked) return plain_fits(dataset, &c, bytes);
    const uint64_t ratio = c.packed ? DEFLATE_RATIO : 1;
    if (product(c.rank, c.dim, c.element) / ratio > bytes) return false;
    return product(c.rank, c.chunk, c.element) / ratio <= bytes && count_chunks(&c) <= bytes;
}
