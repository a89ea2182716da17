// cuDNN's graph API without a card: descriptors are bags of attributes, a plan runs the graph that it was made from, by
// plain loops. Whether the real library takes the graphs is another test's question (tests/cuda/test_plans.c).
#include "standin/standin.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cudnn.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

struct cudnnContext {
    cudaStream_t stream;
    int card; // whose memory it works on
};

namespace
{

constexpr int64_t workspace_bytes = 1000;
// What the heuristics offer, in this order. The first must be refused for its note; the second rounds factors to TF32,
// which `fp32` must refuse.
enum Engine : int64_t { nondeterministic = 7, tensor_core = 9, plain = 1 };
constexpr Engine offered[] = {nondeterministic, tensor_core, plain};
constexpr int64_t offered_count = 3;

// A convolution from x (n, c, h, w) to y (n, k, oh, ow), or backward from y's side to x's; the pointers are set at a
// run.
struct Work {
    int64_t n, c, h, w, k, kh, kw, oh, ow, pad[2], stride[2], dilation[2], id[3];
    bool backward;
    cudnnDataType_t type;
    int64_t engine, taps; // taps that are summed before the sum is rounded: an engine's one setting
    const void *in, *filter;
    void *out, *workspace;
};

struct Descriptor {
    cudnnBackendDescriptorType_t type;
    bool final = false;
    int64_t engine = 0, taps = 0; // of an engine or its configuration; of a choice of a setting: its value
    Work work = {};               // of a graph and what is made from it; what a graph is made from need not live on
    std::map<int, std::vector<char>> attribute;

    template <class T>
    T get(int name, size_t index = 0) const
    {
        T value = {};
        const auto it = attribute.find(name);
        if (it != attribute.end() && it->second.size() >= (index + 1) * sizeof(T))
            memcpy(&value, it->second.data() + index * sizeof(T), sizeof(T));
        return value;
    }
    const Descriptor *at(int name) const { return get<const Descriptor *>(name); }
};

struct Tensor {
    int64_t id, size[4];
    cudnnDataType_t type;
    explicit Tensor(const Descriptor *d)
        : id(d->get<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID)),
          type(d->get<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE))
    {
        for (size_t i = 0; i < 4; i++) size[i] = d->get<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, i);
    }
    size_t count() const { return (size_t)(size[0] * size[1] * size[2] * size[3]); }
};

size_t size_of(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR: return 8;
    case CUDNN_TYPE_CHAR:
    case CUDNN_TYPE_BOOLEAN: return 1;
    default: return 4;
    }
}

size_t bytes_of(cudnnDataType_t type)
{
    return type == CUDNN_DATA_FLOAT ? 4 : 2;
}

// A factor as the engine multiplies it: TF32 has 10 bits after the point, rounded to nearest, ties away from zero.
double factor(const Work &j, const void *from, int64_t i)
{
    if (j.type == CUDNN_DATA_HALF) return __half2float(static_cast<const __half *>(from)[i]);
    if (j.type == CUDNN_DATA_BFLOAT16) return __bfloat162float(static_cast<const __nv_bfloat16 *>(from)[i]);
    float v = static_cast<const float *>(from)[i];
    if (j.engine != tensor_core || v - v != 0.0f) return v;
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = (bits + 0x1000u) & ~0x1fffu;
    memcpy(&v, &bits, sizeof bits);
    return v;
}

void store(const Work &j, int64_t i, float v)
{
    if (j.type == CUDNN_DATA_HALF)
        static_cast<__half *>(j.out)[i] = __float2half_rn(v);
    else if (j.type == CUDNN_DATA_BFLOAT16)
        static_cast<__nv_bfloat16 *>(j.out)[i] = __float2bfloat16_rn(v);
    else
        static_cast<float *>(j.out)[i] = v;
}

// Where tap t of output pixel (p, q) reads, on the other side; false where it reads nothing.
bool source(const Work &j, int64_t t, int64_t p, int64_t q, int64_t *h, int64_t *w)
{
    const int64_t a = t / j.kw * j.dilation[0], b = t % j.kw * j.dilation[1];
    if (!j.backward) {
        *h = p * j.stride[0] + a - j.pad[0];
        *w = q * j.stride[1] + b - j.pad[1];
        return *h >= 0 && *h < j.h && *w >= 0 && *w < j.w;
    }
    const int64_t y = p + j.pad[0] - a, x = q + j.pad[1] - b;
    *h = y / j.stride[0];
    *w = x / j.stride[1];
    return y >= 0 && x >= 0 && y % j.stride[0] == 0 && x % j.stride[1] == 0 && *h < j.oh && *w < j.ow;
}

