#include <stdio.h>
#include <string.h>

#include "checkpoint/pickle_machine.h"

/* What a global makes when it is called. */
typedef enum maker {
    MAKE_NOTHING,        /* only named, e.g. as a dtype */
    MAKE_DICT,
    MAKE_OBJECT_DICT,    /* a dict whose state becomes its items */
    MAKE_LIST,
    MAKE_INERT,
    MAKE_BYTES,          /* _codecs.encode(text, 'latin1') */
    MAKE_RECONSTRUCTED,  /* copyreg._reconstructor(class, base, state) */
    MAKE_TENSOR,         /* (storage, offset, size, stride, …) */
    MAKE_TYPED_TENSOR,   /* (storage, offset, size, stride, requires_grad, hooks, dtype, …) */
    MAKE_PARAMETER,      /* (tensor, …) */
    MAKE_STORAGE,        /* a storage's type; only named */
    MAKE_ARRAY,          /* numpy's _reconstruct: an empty array, filled by its state */
    MAKE_ARRAY_OF_BYTES, /* numpy's _frombuffer */
    MAKE_NUMPY_DTYPE,
} maker;

struct gb_pickle_global {
    const char *module, *name;
    maker make;
    gb_element element; /* of a storage or torch dtype */
};

#define F16 {GB_ELEMENT_F16, 2, false}
#define BF16 {GB_ELEMENT_BF16, 2, false}
#define F32 {GB_ELEMENT_F32, 4, false}
#define F64 {GB_ELEMENT_F64, 8, false}
#define OTHER(size) {GB_ELEMENT_OTHER, size, false}
#define NO_ELEMENT {GB_ELEMENT_OTHER, 0, false}

/* All that a pickle may name. Nothing here is looked up or called in another language: each line is only a word that
 * this reader knows. Inert ones are what training scripts leave beside their tensors. */
