/* A small pickle machine (protocols 0 to 5) that never runs code: it knows the opcodes of data alone, and a global is
 * either in the allow-list of pickle_globals.c, which says what it makes here, or the file is refused with its name.
 *
 * The result is a tree of values, possibly shared and possibly cyclic, that lives until gb_pickle_free; text and bytes
 * in it point into the input, which must outlive it. */
#ifndef GB_CHECKPOINT_PICKLE_H
#define GB_CHECKPOINT_PICKLE_H

#include "checkpoint/storage.h"
#include "core/status.h"

/* Longest pickle of a PyTorch file, without its storages. */
#define GB_PICKLE_TORCH_MAX ((size_t)64 << 20)

typedef enum gb_pickle_kind {
    GB_PICKLE_MARK,
    GB_PICKLE_NONE,
    GB_PICKLE_BOOL,
    GB_PICKLE_INT,
    GB_PICKLE_FLOAT,
    GB_PICKLE_STRING,
    GB_PICKLE_BYTES,
    GB_PICKLE_LIST,
    GB_PICKLE_TUPLE,
    GB_PICKLE_DICT,    /* list holds key, value, key, value … */
    GB_PICKLE_GLOBAL,  /* a name from the allow-list */
    GB_PICKLE_DTYPE,   /* of numpy */
    GB_PICKLE_STORAGE, /* named by a persistent id; its bytes are elsewhere in the file */
    GB_PICKLE_TENSOR,
    GB_PICKLE_ARRAY,   /* of numpy */
    GB_PICKLE_INERT,   /* plain data that carries no tensors, e.g. a path, a device, a scalar */
} gb_pickle_kind;

typedef struct gb_pickle_global gb_pickle_global;
typedef struct gb_pickle_value gb_pickle_value;

typedef struct gb_pickle_text {
    const char *data; /* not NUL-terminated */
    size_t size;
} gb_pickle_text;

typedef struct gb_pickle_list {
    gb_pickle_value **item;
    size_t count, capacity;
} gb_pickle_list;

typedef struct gb_pickle_storage {
    gb_pickle_text key;
    gb_element element;
    int64_t count; /* elements */
} gb_pickle_storage;

typedef struct gb_pickle_tensor {
    gb_pickle_storage storage;
    gb_view view;
} gb_pickle_tensor;

typedef struct gb_pickle_array {
    gb_element element;
    gb_view view;         /* strides are set; data is NULL */
    gb_pickle_text bytes; /* exactly the array's size when its elements are floats */
    bool filled;
} gb_pickle_array;

struct gb_pickle_value {
    gb_pickle_kind kind;
    bool state_is_items; /* a dict that stands for an object: its state becomes its items */
    void *owned;         /* memory of a tensor, an array or decoded text */
    union {
        bool boolean;
        int64_t integer; /* clamped to 64 bits */
        double real;
        gb_pickle_text text;
        gb_pickle_list list;
        const gb_pickle_global *global;
        gb_element element;
        gb_pickle_storage *storage;
        gb_pickle_tensor *tensor;
        gb_pickle_array *array;
    };
};

typedef struct gb_pickle gb_pickle;

/* Parses one pickle at the start of `bytes`; `*used` (may be NULL) is its length. `path` names the file in errors and
 * must outlive the pickle. */
gb_status gb_pickle_parse(const char *path, const void *bytes, size_t size, gb_pickle **out, size_t *used,
                          gb_error *err) GB_MUST_CHECK;
void gb_pickle_free(gb_pickle *pickle);
const gb_pickle_value *gb_pickle_root(const gb_pickle *pickle);

bool gb_pickle_text_is(gb_pickle_text text, const char *expected);

/* Calls `visit` for every tensor and array, in order, with its dotted name: string keys as they are, whole numbers and
 * places in lists in decimal. Refuses trees that are deeper than 64 levels (or contain themselves) or have more than
 * 2^22 nodes. */
typedef gb_status gb_pickle_visit(void *context, const char *name, const gb_pickle_value *value, gb_error *err);
gb_status gb_pickle_walk(const gb_pickle *pickle, gb_pickle_visit *visit, void *context, gb_error *err) GB_MUST_CHECK;

#endif
