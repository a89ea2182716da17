#include "fuzz/repair.h"

#include <libdeflate.h>
#include <string.h>

#include "core/sha256.h"

#define HEX 64 /* digits of a sha256 */

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t little_endian(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

static void put_hash(const void *bytes, size_t size, uint8_t *to)
{
    char hex[GB_SHA256_HEX];
    gb_sha256_memory(bytes, size, hex);
    memcpy(to, hex, HEX);
}

/* Of each chunk. */
static void repair_png(uint8_t *data, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        const size_t length = big_endian(data + at);
        if (length > size - at - 12) return;
        const uint32_t sum = libdeflate_crc32(0, data + at + 4, length + 4);
        for (int i = 0; i < 4; i++) data[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + 12;
    }
}

/* Of what an entry of the directory says is stored in the file as it is. */
static void repair_zip_entry(uint8_t *data, size_t size, uint8_t *entry)
{
    const uint64_t length = little_endian(entry + 20, 4), local = little_endian(entry + 42, 4);
    if (little_endian(entry + 10, 2) != 0 || local + 30 > size) return;
    const uint64_t begin = local + 30 + little_endian(data + local + 26, 2) + little_endian(data + local + 28, 2);
    if (begin > size || length > size - begin) return;
    const uint32_t sum = libdeflate_crc32(0, data + begin, length);
    for (int i = 0; i < 4; i++) data[local + 14 + (uint64_t)i] = entry[16 + i] = (uint8_t)(sum >> (8 * i));
}

static void repair_zip(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 46 <= size; at++)
        if (fuzz_starts(data + at, "PK\1\2")) repair_zip_entry(data, size, data + at);
}

/* Of everything before it, at a baseline's end. */
static void repair_baseline(uint8_t *data, size_t size)
{
    static const char seal[] = "\"integrity\":\"";
    const size_t length = sizeof seal - 1;
    for (size_t at = size < length + HEX ? 0 : size - length - HEX; at > 0; at--)
        if (!memcmp(data + at, seal, length)) {
            put_hash(data, at, data + at + length);
            return;
        }
}

/* Of each block: the magic, the size of what follows the header of 216 bytes, and at the end the checksum. */
static void repair_cell(uint8_t *data, size_t size)
{
    const size_t header = 216;
    for (size_t at = 0; size - at >= header + HEX && !memcmp(data + at, "GBCELL1\n", 8);) {
        const uint64_t length = little_endian(data + at + 8, 8);
        if (length > size - at - header - HEX) return;
        put_hash(data + at, header + length, data + at + header + length);
        at += header + length + HEX;
    }
}

void fuzz_repair(const char *target, uint8_t *data, size_t size)
{
    static const struct {
        const char *target;
        void (*run)(uint8_t *data, size_t size);
    } repairs[] = {{"png", repair_png},   {"torch_zip", repair_zip}, {"baseline", repair_baseline},
                   {"cell", repair_cell}, {"pack", fuzz_repair_h5},  {"h5_weights", fuzz_repair_h5}};
    for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++)
        if (!strcmp(target, repairs[i].target)) repairs[i].run(data, size);
}
