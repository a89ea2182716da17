#include "backend/cuda/notes.h"

#include <stdio.h>

#define MOST_NOTES 32
#define UNKNOWN 31
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef enum refusal { NEVER, IN_FP32, ALWAYS } refusal;

/* Of a note that is not known nobody can say that it keeps 24 bits. */
static const struct {
    int note;
    const char *text;
    refusal refused;
} numerical[] = {
    {CUDNN_NUMERICAL_NOTE_TENSOR_CORE, "tensor core", IN_FP32}, /* of float32 tensors: TF32 */
    {CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, "down-converts inputs", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION, "reduced-precision reduction", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_FFT, "FFT", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, "nondeterministic", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD, "Winograd", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4, "Winograd 4x4", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6, "Winograd 6x6", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13, "Winograd 13x13", ALWAYS},
    {CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP, "strict NaN propagation", NEVER},
    {UNKNOWN, "a note that is not known", IN_FP32},
};

static const struct {
    int note;
    const char *text;
    refusal refused;
} behaviour[] = {
    {CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION, "compiled at run time", ALWAYS},
    {CUDNN_BEHAVIOR_NOTE_REQUIRES_FILTER_INT8x32_REORDER, "int8 filter reordered", NEVER},
    {CUDNN_BEHAVIOR_NOTE_REQUIRES_BIAS_INT8x32_REORDER, "int8 bias reordered", NEVER},
    {CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API, "native CUDA graphs", NEVER},
    {CUDNN_BEHAVIOR_NOTE_CUBLASLT_DEPENDENCY, "needs cuBLASLt", NEVER},
    {UNKNOWN, "a behaviour that is not known", NEVER},
};

static gb_status read_kind(gb_descriptor engine, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                           int known, uint32_t *out, gb_error *err)
{
    int note[MOST_NOTES];
    int64_t count = 0;
    GB_TRY(gb_descriptor_get(engine, name, type, MOST_NOTES, &count, note, err));
    *out = count > MOST_NOTES ? 1u << UNKNOWN : 0;
    for (int64_t i = 0; i < count && i < MOST_NOTES; i++)
        *out |= 1u << (note[i] >= 0 && note[i] < known ? note[i] : UNKNOWN);
    return GB_OK;
}

gb_status gb_cuda_notes_read(gb_descriptor engine, gb_cuda_notes *out, gb_error *err)
{
    GB_TRY(read_kind(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                     CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &out->numerical, err));
    return read_kind(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, CUDNN_BEHAVIOR_NOTE_TYPE_COUNT,
                     &out->behaviour, err);
}

static bool is_refused(refusal refused, gb_precision precision)
{
    return refused == ALWAYS || (refused == IN_FP32 && precision == GB_PRECISION_FP32);
}

bool gb_cuda_notes_allow(const gb_cuda_notes *notes, gb_precision precision)
{
    for (size_t i = 0; i < COUNT(numerical); i++)
        if (notes->numerical >> numerical[i].note & 1 && is_refused(numerical[i].refused, precision)) return false;
    for (size_t i = 0; i < COUNT(behaviour); i++)
        if (notes->behaviour >> behaviour[i].note & 1 && is_refused(behaviour[i].refused, precision)) return false;
    return true;
}

/* Cut off where there is no more room. */
static void append(const char *text, char *out, size_t size, size_t *used)
{
    if (*used >= size) return;
    *used += (size_t)snprintf(out + *used, size - *used, "%s%s", *used ? ", " : "", text);
}

void gb_cuda_notes_text(const gb_cuda_notes *notes, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < COUNT(numerical); i++)
        if (notes->numerical >> numerical[i].note & 1) append(numerical[i].text, out, size, &used);
    for (size_t i = 0; i < COUNT(behaviour); i++)
        if (notes->behaviour >> behaviour[i].note & 1) append(behaviour[i].text, out, size, &used);
    if (!used) append("none", out, size, &used);
}

void gb_cuda_notes_refused(gb_precision precision, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < COUNT(numerical); i++)
        if (is_refused(numerical[i].refused, precision)) append(numerical[i].text, out, size, &used);
    for (size_t i = 0; i < COUNT(behaviour); i++)
        if (is_refused(behaviour[i].refused, precision)) append(behaviour[i].text, out, size, &used);
}
