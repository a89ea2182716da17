#include "core/h5_rest.h"

#include <string.h>

uint64_t gb_h5_number(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

void gb_h5_skip(gb_h5_rest *r, uint64_t bytes)
{
    if (bytes > r->size) r->short_of = true;
    const size_t step = r->short_of ? r->size : (size_t)bytes;
    r->at += step;
    r->size -= step;
}

uint64_t gb_h5_take(gb_h5_rest *r, int bytes)
{
    const uint64_t value = r->size < (size_t)bytes ? 0 : gb_h5_number(r->at, bytes);
    gb_h5_skip(r, (uint64_t)bytes);
    return value;
}

gb_h5_rest gb_h5_piece(gb_h5_rest *r, uint64_t size, bool padded)
{
    const gb_h5_rest part = {r->at, size < r->size ? (size_t)size : r->size, r->short_of || size > r->size};
    gb_h5_skip(r, padded ? (size + 7) / 8 * 8 : size);
    return part;
}

void gb_h5_skip_text(gb_h5_rest *r, bool padded)
{
    const uint8_t *end = r->size ? memchr(r->at, 0, r->size) : NULL;
    const size_t size = end ? (size_t)(end - r->at) + 1 : r->size + 1;
    gb_h5_skip(r, padded ? (size + 7) / 8 * 8 : size);
}
