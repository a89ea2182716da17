#include "core/h5_messages.h"

#include <string.h>

#include "core/h5_rest.h"
#include "core/h5_type.h"

#define MOST_DIMENSIONS 32
#define LAYOUT_DIMENSIONS 33 /* one more: the bytes of an element */

enum { SPACE = 1, LINK_INFO, TYPE, OLD_FILL_VALUE, FILL_VALUE, LINK, EXTERNAL_DATA, LAYOUT, BOGUS, GROUP_INFO, FILTERS,
       ATTRIBUTE, COMMENT, OLD_TIME, SHARED_TABLE, SYMBOL_TABLE = 17, TIME, TREE_SIZES, DRIVER, ATTRIBUTE_INFO,
       REFERENCES, FILE_SPACE };
enum { SHARED = 2 };
enum { HARD = 0, SOFT = 1, EXTERNAL = 64 };
enum { COMPACT = 0, PLAIN = 1, CHUNKED = 2 };

static bool is_link_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1), flags = gb_h5_take(&r, 1), kind = flags & 8 ? gb_h5_take(&r, 1) : HARD;
    if (version != 1 || flags & ~0x1full || (kind != HARD && kind != SOFT && kind != EXTERNAL)) return false;
    if (flags & 4) gb_h5_skip(&r, 8);                        /* creation order */
    if (flags & 0x10 && gb_h5_take(&r, 1) > 1) return false; /* ASCII, UTF-8 */
    const uint64_t name = gb_h5_take(&r, 1 << (flags & 3));
    gb_h5_skip(&r, name);
    if (kind == HARD) {
        gb_h5_skip(&r, 8);
    } else {
        const uint64_t value = gb_h5_take(&r, 2);
        gb_h5_skip(&r, value);
        if (!value) return false;
    }
    return name > 0 && !r.short_of;
}

static bool is_fill_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1);
    if (version == 3) {
        if (gb_h5_take(&r, 1) & 0x20) gb_h5_skip(&r, gb_h5_take(&r, 4));
    } else if (version == 1 || version == 2) {
        gb_h5_skip(&r, 2);
        const uint64_t defined = gb_h5_take(&r, 1);
        if (version == 1 || defined) gb_h5_skip(&r, gb_h5_take(&r, 4));
    }
    return !r.short_of;
}

static bool is_old_fill_sound(gb_h5_rest r)
{
    gb_h5_skip(&r, gb_h5_take(&r, 4));
    return !r.short_of;
}

static bool are_filters_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1), count = gb_h5_take(&r, 1);
    if (version == 1) gb_h5_skip(&r, 6);
    for (uint64_t i = 0; i < count && !r.short_of; i++) {
        const uint64_t id = gb_h5_take(&r, 2), name = version == 1 || id >= 256 ? gb_h5_take(&r, 2) : 0;
        gb_h5_skip(&r, 2);
        const uint64_t values = gb_h5_take(&r, 2);
        if (name && (r.short_of || name > r.size || !memchr(r.at, 0, name))) return false;
        gb_h5_skip(&r, version == 1 ? (name + 7) / 8 * 8 : name);
        gb_h5_skip(&r, 4 * (values + (version == 1 && values % 2)));
    }
    return !r.short_of;
}

/* UINT64_MAX for more than can be counted. */
static uint64_t count_elements(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1), rank = gb_h5_take(&r, 1);
    const uint64_t flags = gb_h5_take(&r, 1), kind = gb_h5_take(&r, 1);
    uint64_t count = 1;
    if (version == 1) gb_h5_skip(&r, 4);
    if (version == 2 && kind == 2) return 0;
    for (uint64_t d = 0; d < rank && !r.short_of; d++)
        if (__builtin_mul_overflow(count, gb_h5_take(&r, 8), &count)) return UINT64_MAX;
    if (flags & 1) gb_h5_skip(&r, 8 * rank);
    return r.short_of ? UINT64_MAX : count;
}

/* ---- Layouts ---- */

static bool is_old_layout_sound(gb_h5_rest r)
{
    const uint64_t rank = gb_h5_take(&r, 1), kind = gb_h5_take(&r, 1);
    gb_h5_skip(&r, 5 + (kind == COMPACT ? 0 : 8));
    for (uint64_t d = 0; d < rank; d++)
        if (gb_h5_take(&r, 4) == 0 && kind == CHUNKED) return false;
    if (kind == COMPACT) gb_h5_skip(&r, gb_h5_take(&r, 4));
    return rank > 0 && rank <= LAYOUT_DIMENSIONS && kind <= CHUNKED && !r.short_of;
}

/* What follows the dimensions of a chunk in version 4, by the kind of index; its address is the last of it. */
static bool is_index_sound(gb_h5_rest r, uint64_t flags)
{
    static const uint8_t parameters[] = {[1] = 0, 0, 1, 5, 6};
    const uint64_t kind = gb_h5_take(&r, 1);
    if (kind < 1 || kind >= sizeof parameters) return false;
    gb_h5_skip(&r, kind == 1 && flags & 2 ? 8 + 4 : parameters[kind]);
    gb_h5_skip(&r, 8);
    return !r.short_of;
}

static bool is_chunked_sound(gb_h5_rest r, uint64_t version)
{
    const uint64_t flags = version == 4 ? gb_h5_take(&r, 1) : 0, rank = gb_h5_take(&r, 1);
    uint64_t bytes = 4;
    if (version == 4) bytes = gb_h5_take(&r, 1);
    else gb_h5_skip(&r, 8); /* the index */
    if (rank == 0 || rank > LAYOUT_DIMENSIONS || bytes == 0 || bytes > 8) return false;
    for (uint64_t d = 0; d < rank; d++)
        if (gb_h5_take(&r, (int)bytes) == 0) return false;
    return version == 4 ? is_index_sound(r, flags) : !r.short_of;
}

