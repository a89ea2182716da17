/* What HDF5 reads of a file's metadata passes through here first. HDF5 1.10 reads past the end of what it believes, and
 * goes round in circles; each block is looked at as what HDF5 is going to take it for. Blocks of the newer format begin
 * with their names (h5_metadata.h). Of the older one object headers do not, and where a local heap's names are only the
 * heap says (h5_old.h), so that it counts what HDF5 reads them for. */
#ifndef GB_CORE_H5_GUARD_H
#define GB_CORE_H5_GUARD_H

#include "core/h5_metadata.h"
#include "core/h5_old.h"

typedef enum gb_h5_kind {
    GB_H5_OTHER,
    GB_H5_HEADER, /* of an object, and all that HDF5 counts as such */
    GB_H5_NAMES   /* of a local heap, and blocks of other heaps */
} gb_h5_kind;

/* Of one file; zeros, but for these, at the beginning. */
typedef struct gb_h5_guard {
    int fd;       /* the file, for what a block says of others */
    uint64_t end; /* bytes of it */
    uint64_t base; /* where its superblock is: addresses in the file count from there */
    gb_h5_seen seen;
    gb_h5_names names;
    struct {
        uint64_t at;
        size_t size; /* 0: nothing */
    } rest; /* of the block of which HDF5 has just read the beginning, and which has been found sound */
} gb_h5_guard;

/* Whether what was read from `address` can be believed. A local heap's last name is given an end, in `block`. */
bool gb_h5_guard_passes(gb_h5_guard *guard, gb_h5_kind kind, uint64_t address, uint8_t *block, size_t size);

#endif
