#include "cells/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

#define ABANDONED_S 3600

struct gb_cell_cache {
    char *path;
    unsigned long long max_bytes;
};

typedef struct entry {
    char name[160]; /* "ab/<key>.cell" */
    unsigned long long bytes;
    struct timespec used;
} entry;

typedef struct entry_list {
    entry *item;
    size_t count, capacity;
} entry_list;

gb_status gb_cell_cache_open(unsigned long long max_bytes, gb_cell_cache **out, gb_error *err)
{
    gb_cell_cache *cache = gb_alloc(1, sizeof *cache);
    if (!cache) return gb_fail_memory(err, "cache", sizeof *cache);
    cache->max_bytes = max_bytes;
    const gb_status status = gb_cache_path("cells", &cache->path, err);
    if (status == GB_OK)
        *out = cache;
    else
        gb_cell_cache_close(cache);
    return status;
}

void gb_cell_cache_close(gb_cell_cache *cache)
{
    if (!cache) return;
    free(cache->path);
    free(cache);
}

const char *gb_cell_cache_path(const gb_cell_cache *cache)
{
    return cache->path;
}

static char *path_of(const gb_cell_cache *cache, const gb_cell_key *key)
{
    return gb_format("%s/%.2s/%s-%.16s.cell", cache->path, key->what, key->what, key->engine);
}

static bool same_key(const gb_cell_key *a, const gb_cell_key *b)
{
    return !strcmp(a->what, b->what) && !strcmp(a->engine, b->engine);
}

bool gb_cell_cache_get(const gb_cell_cache *cache, const gb_cell_key *key, char **data, gb_block *out, bool *damaged)
{
    gb_error ignored;
    size_t size = 0, at = 0;
    char *path = path_of(cache, key), *bytes = NULL;
    bool found = false;
    if (path && gb_file_read(path, GB_BLOCK_FILE_MAX, &bytes, &size, &ignored) == GB_OK) {
        found = gb_block_next(bytes, size, &at, out) && at == size && same_key(&out->key, key);
        if (!found) {
            *damaged = true;
            unlink(path);
        } else {
            utimensat(AT_FDCWD, path, NULL, 0); /* used now */
        }
    }
    free(path);
    if (found)
        *data = bytes;
    else
        free(bytes);
    return found;
}

gb_status gb_cell_cache_put(const gb_cell_cache *cache, const gb_block *block, gb_error *err)
{
    gb_buffer bytes;
    char *path = path_of(cache, &block->key), *folder = gb_format("%s/%.2s", cache->path, block->key.what);
    gb_buffer_init(&bytes, GB_BLOCK_FILE_MAX);
    gb_status status = GB_OK;
    if (!path || !folder) GB_GO(gb_fail_memory(err, "cache", 4096));
    GB_GO(gb_directory_make(folder, err));
    GB_GO(gb_block_append(&bytes, block, err));
    GB_GO(gb_file_put(path, bytes.data, bytes.size, err)); /* it has a checksum */
done:
    gb_buffer_free(&bytes);
    free(path);
    free(folder);
    return status;
}

/* An entry, or what a process that was killed left of one; files that are being written are left alone. */
static bool is_removable(const char *name, const struct stat *about)
{
    if (!S_ISREG(about->st_mode)) return false;
    if (!strcmp(gb_path_extension(name), ".cell")) return true;
    return !strcmp(gb_path_extension(name), ".tmp") && time(NULL) - about->st_mtim.tv_sec > ABANDONED_S;
}

