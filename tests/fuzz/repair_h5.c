/* Checksums of HDF5's newer metadata, of which all of a pack's is made: without them no change of it gets past HDF5. */
#include <stdbool.h>
#include <string.h>

#include "fuzz/repair.h"

/* HDF5 exports it, but has it in no public header. */
uint32_t H5_checksum_metadata(const void *bytes, size_t size, uint32_t start);

typedef struct file {
    uint8_t *data;
    size_t size;
} file;

static uint64_t number(const file *f, uint64_t at, int bytes)
{
    uint64_t value = 0;
    if (at > f->size || f->size - at < (uint64_t)bytes) return 0;
    for (int i = bytes - 1; i >= 0; i--) value = value << 8 | f->data[at + (uint64_t)i];
    return value;
}

static bool holds(const file *f, uint64_t at, uint64_t length)
{
    return at <= f->size && length <= f->size - at;
}

static void put(const file *f, uint64_t from, uint64_t length, uint64_t at)
{
    const uint32_t sum = H5_checksum_metadata(f->data + from, length, 0);
    for (int i = 0; i < 4; i++) f->data[at + (uint64_t)i] = (uint8_t)(sum >> (8 * i));
}

/* The checksum that comes after `length` bytes is theirs. */
static void seal(const file *f, uint64_t at, uint64_t length)
{
    if (length < f->size && holds(f, at, length + 4)) put(f, at, length, at + length);
}

static void object_header(const file *f, uint64_t at)
{
    const uint64_t flags = number(f, at + 5, 1), times = flags & 0x20 ? 16 : 0, limits = flags & 0x10 ? 4 : 0;
    const int bytes = 1 << (flags & 3);
    const uint64_t size = number(f, at + 6 + times + limits, bytes);
    if (size < f->size) seal(f, at, 6 + times + limits + (uint64_t)bytes + size);
}

/* With its first block, where there is but one: its checksum is within it, and counts as zeros. */
static void heap(const file *f, uint64_t at)
{
    const uint64_t bits = number(f, at + 128, 2), block = number(f, at + 132, 8), size = number(f, at + 112, 8);
    const uint64_t sum = 13 + (bits + 7) / 8;
    seal(f, at, 142);
    if (number(f, at + 140, 2) != 0 || !(number(f, at + 9, 1) & 2) || size < sum + 4 || !holds(f, block, size)) return;
    memset(f->data + block + sum, 0, 4);
    put(f, block, size, block + sum);
}

/* With its root, where that is a leaf. */
static void tree(const file *f, uint64_t at)
{
    seal(f, at, 34);
    if (number(f, at + 12, 2) == 0) seal(f, number(f, at + 16, 8), 6 + number(f, at + 24, 2) * number(f, at + 10, 2));
}

static uint64_t log2_of(uint64_t value)
{
    uint64_t log = 0;
    while (value >>= 1) log++;
    return log;
}

/* Of an extensible array, with the block that has its first elements, and addresses of blocks. */
static void array(const file *f, uint64_t at)
{
    const uint64_t element = number(f, at + 6, 1), bits = number(f, at + 7, 1), elements = number(f, at + 8, 1);
    const uint64_t least = number(f, at + 9, 1), pointers = number(f, at + 10, 1);
    seal(f, at, 68);
    if (!least || !pointers) return;
    const uint64_t super = 1 + bits - log2_of(least) - 2 * log2_of(pointers);
    if (super <= bits) seal(f, number(f, at + 60, 8), 14 + elements * element + (2 * (pointers - 1) + super) * 8);
}

static void fixed_array(const file *f, uint64_t at)
{
    seal(f, at, 24);
}

void fuzz_repair_h5(uint8_t *data, size_t size)
{
    static const struct {
        char signature[5];
        void (*seal)(const file *f, uint64_t at);
    } kinds[] = {{"OHDR", object_header}, {"FRHP", heap}, {"BTHD", tree}, {"EAHD", array}, {"FAHD", fixed_array}};
    const file f = {data, size};
    if (size > 8 && !memcmp(data, "\211HDF", 4) && data[8] >= 2) seal(&f, 0, 44);
    for (uint64_t at = 0; at + 4 <= size; at++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (fuzz_starts(data + at, kinds[k].signature)) kinds[k].seal(&f, at);
}
