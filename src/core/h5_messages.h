/* The messages of an HDF5 object header: what it says of links, fill values, filters and attributes. HDF5 1.10 reads
 * them without a look at their end, and frees what it never made when a link cannot be read. */
#ifndef GB_CORE_H5_MESSAGES_H
#define GB_CORE_H5_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the version 2 object header that begins there, without its checksum; 0 for anything else. */
size_t gb_h5_header_size(const uint8_t *block, size_t size);

/* Whether each message of a version 2 header ("OHDR"), or of a piece that one goes on in ("OCHK"), ends within itself
 * ("HDF5 File Format Specification 3.0", IV.A). `*order` is what a header says of creation order, which its pieces
 * need: written for a header, read for a piece. Of datatypes and layouts nothing is checked. */
bool gb_h5_messages_are_sound(const uint8_t *block, size_t size, bool *order);

/* The same of one attribute by itself, as heaps hold them. Its type must be its own; of types that are made of others,
 * the parts are not checked. */
bool gb_h5_attribute_is_sound(const uint8_t *message, size_t size);

#endif
