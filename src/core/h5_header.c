#include "core/h5_header.h"

#include <string.h>

#include "core/h5_messages.h"
#include "core/h5_rest.h"

#define CHECKSUM 4 /* bytes, behind what is of version 2 */
#define OLD_PREFIX 16
#define OLD_HEAD 8 /* of a message: kind, size, flags, padding */

enum { TIMES = 0x20, LIMITS = 0x10, ORDER = 4 };

/* ---- Version 2 ---- */

/* After a header's beginning, of which `*chunk` gets how many bytes of messages follow. */
static gb_h5_rest after_prefix(const uint8_t *block, size_t size, uint64_t *chunk, bool *order)
{
    gb_h5_rest r = {block, size, false};
    gb_h5_skip(&r, 5);
    const uint64_t flags = gb_h5_take(&r, 1);
    gb_h5_skip(&r, (flags & TIMES ? 16 : 0) + (flags & LIMITS ? 4 : 0));
    *chunk = gb_h5_take(&r, 1 << (flags & 3));
    *order = flags & ORDER;
    return r;
}

/* HDF5 reads the head of the first message whatever there is; less than that behind others is a gap. */
static bool are_messages_sound(gb_h5_rest r, bool order)
{
    const size_t head = order ? 6 : 4;
    if (r.size > 0 && r.size < head) return false;
    while (r.size >= head) {
        const uint64_t kind = gb_h5_take(&r, 1), length = gb_h5_take(&r, 2), flags = gb_h5_take(&r, 1);
        if (order) gb_h5_skip(&r, 2);
        if (length > r.size || !gb_h5_message_is_sound(kind, flags, r.at, (size_t)length)) return false;
        gb_h5_skip(&r, length);
    }
    return true;
}

bool gb_h5_new_header_is_sound(gb_h5_header *header, const uint8_t *block, size_t size)
{
    uint64_t chunk = 0;
    gb_h5_rest r = {block, size, false};
    if (size < 8) return false;
    if (!memcmp(block, "OHDR", 4)) {
        r = after_prefix(block, size, &chunk, &header->order);
        if (r.short_of || chunk > r.size) return false;
        r.size = (size_t)chunk;
    } else {
        gb_h5_skip(&r, 4);
        r.size -= CHECKSUM;
    }
    return are_messages_sound(r, header->order);
}

/* ---- Version 1 ---- */

static bool add_piece(gb_h5_header *header, const uint8_t *message)
{
    const uint64_t at = gb_h5_number(message, 8), size = gb_h5_number(message + 8, 8);
    if (header->pieces == GB_H5_PIECES || size % OLD_HEAD) return false;
    header->piece[header->pieces].at = at;
    header->piece[header->pieces++].size = size;
    return true;
}

/* HDF5 reads the head of the next message as long as a byte is left. */
static bool are_old_messages_sound(gb_h5_header *header, gb_h5_rest r)
{
    while (r.size > 0) {
        if (r.size < OLD_HEAD) return false;
        const uint64_t kind = gb_h5_take(&r, 2), length = gb_h5_take(&r, 2), flags = gb_h5_take(&r, 1);
        gb_h5_skip(&r, 3);
        if (length > r.size || !gb_h5_message_is_sound(kind, flags, r.at, (size_t)length)) return false;
        if (kind == GB_H5_CONTINUES && !add_piece(header, r.at)) return false;
        gb_h5_skip(&r, length);
    }
    return true;
}

static int find_piece(const gb_h5_header *header, uint64_t address)
{
    int i = 0;
    while (i < header->pieces && header->piece[i].at != address) i++;
    return i;
}

bool gb_h5_header_has_piece(const gb_h5_header *header, uint64_t address)
{
    return find_piece(header, address) < header->pieces;
}

bool gb_h5_old_header_is_sound(gb_h5_header *header, uint64_t address, const uint8_t *block, size_t size)
{
    const int i = find_piece(header, address);
    if (i < header->pieces) {
        const bool whole = header->piece[i].size == size;
        header->piece[i] = header->piece[--header->pieces];
        return whole && are_old_messages_sound(header, (gb_h5_rest){block, size, false});
    }
    const size_t whole = gb_h5_header_size(block, size);
    header->pieces = 0;
    if (whole == 0 || whole > size) return false;
    return are_old_messages_sound(header, (gb_h5_rest){block + OLD_PREFIX, whole - OLD_PREFIX, false});
}

size_t gb_h5_header_size(const uint8_t *block, size_t size)
{
    uint64_t chunk = 0;
    bool order = false;
    if (size >= OLD_PREFIX && block[0] == 1) return OLD_PREFIX + (size_t)gb_h5_number(block + 8, 4);
    if (size < 6 || memcmp(block, "OHDR", 4) != 0) return 0;
    const gb_h5_rest r = after_prefix(block, size, &chunk, &order);
    return r.short_of || chunk > SIZE_MAX / 2 ? 0 : size - r.size + (size_t)chunk + CHECKSUM;
}
