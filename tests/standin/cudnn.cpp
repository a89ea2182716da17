// cuDNN's graph API without a card: descriptors are bags of attributes, a plan runs the graph that it was made from, by
// plain loops. Whether the real library takes the graphs is another test's question (tests/cuda/test_plans.c).
#include "standin/standin.h"
#include "standin/work.h"

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

using standin::Link;
using standin::Work;

constexpr standin::Engine offered[] = {standin::nondeterministic, standin::tensor_core, standin::plain};
constexpr int64_t offered_count = 3;

struct Descriptor {
    cudnnBackendDescriptorType_t type;
    bool final = false;
    int64_t engine = 0, taps = 0; // of an engine or its configuration; of a choice of a setting: its value
    bool offered = false;         // of a graph: whether any engine does it
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
    template <class T>
    size_t count(int name) const
    {
        const auto it = attribute.find(name);
        return it == attribute.end() ? 0 : it->second.size() / sizeof(T);
    }
};

struct Tensor {
    int64_t id, size[4];
    cudnnDataType_t type;
    bool is_virtual;
    explicit Tensor(const Descriptor *d)
        : id(d->get<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID)),
          type(d->get<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE)),
          is_virtual(d->get<bool>(CUDNN_ATTR_TENSOR_IS_VIRTUAL))
    {
        for (size_t i = 0; i < 4; i++) size[i] = d->get<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, i);
    }
    bool has_size_of(const Tensor &other) const { return std::equal(size, size + 4, other.size); }
    size_t count() const { return (size_t)(size[0] * size[1] * size[2] * size[3]); }
};

size_t size_of(cudnnBackendAttributeType_t type)
{
    switch (type) {
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_DOUBLE: return 8;
    case CUDNN_TYPE_CHAR:
    case CUDNN_TYPE_BOOLEAN: return 1;
    default: return 4;
    }
}

// Whether the real library has precompiled engines for a graph (tests/cuda/test_plans.c): an addend if there is one, a
// bias, then a ReLU if there is one, all of the factors' type, float32 between them, no transposed convolution. The
// heuristics give none for another, without an error.
bool is_offered(const Descriptor *graph)
{
    const Work &w = graph->work;
    const size_t count = graph->count<void *>(CUDNN_ATTR_OPERATIONGRAPH_OPS);
    int64_t next = 0;
    if (w.links == 0) return true;
    if (next < w.links && !w.link[next].relu && !w.link[next].by_channel) next++;
    if (w.backward || next == w.links || w.link[next].relu || !w.link[next].by_channel) return false;
    next++;
    if (next < w.links && w.link[next].relu) next++;
    for (size_t i = 1; i < count; i++) {
        const Descriptor *const op = graph->get<const Descriptor *>(CUDNN_ATTR_OPERATIONGRAPH_OPS, i);
        const Descriptor *const operand = op->at(CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
        if (Tensor(op->at(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)).type != CUDNN_DATA_FLOAT) return false;
        if (operand && Tensor(operand).type != w.type) return false;
    }
    return next == w.links;
}

// The convolution of a graph; `*result` becomes the tensor that it computes.
Work convolution_of(const Descriptor *op, const Descriptor **result)
{
    const bool back = op->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
    const Descriptor *const given =
        op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X);
    const Descriptor *const made =
        op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);
    const Tensor x(given), y(made), f(op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W
                                                  : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W));
    const Descriptor *const c = op->at(back ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC
                                            : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC);
    if ((!x.is_virtual && x.type != f.type) || (!y.is_virtual && y.type != f.type))
        standin_violation("a layer's tensors are of several types");
    Work j = {};
    j.n = x.size[0], j.c = x.size[1], j.h = x.size[2], j.w = x.size[3];
    j.k = y.size[1], j.kh = f.size[2], j.kw = f.size[3], j.oh = y.size[2], j.ow = y.size[3];
    j.id[0] = x.id, j.id[1] = f.id, j.id[2] = y.id;
    j.backward = back, j.type = f.type;
    for (size_t i = 0; i < 2; i++) {
        j.pad[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, i);
        j.stride[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, i);
        j.dilation[i] = c->get<int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS, i);
    }
    *result = back ? given : made;
    return j;
}

