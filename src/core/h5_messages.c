#include "core/h5_messages.h"

#include <string.h>

enum { OLD_FILL_VALUE = 4, FILL_VALUE = 5, LINK = 6, FILTERS = 11, ATTRIBUTE = 12 };
enum { TIMES = 0x20, LIMITS = 0x10, ORDER = 4, SHARED = 2 };
enum { HARD = 0, SOFT = 1, EXTERNAL = 64 };

/* What is left of a message. */
typedef struct rest {
    const uint8_t *at;
    size_t size;
    bool short_of; /* it asked for more than there is */
} rest;

static void skip(rest *r, uint64_t bytes)
{
    if (bytes > r->size) r->short_of = true;
    const size_t step = r->short_of ? r->size : (size_t)bytes;
    r->at += step;
    r->size -= step;
}

static uint64_t take(rest *r, int bytes)
{
    uint64_t value = 0;
    if (r->size < (size_t)bytes) r->short_of = true;
    for (int i = bytes - 1; i >= 0 && !r->short_of; i--) value = value << 8 | r->at[i];
    skip(r, (uint64_t)bytes);
    return value;
}

static bool is_link_sound(rest r)
{
    const uint64_t version = take(&r, 1), flags = take(&r, 1), kind = flags & 8 ? take(&r, 1) : HARD;
    if (version != 1 || flags & ~0x1full || (kind != HARD && kind != SOFT && kind != EXTERNAL)) return false;
    if (flags & 4) skip(&r, 8);                        /* creation order */
    if (flags & 0x10 && take(&r, 1) > 1) return false; /* ASCII, UTF-8 */
    const uint64_t name = take(&r, 1 << (flags & 3));
    skip(&r, name);
    if (kind == HARD) {
        skip(&r, 8);
    } else {
        const uint64_t value = take(&r, 2);
        skip(&r, value);
        if (!value) return false;
    }
    return name > 0 && !r.short_of;
}

static bool is_fill_sound(rest r)
{
    const uint64_t version = take(&r, 1);
    if (version == 3) {
        if (take(&r, 1) & 0x20) skip(&r, take(&r, 4));
    } else if (version == 1 || version == 2) {
        skip(&r, 2);
        const uint64_t defined = take(&r, 1);
        if (version == 1 || defined) skip(&r, take(&r, 4));
    }
    return !r.short_of;
}

static bool are_filters_sound(rest r)
{
    const uint64_t version = take(&r, 1), count = take(&r, 1);
    if (version == 1) skip(&r, 6);
    for (uint64_t i = 0; i < count && !r.short_of; i++) {
        const uint64_t id = take(&r, 2), name = version == 1 || id >= 256 ? take(&r, 2) : 0;
        skip(&r, 2);
        const uint64_t values = take(&r, 2);
        if (name && (r.short_of || name > r.size || !memchr(r.at, 0, name))) return false;
        skip(&r, version == 1 ? (name + 7) / 8 * 8 : name);
        skip(&r, 4 * (values + (version == 1 && values % 2)));
    }
    return !r.short_of;
}

/* Bytes of one element; UINT64_MAX when its description is cut short, as far as plain numbers and texts go. */
static uint64_t element_size(rest r)
{
    static const uint8_t properties[16] = {[0] = 4, [1] = 12, [2] = 2, [4] = 4};
    const uint64_t class = take(&r, 1) & 15;
    skip(&r, 3);
    const uint64_t size = take(&r, 4);
    skip(&r, properties[class]);
    return r.short_of ? UINT64_MAX : size;
}

/* UINT64_MAX for more than can be counted. */
static uint64_t count_elements(rest r)
{
    const uint64_t version = take(&r, 1), rank = take(&r, 1), flags = take(&r, 1), kind = take(&r, 1);
    uint64_t count = 1;
    if (version == 1) skip(&r, 4);
    if (version == 2 && kind == 2) return 0;
    for (uint64_t d = 0; d < rank && !r.short_of; d++)
        if (__builtin_mul_overflow(count, take(&r, 8), &count)) return UINT64_MAX;
    if (flags & 1) skip(&r, 8 * rank);
    return r.short_of ? UINT64_MAX : count;
}

static rest piece(rest *r, uint64_t size, bool padded)
{
    rest part = {r->at, size < r->size ? (size_t)size : r->size, r->short_of || size > r->size};
    skip(r, padded ? (size + 7) / 8 * 8 : size);
    return part;
}

static bool is_attribute_sound(rest r)
{
    const uint64_t version = take(&r, 1), shared = take(&r, 1);
    const uint64_t name_size = take(&r, 2), type_size = take(&r, 2), space_size = take(&r, 2);
    uint64_t bytes = 0;
    if (version == 3) skip(&r, 1);
    const rest name = piece(&r, name_size, version == 1), type = piece(&r, type_size, version == 1),
               space = piece(&r, space_size, version == 1);
    if (r.short_of || shared || !name_size || !memchr(name.at, 0, name.size)) return false;
    return !__builtin_mul_overflow(element_size(type), count_elements(space), &bytes) && bytes <= r.size;
}

static bool is_message_sound(uint64_t type, uint64_t flags, rest r)
{
    if (type == LINK) return !(flags & SHARED) && is_link_sound(r);
    if (flags & SHARED) return true;
    if (type == FILL_VALUE) return is_fill_sound(r);
    if (type == OLD_FILL_VALUE) {
        skip(&r, take(&r, 4));
        return !r.short_of;
    }
    if (type == FILTERS) return are_filters_sound(r);
    return type != ATTRIBUTE || is_attribute_sound(r);
}

bool gb_h5_attribute_is_sound(const uint8_t *message, size_t size)
{
    return is_attribute_sound((rest){message, size, false});
}

/* After a header's beginning, of which `*chunk` gets how many bytes of messages follow. */
static rest after_prefix(const uint8_t *block, size_t size, uint64_t *chunk, bool *order)
{
    rest r = {block, size, false};
    skip(&r, 5);
    const uint64_t flags = take(&r, 1);
    skip(&r, (flags & TIMES ? 16 : 0) + (flags & LIMITS ? 4 : 0));
    *chunk = take(&r, 1 << (flags & 3));
    *order = flags & ORDER;
    return r;
}

size_t gb_h5_header_size(const uint8_t *block, size_t size)
{
    uint64_t chunk = 0;
    bool order = false;
    if (size < 6 || memcmp(block, "OHDR", 4) != 0) return 0;
    const rest r = after_prefix(block, size, &chunk, &order);
    return r.short_of || chunk > SIZE_MAX / 2 ? 0 : size - r.size + (size_t)chunk;
}

bool gb_h5_messages_are_sound(const uint8_t *block, size_t size, bool *order)
{
    uint64_t chunk = 0;
    rest r = {block, size, false};
    if (size >= 8 && !memcmp(block, "OHDR", 4)) {
        r = after_prefix(block, size, &chunk, order);
        if (r.short_of || chunk > r.size) return false;
        r.size = (size_t)chunk;
    } else if (size >= 8 && !memcmp(block, "OCHK", 4)) {
        skip(&r, 4);
        r.size -= 4; /* the checksum */
    } else {
        return true;
    }
    for (const size_t head = *order ? 6 : 4; r.size >= head;) { /* less is a gap */
        const uint64_t type = take(&r, 1), length = take(&r, 2), flags = take(&r, 1);
        if (*order) skip(&r, 2);
        if (length > r.size || !is_message_sound(type, flags, (rest){r.at, (size_t)length, false})) return false;
        skip(&r, length);
    }
    return true;
}
