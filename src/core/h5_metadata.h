/* Blocks of HDF5's newer format, which begin with their names ("HDF5 File Format Specification 3.0", III.A.2, III.G,
 * IV.A): version 2 object headers, B-trees and fractal heaps, and the attributes that those hold. HDF5 1.10 believes
 * what they say and then fails on it: it divides by sizes of zero, follows what it never made, reads past a block's
 * end. Of other blocks nothing is known, and they pass. Common writers make nothing of what is refused, but for
 * messages and types that objects share, and for attributes of one object beyond 4 KiB or about thirty. */
#ifndef GB_CORE_H5_METADATA_H
#define GB_CORE_H5_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/h5_header.h"

#define GB_H5_NODE 512 /* bytes of a node of a tree of attributes */

/* What earlier blocks of the file said; zeros at the beginning. */
typedef struct gb_h5_seen {
    gb_h5_header header;      /* the last object header */
    int offset_bytes;         /* of an offset in the last heap */
    size_t records;           /* attributes of an object, at most */
    uint8_t leaf[GB_H5_NODE]; /* the last list of attributes */
    size_t leaf_size;
} gb_h5_seen;

/* Whether the block can be believed. */
bool gb_h5_metadata_is_sound(gb_h5_seen *seen, const uint8_t *block, size_t size);

#endif