// Both operands as the engine multiplies them.
struct Factors {
    std::vector<double> in, filter;
};

std::vector<double> factors_of(const Work &j, const void *from, int64_t count)
{
    std::vector<double> all((size_t)count);
    for (int64_t i = 0; i < count; i++) all[(size_t)i] = factor(j, from, i);
    return all;
}

// What one output value sums: in double over as many taps as the engine is set to, such sums in float.
float sum_at(const Work &j, const Factors &f, int64_t n, int64_t p, int64_t q, int64_t out)
{
    const int64_t channels = j.backward ? j.k : j.c, height = j.backward ? j.oh : j.h, width = j.backward ? j.ow : j.w;
    const int64_t taps = j.kh * j.kw, step = j.backward ? taps * j.c : 1;
    float total = 0.0f;
    for (int64_t first = 0; first < taps; first += j.taps) {
        double sum = 0.0;
        for (int64_t t = first; t < first + j.taps && t < taps; t++) {
            int64_t h, w;
            if (!source(j, t, p, q, &h, &w)) continue;
            const double *const x = f.in.data() + ((n * height + h) * width + w) * channels;
            const double *const weight = f.filter.data() + (j.backward ? t * j.c + out : (out * taps + t) * j.c);
            for (int64_t i = 0; i < channels; i++) sum += x[i] * weight[i * step];
        }
        total += (float)sum;
    }
    return total;
}

void run(const void *argument)
{
    const Work &j = *static_cast<const Work *>(argument);
    if (j.workspace) memset(j.workspace, 0xFF, workspace_bytes); // what was there is lost, as with a real engine
    const int64_t height = j.backward ? j.h : j.oh, width = j.backward ? j.w : j.ow, channels = j.backward ? j.c : j.k;
    const int64_t given = j.backward ? j.n * j.k * j.oh * j.ow : j.n * j.c * j.h * j.w;
    const Factors f = {factors_of(j, j.in, given), factors_of(j, j.filter, j.k * j.c * j.kh * j.kw)};
    int64_t at = 0;
    for (int64_t n = 0; n < j.n; n++)
        for (int64_t p = 0; p < height; p++)
            for (int64_t q = 0; q < width; q++)
                for (int64_t k = 0; k < channels; k++) store(j, at++, sum_at(j, f, n, p, q, k));
}

// What a graph of one convolution computes.
Work work_of(const Descriptor *graph)
{
    const Descriptor *const op = graph->at(CUDNN_ATTR_OPERATIONGRAPH_OPS);
    const bool back = op->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
    const Tensor x(
        op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X));
    const Tensor f(
        op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W));
    const Tensor y(
        op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y));
    const Descriptor *const c = op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC
                                            : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC);
    if (x.type != f.type || x.type != y.type) standin_violation("a layer's tensors are of several types");
    Work j = {x.size[0], x.size[1], x.size[2], x.size[3],          y.size[1], f.size[2], f.size[3],
              y.size[2], y.size[3], {},        {},                 {},        {x.id, f.id, y.id},
              back,      x.type,    0,         0,         nullptr, nullptr,   nullptr,   nullptr};
    for (size_t i = 0; i < 2; i++) {
        j.pad[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, i);
        j.stride[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, i);
        j.dilation[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS, i);
    }
    return j;
}

void *bound(cudnnHandle_t handle, const Descriptor *pack, int64_t id, int64_t count, cudnnDataType_t type)
{
    for (size_t i = 0; i < 3; i++) {
        if (pack->get<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, i) != id) continue;
        void *const p = pack->get<void *>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, i);
        if (standin_is_on_card(p, (size_t)count * bytes_of(type), handle->card) && (uintptr_t)p % 16 == 0) return p;
        standin_violation("a layer is given %p, which is not %ld aligned values on card %d", p, (long)count,
                          handle->card);
        return nullptr;
    }
    standin_violation("a layer's tensor %ld is bound to nothing", (long)id);
    return nullptr;
}

