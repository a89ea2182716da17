#include "core/h5_metadata.h"

#include <string.h>

#include "core/h5_messages.h"
#include "core/h5_rest.h"

#define TREE_HEADER 38
#define HEAP_HEADER 146
#define NODE_FRAME 10 /* bytes of a node that are not records */
#define SMALLEST_POINTER 10 /* to a node below: address, and two counts of a byte or more */
#define SHARED 2
#define IN_A_BLOCK 0
#define DEEPEST 8

enum { SHARED_MESSAGES = 7, ATTRIBUTE_NAMES = 8, ATTRIBUTE_ORDER = 9, PLAIN_CHUNKS = 10, FILTERED_CHUNKS = 11 };

static bool is_power_of_2(uint64_t value)
{
    return value && !(value & (value - 1));
}

/* HDF5 reads a record by its type, whatever the size that the header claims. */
static bool is_record_size(uint64_t type, uint64_t size)
{
    static const uint8_t sizes[] = {[1] = 24, 36, 16, 28, [5] = 11, 15, [ATTRIBUTE_NAMES] = 17, [ATTRIBUTE_ORDER] = 13};
    if (type == PLAIN_CHUNKS) return size >= 16 && size <= 8 + 8 * 32 && size % 8 == 0;
    if (type == FILTERED_CHUNKS) return size >= 8 + 1 + 4 + 8 && size <= 8 + 8 + 4 + 8 * 32;
    return type >= 1 && type < sizeof sizes && type != SHARED_MESSAGES && size == sizes[type];
}

static bool is_tree_sound(gb_h5_seen *seen, const uint8_t *b)
{
    const uint64_t node = gb_h5_number(b + 6, 4), record = gb_h5_number(b + 10, 2), depth = gb_h5_number(b + 12, 2);
    if (!is_record_size(b[5], record) || node < NODE_FRAME + 4 * record || node > 1 << 16 || depth > DEEPEST)
        return false;
    const uint64_t pointer = depth ? SMALLEST_POINTER : 0, records = gb_h5_number(b + 24, 2);
    if (records > (node - NODE_FRAME - pointer) / (record + pointer)) return false;
    if (b[5] != ATTRIBUTE_NAMES && b[5] != ATTRIBUTE_ORDER) return true;
    if (records > seen->records) seen->records = (size_t)records;
    return node == GB_H5_NODE && depth == 0;
}

static size_t leaf_record(const uint8_t *b)
{
    return b[5] == ATTRIBUTE_NAMES ? 17 : 13;
}

/* No attribute is kept in a table of messages that objects share: HDF5 does not look whether there is one. */
static bool is_leaf_sound(gb_h5_seen *seen, const uint8_t *b, size_t size)
{
    const size_t flags = 8, record = leaf_record(b);
    if (b[5] != ATTRIBUTE_NAMES && b[5] != ATTRIBUTE_ORDER) return true;
    if (size > GB_H5_NODE || 6 + seen->records * record + 4 > size) return false;
    for (size_t i = 0; i < seen->records; i++)
        if (b[6 + i * record] != IN_A_BLOCK || b[6 + i * record + flags] & SHARED) return false;
    memcpy(seen->leaf, b, size);
    seen->leaf_size = size;
    return true;
}

/* Of the attributes that the last leaf lists, those that lie in this block of the heap; HDF5 itself sees whether they
 * lie within it. A record begins with the kind of place, the offset in the heap, and the size. */
static bool is_heap_block_sound(const gb_h5_seen *seen, const uint8_t *b, size_t size)
{
    const size_t n = (size_t)seen->offset_bytes;
    if (!seen->leaf_size || size < 13 + n) return true;
    const uint64_t first = gb_h5_number(b + 13, seen->offset_bytes);
    for (size_t i = 0; i < seen->records; i++) {
        const uint8_t *id = seen->leaf + 6 + i * leaf_record(seen->leaf);
        const uint64_t offset = gb_h5_number(id + 1, seen->offset_bytes) - first, length = gb_h5_number(id + 1 + n, 2);
        if (offset < size && length <= size - offset && !gb_h5_attribute_is_sound(b + offset, (size_t)length))
            return false;
    }
    return true;
}

static int log2_of(uint64_t value)
{
    return value ? 63 - __builtin_clzll(value) : 0;
}

static bool is_heap_sound(const uint8_t *b)
{
    const uint64_t width = gb_h5_number(b + 110, 2), first = gb_h5_number(b + 112, 8);
    const uint64_t largest = gb_h5_number(b + 120, 8);
    const int bits = (int)gb_h5_number(b + 128, 2), rows = (int)gb_h5_number(b + 140, 2);
    const uint64_t within = gb_h5_number(b + 46, 8), next = gb_h5_number(b + 62, 8), filters = gb_h5_number(b + 7, 2);
    const uint64_t most = gb_h5_number(b + 10, 4); /* bytes of one object: two of its name in a record are its size */
    return filters == 0 && gb_h5_number(b + 22, 8) == UINT64_MAX && /* nothing too large for it */
           is_power_of_2(width) && width <= 1024 && is_power_of_2(first) && first >= 64 && is_power_of_2(largest) &&
           first <= largest && largest >= 512 && largest <= 1 << 16 && most >= 256 && most < largest && bits <= 40 &&
           bits > log2_of(largest) && bits > log2_of(first * width) && rows <= bits - log2_of(first * width) + 1 &&
           next <= within;
}

bool gb_h5_metadata_is_sound(gb_h5_seen *seen, const uint8_t *b, size_t size)
{
    if (size >= TREE_HEADER && !memcmp(b, "BTHD", 4)) return is_tree_sound(seen, b);
    if (size >= HEAP_HEADER && !memcmp(b, "FRHP", 4)) {
        if (!is_heap_sound(b)) return false;
        seen->offset_bytes = (int)((gb_h5_number(b + 128, 2) + 7) / 8);
        return true;
    }
    if (size >= NODE_FRAME && !memcmp(b, "BTLF", 4)) return is_leaf_sound(seen, b, size);
    if (size >= NODE_FRAME && !memcmp(b, "FHDB", 4)) return is_heap_block_sound(seen, b, size);
    const bool header = size >= 4 && (!memcmp(b, "OHDR", 4) || !memcmp(b, "OCHK", 4));
    return !header || gb_h5_new_header_is_sound(&seen->header, b, size);
}
