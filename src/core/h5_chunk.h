/* Chunks of a dataset of an HDF5 file, unpacked here: HDF5 1.10 does not look whether a chunk gives as many bytes as
 * its shape says, and copies what lies behind it in memory. The files are those of h5_sink.h. */
#ifndef GB_CORE_H5_CHUNK_H
#define GB_CORE_H5_CHUNK_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

/* A chunk as it is stored; kept from one to the next. Starts as {0}; the owner frees `bytes`. */
typedef struct gb_h5_stored {
    unsigned char *bytes;
    size_t room;
} gb_h5_stored;

/* The `size` bytes of the chunk that begins at `offset` (an element of the dataset), stored as they are or deflated.
 * False for a chunk that was never written, cannot be read, or gives another number of bytes. */
bool gb_h5_chunk_read(hid_t dataset, const hsize_t *offset, gb_h5_stored *stored, void *out, size_t size);

/* Whether every chunk that was written gives as many bytes as its shape says. Known are deflation, shuffling and
 * checksums (Fletcher's); a chunk packed otherwise is none. True for a dataset that is not chunked. */
bool gb_h5_chunks_whole(hid_t dataset);

#endif
