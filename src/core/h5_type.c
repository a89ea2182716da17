#include "core/h5_type.h"

#define DEEPEST 8
#define MOST_DIMENSIONS 32
#define BAD UINT64_MAX

enum { WHOLE = 0, FLOATING, TIME, TEXT, BITS, OPAQUE, COMPOUND, REFERENCE, ENUMERATION, VARIABLE, ARRAY };

/* What comes before the properties of each kind. */
typedef struct head {
    int version;
    uint64_t flags, size;
} head;

static uint64_t type_size(gb_h5_rest *r, int depth);

/* Bits of a number lie within its bytes. */
static bool lies_within(uint64_t first, uint64_t count, const head *h)
{
    return count > 0 && first + count <= 8 * h->size;
}

static bool is_number_sound(gb_h5_rest *r, const head *h)
{
    const uint64_t offset = gb_h5_take(r, 2), precision = gb_h5_take(r, 2);
    return lies_within(offset, precision, h);
}

static bool is_float_sound(gb_h5_rest *r, const head *h)
{
    const bool whole = is_number_sound(r, h);
    const uint64_t exponent = gb_h5_take(r, 1), exponent_bits = gb_h5_take(r, 1);
    const uint64_t mantissa = gb_h5_take(r, 1), mantissa_bits = gb_h5_take(r, 1);
    gb_h5_skip(r, 4); /* bias */
    return whole && lies_within(exponent, exponent_bits, h) && lies_within(mantissa, mantissa_bits, h) &&
           lies_within(h->flags >> 8 & 255, 1, h);
}

static int bytes_of(uint64_t value)
{
    int bytes = 1;
    while (value >>= 8) bytes++;
    return bytes;
}

/* Dimensions of a member that is an array, as version 1 has them; 1 without. */
static uint64_t old_elements(gb_h5_rest *r)
{
    uint64_t rank = gb_h5_take(r, 1), count = 1;
    gb_h5_skip(r, 3 + 4 + 4);
    for (uint64_t d = 0; d < 4; d++) {
        const uint64_t dim = gb_h5_take(r, 4);
        if (d < rank && __builtin_mul_overflow(count, dim, &count)) return BAD;
    }
    return rank <= 4 ? count : BAD;
}

static bool are_members_sound(gb_h5_rest *r, const head *h, int depth)
{
    const uint64_t members = h->flags & 0xffff;
    for (uint64_t i = 0; i < members && !r->short_of; i++) {
        gb_h5_skip_text(r, h->version < 3);
        const uint64_t offset = gb_h5_take(r, h->version < 3 ? 4 : bytes_of(h->size));
        const uint64_t count = h->version == 1 ? old_elements(r) : 1;
        uint64_t size = type_size(r, depth + 1);
        if (size == BAD || count == BAD || __builtin_mul_overflow(size, count, &size)) return false;
        if (offset > h->size || size > h->size - offset) return false;
    }
    return members > 0;
}

static bool are_values_sound(gb_h5_rest *r, const head *h, int depth)
{
    const uint64_t values = h->flags & 0xffff, size = type_size(r, depth + 1);
    for (uint64_t i = 0; i < values && !r->short_of; i++) gb_h5_skip_text(r, h->version < 3);
    if (size != h->size) return false;
    gb_h5_skip(r, values * size); /* both are below 2^32 */
    return true;
}

static bool is_array_sound(gb_h5_rest *r, const head *h, int depth)
{
    const uint64_t rank = gb_h5_take(r, 1);
    uint64_t count = 1;
    if (rank > MOST_DIMENSIONS || rank == 0) return false;
    if (h->version < 3) gb_h5_skip(r, 3);
    for (uint64_t d = 0; d < rank; d++)
        if (__builtin_mul_overflow(count, gb_h5_take(r, 4), &count)) return false;
    if (h->version < 3) gb_h5_skip(r, 4 * rank);
    uint64_t size = type_size(r, depth + 1);
    return size != BAD && !__builtin_mul_overflow(size, count, &size) && size == h->size;
}

static bool are_properties_sound(uint64_t kind, gb_h5_rest *r, const head *h, int depth)
{
    switch (kind) {
        case WHOLE:
        case BITS: return is_number_sound(r, h);
        case FLOATING: return is_float_sound(r, h);
        case TIME: gb_h5_skip(r, 2); return true;
        case TEXT:
        case REFERENCE: return true;
        case OPAQUE: gb_h5_skip(r, h->flags & 255); return true;
        case COMPOUND: return are_members_sound(r, h, depth);
        case ENUMERATION: return are_values_sound(r, h, depth);
        case VARIABLE: return type_size(r, depth + 1) != BAD;
        case ARRAY: return is_array_sound(r, h, depth);
        default: return true; /* HDF5 knows none, and says so */
    }
}

static uint64_t type_size(gb_h5_rest *r, int depth)
{
    const uint64_t first = gb_h5_take(r, 1), flags = gb_h5_take(r, 3), size = gb_h5_take(r, 4);
    const head h = {(int)(first >> 4), flags, size};
    if (depth > DEEPEST || h.version < 1 || size == 0 || r->short_of) return BAD;
    return are_properties_sound(first & 15, r, &h, depth) && !r->short_of ? size : BAD;
}

uint64_t gb_h5_type_size(gb_h5_rest *rest)
{
    return type_size(rest, 0);
}
