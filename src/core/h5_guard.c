#include "core/h5_guard.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"

static bool begins(const uint8_t *block, size_t size, const char *name)
{
    return size >= 4 && !memcmp(block, name, 4);
}

static bool read_at(const gb_h5_guard *g, uint64_t address, uint8_t *out, size_t size)
{
    const uint64_t room = g->end - g->base;
    return address <= room && size <= room - address &&
           pread(g->fd, out, size, (off_t)(g->base + address)) == (ssize_t)size;
}

/* HDF5 reads the beginning of a block, and then what is left of it; it is looked at when it begins. NULL where the file
 * does not have so much; the caller frees. */
static uint8_t *read_whole(const gb_h5_guard *g, uint64_t address, size_t whole)
{
    uint8_t *all = whole <= g->end ? gb_alloc(1, whole) : NULL;
    if (all && read_at(g, address, all, whole)) return all;
    free(all);
    return NULL;
}

/* Of a sound block the next that HDF5 reads is the rest; of another one HDF5 sees damage, and reads none. */
static bool expect_rest(gb_h5_guard *g, uint64_t address, size_t size, size_t whole, bool sound)
{
    g->rest.at = address + size;
    g->rest.size = sound ? whole - size : 0;
    return sound;
}

/* ---- Object headers ---- */

/* The newer format's, which are counted as headers and begin with their names. */
static bool has_name(const uint8_t *block, size_t size)
{
    static const char *const names[] = {"OHDR", "OCHK", "FRHP", "FHIB", "FSHD", "SMTB", "EAHD", "EAIB", "EASB", "FAHD"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (begins(block, size, names[i])) return true;
    return false;
}

static bool is_header_sound(gb_h5_guard *g, uint64_t address, const uint8_t *block, size_t size)
{
    const bool piece = gb_h5_header_has_piece(&g->seen.header, address);
    if (!piece && has_name(block, size)) return gb_h5_metadata_is_sound(&g->seen, block, size);
    return gb_h5_old_header_is_sound(&g->seen.header, address, block, size);
}

static bool passes_header(gb_h5_guard *g, uint64_t address, const uint8_t *block, size_t size)
{
    const size_t whole = gb_h5_header_size(block, size);
    if (whole <= size || gb_h5_header_has_piece(&g->seen.header, address))
        return is_header_sound(g, address, block, size);
    uint8_t *all = read_whole(g, address, whole);
    const bool sound = all && is_header_sound(g, address, all, whole);
    free(all);
    return expect_rest(g, address, size, whole, sound);
}

/* ---- The older format's groups ---- */

/* Names right behind their heap come with it. */
static bool passes_local_heap(gb_h5_guard *g, uint64_t address, uint8_t *block, size_t size)
{
    if (!gb_h5_local_heap_is_sound(&g->names, address, block, size) || g->names.size > g->end) return false;
    const size_t whole = gb_h5_local_heap_size(&g->names, address), names = (size_t)g->names.size;
    if (whole <= size) return whole == 0 || gb_h5_names_are_sound(&g->names, block + whole - names, names);
    uint8_t *all = read_whole(g, address, whole);
    const bool sound = all && gb_h5_names_are_sound(&g->names, all + whole - names, names);
    free(all);
    return expect_rest(g, address, size, whole, sound);
}

static int level_of(void *user, uint64_t address)
{
    uint8_t head[6];
    return read_at(user, address, head, sizeof head) && begins(head, sizeof head, "TREE") ? head[5] : -1;
}

static bool passes_superblock(gb_h5_guard *g, uint64_t address, const uint8_t *block, size_t size)
{
    g->base = address <= g->end ? address : 0;
    return gb_h5_superblock_is_sound(block, size);
}

bool gb_h5_guard_passes(gb_h5_guard *g, gb_h5_kind kind, uint64_t address, uint8_t *block, size_t size)
{
    const uint64_t at = address - g->base;
    const bool rest = size == g->rest.size && at == g->rest.at;
    g->rest.size = 0;
    if (size == 0) return true;
    if (rest && kind == GB_H5_NAMES) block[size - 1] = 0; /* the last of names has its end here, too */
    if (rest) return true;
    if (kind == GB_H5_HEADER) return passes_header(g, at, block, size);
    if (kind == GB_H5_NAMES && g->names.size && at == g->names.at) return gb_h5_names_are_sound(&g->names, block, size);
    if (begins(block, size, "HEAP")) return passes_local_heap(g, at, block, size);
    if (begins(block, size, "TREE")) return gb_h5_old_tree_is_sound(block, size, level_of, g);
    if (begins(block, size, "\211HDF")) return passes_superblock(g, address, block, size);
    return gb_h5_metadata_is_sound(&g->seen, block, size);
}
