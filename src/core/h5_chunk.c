#include "core/h5_chunk.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "core/h5_layout.h"
#include "core/h5_sink.h"
#include "core/memory.h"

#define CHECKSUM_BYTES 4
#define MAX_FILTERS 8

bool gb_h5_stored_open(gb_h5_stored *stored)
{
    stored->inflater = libdeflate_alloc_decompressor();
    return stored->inflater != NULL;
}

void gb_h5_stored_close(gb_h5_stored *stored)
{
    libdeflate_free_decompressor(stored->inflater);
    free(stored->bytes);
    *stored = (gb_h5_stored){0};
}

typedef struct packing {
    int count;
    H5Z_filter_t filter[MAX_FILTERS]; /* in the order in which they were applied */
} packing;

static bool read_packing(hid_t dataset, packing *p)
{
    const hid_t list = H5Dget_create_plist(dataset);
    p->count = list < 0 ? -1 : H5Pget_nfilters(list);
    bool good = p->count >= 0 && p->count <= MAX_FILTERS;
    for (int i = 0; i < p->count && good; i++) {
        size_t values = 0;
        unsigned flags = 0;
        p->filter[i] = H5Pget_filter2(list, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
        good = p->filter[i] >= 0;
    }
    if (list >= 0) H5Pclose(list);
    return good;
}

/* The stored bytes; `*skipped` gets the filters that this chunk went without. */
static bool fetch(hid_t dataset, const hsize_t *offset, gb_h5_stored *stored, size_t *bytes, uint32_t *skipped)
{
    hsize_t room = 0;
    if (H5Dget_chunk_storage_size(dataset, offset, &room) < 0 || room == 0 || room > UINT32_MAX) return false;
    if (room > stored->room) {
        unsigned char *larger = gb_alloc(1, room);
        if (!larger) return false;
        free(stored->bytes);
        stored->bytes = larger;
        stored->room = room;
    }
    return gb_h5_sink_read_chunk(dataset, offset, stored->bytes, stored->room, bytes, skipped) >= 0;
}

static bool inflate_exactly(const gb_h5_stored *stored, size_t bytes, void *out, size_t size)
{
    return libdeflate_zlib_decompress(stored->inflater, stored->bytes, bytes, out, size, NULL) == LIBDEFLATE_SUCCESS;
}

/* Whether the stored chunk unpacks to `size` bytes; they are in `out` if nothing but deflation was done to them. */
static bool unpack(const packing *p, const gb_h5_stored *stored, size_t bytes, uint32_t skipped, void *out, size_t size)
{
    bool inflated = false;
    for (int i = p->count - 1; i >= 0; i--) {
        if (skipped >> i & 1 || p->filter[i] == H5Z_FILTER_SHUFFLE) continue;
        if (p->filter[i] == H5Z_FILTER_FLETCHER32 && i == p->count - 1 && bytes > CHECKSUM_BYTES)
            bytes -= CHECKSUM_BYTES;
        else if (p->filter[i] == H5Z_FILTER_DEFLATE && !inflated && inflate_exactly(stored, bytes, out, size))
            inflated = true;
        else
            return false;
    }
    if (inflated) return true;
    if (bytes == size) memcpy(out, stored->bytes, size);
    return bytes == size;
}

static bool is_plain_or_deflated(const packing *p)
{
    return p->count == 0 || (p->count == 1 && p->filter[0] == H5Z_FILTER_DEFLATE);
}

bool gb_h5_chunk_read(hid_t dataset, const hsize_t *offset, gb_h5_stored *stored, void *out, size_t size)
{
    packing p;
    size_t bytes = 0;
    uint32_t skipped = 0;
    return read_packing(dataset, &p) && is_plain_or_deflated(&p) && fetch(dataset, offset, stored, &bytes, &skipped) &&
           unpack(&p, stored, bytes, skipped, out, size);
}

/* Bytes of a chunk; 0 for more than can be counted. */
static size_t chunk_size(const gb_h5_layout *g)
{
    size_t size = g->element;
    for (int d = 0; d < g->rank; d++)
        if (__builtin_mul_overflow(size, (size_t)g->chunk[d], &size)) return 0;
    return size;
}

static bool next_chunk(const gb_h5_layout *g, hsize_t *offset)
{
    for (int d = g->rank - 1; d >= 0; d--) {
        offset[d] += g->chunk[d];
        if (offset[d] < g->dim[d]) return true;
        offset[d] = 0;
    }
    return false;
}

static bool is_empty(const gb_h5_layout *g)
{
    for (int d = 0; d < g->rank; d++)
        if (!g->dim[d]) return true;
    return false;
}

static bool check_chunks(hid_t dataset, const packing *p, const gb_h5_layout *g)
{
    gb_h5_stored stored = {0};
    const size_t size = chunk_size(g);
    void *out = size ? gb_alloc(1, size) : NULL;
    hsize_t offset[H5S_MAX_RANK] = {0}, written = 0;
    size_t bytes = 0;
    uint32_t skipped = 0;
    bool good = gb_h5_stored_open(&stored) && out;
    for (bool more = good && !is_empty(g); more; more = good && next_chunk(g, offset)) {
        good = H5Dget_chunk_storage_size(dataset, offset, &written) >= 0;
        if (good && written) /* what was never written reads as fill values */
            good = fetch(dataset, offset, &stored, &bytes, &skipped) &&
                   unpack(p, &stored, bytes, skipped, out, size);
    }
    gb_h5_stored_close(&stored);
    free(out);
    return good;
}

bool gb_h5_chunks_whole(hid_t dataset)
{
    packing p;
    gb_h5_layout g;
    if (!gb_h5_layout_read(dataset, &g)) return false;
    return g.kind != H5D_CHUNKED || (read_packing(dataset, &p) && check_chunks(dataset, &p, &g));
}