cudnnStatus_t start(cudnnHandle_t handle, const Descriptor *plan, const Descriptor *pack)
{
    Work w = plan->work;
    void *const x = bound(handle, pack, w.id[0], w.n * w.c * w.h * w.w, w.type);
    void *const f = !x ? x : bound(handle, pack, w.id[1], w.k * w.c * w.kh * w.kw, w.type);
    void *const y = !f ? f : bound(handle, pack, w.id[2], w.n * w.k * w.oh * w.ow, w.type);
    w.workspace = pack->get<void *>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
    if (!x || !f || !y) return CUDNN_STATUS_BAD_PARAM;
    if (!standin_is_on_card(w.workspace, workspace_bytes, handle->card)) {
        standin_violation("a layer's workspace is not on card %d", handle->card);
        return CUDNN_STATUS_BAD_PARAM;
    }
    w.in = w.backward ? y : x;
    w.filter = f;
    w.out = w.backward ? x : y;
    standin_enqueue(handle->stream, run, &w, sizeof w);
    return CUDNN_STATUS_SUCCESS;
}

Descriptor *of(cudnnBackendDescriptor_t d)
{
    return static_cast<Descriptor *>(d);
}

int64_t usual_taps(const Work &work)
{
    return work.n == 1 ? 2 : 3;
}

// The engine configurations that a heuristic gives: filled into descriptors that the caller made. What it would set
// them to depends on the number of frames, and their sums on that setting.
int64_t give_configurations(const Descriptor *heuristic, int64_t room, void *out)
{
    cudnnBackendDescriptor_t *const given = static_cast<cudnnBackendDescriptor_t *>(out);
    const int64_t count = room < offered_count ? room : offered_count;
    for (int64_t i = 0; i < count; i++) {
        Descriptor *const d = of(given[i]);
        d->work = heuristic->at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)->work;
        d->work.engine = d->engine = offered[i];
        d->work.taps = d->taps = usual_taps(d->work);
        d->final = true;
    }
    return count;
}

// The one setting of a configuration.
int64_t give_choices(const Descriptor *configuration, int64_t room, void *out)
{
    if (room < 1) return 0;
    Descriptor *const choice = of(*static_cast<cudnnBackendDescriptor_t *>(out));
    choice->taps = configuration->taps;
    choice->final = true;
    return 1;
}

// A configuration that the caller made of an engine and what it is to be set to.
bool finish_configuration(Descriptor *d)
{
    const Descriptor *const engine = d->at(CUDNN_ATTR_ENGINECFG_ENGINE);
    const Descriptor *const choice = d->at(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES);
    if (!engine || !engine->final || !choice || !choice->final) return false;
    if (choice->get<int>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE) != CUDNN_KNOB_TYPE_TILE_SIZE) return false;
    d->work = engine->at(CUDNN_ATTR_ENGINE_OPERATION_GRAPH)->work;
    d->work.engine = d->engine = engine->get<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
    d->work.taps = d->taps = choice->get<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE);
    if (standin_get_fault() == STANDIN_NO_SETTINGS) d->work.taps = usual_taps(d->work);
    return d->taps > 0;
}

// A plan written down: its work's bytes as hexadecimal digits.
std::string text_of(const Work &work)
{
    std::string text = "{stand-in ";
    char digits[3];
    for (size_t i = 0; i < sizeof work; i++) {
        snprintf(digits, sizeof digits, "%02x", reinterpret_cast<const unsigned char *>(&work)[i]);
        text += digits;
    }
    return text + "}";
}

bool read_text(const std::vector<char> &text, Work *work)
{
    const size_t head = strlen("{stand-in ");
    if (text.size() != head + 2 * sizeof *work + 1) return false;
    for (size_t i = 0; i < sizeof *work; i++) {
        const char digits[3] = {text[head + 2 * i], text[head + 2 * i + 1], 0};
        reinterpret_cast<unsigned char *>(work)[i] = (unsigned char)strtol(digits, nullptr, 16);
    }
    return true;
}

