/* Object headers of HDF5 files: version 1 of the older format, version 2 of the newer, and the pieces that both go on
 * in ("HDF5 File Format Specification 3.0", IV.A.1). */
#ifndef GB_CORE_H5_HEADER_H
#define GB_CORE_H5_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GB_H5_PIECES 32 /* of a header, named but not read yet */

/* What the last header said. */
typedef struct gb_h5_header {
    bool order;   /* messages of its pieces carry their number */
    int pieces;   /* of a version 1 header: nothing in them tells what they are */
    struct {
        uint64_t at, size;
    } piece[GB_H5_PIECES];
} gb_h5_header;

/* The bytes of the header that begins there; 0 for anything else. */
size_t gb_h5_header_size(const uint8_t *block, size_t size);

/* Whether the messages of a version 2 header ("OHDR"), or of a piece of one ("OCHK"), end within themselves and it. */
bool gb_h5_new_header_is_sound(gb_h5_header *header, const uint8_t *block, size_t size);

/* The same of what HDF5 reads as an object header and does not begin with the name of something newer. */
bool gb_h5_old_header_is_sound(gb_h5_header *header, uint64_t address, const uint8_t *block, size_t size);
/* Whether a piece of the last version 1 header lies there; then it is looked at as one, whatever it begins with. */
bool gb_h5_header_has_piece(const gb_h5_header *header, uint64_t address);

#endif