static const gb_pickle_global globals[] = {
    {"torch._utils", "_rebuild_tensor", MAKE_TENSOR, NO_ELEMENT},
    {"torch._utils", "_rebuild_tensor_v2", MAKE_TENSOR, NO_ELEMENT},
    {"torch._utils", "_rebuild_tensor_v3", MAKE_TYPED_TENSOR, NO_ELEMENT},
    {"torch._utils", "_rebuild_parameter", MAKE_PARAMETER, NO_ELEMENT},
    {"torch._utils", "_rebuild_parameter_with_state", MAKE_PARAMETER, NO_ELEMENT},
    {"torch", "HalfStorage", MAKE_STORAGE, F16},
    {"torch", "BFloat16Storage", MAKE_STORAGE, BF16},
    {"torch", "FloatStorage", MAKE_STORAGE, F32},
    {"torch", "DoubleStorage", MAKE_STORAGE, F64},
    {"torch", "LongStorage", MAKE_STORAGE, OTHER(8)},
    {"torch", "IntStorage", MAKE_STORAGE, OTHER(4)},
    {"torch", "ShortStorage", MAKE_STORAGE, OTHER(2)},
    {"torch", "CharStorage", MAKE_STORAGE, OTHER(1)},
    {"torch", "ByteStorage", MAKE_STORAGE, OTHER(1)},
    {"torch", "BoolStorage", MAKE_STORAGE, OTHER(1)},
    {"torch", "ComplexFloatStorage", MAKE_STORAGE, OTHER(8)},
    {"torch", "ComplexDoubleStorage", MAKE_STORAGE, OTHER(16)},
    {"torch", "UntypedStorage", MAKE_STORAGE, OTHER(1)},
    {"torch.storage", "UntypedStorage", MAKE_STORAGE, OTHER(1)},
    {"torch.storage", "_UntypedStorage", MAKE_STORAGE, OTHER(1)},
    {"torch", "float16", MAKE_NOTHING, F16},
    {"torch", "bfloat16", MAKE_NOTHING, BF16},
    {"torch", "float32", MAKE_NOTHING, F32},
    {"torch", "float64", MAKE_NOTHING, F64},
    {"torch", "int64", MAKE_NOTHING, OTHER(8)},
    {"torch", "int32", MAKE_NOTHING, OTHER(4)},
    {"torch", "int16", MAKE_NOTHING, OTHER(2)},
    {"torch", "int8", MAKE_NOTHING, OTHER(1)},
    {"torch", "uint64", MAKE_NOTHING, OTHER(8)},
    {"torch", "uint32", MAKE_NOTHING, OTHER(4)},
    {"torch", "uint16", MAKE_NOTHING, OTHER(2)},
    {"torch", "uint8", MAKE_NOTHING, OTHER(1)},
    {"torch", "bool", MAKE_NOTHING, OTHER(1)},
    {"torch", "Size", MAKE_LIST, NO_ELEMENT},
    {"torch", "device", MAKE_INERT, NO_ELEMENT},
    {"torch.serialization", "_get_layout", MAKE_INERT, NO_ELEMENT},
    {"numpy.core.multiarray", "_reconstruct", MAKE_ARRAY, NO_ELEMENT},
    {"numpy._core.multiarray", "_reconstruct", MAKE_ARRAY, NO_ELEMENT},
    {"numpy.core.numeric", "_frombuffer", MAKE_ARRAY_OF_BYTES, NO_ELEMENT},
    {"numpy._core.numeric", "_frombuffer", MAKE_ARRAY_OF_BYTES, NO_ELEMENT},
    {"numpy.core.multiarray", "scalar", MAKE_INERT, NO_ELEMENT},
    {"numpy._core.multiarray", "scalar", MAKE_INERT, NO_ELEMENT},
    {"numpy", "ndarray", MAKE_NOTHING, NO_ELEMENT},
    {"numpy", "dtype", MAKE_NUMPY_DTYPE, NO_ELEMENT},
    {"_codecs", "encode", MAKE_BYTES, NO_ELEMENT},
    {"collections", "OrderedDict", MAKE_DICT, NO_ELEMENT},
    {"collections", "defaultdict", MAKE_DICT, NO_ELEMENT},
    {"collections", "Counter", MAKE_DICT, NO_ELEMENT},
    {"argparse", "Namespace", MAKE_OBJECT_DICT, NO_ELEMENT},
    {"pytorch_lightning.utilities.parsing", "AttributeDict", MAKE_DICT, NO_ELEMENT},
    {"lightning.pytorch.utilities.parsing", "AttributeDict", MAKE_DICT, NO_ELEMENT},
    {"lightning_fabric.utilities.data", "AttributeDict", MAKE_DICT, NO_ELEMENT},
    {"lightning.fabric.utilities.data", "AttributeDict", MAKE_DICT, NO_ELEMENT},
    {"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint", MAKE_NOTHING, NO_ELEMENT},
    {"pytorch_lightning.callbacks.early_stopping", "EarlyStopping", MAKE_NOTHING, NO_ELEMENT},
    {"omegaconf.dictconfig", "DictConfig", MAKE_INERT, NO_ELEMENT},
    {"omegaconf.listconfig", "ListConfig", MAKE_INERT, NO_ELEMENT},
    {"omegaconf.base", "ContainerMetadata", MAKE_INERT, NO_ELEMENT},
    {"omegaconf.base", "Metadata", MAKE_INERT, NO_ELEMENT},
    {"omegaconf.nodes", "AnyNode", MAKE_INERT, NO_ELEMENT},
    {"typing", "Any", MAKE_NOTHING, NO_ELEMENT},
    {"pathlib", "PosixPath", MAKE_INERT, NO_ELEMENT},
    {"pathlib", "PurePosixPath", MAKE_INERT, NO_ELEMENT},
    {"pathlib", "WindowsPath", MAKE_INERT, NO_ELEMENT},
    {"pathlib._local", "PosixPath", MAKE_INERT, NO_ELEMENT},
    {"datetime", "datetime", MAKE_INERT, NO_ELEMENT},
    {"builtins", "set", MAKE_LIST, NO_ELEMENT},
    {"builtins", "frozenset", MAKE_LIST, NO_ELEMENT},
    {"builtins", "bytearray", MAKE_INERT, NO_ELEMENT},
    {"builtins", "complex", MAKE_INERT, NO_ELEMENT},
    {"builtins", "slice", MAKE_INERT, NO_ELEMENT},
    {"builtins", "range", MAKE_INERT, NO_ELEMENT},
    {"builtins", "dict", MAKE_DICT, NO_ELEMENT},
    {"builtins", "list", MAKE_LIST, NO_ELEMENT},
    {"builtins", "int", MAKE_NOTHING, NO_ELEMENT},
    {"builtins", "float", MAKE_NOTHING, NO_ELEMENT},
    {"builtins", "str", MAKE_NOTHING, NO_ELEMENT},
    {"builtins", "bool", MAKE_NOTHING, NO_ELEMENT},
    {"builtins", "object", MAKE_NOTHING, NO_ELEMENT},
    {"copyreg", "_reconstructor", MAKE_RECONSTRUCTED, NO_ELEMENT},
};