// A pointwise operation that takes up `before`; false where it is none that fits there, or that no engine knows.
bool link_of(const Descriptor *op, const Tensor &before, Link *link, const Descriptor **result)
{
    const Descriptor *const mode = op->at(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
    const Descriptor *const x = op->at(CUDNN_ATTR_OPERATION_POINTWISE_XDESC);
    const Descriptor *const b = op->at(CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
    *result = op->at(CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
    if (!mode || !x || !*result || Tensor(x).id != before.id || !before.is_virtual) return false;
    if (!Tensor(*result).has_size_of(before)) return false;
    link->relu = mode->get<int>(CUDNN_ATTR_POINTWISE_MODE) == CUDNN_POINTWISE_RELU_FWD;
    if (link->relu) return !b && mode->get<double>(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE) == 0.0;
    if (mode->get<int>(CUDNN_ATTR_POINTWISE_MODE) != CUDNN_POINTWISE_ADD || !b) return false;
    const Tensor operand(b);
    link->id = operand.id;
    link->by_channel = operand.count() == (size_t)before.size[1] && operand.size[1] == before.size[1];
    return link->by_channel || operand.has_size_of(before);
}

// What a graph computes: a convolution, then what is done to its sums, one operation after the other. Like the real
// library it takes any graph, and has no engine for one that makes no sense.
void read_graph(Descriptor *graph)
{
    const size_t count = graph->count<void *>(CUDNN_ATTR_OPERATIONGRAPH_OPS);
    const Descriptor *last = nullptr;
    graph->work = convolution_of(graph->at(CUDNN_ATTR_OPERATIONGRAPH_OPS), &last);
    if (count > 4) return;
    for (size_t i = 1; i < count; i++) {
        const Descriptor *const op = graph->get<const Descriptor *>(CUDNN_ATTR_OPERATIONGRAPH_OPS, i);
        if (!link_of(op, Tensor(last), &graph->work.link[i - 1], &last)) return;
        graph->work.links++;
    }
    graph->work.id[graph->work.backward ? 0 : 2] = Tensor(last).id;
    graph->offered = !Tensor(last).is_virtual && is_offered(graph);
}

void *bound(cudnnHandle_t handle, const Descriptor *pack, int64_t id, int64_t count, int64_t type)
{
    for (size_t i = 0; i < pack->count<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS); i++) {
        if (pack->get<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, i) != id) continue;
        void *const p = pack->get<void *>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, i);
        const size_t bytes = (size_t)count * standin::bytes_of(type);
        if (standin_is_on_card(p, bytes, handle->card) && (uintptr_t)p % 16 == 0) return p;
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
    for (int64_t i = 0; i < w.links && y; i++) {
        const int64_t count = w.link[i].by_channel ? w.k : w.n * w.k * w.oh * w.ow;
        if (!w.link[i].relu && !(w.link[i].operand = bound(handle, pack, w.link[i].id, count, w.type)))
            return CUDNN_STATUS_BAD_PARAM;
    }
    w.workspace = pack->get<void *>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
    if (!x || !f || !y) return CUDNN_STATUS_BAD_PARAM;
    if (!standin_is_on_card(w.workspace, standin::workspace_bytes, handle->card)) {
        standin_violation("a layer's workspace is not on card %d", handle->card);
        return CUDNN_STATUS_BAD_PARAM;
    }
    w.in = w.backward ? y : x;
    w.filter = f;
    w.out = w.backward ? x : y;
    standin_enqueue(handle->stream, standin::run, &w, sizeof w);
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
    const Descriptor *const graph = heuristic->at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
    const int64_t count = !graph->offered ? 0 : room < offered_count ? room : offered_count;
    for (int64_t i = 0; i < count; i++) {
        Descriptor *const d = of(given[i]);
        d->work = graph->work;
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
    if (d->type == CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) read_graph(d);
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
        *count = d->engine == standin::nondeterministic ? give(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, out)
                 : d->engine == standin::tensor_core    ? give(CUDNN_NUMERICAL_NOTE_TENSOR_CORE, out)
                                               : 0;
        return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE: *count = 0; return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_GLOBAL_INDEX: *count = give(d->engine, out); return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
        *count = give(standin::workspace_bytes, out);
        return CUDNN_STATUS_SUCCESS;
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
