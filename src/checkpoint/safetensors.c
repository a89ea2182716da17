/* safetensors: 8 bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, then the tensors' bytes
 * without holes or overlaps. https://github.com/huggingface/safetensors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/formats.h"
#include "core/json.h"
#include "core/memory.h"

#define HEADER_MAX ((uint64_t)100000000)

typedef struct st_tensor {
    const char *name;
    gb_element element;
    gb_view view;
    int64_t begin, end; /* bytes after the header */
} st_tensor;

typedef struct st_file {
    const char *path;
    gb_file_source source;
    cJSON *header;
    st_tensor *tensor; /* sorted by place */
    size_t count, capacity;
    uint64_t data_start, data_bytes;
} st_file;

static bool find_dtype(const char *name, gb_element *out)
{
    static const struct {
        const char *name;
        gb_element element;
    } known[] = {
        {"F32", {GB_ELEMENT_F32, 4, false}},    {"F16", {GB_ELEMENT_F16, 2, false}},
        {"BF16", {GB_ELEMENT_BF16, 2, false}},  {"F64", {GB_ELEMENT_F64, 8, false}},
        {"I64", {GB_ELEMENT_OTHER, 8, false}},  {"U64", {GB_ELEMENT_OTHER, 8, false}},
        {"I32", {GB_ELEMENT_OTHER, 4, false}},  {"U32", {GB_ELEMENT_OTHER, 4, false}},
        {"I16", {GB_ELEMENT_OTHER, 2, false}},  {"U16", {GB_ELEMENT_OTHER, 2, false}},
        {"I8", {GB_ELEMENT_OTHER, 1, false}},   {"U8", {GB_ELEMENT_OTHER, 1, false}},
        {"BOOL", {GB_ELEMENT_OTHER, 1, false}}, {"C64", {GB_ELEMENT_OTHER, 8, false}},
        {"F8_E5M2", {GB_ELEMENT_OTHER, 1, false}}, {"F8_E4M3", {GB_ELEMENT_OTHER, 1, false}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) != 0) continue;
        *out = known[i].element;
        out->swapped = __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__;
        return true;
    }
    return false;
}

static bool get_integer(const cJSON *item, int64_t *out)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 0x1p53) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

static gb_status parse_shape(const st_file *f, const cJSON *shape, st_tensor *t, gb_error *err)
{
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > GB_MAX_RANK)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a shape of at most %d numbers for \"%s\", found none", f->path,
                       GB_MAX_RANK, t->name);
    const cJSON *item;
    cJSON_ArrayForEach(item, shape)
        if (!get_integer(item, &t->view.dim[t->view.rank++]))
            return gb_fail(err, GB_E_FORMAT, "%s: expected whole numbers in the shape of \"%s\", found others", f->path,
                           t->name);
    return GB_OK;
}

static gb_status parse_tensor(const st_file *f, const cJSON *item, st_tensor *t, gb_error *err)
{
    const char *dtype = NULL;
    t->name = item->string;
    GB_TRY(gb_json_get_string(item, "dtype", f->path, &dtype, err));
    if (!find_dtype(dtype, &t->element))
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a known dtype for \"%s\", found \"%s\"", f->path, t->name,
                       dtype);
    GB_TRY(parse_shape(f, cJSON_GetObjectItemCaseSensitive(item, "shape"), t, err));
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    if (cJSON_GetArraySize(offsets) != 2 || !get_integer(cJSON_GetArrayItem(offsets, 0), &t->begin) ||
        !get_integer(cJSON_GetArrayItem(offsets, 1), &t->end) || t->begin > t->end)
        return gb_fail(err, GB_E_FORMAT, "%s: expected two data_offsets in order for \"%s\", found others", f->path,
                       t->name);
    if ((uint64_t)t->end > f->data_bytes)
        return gb_fail(err, GB_E_FORMAT, "%s: expected \"%s\" inside %llu bytes of data, found its end at %lld",
                       f->path, t->name, (unsigned long long)f->data_bytes, (long long)t->end);
    int64_t need;
    const int64_t size = gb_view_size(&t->view);
    if (size < 0 || __builtin_mul_overflow(size, (int64_t)t->element.size, &need) || need != t->end - t->begin)
        return gb_fail(err, GB_E_FORMAT, "%s: expected as many bytes as the shape of \"%s\" asks for, found %lld",
                       f->path, t->name, (long long)(t->end - t->begin));
    gb_view_set_strides(&t->view, false);
    return GB_OK;
}

