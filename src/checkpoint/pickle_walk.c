#include <stdio.h>
#include <string.h>

#include "checkpoint/pickle_machine.h"

#define DEPTH_MAX 64
#define NODES_MAX ((size_t)1 << 22)
#define NAME_MAX_BYTES 512

typedef struct walker {
    const gb_pickle *pickle;
    gb_pickle_visit *visit;
    void *context;
    size_t nodes;
    size_t length;
    char name[NAME_MAX_BYTES];
} walker;

/* Appends ".key" to the name; keys that are no text and no number can only be told apart by their kind. */
static gb_status append_key(walker *w, const gb_pickle_value *key, gb_error *err)
{
    char text[NAME_MAX_BYTES];
    const bool is_text = key->kind == GB_PICKLE_STRING;
    if (is_text && (key->text.size >= sizeof text || memchr(key->text.data, '\0', key->text.size)))
        return gb_fail(err, GB_E_FORMAT, "%s: expected names of at most %d characters, found a longer or binary one",
                       w->pickle->path, NAME_MAX_BYTES - 1);
    if (is_text)
        snprintf(text, sizeof text, "%.*s", (int)key->text.size, key->text.data);
    else if (key->kind == GB_PICKLE_INT)
        snprintf(text, sizeof text, "%lld", (long long)key->integer);
    else if (key->kind == GB_PICKLE_GLOBAL)
        gb_pickle_global_name(key->global, text, sizeof text);
    else
        snprintf(text, sizeof text, "<%s>", gb_pickle_kind_name(key->kind));
    const int used = snprintf(w->name + w->length, sizeof w->name - w->length, w->length ? ".%s" : "%s", text);
    if (used < 0 || (size_t)used >= sizeof w->name - w->length)
        return gb_fail(err, GB_E_FORMAT, "%s: expected names of at most %d characters, found a longer one: %.64s",
                       w->pickle->path, NAME_MAX_BYTES - 1, w->name);
    w->length += (size_t)used;
    return GB_OK;
}

static gb_status walk(walker *w, const gb_pickle_value *value, int depth, gb_error *err);

static gb_status walk_child(walker *w, const gb_pickle_value *key, const gb_pickle_value *child, int depth,
                            gb_error *err)
{
    const size_t length = w->length;
    GB_TRY(append_key(w, key, err));
    const gb_status status = walk(w, child, depth + 1, err);
    w->length = length;
    w->name[length] = '\0';
    return status;
}

static gb_status walk(walker *w, const gb_pickle_value *value, int depth, gb_error *err)
{
    if (value->kind == GB_PICKLE_TENSOR || value->kind == GB_PICKLE_ARRAY)
        return w->visit(w->context, w->name, value, err);
    const bool is_dict = value->kind == GB_PICKLE_DICT;
    if (!is_dict && value->kind != GB_PICKLE_LIST && value->kind != GB_PICKLE_TUPLE) return GB_OK;
    if (depth >= DEPTH_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %d levels of containers, found more (or a cycle)",
                       w->pickle->path, DEPTH_MAX);
    for (size_t i = 0; i < value->list.count; i++) {
        if (++w->nodes > NODES_MAX)
            return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu values, found more", w->pickle->path, NODES_MAX);
        const gb_pickle_value place = {.kind = GB_PICKLE_INT, .integer = (int64_t)i};
        const gb_pickle_value *key = is_dict ? value->list.item[i++] : &place;
        GB_TRY(walk_child(w, key, value->list.item[i], depth, err));
    }
    return GB_OK;
}

gb_status gb_pickle_walk(const gb_pickle *pickle, gb_pickle_visit *visit, void *context, gb_error *err)
{
    walker w = {.pickle = pickle, .visit = visit, .context = context};
    return walk(&w, gb_pickle_root(pickle), 0, err);
}
