#include "core/h5_metadata.h"

#include <stdint.h>
#include <string.h>

#define TREE_HEADER 38
#define HEAP_HEADER 146
#define NODE_FRAME 10 /* bytes of a node that are not records */
#define SMALLEST_POINTER 10 /* to a node below: address, and two counts of a byte or more */
#define SHARED 2
#define DEEPEST 8

enum { SHARED_MESSAGES = 7, ATTRIBUTE_NAMES = 8, ATTRIBUTE_ORDER = 9, PLAIN_CHUNKS = 10, FILTERED_CHUNKS = 11 };

static uint64_t number(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

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

static bool is_tree_sound(const uint8_t *b)
{
    const uint64_t node = number(b + 6, 4), record = number(b + 10, 2), depth = number(b + 12, 2);
    if (!is_record_size(b[5], record) || node < NODE_FRAME + 4 * record || node > 1 << 16 || depth > DEEPEST) return false;
    const uint64_t pointer = depth ? SMALLEST_POINTER : 0;
    return number(b + 24, 2) <= (node - NODE_FRAME - pointer) / (record + pointer);
}

/* No attribute is kept in a table of messages that objects share: HDF5 does not look whether there is one. */
static bool is_leaf_sound(const uint8_t *b, size_t size)
{
    const size_t record = b[5] == ATTRIBUTE_NAMES ? 17 : 13, flags = 8;
    if (b[5] != ATTRIBUTE_NAMES && b[5] != ATTRIBUTE_ORDER) return true;
    for (size_t at = 6; at + record + 4 <= size; at += record)
        if (b[at + flags] & SHARED) return false;
    return true;
}

static int log2_of(uint64_t value)
{
    return value ? 63 - __builtin_clzll(value) : 0;
}

static bool is_heap_sound(const uint8_t *b)
{
    const uint64_t width = number(b + 110, 2), first = number(b + 112, 8), largest = number(b + 120, 8);
    const int bits = (int)number(b + 128, 2), rows = (int)number(b + 140, 2);
    const uint64_t within = number(b + 46, 8), next = number(b + 62, 8), filters = number(b + 7, 2);
    return filters == 0 && number(b + 22, 8) == UINT64_MAX && /* nothing too large for it */
           is_power_of_2(width) && width <= 1024 && is_power_of_2(first) && first >= 64 && is_power_of_2(largest) &&
           first <= largest && largest <= 1 << 26 && number(b + 10, 4) <= largest && bits <= 64 &&
           bits > log2_of(largest) && bits > log2_of(first * width) && rows <= bits - log2_of(first * width) + 1 &&
           next <= within;
}

bool gb_h5_metadata_is_sound(const void *block, size_t size)
{
    const uint8_t *b = block;
    if (size >= TREE_HEADER && !memcmp(b, "BTHD", 4)) return is_tree_sound(b);
    if (size >= HEAP_HEADER && !memcmp(b, "FRHP", 4)) return is_heap_sound(b);
    return size < NODE_FRAME || memcmp(b, "BTLF", 4) != 0 || is_leaf_sound(b, size);
}
