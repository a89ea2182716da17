#include <stdlib.h>
#include <string.h>

#include "checkpoint/pickle_machine.h"

/* numpy's order characters against this machine's own order. */
static bool is_swapped(char order)
{
    return order == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '>' : '<');
}

gb_status gb_pickle_shape(gb_pickle *p, const gb_pickle_value *value, int *rank, int64_t dim[GB_MAX_RANK],
                          gb_error *err)
{
    if (value->kind != GB_PICKLE_TUPLE && value->kind != GB_PICKLE_LIST)
        return gb_pickle_damaged(p, err, "a shape", gb_pickle_kind_name(value->kind));
    if (value->list.count > GB_MAX_RANK)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected tensors of at most %d dimensions, found %zu", p->path,
                       GB_MAX_RANK, value->list.count);
    for (size_t i = 0; i < value->list.count; i++) {
        if (value->list.item[i]->kind != GB_PICKLE_INT)
            return gb_pickle_damaged(p, err, "a shape of numbers", gb_pickle_kind_name(value->list.item[i]->kind));
        dim[i] = value->list.item[i]->integer;
    }
    *rank = (int)value->list.count;
    return GB_OK;
}

/* "f4", "<f8", "i8", "O8" …: a letter and a size in bytes. Python objects get size 0. */
static bool parse_dtype(gb_pickle_text text, gb_element *out)
{
    bool swapped = false;
    size_t at = 0;
    if (text.size && strchr("<>|=", text.data[0])) swapped = is_swapped(text.data[at++]);
    if (at >= text.size || !text.data[at]) return false;
    const char letter = text.data[at++];
    size_t size = 0;
    for (; at < text.size; at++) {
        if (text.data[at] < '0' || text.data[at] > '9' || size > 1u << 20) return false;
        size = size * 10 + (size_t)(text.data[at] - '0');
    }
    *out = (gb_element){GB_ELEMENT_OTHER, letter == 'O' ? 0 : size ? size : 1, swapped};
    if (letter == 'f' && size == 2) out->kind = GB_ELEMENT_F16;
    if (letter == 'f' && size == 4) out->kind = GB_ELEMENT_F32;
    if (letter == 'f' && size == 8) out->kind = GB_ELEMENT_F64;
    return true;
}

gb_status gb_pickle_numpy_dtype(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    gb_element element;
    if (!args->list.count || args->list.item[0]->kind != GB_PICKLE_STRING ||
        !parse_dtype(args->list.item[0]->text, &element))
        return gb_pickle_damaged(p, err, "the name of a numpy dtype", "something else");
    GB_TRY(gb_pickle_new(p, GB_PICKLE_DTYPE, out, err));
    (*out)->element = element;
    return GB_OK;
}

/* The state is (version, byte order, …). */
gb_status gb_pickle_numpy_build_dtype(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state,
                                      gb_error *err)
{
    if (state->kind != GB_PICKLE_TUPLE || state->list.count < 2 || state->list.item[1]->kind != GB_PICKLE_STRING ||
        state->list.item[1]->text.size != 1)
        return gb_pickle_damaged(p, err, "a numpy dtype's byte order", "none");
    const char order = state->list.item[1]->text.data[0];
    if (!order || !strchr("<>|=", order))
        return gb_pickle_damaged(p, err, "a numpy dtype's byte order", "another sign");
    value->element.swapped = is_swapped(order);
    return GB_OK;
}

static gb_status fill_array(gb_pickle *p, gb_pickle_array *array, const gb_pickle_value *shape,
                            const gb_pickle_value *dtype, bool column_major, const gb_pickle_value *bytes,
                            gb_error *err)
{
    if (array->filled) return gb_pickle_damaged(p, err, "an array's data once", "it twice");
    if (dtype->kind != GB_PICKLE_DTYPE)
        return gb_pickle_damaged(p, err, "a numpy dtype", gb_pickle_kind_name(dtype->kind));
    if (dtype->element.size == 0)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected arrays of numbers, found one of Python objects", p->path);
    if (bytes->kind != GB_PICKLE_BYTES && bytes->kind != GB_PICKLE_STRING)
        return gb_pickle_damaged(p, err, "an array's bytes", gb_pickle_kind_name(bytes->kind));
    GB_TRY(gb_pickle_shape(p, shape, &array->view.rank, array->view.dim, err));
    const int64_t size = gb_view_size(&array->view);
    int64_t need;
    if (size < 0 || __builtin_mul_overflow(size, (int64_t)dtype->element.size, &need) || need < 0 ||
        (uint64_t)need != bytes->text.size)
        return gb_pickle_damaged(p, err, "as many bytes as an array's shape asks for", "another number of them");
    gb_view_set_strides(&array->view, column_major);
    array->element = dtype->element;
    array->bytes = bytes->text;
    array->filled = true;
    return GB_OK;
}

/* The state is (version, shape, dtype, is column-major, bytes). */
gb_status gb_pickle_numpy_build_array(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state,
                                      gb_error *err)
{
    if (state->kind != GB_PICKLE_TUPLE || state->list.count != 5 || state->list.item[3]->kind != GB_PICKLE_BOOL)
        return gb_pickle_damaged(p, err, "a numpy array's state", gb_pickle_kind_name(state->kind));
    gb_pickle_value *const *item = state->list.item;
    return fill_array(p, value->array, item[1], item[2], item[3]->boolean, item[4], err);
}

/* Protocol 5: (bytes, dtype, shape, 'C' or 'F'). */
gb_status gb_pickle_numpy_frombuffer(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    if (args->list.count != 4 || args->list.item[3]->kind != GB_PICKLE_STRING)
        return gb_pickle_damaged(p, err, "a numpy buffer", "other arguments");
    gb_pickle_value *const *item = args->list.item;
    GB_TRY(gb_pickle_new(p, GB_PICKLE_ARRAY, out, err));
    GB_TRY(gb_pickle_own(p, *out, sizeof(gb_pickle_array), err));
    (*out)->array = (*out)->owned;
    return fill_array(p, (*out)->array, item[2], item[1], gb_pickle_text_is(item[3]->text, "F"), item[0], err);
}