/* Python 2's names for the same. */
static gb_pickle_text modern_module(gb_pickle_text module)
{
    if (gb_pickle_text_is(module, "__builtin__")) return (gb_pickle_text){"builtins", 8};
    if (gb_pickle_text_is(module, "copy_reg")) return (gb_pickle_text){"copyreg", 7};
    return module;
}

gb_status gb_pickle_find_global(gb_pickle *p, gb_pickle_text module, gb_pickle_text name, gb_pickle_value **out,
                                gb_error *err)
{
    const gb_pickle_text modern = modern_module(module);
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++) {
        if (!gb_pickle_text_is(name, globals[i].name) || !gb_pickle_text_is(modern, globals[i].module)) continue;
        GB_TRY(gb_pickle_new(p, GB_PICKLE_GLOBAL, out, err));
        (*out)->global = &globals[i];
        return GB_OK;
    }
    const int module_size = module.size < 200 ? (int)module.size : 200;
    const int name_size = name.size < 200 ? (int)name.size : 200;
    return gb_fail(err, GB_E_FORMAT,
                   "%s: expected tensors and plain containers, found the global \"%.*s.%.*s\", which is not allowed",
                   p->path, module_size, module.data, name_size, name.data);
}

void gb_pickle_global_name(const gb_pickle_global *global, char *text, size_t size)
{
    snprintf(text, size, "%s.%s", global->module, global->name);
}

static gb_status not_callable(const gb_pickle *p, const gb_pickle_value *callee, gb_error *err)
{
    char name[128];
    if (callee->kind != GB_PICKLE_GLOBAL)
        return gb_pickle_damaged(p, err, "something that can be made", gb_pickle_kind_name(callee->kind));
    gb_pickle_global_name(callee->global, name, sizeof name);
    return gb_pickle_damaged(p, err, "something that can be made", name);
}

/* Argument `index`, which must be of this kind. */
static gb_status argument(const gb_pickle *p, const gb_pickle_value *args, size_t index, gb_pickle_kind kind,
                          const gb_pickle_value **out, gb_error *err)
{
    if (index >= args->list.count) return gb_pickle_damaged(p, err, gb_pickle_kind_name(kind), "too few arguments");
    const gb_pickle_value *value = args->list.item[index];
    if (value->kind != kind)
        return gb_pickle_damaged(p, err, gb_pickle_kind_name(kind), gb_pickle_kind_name(value->kind));
    *out = value;
    return GB_OK;
}

/* OrderedDict() or, as Python 2 writes it, OrderedDict([[key, value], …]). */
static gb_status make_dict(gb_pickle *p, const gb_pickle_value *args, bool state_is_items, gb_pickle_value **out,
                           gb_error *err)
{
    GB_TRY(gb_pickle_new(p, GB_PICKLE_DICT, out, err));
    (*out)->state_is_items = state_is_items;
    const gb_pickle_value *pairs = args->list.count == 1 ? args->list.item[0] : NULL;
    if (!pairs || pairs->kind != GB_PICKLE_LIST) return GB_OK;
    for (size_t i = 0; i < pairs->list.count; i++) {
        const gb_pickle_value *pair = pairs->list.item[i];
        if ((pair->kind != GB_PICKLE_LIST && pair->kind != GB_PICKLE_TUPLE) || pair->list.count != 2)
            return gb_pickle_damaged(p, err, "a key with its value", gb_pickle_kind_name(pair->kind));
        for (size_t k = 0; k < 2; k++) GB_TRY(gb_pickle_append(p, &(*out)->list, pair->list.item[k], err));
    }
    return GB_OK;
}