bool finish_plan(Descriptor *d)
{
    const auto text = d->attribute.find(CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION);
    if (text != d->attribute.end())
        return d->get<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE) && read_text(text->second, &d->work);
    const Descriptor *const configuration = d->at(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
    if (!configuration || !configuration->final || !d->get<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE))
        return false;
    d->work = configuration->work;
    return true;
}

template <class T>
int64_t give(T value, void *out)
{
    memcpy(out, &value, sizeof value);
    return 1;
}

} // namespace

extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t *out)
{
    if (standin_must_fail()) return CUDNN_STATUS_NOT_INITIALIZED;
    *out = new cudnnContext{nullptr, standin_current_card()};
    standin_count_handle(1);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
    delete handle;
    standin_count_handle(-1);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
    if (standin_must_fail()) return CUDNN_STATUS_BAD_PARAM;
    handle->stream = stream;
    return CUDNN_STATUS_SUCCESS;
}

size_t cudnnGetVersion(void)
{
    return CUDNN_VERSION;
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
    return status == CUDNN_STATUS_SUCCESS ? "CUDNN_STATUS_SUCCESS" : "CUDNN_STATUS_EXECUTION_FAILED";
}

void cudnnGetLastErrorString(char *message, size_t size)
{
    snprintf(message, size, "made to fail\nby the stand-in");
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *out)
{
    if (standin_must_fail()) return CUDNN_STATUS_ALLOC_FAILED;
    Descriptor *const d = new Descriptor;
    d->type = type;
    *out = d;
    standin_count_descriptor(1);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    delete of(descriptor);
    standin_count_descriptor(-1);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
    if (standin_must_fail()) return CUDNN_STATUS_BAD_PARAM;
    if (of(descriptor)->final || !value) return CUDNN_STATUS_BAD_PARAM;
    const char *const bytes = static_cast<const char *>(value);
    of(descriptor)->attribute[name].assign(bytes, bytes + (size_t)count * size_of(type));
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    Descriptor *const d = of(descriptor);
    if (standin_must_fail() || d->final) return CUDNN_STATUS_BAD_PARAM;
    if (d->type == CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) d->work = work_of(d);
    if (d->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR && !finish_plan(d)) return CUDNN_STATUS_BAD_PARAM;
    if (d->type == CUDNN_BACKEND_ENGINECFG_DESCRIPTOR && !finish_configuration(d)) return CUDNN_STATUS_BAD_PARAM;
    d->final = true;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t, int64_t room, int64_t *count, void *out)
{
    Descriptor *const d = of(descriptor);
    if (standin_must_fail()) return CUDNN_STATUS_BAD_PARAM;
    if (room < 1 && name != CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION) return CUDNN_STATUS_BAD_PARAM;
    switch (name) {
    case CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION: {
        const std::string text = text_of(d->work);
        *count = (int64_t)text.size();
        if (out) memcpy(out, text.data(), std::min(text.size(), (size_t)room));
        return CUDNN_STATUS_SUCCESS;
    }
    case CUDNN_ATTR_ENGINEHEUR_RESULTS: *count = give_configurations(d, room, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINECFG_ENGINE: {
        cudnnBackendDescriptor_t engine;
        memcpy(&engine, out, sizeof engine);
        of(engine)->engine = d->engine;
        *count = 1;
        return CUDNN_STATUS_SUCCESS;
    }
    case CUDNN_ATTR_ENGINECFG_KNOB_CHOICES: *count = give_choices(d, room, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE: *count = give(CUDNN_KNOB_TYPE_TILE_SIZE, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE: *count = give(d->taps, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
        *count = d->engine == nondeterministic ? give(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, out)
                 : d->engine == tensor_core    ? give(CUDNN_NUMERICAL_NOTE_TENSOR_CORE, out)
                                               : 0;
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE: *count = 0; return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_GLOBAL_INDEX: *count = give(d->engine, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE: *count = give(workspace_bytes, out); return CUDNN_STATUS_SUCCESS;
    default: return CUDNN_STATUS_NOT_SUPPORTED;
    }
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack)
{
    if (standin_must_fail()) return CUDNN_STATUS_EXECUTION_FAILED;
    if (!of(plan)->final || !of(pack)->final) return CUDNN_STATUS_BAD_PARAM;
    return start(handle, of(plan), of(pack));
}

} // extern "C"