static bool is_layout_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1);
    if (version == 1 || version == 2) return is_old_layout_sound(r);
    const uint64_t kind = gb_h5_take(&r, 1);
    if (version > 4 || kind > CHUNKED) return false;
    if (kind == CHUNKED) return is_chunked_sound(r, version);
    gb_h5_skip(&r, kind == COMPACT ? gb_h5_take(&r, 2) : 8 + 8);
    return !r.short_of;
}

/* ---- The rest ---- */

static bool is_type_sound(gb_h5_rest r)
{
    return gb_h5_type_size(&r) != UINT64_MAX;
}

static bool is_space_sound(gb_h5_rest r)
{
    return r.size >= 4 && r.at[1] <= MOST_DIMENSIONS && count_elements(r) != UINT64_MAX;
}

static bool is_attribute_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1), shared = gb_h5_take(&r, 1);
    const uint64_t name_size = gb_h5_take(&r, 2), type_size = gb_h5_take(&r, 2), space_size = gb_h5_take(&r, 2);
    uint64_t bytes = 0;
    if (version == 3) gb_h5_skip(&r, 1);
    const gb_h5_rest name = gb_h5_piece(&r, name_size, version == 1);
    gb_h5_rest type = gb_h5_piece(&r, type_size, version == 1),
               space = gb_h5_piece(&r, space_size, version == 1);
    if (r.short_of || shared || !name_size || !memchr(name.at, 0, name.size) || !is_space_sound(space)) return false;
    const uint64_t size = gb_h5_type_size(&type);
    return size != UINT64_MAX && !__builtin_mul_overflow(size, count_elements(space), &bytes) && bytes <= r.size;
}

/* A reference to the message: version and kind, then an address, or a place in a heap. */
static bool is_reference_sound(gb_h5_rest r)
{
    const uint64_t version = gb_h5_take(&r, 1);
    gb_h5_skip(&r, version == 1 ? 1 + 6 + 8 + 8 : 1 + 8);
    return !r.short_of;
}

/* Version and flags, then numbers of which some are there only under a flag. */
static bool are_numbers_sound(gb_h5_rest r, uint64_t always, uint64_t under_1, uint64_t under_2)
{
    gb_h5_skip(&r, 1);
    const uint64_t flags = gb_h5_take(&r, 1);
    gb_h5_skip(&r, always + (flags & 1 ? under_1 : 0) + (flags & 2 ? under_2 : 0));
    return !r.short_of;
}

static bool is_external_sound(gb_h5_rest r)
{
    gb_h5_skip(&r, 4);
    const uint64_t room = gb_h5_take(&r, 2), used = gb_h5_take(&r, 2);
    gb_h5_skip(&r, 8 + used * 24);
    return room > 0 && used <= room && !r.short_of;
}

/* How free space is kept, and where: for each of twelve kinds of blocks. */
static bool is_file_space_sound(gb_h5_rest r)
{
    gb_h5_skip(&r, 1 + 1);
    const uint64_t persists = gb_h5_take(&r, 1);
    gb_h5_skip(&r, 8 + 8 + 2 + 8 + (persists ? 12 * 8 : 0));
    return !r.short_of;
}

static bool is_driver_sound(gb_h5_rest r)
{
    gb_h5_skip(&r, 1 + 8);
    gb_h5_skip(&r, gb_h5_take(&r, 2));
    return !r.short_of;
}

static bool is_text_sound(gb_h5_rest r)
{
    gb_h5_skip_text(&r, false);
    return !r.short_of;
}

/* HDF5 looks for a signature in what is named here, and for the head of a message. */
static bool is_continuation_sound(gb_h5_rest r)
{
    gb_h5_skip(&r, 8);
    return gb_h5_take(&r, 8) >= 16;
}

/* What has always the same bytes, and those. */
static bool is_as_long(uint64_t kind, size_t size)
{
    static const uint8_t bytes[] = {[BOGUS] = 4, [OLD_TIME] = 16, [SHARED_TABLE] = 10,
                                    [SYMBOL_TABLE] = 16, [TIME] = 8, [TREE_SIZES] = 7, [REFERENCES] = 5};
    return kind >= sizeof bytes || size >= bytes[kind];
}

bool gb_h5_message_is_sound(uint64_t kind, uint64_t flags, const uint8_t *message, size_t size)
{
    const gb_h5_rest r = {message, size, false};
    if (flags & SHARED) return kind != LINK && is_reference_sound(r);
    switch (kind) {
        case SPACE: return is_space_sound(r);
        case LINK_INFO: return are_numbers_sound(r, 8 + 8, 8, 8);
        case TYPE: return is_type_sound(r);
        case OLD_FILL_VALUE: return is_old_fill_sound(r);
        case FILL_VALUE: return is_fill_sound(r);
        case LINK: return is_link_sound(r);
        case EXTERNAL_DATA: return is_external_sound(r);
        case LAYOUT: return is_layout_sound(r);
        case GROUP_INFO: return are_numbers_sound(r, 0, 4, 4);
        case FILTERS: return are_filters_sound(r);
        case ATTRIBUTE: return is_attribute_sound(r);
        case GB_H5_CONTINUES: return is_continuation_sound(r);
        case COMMENT: return is_text_sound(r);
        case DRIVER: return is_driver_sound(r);
        case FILE_SPACE: return is_file_space_sound(r);
        case ATTRIBUTE_INFO: return are_numbers_sound(r, 8 + 8, 2, 8);
        default: return is_as_long(kind, size);
    }
}

bool gb_h5_attribute_is_sound(const uint8_t *message, size_t size)
{
    return is_attribute_sound((gb_h5_rest){message, size, false});
}