static gb_status make_list(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    GB_TRY(gb_pickle_new(p, GB_PICKLE_LIST, out, err));
    const gb_pickle_value *from = args->list.count == 1 ? args->list.item[0] : NULL;
    if (!from || (from->kind != GB_PICKLE_LIST && from->kind != GB_PICKLE_TUPLE)) return GB_OK;
    for (size_t i = 0; i < from->list.count; i++) GB_TRY(gb_pickle_append(p, &(*out)->list, from->list.item[i], err));
    return GB_OK;
}

static gb_status make_bytes(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    const gb_pickle_value *text = NULL, *codec = NULL;
    GB_TRY(argument(p, args, 0, GB_PICKLE_STRING, &text, err));
    GB_TRY(argument(p, args, 1, GB_PICKLE_STRING, &codec, err));
    if (!gb_pickle_text_is(codec->text, "latin1") && !gb_pickle_text_is(codec->text, "latin-1"))
        return gb_pickle_damaged(p, err, "bytes written as latin1", "another encoding");
    GB_TRY(gb_pickle_new(p, GB_PICKLE_BYTES, out, err));
    return gb_pickle_encode_latin1(p, text->text, *out, err);
}

/* With a dtype, the storage's bytes are taken as elements of that type. */
static gb_status make_tensor(gb_pickle *p, const gb_pickle_value *args, bool typed, gb_pickle_value **out,
                             gb_error *err)
{
    const gb_pickle_value *storage = NULL, *offset = NULL, *dtype = NULL;
    GB_TRY(argument(p, args, 0, GB_PICKLE_STORAGE, &storage, err));
    GB_TRY(argument(p, args, 1, GB_PICKLE_INT, &offset, err));
    if (args->list.count < 4) return gb_pickle_damaged(p, err, "a tensor's size and strides", "none");
    GB_TRY(gb_pickle_new(p, GB_PICKLE_TENSOR, out, err));
    GB_TRY(gb_pickle_own(p, *out, sizeof(gb_pickle_tensor), err));
    gb_pickle_tensor *tensor = (*out)->tensor = (*out)->owned;
    tensor->storage = *storage->storage;
    tensor->view.offset = offset->integer;
    int strides;
    GB_TRY(gb_pickle_shape(p, args->list.item[2], &tensor->view.rank, tensor->view.dim, err));
    GB_TRY(gb_pickle_shape(p, args->list.item[3], &strides, tensor->view.stride, err));
    if (strides != tensor->view.rank) return gb_pickle_damaged(p, err, "one stride for each dimension", "others");
    if (typed) {
        GB_TRY(argument(p, args, 6, GB_PICKLE_GLOBAL, &dtype, err));
        const gb_element element = dtype->global->element;
        if (!element.size || tensor->storage.element.size != 1) return not_callable(p, dtype, err);
        tensor->storage.element = element;
        tensor->storage.count /= (int64_t)element.size;
    }
    if (!gb_view_fits(&tensor->view, tensor->storage.count))
        return gb_pickle_damaged(p, err, "a tensor inside its storage", "one that reaches beyond it");
    return GB_OK;
}

static gb_status make_array(gb_pickle *p, gb_pickle_value **out, gb_error *err)
{
    GB_TRY(gb_pickle_new(p, GB_PICKLE_ARRAY, out, err));
    GB_TRY(gb_pickle_own(p, *out, sizeof(gb_pickle_array), err));
    (*out)->array = (*out)->owned;
    return GB_OK;
}

static gb_status make_first(const gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    const gb_pickle_value *tensor;
    GB_TRY(argument(p, args, 0, GB_PICKLE_TENSOR, &tensor, err));
    *out = args->list.item[0];
    return GB_OK;
}

static gb_status make_reconstructed(gb_pickle *p, const gb_pickle_value *args, gb_pickle_value **out, gb_error *err)
{
    const gb_pickle_value *class = NULL;
    GB_TRY(argument(p, args, 0, GB_PICKLE_GLOBAL, &class, err));
    if (class->global->make == MAKE_OBJECT_DICT) return make_dict(p, args, true, out, err);
    if (class->global->make == MAKE_INERT) return gb_pickle_new(p, GB_PICKLE_INERT, out, err);
    return not_callable(p, class, err);
}