static gb_status add_entries(const char *folder, const char *sub, entry_list *list, gb_error *err)
{
    DIR *directory = opendir(folder);
    if (!directory) return GB_OK; /* someone removed it */
    gb_status status = GB_OK;
    for (struct dirent *at; status == GB_OK && (at = readdir(directory));) {
        struct stat about;
        entry one;
        if (at->d_name[0] == '.' || fstatat(dirfd(directory), at->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (!is_removable(at->d_name, &about)) continue;
        const int length = snprintf(one.name, sizeof one.name, "%s/%s", sub, at->d_name);
        if (length < 0 || (size_t)length >= sizeof one.name) continue; /* none of ours */
        one.bytes = (unsigned long long)about.st_size;
        one.used = about.st_mtim;
        if (gb_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item) != 0)
            status = gb_fail_memory(err, "cache", list->count * sizeof *list->item);
        else
            list->item[list->count++] = one;
    }
    closedir(directory);
    return status;
}

/* All files; a cache that is not there yet has none. */
static gb_status list_entries(const gb_cell_cache *cache, entry_list *list, gb_error *err)
{
    DIR *directory = opendir(cache->path);
    if (!directory && errno == ENOENT) return GB_OK;
    if (!directory) return gb_fail(err, GB_E_IO, "%s: %s", cache->path, strerror(errno));
    gb_status status = GB_OK;
    for (struct dirent *at; status == GB_OK && (at = readdir(directory));) {
        if (strlen(at->d_name) != 2 || at->d_name[0] == '.') continue;
        char *folder = gb_path_join(cache->path, at->d_name);
        status = folder ? add_entries(folder, at->d_name, list, err) : gb_fail_memory(err, "cache", 4096);
        free(folder);
    }
    closedir(directory);
    return status;
}

gb_status gb_cell_cache_measure(const gb_cell_cache *cache, gb_cell_cache_size *out, gb_error *err)
{
    entry_list list = {0};
    const gb_status status = list_entries(cache, &list, err);
    *out = (gb_cell_cache_size){.files = list.count};
    for (size_t i = 0; i < list.count; i++) out->bytes += list.item[i].bytes;
    free(list.item);
    return status;
}

static int by_use(const void *a, const void *b)
{
    const entry *one = a, *other = b;
    if (one->used.tv_sec != other->used.tv_sec) return one->used.tv_sec < other->used.tv_sec ? -1 : 1;
    if (one->used.tv_nsec != other->used.tv_nsec) return one->used.tv_nsec < other->used.tv_nsec ? -1 : 1;
    return strcmp(one->name, other->name);
}

/* Removes the first ones of the list until no more than `keep` bytes are left. */
static void remove_until(const gb_cell_cache *cache, const entry_list *list, unsigned long long bytes,
                         unsigned long long keep, gb_cell_cache_size *removed)
{
    for (size_t i = 0; i < list->count && bytes > keep; i++) {
        char *path = gb_path_join(cache->path, list->item[i].name);
        if (path && unlink(path) == 0) {
            removed->files++;
            removed->bytes += list->item[i].bytes;
        }
        bytes -= list->item[i].bytes;
        free(path);
    }
}

static gb_status shrink(const gb_cell_cache *cache, bool all, gb_cell_cache_size *removed, gb_error *err)
{
    entry_list list = {0};
    unsigned long long bytes = 0;
    *removed = (gb_cell_cache_size){0};
    const gb_status status = list_entries(cache, &list, err);
    for (size_t i = 0; i < list.count; i++) bytes += list.item[i].bytes;
    if (status == GB_OK && all) remove_until(cache, &list, bytes + 1, 0, removed);
    if (status == GB_OK && !all && bytes > cache->max_bytes) {
        qsort(list.item, list.count, sizeof *list.item, by_use);
        remove_until(cache, &list, bytes, cache->max_bytes / 10 * 9, removed);
    }
    free(list.item);
    return status;
}

gb_status gb_cell_cache_trim(const gb_cell_cache *cache, gb_error *err)
{
    gb_cell_cache_size removed;
    return shrink(cache, false, &removed, err);
}

gb_status gb_cell_cache_clear(const gb_cell_cache *cache, gb_cell_cache_size *removed, gb_error *err)
{
    return shrink(cache, true, removed, err);
}
