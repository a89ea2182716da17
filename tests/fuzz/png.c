#include <string.h>
#include <zlib.h>

#include "fuzz/targets.h"
#include "image/codec.h"

int fuzz_png(const uint8_t *data, size_t size)
{
    gb_image image = {0};
    gb_error err;
    if (size < 8 || gb_png_decode(data, size, "fuzz", &image, &err) != GB_OK) return 0;
    gb_image_free(&image);
    return 0;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void fuzz_png_repair(uint8_t *data, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        const size_t length = big_endian(data + at);
        if (length > size - at - 12) return;
        const uint32_t sum = (uint32_t)crc32(0, data + at + 4, (uInt)(length + 4));
        for (int i = 0; i < 4; i++) data[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + 12;
    }
}
