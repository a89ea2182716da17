#include "core/h5_claim.h"

#include "core/deflate.h"
#include "core/h5_layout.h"

/* `first` times all dimensions; UINT64_MAX for more than can be counted. */
static uint64_t product(int rank, const hsize_t *dim, uint64_t first)
{
    uint64_t size = first;
    for (int d = 0; d < rank; d++)
        if (__builtin_mul_overflow(size, (uint64_t)dim[d], &size)) return UINT64_MAX;
    return size;
}

static uint64_t count_chunks(const gb_h5_layout *c)
{
    hsize_t count[H5S_MAX_RANK];
    for (int d = 0; d < c->rank; d++) count[d] = c->dim[d] / c->chunk[d] + (c->dim[d] % c->chunk[d] != 0);
    return product(c->rank, count, 1);
}

/* What is not chunked is stored as it is. HDF5 1.10 believes the shape of a dataset that lies in its header, and copies
 * what comes after it in memory. Another one that was never written takes no room, and reads as fill values. */
static bool plain_fits(hid_t dataset, const gb_h5_layout *c, uint64_t bytes)
{
    const uint64_t size = product(c->rank, c->dim, c->element), stored = H5Dget_storage_size(dataset);
    return size <= bytes && (size <= stored || (stored == 0 && c->kind != H5D_COMPACT));
}

bool gb_h5_claim_fits(hid_t dataset, uint64_t bytes)
{
    gb_h5_layout c;
    if (!gb_h5_layout_read(dataset, &c)) return false;
    if (c.kind != H5D_CHUNKED) return plain_fits(dataset, &c, bytes);
    const uint64_t ratio = c.filters ? GB_DEFLATE_RATIO : 1;
    if (product(c.rank, c.dim, c.element) / ratio > bytes) return false;
    return product(c.rank, c.chunk, c.element) / ratio <= bytes && count_chunks(&c) <= bytes;
}
