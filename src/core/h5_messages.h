/* The messages of an HDF5 object header: what it says of links, shapes, types, layouts, fill values, filters and
 * attributes. HDF5 1.10 reads them without a look at their end, and frees what it never made when a link cannot be
 * read. */
#ifndef GB_CORE_H5_MESSAGES_H
#define GB_CORE_H5_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GB_H5_CONTINUES = 16 }; /* the header goes on elsewhere: address and size, eight bytes each */

/* Whether a message of that kind, without its own head, ends within itself ("HDF5 File Format Specification 3.0",
 * IV.A). Data that are views of others (virtual layouts) are not: nothing here reads them. */
bool gb_h5_message_is_sound(uint64_t kind, uint64_t flags, const uint8_t *message, size_t size);

/* The same of one attribute by itself, as heaps hold them. Its type must be its own. */
bool gb_h5_attribute_is_sound(const uint8_t *message, size_t size);

#endif
