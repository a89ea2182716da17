// cuDNN's graph API without a card: descriptors are bags of attributes, a plan runs the graph that it was made from, by
// plain loops. Whether the real library takes the graphs is another test's question (tests/cuda/test_plans.c).
#include "standin/standin.h"

#include <cudnn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

struct cudnnContext {
    cudaStream_t stream;
};

namespace
{

constexpr int64_t workspace_bytes = 1000;
// The first engine that the heuristics offer must be refused for its note, the second taken.
constexpr int64_t nondeterministic_engine = 7, good_engine = 1;

// A convolution from x (n, c, h, w) to y (n, k, oh, ow), or backward from y's side to x's; the pointers are set at a
// run.
struct Work {
    int64_t n, c, h, w, k, kh, kw, oh, ow, pad[2], stride[2], dilation[2], id[3];
    bool backward;
    const float *in, *filter;
    float *out, *workspace;
};

struct Descriptor {
    cudnnBackendDescriptorType_t type;
    bool final = false;
    int64_t engine = 0; // of an engine or its configuration
    Work work = {};     // of a plan: it outlives the graph that it was made from
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
    explicit Tensor(const Descriptor *d) : id(d->get<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID))
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

// The products that one output value sums, in double.
double sum_at(const Work &j, int64_t n, int64_t oh, int64_t ow, int64_t k)
{
    double sum = 0.0;
    for (int64_t a = 0; a < j.kh; a++) {
        for (int64_t b = 0; b < j.kw; b++) {
            const int64_t h = oh * j.stride[0] + a * j.dilation[0] - j.pad[0],
                          w = ow * j.stride[1] + b * j.dilation[1] - j.pad[1];
            if (h < 0 || h >= j.h || w < 0 || w >= j.w) continue;
            const float *const x = j.in + ((n * j.h + h) * j.w + w) * j.c, *const f = j.filter +
                                                                                      ((k * j.kh + a) * j.kw + b) * j.c;
            for (int64_t c = 0; c < j.c; c++) sum += (double)x[c] * f[c];
        }
    }
    return sum;
}

void forward(const Work &j)
{
    float *y = j.out;
    for (int64_t n = 0; n < j.n; n++)
        for (int64_t oh = 0; oh < j.oh; oh++)
            for (int64_t ow = 0; ow < j.ow; ow++)
                for (int64_t k = 0; k < j.k; k++) *y++ = (float)sum_at(j, n, oh, ow, k);
}

// dx[n][h][w][c] gathers every dy whose window covers it.
void backward(const Work &j)
{
    std::vector<double> sum((size_t)(j.n * j.h * j.w * j.c), 0.0);
    for (int64_t n = 0; n < j.n; n++)
        for (int64_t oh = 0; oh < j.oh; oh++)
            for (int64_t ow = 0; ow < j.ow; ow++)
                for (int64_t k = 0; k < j.k; k++)
                    for (int64_t a = 0; a < j.kh; a++)
                        for (int64_t b = 0; b < j.kw; b++) {
                            const int64_t h = oh * j.stride[0] + a * j.dilation[0] - j.pad[0];
                            const int64_t w = ow * j.stride[1] + b * j.dilation[1] - j.pad[1];
                            if (h < 0 || h >= j.h || w < 0 || w >= j.w) continue;
                            const double v = j.in[((n * j.oh + oh) * j.ow + ow) * j.k + k];
                            const float *const f = j.filter + ((k * j.kh + a) * j.kw + b) * j.c;
                            double *const to = sum.data() + ((n * j.h + h) * j.w + w) * j.c;
                            for (int64_t c = 0; c < j.c; c++) to[c] += v * f[c];
                        }
    for (size_t i = 0; i < sum.size(); i++) j.out[i] = (float)sum[i];
}

void run(void *argument)
{
    const Work &j = *static_cast<const Work *>(argument);
    if (j.workspace) memset(j.workspace, 0xFF, workspace_bytes); // what was there is lost, as with a real engine
    if (j.backward)
        backward(j);
    else
        forward(j);
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
    Work j = {x.size[0],          x.size[1], x.size[2], x.size[3], y.size[1], f.size[2],
              f.size[3],          y.size[2], y.size[3], {},        {},        {},
              {x.id, f.id, y.id}, back,      nullptr,   nullptr,   nullptr,   nullptr};
    for (size_t i = 0; i < 2; i++) {
        j.pad[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, i);
        j.stride[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, i);
        j.dilation[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS, i);
    }
    return j;
}

float *bound(const Descriptor *pack, int64_t id, int64_t count)
{
    for (size_t i = 0; i < 3; i++) {
        if (pack->get<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, i) != id) continue;
        float *const p = pack->get<float *>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, i);
        if (standin_is_device(p, (size_t)count * sizeof(float)) && (uintptr_t)p % 16 == 0) return p;
        standin_violation("a layer is given %p, which is not %ld aligned floats on the card", (void *)p, (long)count);
        return nullptr;
    }
    standin_violation("a layer's tensor %ld is bound to nothing", (long)id);
    return nullptr;
}

