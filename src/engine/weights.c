#include "engine/weights.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/random.h"

#define SHAPE_TEXT 128  /* GB_MAX_RANK dimensions of at most 19 digits */
#define LIST_TEXT 280   /* of the names listed for one kind of fault */

/* A tensor asked for and not given. */
typedef struct fault {
    char *name;
    char *text;
} fault;

typedef struct fault_list {
    fault *item;
    size_t count, capacity;
} fault_list;

typedef struct entry {
    gb_tensor tensor;
    uint64_t hash;
    bool finite; /* looked at already */
} entry;

struct gb_weights {
    entry **item; /* in insertion order; each stays where it is */
    size_t count, capacity;
    size_t *slot; /* open addressing by hash: index + 1, or 0 */
    size_t slots; /* a power of two, at least twice `count` */
    bool random;
    uint64_t seed;
    fault_list missing, misshapen;
    char *path;
    char sha256[65];
};

static void free_entry(entry *e)
{
    if (!e) return;
    free(e->tensor.name);
    free(e->tensor.data);
    free(e);
}

static void free_faults(fault_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->item[i].name);
        free(list->item[i].text);
    }
    free(list->item);
}

gb_status gb_weights_new(gb_weights **out, gb_error *err)
{
    gb_weights *weights = gb_alloc(1, sizeof *weights);
    if (!weights) return gb_fail_memory(err, "weights", sizeof *weights);
    *out = weights;
    return GB_OK;
}

gb_status gb_weights_new_random(uint64_t seed, gb_weights **out, gb_error *err)
{
    GB_TRY(gb_weights_new(out, err));
    (*out)->random = true;
    (*out)->seed = seed;
    return GB_OK;
}

bool gb_weights_are_random(const gb_weights *weights)
{
    return weights->random;
}

void gb_weights_free(gb_weights *weights)
{
    if (!weights) return;
    for (size_t i = 0; i < weights->count; i++) free_entry(weights->item[i]);
    free(weights->item);
    free(weights->slot);
    free_faults(&weights->missing);
    free_faults(&weights->misshapen);
    free(weights->path);
    free(weights);
}

/* ---- Lookup by name ---- */

static entry *find(const gb_weights *weights, const char *name)
{
    if (!weights->slots) return NULL;
    const uint64_t hash = gb_random_hash(name);
    const size_t mask = weights->slots - 1;
    for (size_t at = hash & mask; weights->slot[at]; at = (at + 1) & mask) {
        entry *e = weights->item[weights->slot[at] - 1];
        if (e->hash == hash && !strcmp(e->tensor.name, name)) return e;
    }
    return NULL;
}

static void index_entry(gb_weights *weights, size_t index)
{
    const size_t mask = weights->slots - 1;
    size_t at = weights->item[index]->hash & mask;
    while (weights->slot[at]) at = (at + 1) & mask;
    weights->slot[at] = index + 1;
}

static void index_all(gb_weights *weights)
{
    if (!weights->slots) return;
    memset(weights->slot, 0, weights->slots * sizeof *weights->slot);
    for (size_t i = 0; i < weights->count; i++) index_entry(weights, i);
}

static int append(gb_weights *weights, entry *e)
{
    if (gb_grow(&weights->item, &weights->capacity, weights->count + 1, sizeof *weights->item) != 0) return -1;
    if (2 * (weights->count + 1) > weights->slots) {
        const size_t slots = weights->slots ? 2 * weights->slots : 64;
        size_t *slot = gb_alloc(slots, sizeof *slot);
        if (!slot) return -1;
        free(weights->slot);
        weights->slot = slot;
        weights->slots = slots;
        index_all(weights);
    }
    weights->item[weights->count++] = e;
    index_entry(weights, weights->count - 1);
    return 0;
}

static const char *origin(const gb_weights *weights)
{
    return weights->path ? weights->path : "weights";
}

/* "64x3x7x7", or "scalar". */
static void write_shape(char text[SHAPE_TEXT], int rank, const int64_t *dim)
{
    size_t used = 0;
    if (rank == 0) snprintf(text, SHAPE_TEXT, "scalar");
    for (int d = 0; d < rank && used < SHAPE_TEXT; d++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT - used, d ? "x%lld" : "%lld", (long long)dim[d]);
}

static bool shape_is_valid(int rank, const int64_t *dim)
{
    if (rank < 0 || rank > GB_MAX_RANK) return false;
    int64_t size = (int64_t)sizeof(float);
    for (int d = 0; d < rank; d++)
        if (dim[d] < 0 || __builtin_mul_overflow(size, dim[d], &size)) return false;
    return true;
}

