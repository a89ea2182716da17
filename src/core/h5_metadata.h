/* What HDF5 1.10 believes of a file's metadata and then fails on: it divides by sizes of zero, follows what it never
 * made, or reads more records than a block has room for. */
#ifndef GB_CORE_H5_METADATA_H
#define GB_CORE_H5_METADATA_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a block that HDF5 reads can be believed: the headers of its version 2 B-trees and fractal heaps, and the
 * leaves that list attributes ("HDF5 File Format Specification 3.0", III.A.2, III.G); of other blocks nothing is
 * known, and they pass. No writer makes what is refused, but for messages shared between objects, and for names or
 * attributes above 4 KiB in groups of many. */
bool gb_h5_metadata_is_sound(const void *block, size_t size);

#endif
