#include "checkpoint/torch_views.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/formats.h"
#include "core/memory.h"

/* Tensors may share a storage (tied weights) or repeat its elements (stride 0), within reason. */
#define REPEAT_MAX 16
#define REPEAT_FREE ((uint64_t)16 << 20)

typedef struct collector {
    gb_torch_views *views;
    gb_weights *weights;
} collector;

static gb_status collect(void *context, const char *name, const gb_pickle_value *value, gb_error *err)
{
    collector *c = context;
    if (value->kind == GB_PICKLE_ARRAY) return gb_add_numpy_array(c->weights, name, value->array, err);
    gb_torch_views *views = c->views;
    if (gb_grow(&views->item, &views->capacity, views->count + 1, sizeof *views->item) != 0)
        return gb_fail_memory(err, name, sizeof *views->item);
    gb_torch_view *item = &views->item[views->count];
    *item = (gb_torch_view){.name = gb_strdup(name), .storage = value->tensor->storage, .view = value->tensor->view};
    if (!item->name) return gb_fail_memory(err, name, strlen(name));
    item->order = views->count++;
    return GB_OK;
}

static int compare_keys(gb_pickle_text a, gb_pickle_text b)
{
    const int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_views(const void *a, const void *b)
{
    const gb_torch_view *x = a, *y = b;
    const int order = compare_keys(x->storage.key, y->storage.key);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int compare_order(const void *a, const void *b)
{
    const gb_torch_view *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static gb_torch_group group_at(const gb_torch_views *views, size_t first)
{
    size_t end = first;
    while (end < views->count && !compare_keys(views->item[end].storage.key, views->item[first].storage.key)) end++;
    return (gb_torch_group){first < views->count ? &views->item[first] : NULL, end - first};
}

gb_torch_group gb_torch_group_first(const gb_torch_views *views)
{
    return group_at(views, 0);
}

gb_torch_group gb_torch_group_next(const gb_torch_views *views, gb_torch_group group)
{
    return group_at(views, (size_t)(group.view - views->item) + group.count);
}

gb_torch_group gb_torch_group_find(const gb_torch_views *views, gb_pickle_text key)
{
    size_t low = 0, high = views->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_keys(views->item[middle].storage.key, key) < 0) low = middle + 1;
        else high = middle;
    }
    if (low == views->count || compare_keys(views->item[low].storage.key, key) != 0) return (gb_torch_group){0};
    return group_at(views, low);
}

uint64_t gb_torch_group_bytes(gb_torch_group group)
{
    return (uint64_t)group.view->storage.count * group.view->storage.element.size;
}

bool gb_torch_group_is_float(gb_torch_group group)
{
    return group.view->storage.element.kind != GB_ELEMENT_OTHER;
}

static gb_status check_groups(const gb_torch_views *views, gb_error *err)
{
    uint64_t wanted = 0, there = REPEAT_FREE;
    for (gb_torch_group g = gb_torch_group_first(views); g.count; g = gb_torch_group_next(views, g)) {
        const gb_pickle_storage *first = &g.view->storage;
        if (gb_torch_group_is_float(g) && __builtin_add_overflow(there, gb_torch_group_bytes(g) * REPEAT_MAX, &there))
            return gb_fail(err, GB_E_FORMAT, "%s: expected storages of less than 2^64 bytes, found more", views->path);
        for (size_t i = 0; i < g.count; i++) {
            const gb_pickle_storage *s = &g.view[i].storage;
            if (s->count != first->count || s->element.kind != first->element.kind ||
                s->element.size != first->element.size)
                return gb_fail(err, GB_E_FORMAT, "%s: expected one size and type of storage %.*s, found two",
                               views->path, (int)s->key.size, s->key.data);
            const uint64_t bytes = (uint64_t)gb_view_size(&g.view[i].view) * sizeof(float);
            if (gb_torch_group_is_float(g) && __builtin_add_overflow(wanted, bytes, &wanted)) wanted = UINT64_MAX;
        }
    }
    if (wanted <= there) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected tensors of at most %d times their storages, found %llu bytes",
                   views->path, REPEAT_MAX, (unsigned long long)wanted);
}

gb_status gb_torch_views_collect(const char *path, const gb_pickle *pickle, gb_weights *weights, gb_torch_views *out,
                                 gb_error *err)
{
    out->path = path;
    collector c = {out, weights};
    GB_TRY(gb_pickle_walk(pickle, collect, &c, err));
    if (out->count) qsort(out->item, out->count, sizeof *out->item, compare_views);
    return check_groups(out, err);
}

void gb_torch_views_free(gb_torch_views *views)
{
    for (size_t i = 0; i < views->count; i++) {
        free(views->item[i].name);
        free(views->item[i].view.data);
    }
    free(views->item);
    *views = (gb_torch_views){0};
}

gb_status gb_torch_group_read(const gb_torch_views *views, gb_torch_group group, gb_source source, bool big_endian,
                              gb_error *err)
{
    const gb_pickle_storage *storage = &group.view->storage;
    if (group.view->filled)
        return gb_fail(err, GB_E_FORMAT, "%s: expected storage %.*s once, found it twice", views->path,
                       (int)storage->key.size, storage->key.data);
    gb_view **view = gb_alloc(group.count, sizeof *view);
    gb_status status = view ? GB_OK : gb_fail_memory(err, views->path, group.count * sizeof *view);
    for (size_t i = 0; i < group.count && status == GB_OK; i++) {
        view[i] = &group.view[i].view;
        status = gb_view_allocate(view[i], group.view[i].name, err);
        group.view[i].filled = true;
    }
    gb_element element = storage->element;
    element.swapped = big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    if (status == GB_OK) status = gb_storage_read(source, element, storage->count, view, group.count, err);
    free(view);
    return status;
}

gb_status gb_torch_views_give(gb_torch_views *views, gb_weights *weights, gb_error *err)
{
    if (views->count) qsort(views->item, views->count, sizeof *views->item, compare_order);
    for (size_t i = 0; i < views->count; i++) {
        gb_torch_view *item = &views->item[i];
        const bool is_float = item->storage.element.kind != GB_ELEMENT_OTHER;
        if (is_float && !item->filled)
            return gb_fail(err, GB_E_FORMAT, "%s: expected storage %.*s of \"%s\", found none", views->path,
                           (int)item->storage.key.size, item->storage.key.data, item->name);
        float *data = item->view.data;
        item->view.data = NULL;
        GB_TRY(gb_weights_add(weights, item->name, item->view.rank, item->view.dim, data, err));
    }
    return GB_OK;
}