cudnnStatus_t start(cudnnHandle_t handle, const Descriptor *plan, const Descriptor *pack)
{
    Work w = plan->work;
    float *const x = bound(pack, w.id[0], w.n * w.c * w.h * w.w), *const f =
                                                                      bound(pack, w.id[1], w.k * w.c * w.kh * w.kw);
    float *const y = bound(pack, w.id[2], w.n * w.k * w.oh * w.ow);
    w.workspace = pack->get<float *>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
    if (!x || !f || !y) return CUDNN_STATUS_BAD_PARAM;
    if (!standin_is_device(w.workspace, workspace_bytes)) {
        standin_violation("a layer's workspace is not on the card");
        return CUDNN_STATUS_BAD_PARAM;
    }
    w.in = w.backward ? y : x;
    w.filter = f;
    w.out = w.backward ? x : y;
    Work *const queued = static_cast<Work *>(malloc(sizeof w));
    memcpy(queued, &w, sizeof w);
    standin_enqueue(handle->stream, run, queued);
    return CUDNN_STATUS_SUCCESS;
}

Descriptor *of(cudnnBackendDescriptor_t d)
{
    return static_cast<Descriptor *>(d);
}

// The engine configurations that a heuristic gives: filled into descriptors that the caller made.
int64_t give_configurations(const Descriptor *heuristic, int64_t room, void *out)
{
    cudnnBackendDescriptor_t *const given = static_cast<cudnnBackendDescriptor_t *>(out);
    const int64_t count = room < 2 ? room : 2;
    for (int64_t i = 0; i < count; i++) {
        of(given[i])->engine = i == 0 ? nondeterministic_engine : good_engine;
        of(given[i])->work = work_of(heuristic->at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH));
        of(given[i])->final = true;
    }
    return count;
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
    *out = new cudnnContext{};
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
    if (d->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
        const Descriptor *const configuration = d->at(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
        if (!configuration || !configuration->final || !d->get<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE))
            return CUDNN_STATUS_BAD_PARAM;
        d->work = configuration->work;
    }
    d->final = true;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t, int64_t room, int64_t *count, void *out)
{
    Descriptor *const d = of(descriptor);
    if (standin_must_fail() || room < 1) return CUDNN_STATUS_BAD_PARAM;
    switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS: *count = give_configurations(d, room, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINECFG_ENGINE: {
        cudnnBackendDescriptor_t engine;
        memcpy(&engine, out, sizeof engine);
        of(engine)->engine = d->engine;
        *count = 1;
        return CUDNN_STATUS_SUCCESS;
    }
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
        *count = d->engine == nondeterministic_engine ? give(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, out) : 0;
        return CUDNN_STATUS_SUCCESS;
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
