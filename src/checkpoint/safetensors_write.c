#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/element.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/temporary.h"

#define CHUNK 16384 /* elements converted at once */

typedef struct writer {
    const char *path;
    FILE *file;
    const gb_tensor **tensor; /* those with values, by name */
    size_t count;
    bool half;
} writer;

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const gb_tensor *const *)a)->name, (*(const gb_tensor *const *)b)->name);
}

static gb_status sort_tensors(writer *w, const gb_weights *weights, gb_error *err)
{
    const size_t count = gb_weights_count(weights);
    w->tensor = gb_alloc(count, sizeof *w->tensor);
    if (!w->tensor) return gb_fail_memory(err, w->path, count * sizeof *w->tensor);
    for (size_t i = 0; i < count; i++) {
        const gb_tensor *tensor = gb_weights_at(weights, i);
        if (tensor->data) w->tensor[w->count++] = tensor;
    }
    qsort(w->tensor, w->count, sizeof *w->tensor, compare_names);
    return GB_OK;
}

static bool describe(cJSON *header, const gb_tensor *tensor, bool half, int64_t *offset)
{
    cJSON *item = cJSON_AddObjectToObject(header, tensor->name);
    bool good = cJSON_AddStringToObject(item, "dtype", half ? "F16" : "F32") != NULL;
    cJSON *shape = cJSON_AddArrayToObject(item, "shape"), *place = cJSON_AddArrayToObject(item, "data_offsets");
    for (int d = 0; d < tensor->rank; d++)
        good &= gb_json_append(shape, cJSON_CreateNumber((double)tensor->dim[d]));
    good &= gb_json_append(place, cJSON_CreateNumber((double)*offset));
    *offset += gb_tensor_size(tensor) * (half ? 2 : 4);
    good &= gb_json_append(place, cJSON_CreateNumber((double)*offset));
    return good;
}

/* The header's text, padded with blanks so that the data begin at a multiple of 8; the caller frees. */
static char *make_header(const writer *w)
{
    cJSON *header = cJSON_CreateObject();
    cJSON *metadata = cJSON_AddObjectToObject(header, "__metadata__");
    bool good = cJSON_AddStringToObject(metadata, "format", "pt") != NULL; /* loaders ask for it */
    int64_t offset = 0;
    for (size_t i = 0; i < w->count; i++) good &= describe(header, w->tensor[i], w->half, &offset);
    char *text = NULL;
    if (good && gb_json_text(header, false, w->path, &text, NULL) != GB_OK) text = NULL;
    cJSON_Delete(header);
    const int size = text ? (int)((strlen(text) + 7) / 8 * 8) : 0;
    char *padded = text ? gb_format("%-*s", size, text) : NULL;
    cJSON_free(text);
    return padded;
}

static gb_status put(const writer *w, const void *bytes, size_t size, gb_error *err)
{
    if (fwrite(bytes, 1, size, w->file) == size) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: cannot write: %s", w->path, strerror(errno));
}

static gb_status put_little_endian(const writer *w, uint64_t value, size_t size, gb_error *err)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(value >> (8 * i));
    return put(w, bytes, size, err);
}

static gb_status put_tensor(const writer *w, const gb_tensor *tensor, gb_error *err)
{
    unsigned char bytes[CHUNK * sizeof(float)];
    const int64_t size = gb_tensor_size(tensor);
    for (int64_t start = 0; start < size; start += CHUNK) {
        const int64_t count = size - start < CHUNK ? size - start : CHUNK;
        const size_t step = w->half ? 2 : 4;
        for (int64_t i = 0; i < count; i++) {
            const float value = tensor->data[start + i];
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            if (w->half) bits = gb_element_half(value);
            if (w->half && (bits & 0x7fff) == 0x7c00 && isfinite(value))
                return gb_fail(err, GB_E_NUMERIC, "%s: expected values of float16, found %g in \"%s\"", w->path,
                               (double)value, tensor->name);
            for (size_t b = 0; b < step; b++) bytes[(size_t)i * step + b] = (unsigned char)(bits >> (8 * b));
        }
        GB_TRY(put(w, bytes, (size_t)count * step, err));
    }
    return GB_OK;
}

static gb_status write_all(const writer *w, gb_error *err)
{
    char *header = make_header(w);
    if (!header) return gb_fail_memory(err, w->path, w->count);
    gb_status status = put_little_endian(w, strlen(header), 8, err);
    if (status == GB_OK) status = put(w, header, strlen(header), err);
    free(header);
    for (size_t i = 0; i < w->count && status == GB_OK; i++) status = put_tensor(w, w->tensor[i], err);
    return status;
}

static gb_status write_file(writer *w, const char *name, gb_error *err)
{
    w->file = fopen(name, "wbe");
    if (!w->file) return gb_fail(err, GB_E_IO, "%s: cannot write: %s", w->path, strerror(errno));
    gb_status status = write_all(w, err);
    if (status == GB_OK && fflush(w->file) != 0)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", w->path, strerror(errno));
    if (fclose(w->file) != 0 && status == GB_OK)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", w->path, strerror(errno));
    return status;
}

/* Readers see the old file or the whole new one. */
static gb_status write_beside(writer *w, gb_error *err)
{
    gb_temporary temporary;
    gb_error ignored;
    GB_TRY(gb_temporary_open(w->path, &temporary, err));
    const gb_status status = write_file(w, temporary.name, err);
    const bool good = status == GB_OK;
    const gb_status closed = gb_temporary_close(&temporary, w->path, good, good ? err : &ignored);
    return good ? closed : status;
}

gb_status gb_checkpoint_write_safetensors(const char *path, const gb_weights *weights, bool half, gb_error *err)
{
    writer w = {.path = path, .half = half};
    gb_status status = sort_tensors(&w, weights, err);
    if (status == GB_OK) status = write_beside(&w, err);
    free(w.tensor);
    return status;
}
