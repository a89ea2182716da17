#include "support/hostile.h"

#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "support/support.h"

#define FILE_MAX ((size_t)64 << 20)

static uint32_t crc32_of(const void *bytes, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= ((const uint8_t *)bytes)[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void put_big(gb_buffer *out, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    gb_buffer_append(out, bytes, sizeof bytes);
}

static void put_little(gb_buffer *out, uint32_t value, int count)
{
    for (int i = 0; i < count; i++) {
        const uint8_t byte = (uint8_t)(i < 4 ? value >> (8 * i) : 0);
        gb_buffer_append(out, &byte, 1);
    }
}

static void write_buffer(const char *path, gb_buffer *buffer)
{
    gb_error err;
    assert_ok(gb_buffer_status(buffer, &err), &err);
    assert_ok(gb_file_write(path, buffer->data, buffer->size, &err), &err);
    gb_buffer_free(buffer);
}

void write_png_claim(const char *path, uint32_t width, uint32_t height)
{
    gb_buffer out;
    gb_buffer_init(&out, FILE_MAX);
    gb_buffer_append(&out, "\x89PNG\r\n\x1a\n", 8);
    put_big(&out, 13);
    gb_buffer_append(&out, "IHDR", 4);
    put_big(&out, width);
    put_big(&out, height);
    gb_buffer_append(&out, "\x08\x02\0\0\0", 5); /* 8 bits, RGB */
    put_big(&out, crc32_of(out.data + 12, 17));
    gb_buffer_append(&out, "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 24);
    write_buffer(path, &out);
}

/* From the version needed to the lengths of name and extra field: what both headers of an entry have. */
static void put_common(gb_buffer *out, const char *entry, uint32_t size)
{
    put_little(out, 10, 2);
    put_little(out, 0, 8); /* flags, method, time, date */
    put_little(out, crc32_of("abcd", 4), 4);
    put_little(out, size, 4);
    put_little(out, size, 4);
    put_little(out, (uint32_t)strlen(entry), 2);
    put_little(out, 0, 2);
}

void write_zip_claim(const char *path, const char *entry, uint32_t count, uint32_t size)
{
    gb_buffer out;
    const uint32_t length = 30 + (uint32_t)strlen(entry) + 4;
    gb_buffer_init(&out, FILE_MAX);
    for (uint32_t i = 0; i < count; i++) {
        gb_buffer_append(&out, "PK\3\4", 4);
        put_common(&out, entry, size);
        gb_buffer_text(&out, entry);
        gb_buffer_append(&out, "abcd", 4);
    }
    const uint32_t directory = (uint32_t)out.size;
    for (uint32_t i = 0; i < count; i++) {
        gb_buffer_append(&out, "PK\1\2\24\0", 6);
        put_common(&out, entry, size);
        put_little(&out, 0, 10); /* comment, disk, attributes: two, two, two, four */
        put_little(&out, i * length, 4);
        gb_buffer_text(&out, entry);
    }
    const uint32_t end = (uint32_t)out.size;
    gb_buffer_append(&out, "PK\5\6\0\0\0\0", 8);
    put_little(&out, count & 0xffff, 2);
    put_little(&out, count & 0xffff, 2);
    put_little(&out, end - directory, 4);
    put_little(&out, directory, 4);
    put_little(&out, 0, 2);
    write_buffer(path, &out);
}
