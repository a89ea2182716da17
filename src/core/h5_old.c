#include "core/h5_old.h"

#include <string.h>

#include "core/h5_rest.h"

#define HEAP_PREFIX 32
#define TREE_HEAD 24
#define ENTRIES_OF_CHUNKS 64 /* of a node, unless the superblock says otherwise, which nobody's does */
#define NO_ADDRESS UINT64_MAX
#define NO_FREE 1 /* where a free piece would be */

enum { GROUPS = 0, CHUNKS = 1 };

bool gb_h5_superblock_is_sound(const uint8_t *b, size_t size)
{
    if (size < 16 || memcmp(b, "\211HDF\r\n\032\n", 8) != 0) return true; /* HDF5 looks for it in several places */
    if (b[8] >= 2) return b[9] == 8 && b[10] == 8;
    const size_t driver = b[8] == 0 ? 48 : 52;
    return b[13] == 8 && b[14] == 8 && (size < driver + 8 || gb_h5_number(b + driver, 8) == NO_ADDRESS);
}

/* ---- Local heaps ---- */

bool gb_h5_local_heap_is_sound(gb_h5_names *names, uint64_t address, const uint8_t *b, size_t size)
{
    memset(names, 0, sizeof *names);
    if (size < HEAP_PREFIX) return false;
    *names = (gb_h5_names){.size = gb_h5_number(b + 8, 8), .free = gb_h5_number(b + 16, 8),
                           .at = gb_h5_number(b + 24, 8)};
    return names->size <= SIZE_MAX / 2 && address <= SIZE_MAX / 2;
}

size_t gb_h5_local_heap_size(const gb_h5_names *names, uint64_t address)
{
    return names->size && names->at == address + HEAP_PREFIX ? HEAP_PREFIX + (size_t)names->size : 0;
}

bool gb_h5_names_are_sound(const gb_h5_names *names, uint8_t *block, size_t size)
{
    uint64_t at = names->free, left = size / 16;
    if (size != names->size) return false;
    for (; at != NO_FREE; left--) {
        if (left == 0 || size < 16 || at > size - 16) return false;
        const uint64_t next = gb_h5_number(block + at, 8), bytes = gb_h5_number(block + at + 8, 8);
        if (bytes > size - at) return false;
        at = next;
    }
    block[size - 1] = 0;
    return true;
}

/* ---- Version 1 B-trees ---- */

/* Of an entry, by the bytes of a node: 2K entries are a key and an address each, and one more key ends it. */
static size_t key_size(uint64_t kind, size_t size)
{
    if (kind == GROUPS) return 8;
    const size_t keys = size < TREE_HEAD + 8 * ENTRIES_OF_CHUNKS ? 0 : size - TREE_HEAD - 8 * ENTRIES_OF_CHUNKS;
    return keys % (ENTRIES_OF_CHUNKS + 1) ? 0 : keys / (ENTRIES_OF_CHUNKS + 1);
}

bool gb_h5_old_tree_is_sound(const uint8_t *b, size_t size, int (*level_of)(void *user, uint64_t address), void *user)
{
    if (size < TREE_HEAD) return false;
    const uint64_t kind = b[4], level = b[5], entries = gb_h5_number(b + 6, 2);
    const size_t key = key_size(kind, size);
    if (kind > CHUNKS) return false;
    if (level == 0) return true;
    if (key == 0 || entries > (size - TREE_HEAD) / (key + 8)) return false;
    for (uint64_t i = 0; i < entries; i++) {
        const uint64_t below = gb_h5_number(b + TREE_HEAD + i * (key + 8) + key, 8);
        if (level_of(user, below) != (int)level - 1) return false;
    }
    return true;
}
