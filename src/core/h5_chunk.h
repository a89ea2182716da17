/* Chunks of a dataset of an HDF5 file, unpacked here: HDF5 1.10 does not look whether a chunk gives as many bytes as
 * its shape says, and copies what lies behind it in memory. The files are those of h5_sink.h. */
#ifndef GB_CORE_H5_CHUNK_H
#define GB_CORE_H5_CHUNK_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

/* A chunk as it is stored, and what inflates it; kept from one to the next. Of one thread at a time. */
typedef struct gb_h5_stored {
    unsigned char *bytes;
    size_t room;
    struct libdeflate_decompressor *inflater;
} gb_h5_stored;

/* `*stored` is {0}. False when there is no memory for it. */
bool gb_h5_stored_open(gb_h5_stored *stored);
void gb_h5_stored_close(gb_h5_stored *stored); /* one that is {0}, too */

/* The `size` bytes of the chunk that begins at `offset` (an element of the dataset), stored as they are or deflated.
 * False for a chunk that was never written, cannot be read, or gives another number of bytes. */
bool gb_h5_chunk_read(hid_t dataset, const hsize_t *offset, gb_h5_stored *stored, void *out, size_t size);

/* Whether every chunk that was written gives as many bytes as its shape says. Known are deflation, shuffling and
 * checksums (Fletcher's); a chunk packed otherwise is none. True for a dataset that is not chunked. */
bool gb_h5_chunks_whole(hid_t dataset);

#endif
