/* PyTorch before 1.6: five pickles (magic number, version, system, the object, the storages' keys), then the storages
 * in the keys' order, each with its number of elements as 8 bytes, all little-endian whatever machine wrote it. */
#include <stdlib.h>
#include <string.h>

#include "checkpoint/formats.h"
#include "checkpoint/torch_views.h"
#include "core/memory.h"

#define PROTOCOL_VERSION 1001

typedef struct head {
    unsigned char *bytes;
    size_t size, at;
} head;

static gb_status next_pickle(const char *path, head *h, gb_pickle **out, gb_error *err)
{
    size_t used = 0;
    GB_TRY(gb_pickle_parse(path, h->bytes + h->at, h->size - h->at, out, &used, err));
    h->at += used;
    return GB_OK;
}

/* The magic number (looked at by the caller already), the version and the system's facts. */
static gb_status skip_preamble(const char *path, head *h, gb_error *err)
{
    for (int i = 0; i < 3; i++) {
        gb_pickle *pickle = NULL;
        GB_TRY(next_pickle(path, h, &pickle, err));
        const gb_pickle_value *root = gb_pickle_root(pickle);
        const bool good = i != 1 || (root->kind == GB_PICKLE_INT && root->integer == PROTOCOL_VERSION);
        gb_pickle_free(pickle);
        if (!good) return gb_fail(err, GB_E_FORMAT, "%s: expected PyTorch's file version %d, found another", path,
                                  PROTOCOL_VERSION);
    }
    return GB_OK;
}

static gb_status check_sizes(const gb_torch_views *views, uint64_t left, gb_error *err)
{
    uint64_t need = 0;
    for (gb_torch_group g = gb_torch_group_first(views); g.count; g = gb_torch_group_next(views, g))
        if (__builtin_add_overflow(need, gb_torch_group_bytes(g) + 8, &need)) need = UINT64_MAX;
    if (need <= left) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected %llu bytes of storages, found %llu", views->path,
                   (unsigned long long)need, (unsigned long long)left);
}

static gb_status read_storage(const gb_torch_views *views, gb_pickle_text key, gb_file_source *file, uint64_t *offset,
                              gb_error *err)
{
    const gb_torch_group group = gb_torch_group_find(views, key);
    if (!group.count)
        return gb_fail(err, GB_E_FORMAT, "%s: expected storages of tensors alone, found another (%.*s)", views->path,
                       key.size < 64 ? (int)key.size : 64, key.data);
    unsigned char bytes[8];
    GB_TRY(gb_file_source_seek(file, *offset, err));
    GB_TRY(gb_file_source_read(file, bytes, sizeof bytes, err));
    uint64_t count = 0;
    for (size_t i = 0; i < sizeof bytes; i++) count |= (uint64_t)bytes[i] << (8 * i);
    const uint64_t expected = (uint64_t)group.view->storage.count;
    if (count != expected)
        return gb_fail(err, GB_E_FORMAT, "%s: expected %llu elements in storage %.*s, found %llu", views->path,
                       (unsigned long long)expected, (int)key.size, key.data, (unsigned long long)count);
    *offset += sizeof bytes + gb_torch_group_bytes(group);
    if (!gb_torch_group_is_float(group)) return GB_OK;
    return gb_torch_group_read(views, group, (gb_source){gb_file_source_read, file}, false, err);
}

static gb_status read_storages(const gb_torch_views *views, const gb_pickle_value *keys, gb_file_source *file,
                               uint64_t offset, gb_error *err)
{
    if (keys->kind != GB_PICKLE_LIST)
        return gb_fail(err, GB_E_FORMAT, "%s: expected the list of storages, found none", views->path);
    for (size_t i = 0; i < keys->list.count; i++) {
        const gb_pickle_value *key = keys->list.item[i];
        if (key->kind != GB_PICKLE_STRING)
            return gb_fail(err, GB_E_FORMAT, "%s: expected the name of a storage, found none", views->path);
        GB_TRY(read_storage(views, key->text, file, &offset, err));
    }
    return GB_OK;
}

static gb_status read_head(gb_file_source *file, uint64_t bytes, head *h, gb_error *err)
{
    h->size = bytes < GB_PICKLE_TORCH_MAX ? (size_t)bytes : GB_PICKLE_TORCH_MAX;
    h->bytes = gb_alloc(h->size, 1);
    if (!h->bytes) return gb_fail_memory(err, file->path, h->size);
    return gb_file_source_read(file, h->bytes, h->size, err);
}

gb_status gb_read_torch_legacy(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    gb_file_source file;
    GB_TRY(gb_file_source_open(&file, path, err));
    head h = {0};
    gb_pickle *object = NULL, *keys = NULL;
    gb_torch_views views = {0};
    gb_status status;
    GB_GO(read_head(&file, bytes, &h, err));
    GB_GO(skip_preamble(path, &h, err));
    GB_GO(next_pickle(path, &h, &object, err));
    GB_GO(next_pickle(path, &h, &keys, err));
    GB_GO(gb_torch_views_collect(path, object, weights, &views, err));
    GB_GO(check_sizes(&views, bytes - h.at, err));
    GB_GO(read_storages(&views, gb_pickle_root(keys), &file, h.at, err));
    GB_GO(gb_torch_views_give(&views, weights, err));
done:
    gb_torch_views_free(&views);
    gb_pickle_free(keys);
    gb_pickle_free(object);
    free(h.bytes);
    gb_file_source_close(&file);
    return status;
}