gb_status gb_weights_add(gb_weights *weights, const char *name, int rank, const int64_t *dim, float *data,
                         gb_error *err)
{
    gb_status status = GB_OK;
    entry *e = NULL;
    if (!shape_is_valid(rank, dim)) {
        status = gb_fail(err, GB_E_FORMAT, "%s: expected at most %d dimensions and 2^63 bytes, found more in \"%s\"",
                         origin(weights), GB_MAX_RANK, name);
    } else if (find(weights, name)) {
        status = gb_fail(err, GB_E_FORMAT, "%s: expected every tensor once, found \"%s\" twice", origin(weights), name);
    } else if (!(e = gb_alloc(1, sizeof *e)) || !(e->tensor.name = gb_strdup(name)) ||
               (e->hash = gb_random_hash(name), append(weights, e)) != 0) {
        status = gb_fail_memory(err, name, sizeof *e);
    }
    if (status != GB_OK) {
        free_entry(e);
        free(data);
        return status;
    }
    e->tensor.rank = rank;
    for (int d = 0; d < rank; d++) e->tensor.dim[d] = dim[d];
    e->tensor.data = data;
    return GB_OK;
}

size_t gb_weights_count(const gb_weights *weights)
{
    return weights->count;
}

const gb_tensor *gb_weights_at(const gb_weights *weights, size_t index)
{
    return index < weights->count ? &weights->item[index]->tensor : NULL;
}

const gb_tensor *gb_weights_find(const gb_weights *weights, const char *name)
{
    const entry *e = find(weights, name);
    return e ? &e->tensor : NULL;
}

int64_t gb_tensor_size(const gb_tensor *tensor)
{
    int64_t size = 1;
    for (int d = 0; d < tensor->rank; d++) size *= tensor->dim[d];
    return size;
}

void gb_weights_keep_prefix(gb_weights *weights, const char *prefix)
{
    const size_t length = strlen(prefix);
    size_t kept = 0;
    for (size_t i = 0; i < weights->count; i++) {
        entry *e = weights->item[i];
        if (strncmp(e->tensor.name, prefix, length) != 0) {
            free_entry(e);
            continue;
        }
        memmove(e->tensor.name, e->tensor.name + length, strlen(e->tensor.name + length) + 1);
        e->hash = gb_random_hash(e->tensor.name);
        weights->item[kept++] = e;
    }
    weights->count = kept;
    index_all(weights);
}

void gb_weights_set_origin(gb_weights *weights, const char *path, const char *sha256)
{
    free(weights->path);
    weights->path = gb_strdup(path);
    snprintf(weights->sha256, sizeof weights->sha256, "%s", sha256 ? sha256 : "");
}

const char *gb_weights_path(const gb_weights *weights)
{
    return weights->path ? weights->path : "";
}

const char *gb_weights_sha256(const gb_weights *weights)
{
    return weights->sha256;
}

/* ---- Random tensors ---- */

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), tail = strlen(end);
    return length >= tail && !strcmp(name + length - tail, end);
}

/* Kernels by He et al. 2015 (variance 2 / fan-in, for ReLU); a batch norm's scale and variance lie in 1 +- 0.1, every
 * other vector in +- 0.1. */
static gb_status add_random(gb_weights *weights, const char *name, int rank, const int64_t *dim, gb_error *err)
{
    if (!shape_is_valid(rank, dim)) return gb_fail(err, GB_E_ARG, "%s: shape is too large for random weights", name);
    int64_t size = 1, fan_in = 1;
    for (int d = 0; d < rank; d++) size *= dim[d];
    for (int d = 1; d < rank; d++) fan_in *= dim[d];
    float *data = gb_alloc_aligned((size_t)size, sizeof *data);
    if (!data) return gb_fail_memory(err, name, (unsigned long long)size * sizeof *data);
    const uint64_t key = gb_random_mix(weights->seed) ^ gb_random_hash(name);
    const bool vector = rank <= 1;
    const double a = vector ? 0.1 : sqrt(6.0 / (double)(fan_in > 0 ? fan_in : 1));
    const double b = vector && (ends_with(name, "weight") || ends_with(name, "running_var")) ? 1 : 0;
    for (int64_t i = 0; i < size; i++) data[i] = gb_random_weight(key, (uint64_t)i, a, b);
    return gb_weights_add(weights, name, rank, dim, data, err);
}

/* ---- Taking and checking ---- */

static gb_status note(fault_list *list, const char *name, const char *text, gb_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->item[i].name, name)) return GB_OK;
    if (gb_grow(&list->item, &list->capacity, list->count + 1, sizeof *list->item) != 0)
        return gb_fail_memory(err, name, sizeof *list->item);
    const fault f = {gb_strdup(name), gb_strdup(text)};
    if (!f.name || !f.text) {
        free(f.name);
        free(f.text);
        return gb_fail_memory(err, name, strlen(name) + strlen(text));
    }
    list->item[list->count++] = f;
    return GB_OK;
}

static gb_status note_missing(gb_weights *weights, const char *name, const char *shape, gb_error *err)
{
    char text[512];
    snprintf(text, sizeof text, "%s (%s)", name, shape);
    GB_TRY(note(&weights->missing, name, text, err));
    return gb_fail(err, GB_E_NOT_FOUND, "%s: expected tensor \"%s\" (%s), found none", origin(weights), name, shape);
}