static int compare_places(const void *a, const void *b)
{
    const st_tensor *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static gb_status check_places(const st_file *f, gb_error *err)
{
    int64_t at = 0;
    for (size_t i = 0; i < f->count; i++) {
        const st_tensor *t = &f->tensor[i];
        if (t->begin != at)
            return gb_fail(err, GB_E_FORMAT, "%s: expected \"%s\" at byte %lld of the data, found %s at %lld", f->path,
                           t->name, (long long)at, t->begin < at ? "an overlap" : "a hole before it",
                           (long long)t->begin);
        at = t->end;
    }
    if ((uint64_t)at == f->data_bytes) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected %lld bytes of data, found %llu", f->path, (long long)at,
                   (unsigned long long)f->data_bytes);
}

static gb_status read_header(st_file *f, uint64_t bytes, gb_error *err)
{
    unsigned char length[8];
    GB_TRY(gb_file_source_read(&f->source, length, sizeof length, err));
    uint64_t size = 0;
    for (size_t i = 0; i < sizeof length; i++) size |= (uint64_t)length[i] << (8 * i);
    if (size > bytes - sizeof length || size > HEADER_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a header of at most %llu bytes, found %llu", f->path,
                       (unsigned long long)(bytes - sizeof length < HEADER_MAX ? bytes - sizeof length : HEADER_MAX),
                       (unsigned long long)size);
    char *text = gb_alloc((size_t)size + 1, 1);
    if (!text) return gb_fail_memory(err, f->path, size);
    gb_status status = gb_file_source_read(&f->source, text, (size_t)size, err);
    if (status == GB_OK) status = gb_json_parse(text, (size_t)size, f->path, &f->header, err);
    free(text);
    f->data_start = sizeof length + size;
    f->data_bytes = bytes - f->data_start;
    return status;
}

static gb_status parse_header(st_file *f, gb_error *err)
{
    if (!cJSON_IsObject(f->header)) return gb_fail(err, GB_E_FORMAT, "%s: expected a JSON object, found none", f->path);
    const cJSON *item;
    cJSON_ArrayForEach(item, f->header) {
        if (!strcmp(item->string, "__metadata__")) continue;
        if (gb_grow(&f->tensor, &f->capacity, f->count + 1, sizeof *f->tensor) != 0)
            return gb_fail_memory(err, f->path, f->count * sizeof *f->tensor);
        f->tensor[f->count] = (st_tensor){0};
        GB_TRY(parse_tensor(f, item, &f->tensor[f->count], err));
        f->count++;
    }
    if (f->count) qsort(f->tensor, f->count, sizeof *f->tensor, compare_places);
    return check_places(f, err);
}

static gb_status read_tensor(st_file *f, st_tensor *t, gb_weights *weights, gb_error *err)
{
    if (t->element.kind == GB_ELEMENT_OTHER)
        return gb_weights_add(weights, t->name, t->view.rank, t->view.dim, NULL, err);
    gb_view *view = &t->view;
    GB_TRY(gb_file_source_seek(&f->source, f->data_start + (uint64_t)t->begin, err));
    GB_TRY(gb_view_allocate(view, t->name, err));
    const gb_source source = {gb_file_source_read, &f->source};
    const gb_status status = gb_storage_read(source, t->element, gb_view_size(view), &view, 1, err);
    if (status != GB_OK) {
        free(view->data);
        return status;
    }
    return gb_weights_add(weights, t->name, view->rank, view->dim, view->data, err);
}

gb_status gb_read_safetensors(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    st_file f = {.path = path};
    GB_TRY(gb_file_source_open(&f.source, path, err));
    gb_status status;
    GB_GO(read_header(&f, bytes, err));
    GB_GO(parse_header(&f, err));
    for (size_t i = 0; i < f.count; i++) GB_GO(read_tensor(&f, &f.tensor[i], weights, err));
done:
    free(f.tensor);
    cJSON_Delete(f.header);
    gb_file_source_close(&f.source);
    return status;
}