gb_status gb_pickle_call(gb_pickle *p, const gb_pickle_value *callee, const gb_pickle_value *args,
                         gb_pickle_value **out, gb_error *err)
{
    if (callee->kind != GB_PICKLE_GLOBAL) return not_callable(p, callee, err);
    if (args->kind != GB_PICKLE_TUPLE)
        return gb_pickle_damaged(p, err, "a tuple of arguments", gb_pickle_kind_name(args->kind));
    switch (callee->global->make) {
    case MAKE_DICT: return make_dict(p, args, false, out, err);
    case MAKE_OBJECT_DICT: return make_dict(p, args, true, out, err);
    case MAKE_LIST: return make_list(p, args, out, err);
    case MAKE_INERT: return gb_pickle_new(p, GB_PICKLE_INERT, out, err);
    case MAKE_BYTES: return make_bytes(p, args, out, err);
    case MAKE_RECONSTRUCTED: return make_reconstructed(p, args, out, err);
    case MAKE_TENSOR: return make_tensor(p, args, false, out, err);
    case MAKE_TYPED_TENSOR: return make_tensor(p, args, true, out, err);
    case MAKE_PARAMETER: return make_first(p, args, out, err);
    case MAKE_ARRAY: return make_array(p, out, err);
    case MAKE_ARRAY_OF_BYTES: return gb_pickle_numpy_frombuffer(p, args, out, err);
    case MAKE_NUMPY_DTYPE: return gb_pickle_numpy_dtype(p, args, out, err);
    case MAKE_NOTHING:
    case MAKE_STORAGE: break;
    }
    return not_callable(p, callee, err);
}

gb_status gb_pickle_build(gb_pickle *p, gb_pickle_value *value, const gb_pickle_value *state, gb_error *err)
{
    switch (value->kind) {
    case GB_PICKLE_ARRAY: return gb_pickle_numpy_build_array(p, value, state, err);
    case GB_PICKLE_DTYPE: return gb_pickle_numpy_build_dtype(p, value, state, err);
    case GB_PICKLE_DICT:
        if (!value->state_is_items || state->kind != GB_PICKLE_DICT || state == value) return GB_OK;
        for (size_t i = 0; i < state->list.count; i++)
            GB_TRY(gb_pickle_append(p, &value->list, state->list.item[i], err));
        return GB_OK;
    case GB_PICKLE_INERT: return GB_OK;
    default: return gb_pickle_damaged(p, err, "an object that takes a state", gb_pickle_kind_name(value->kind));
    }
}

gb_status gb_pickle_load_storage(gb_pickle *p, const gb_pickle_value *id, gb_pickle_value **out, gb_error *err)
{
    const gb_pickle_value *word = NULL, *type = NULL, *key = NULL, *count = NULL;
    if (id->kind != GB_PICKLE_TUPLE)
        return gb_pickle_damaged(p, err, "a storage's tuple", gb_pickle_kind_name(id->kind));
    GB_TRY(argument(p, id, 0, GB_PICKLE_STRING, &word, err));
    GB_TRY(argument(p, id, 1, GB_PICKLE_GLOBAL, &type, err));
    GB_TRY(argument(p, id, 2, GB_PICKLE_STRING, &key, err));
    GB_TRY(argument(p, id, 4, GB_PICKLE_INT, &count, err));
    if (!gb_pickle_text_is(word->text, "storage") || type->global->make != MAKE_STORAGE)
        return gb_pickle_damaged(p, err, "the word \"storage\" and its type", "others");
    if (id->list.count > 5 && id->list.item[5]->kind != GB_PICKLE_NONE)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a file of PyTorch 0.4 or later, found a view of a storage",
                       p->path);
    if (count->integer < 0 || count->integer > INT64_C(1) << 56)
        return gb_pickle_damaged(p, err, "a storage's size", "a number out of range");
    GB_TRY(gb_pickle_new(p, GB_PICKLE_STORAGE, out, err));
    GB_TRY(gb_pickle_own(p, *out, sizeof(gb_pickle_storage), err));
    gb_pickle_storage *storage = (*out)->storage = (*out)->owned;
    *storage = (gb_pickle_storage){key->text, type->global->element, count->integer};
    return GB_OK;
}