static gb_status note_misshapen(gb_weights *weights, const gb_tensor *tensor, const char *shape, gb_error *err)
{
    char found[SHAPE_TEXT] = "no float values", text[768];
    if (tensor->data) write_shape(found, tensor->rank, tensor->dim);
    snprintf(text, sizeof text, "%s (expected %s, found %s)", tensor->name, shape, found);
    GB_TRY(note(&weights->misshapen, tensor->name, text, err));
    return gb_fail(err, GB_E_MISMATCH, "%s: expected tensor \"%s\" to be %s, found %s", origin(weights), tensor->name,
                   shape, found);
}

static bool same_shape(const gb_tensor *tensor, int rank, const int64_t *dim)
{
    if (!tensor->data || tensor->rank != rank) return false;
    for (int d = 0; d < rank; d++)
        if (tensor->dim[d] != dim[d]) return false;
    return true;
}

static gb_status check_finite(const gb_weights *weights, entry *e, gb_error *err)
{
    if (e->finite) return GB_OK;
    const float *data = e->tensor.data;
    const int64_t size = gb_tensor_size(&e->tensor);
    const int64_t block = 4096;
    for (int64_t start = 0; start < size; start += block) {
        const int64_t end = size - start < block ? size : start + block;
        int bad = 0; /* without a branch per element, so that the loop vectorises */
        for (int64_t i = start; i < end; i++) bad |= !(fabsf(data[i]) <= 3.402823466e38f);
        if (!bad) continue;
        int64_t at = start;
        while (isfinite(data[at])) at++;
        return gb_fail(err, GB_E_NUMERIC, "%s: expected finite values in \"%s\", found %s at element %lld",
                       origin(weights), e->tensor.name, isnan(data[at]) ? "NaN" : "infinity", (long long)at);
    }
    e->finite = true;
    return GB_OK;
}

gb_status gb_weights_take(gb_weights *weights, const char *name, int rank, const int64_t *dim, const float **data,
                          gb_error *err)
{
    if (rank < 0 || rank > GB_MAX_RANK) return gb_fail(err, GB_E_ARG, "%s: rank %d is out of range", name, rank);
    char shape[SHAPE_TEXT];
    write_shape(shape, rank, dim);
    if (weights->random && !find(weights, name)) GB_TRY(add_random(weights, name, rank, dim, err));
    entry *e = find(weights, name);
    if (!e) return note_missing(weights, name, shape, err);
    e->tensor.taken = true;
    if (!same_shape(&e->tensor, rank, dim)) return note_misshapen(weights, &e->tensor, shape, err);
    GB_TRY(check_finite(weights, e, err));
    *data = e->tensor.data;
    return GB_OK;
}

/* One kind of fault in the making of the line: "2 missing: a, b". */
typedef struct listing {
    gb_buffer *line;
    const char *kind;
    size_t count, start, left_out;
} listing;

static void list_fault(listing *l, const char *text)
{
    if (l->count++ == 0) {
        l->start = l->line->size;
        gb_buffer_printf(l->line, "%s: %s", l->kind, text);
    } else if (l->line->size - l->start + strlen(text) < LIST_TEXT) {
        gb_buffer_printf(l->line, ", %s", text);
    } else {
        l->left_out++;
    }
}

static void end_list(const listing *l)
{
    if (l->left_out) gb_buffer_printf(l->line, " and %zu more", l->left_out);
    if (l->count) gb_buffer_text(l->line, "; ");
}

static void list_faults(gb_buffer *line, const char *kind, const fault_list *faults)
{
    listing l = {.line = line, .kind = kind};
    for (size_t i = 0; i < faults->count; i++) list_fault(&l, faults->item[i].text);
    end_list(&l);
}

static bool is_ignored(const gb_tensor *tensor, const char *const *ignore)
{
    if (!tensor->data) return true;
    for (; ignore && *ignore; ignore++)
        if (!strncmp(tensor->name, *ignore, strlen(*ignore))) return true;
    return false;
}

gb_status gb_weights_check(const gb_weights *weights, const char *const *ignore, gb_error *err)
{
    gb_buffer line;
    gb_buffer_init(&line, 8192);
    list_faults(&line, "missing", &weights->missing);
    list_faults(&line, "misshapen", &weights->misshapen);
    listing surplus = {.line = &line, .kind = "surplus"};
    for (size_t i = 0; i < weights->count; i++) {
        const gb_tensor *tensor = &weights->item[i]->tensor;
        if (!tensor->taken && !is_ignored(tensor, ignore)) list_fault(&surplus, tensor->name);
    }
    end_list(&surplus);
    gb_status status = gb_buffer_status(&line, err);
    if (status == GB_OK && line.size) {
        line.data[line.size - 2] = '\0'; /* the last "; " */
        status = gb_fail(err, GB_E_MISMATCH,
                         "%s: expected exactly the net's tensors, found %zu missing, %zu misshapen, %zu surplus: %s",
                         origin(weights), weights->missing.count, weights->misshapen.count, surplus.count, line.data);
    }
    gb_buffer_free(&line);
    return status;
}
