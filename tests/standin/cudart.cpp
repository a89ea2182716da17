// A CUDA runtime without a card: device memory is memory that nothing but a kernel or a copy may touch, work on a
// stream happens when something waits for it and not before, streams take turns at random unless an event orders them,
// threads run one by one, blocks in shuffled order. There are two cards, and none reaches the other's memory.
#include "standin/standin.h"

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <sys/mman.h>
#include <vector>

namespace
{

constexpr size_t page = 4096, alignment = 256;
// Neither a size nor two small numbers side by side reach it; the heap and the stack are above.
constexpr uint64_t lowest_address = 1ull << 44;
constexpr unsigned char canary = 0xA5, unset = 0xFF; // floats of unset bytes are NaN

constexpr int cards = 2;

struct Block {
    char *pages;
    size_t mapped, size;
    int card;
};

struct Kernel {
    const standin_kernel *code;
};

} // namespace

struct CUevent_st {
    uint64_t recorded = 0, happened = 0;
};

namespace
{

// One thing on a stream; `wait` (may be null) has to have happened `times` times before.
struct Piece {
    std::function<void()> run;
    const CUevent_st *wait = nullptr;
    uint64_t times = 0;
};

} // namespace

struct CUgraph_st {
    std::vector<Piece> pieces;
    int card;
};

struct CUgraphExec_st {
    std::vector<Piece> pieces;
    int card;
};

struct CUstream_st {
    int card = 0;
    std::deque<Piece> queue;
    CUgraph_st *recording = nullptr; // while it is captured
};

namespace
{

struct Runtime {
    std::recursive_mutex lock;
    std::map<uintptr_t, Block> device;
    std::map<uintptr_t, size_t> host;
    std::set<CUstream_st *> streams;
    std::set<CUevent_st *> events;
    std::set<void *> graphs;
    CUstream_st standard[cards]; // what a stream of NULL stands for
    std::map<const void *, Kernel> kernels;
    std::mt19937 random{1};
    std::string broken;
    standin_counts counts = {};
    long fail_at = 0;
    standin_fault fault = STANDIN_SOUND;
    cudaError_t last = cudaSuccess;
    uintptr_t next = 0x200000000000; // addresses are never given twice
};

Runtime &state()
{
    static Runtime *const runtime = [] {
        Runtime *const made = new Runtime;
        for (int i = 0; i < cards; i++) made->standard[i].card = i;
        return made;
    }();
    return *runtime;
}

using Guard = std::lock_guard<std::recursive_mutex>;

cudaError_t result(cudaError_t code)
{
    if (code != cudaSuccess) state().last = code;
    return code;
}

const Block *find_device(uintptr_t address)
{
    auto it = state().device.upper_bound(address);
    if (it == state().device.begin()) return nullptr;
    --it;
    return address <= it->first + it->second.size ? &it->second : nullptr;
}

bool within_host(const void *pointer, size_t bytes)
{
    const uintptr_t address = (uintptr_t)pointer;
    auto it = state().host.upper_bound(address);
    if (it == state().host.begin()) return false;
    --it;
    return address + bytes <= it->first + it->second;
}

void protect(int protection)
{
    for (auto &entry : state().device) mprotect(entry.second.pages, entry.second.mapped, protection);
}

bool is_ready(const CUstream_st *s)
{
    return !s->queue.empty() && (!s->queue.front().wait || s->queue.front().wait->happened >= s->queue.front().times);
}

// Runs what is queued until `done` says so, a random stream's first piece at a time: only what waits for another may
// rely on an order.
template <class Done>
void drain_until(Done done)
{
    Runtime &r = state();
    protect(PROT_READ | PROT_WRITE);
    while (!done()) {
        std::vector<CUstream_st *> ready;
        for (CUstream_st *s : r.streams)
            if (is_ready(s)) ready.push_back(s);
        for (CUstream_st &s : r.standard)
            if (is_ready(&s)) ready.push_back(&s);
        if (ready.empty()) {
            standin_violation("something is waited for that never happens");
            break;
        }
        CUstream_st *const s = ready[r.random() % ready.size()];
        const Piece piece = s->queue.front();
        s->queue.pop_front();
        piece.run();
    }
    protect(PROT_NONE);
}

void drain_all()
{
    Runtime &r = state();
    drain_until([&] {
        for (CUstream_st *s : r.streams)
            if (!s->queue.empty()) return false;
        for (CUstream_st &s : r.standard)
            if (!s.queue.empty()) return false;
        return true;
    });
}

thread_local int current_card = 0, capturing = 0; // capturing: streams, by this thread

// NULL is the current card's own stream.
CUstream_st *of(cudaStream_t stream)
{
    return stream ? stream : &state().standard[current_card];
}

void push(cudaStream_t to, Piece piece)
{
    CUstream_st *const stream = of(to);
    if (stream->card != current_card)
        standin_violation("work for card %d's stream while card %d is current", stream->card, current_card);
    if (stream->recording)
        stream->recording->pieces.push_back(std::move(piece));
    else
        stream->queue.push_back(std::move(piece));
}

// What a real runtime refuses while a stream is captured.
bool forbidden(const char *what)
{
    if (!capturing) return false;
    standin_violation("%s while a stream is captured", what);
    return true;
}

// Data lie at the end of their pages, filled up to the alignment with canaries.
size_t rounded(size_t size)
{
    return (size + alignment - 1) / alignment * alignment;
}

bool intact(const Block &b)
{
    const size_t slack = rounded(b.size) - b.size;
    const unsigned char *const end = (const unsigned char *)b.pages + b.mapped;
    for (size_t i = 1; i <= slack; i++)
        if (end[-(ptrdiff_t)i] != canary) return false;
    return true;
}

// Every 8 bytes of an argument that look like an address have to be one of the card's.
bool check_words(const char *name, const void *argument, size_t size, int card)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)argument + i, 8);
        if (word < lowest_address || word >= (1ull << 47)) continue;
        const Block *const block = find_device(word);
        if (block && block->card == card) continue;
        standin_violation("%s is given the address %llx, which is not the card's", name, (unsigned long long)word);
        return false;
    }
    return true;
}

void run_kernel(const standin_kernel *code, dim3 grid, dim3 block, std::vector<std::vector<char>> values, int card)
{
    Runtime &r = state();
    std::vector<void *> argument;
    for (auto &v : values) argument.push_back(v.data());
    for (auto &v : values)
        if (!check_words(code->name, v.data(), v.size(), card)) return; // freed since it was queued, or recorded
    std::vector<unsigned> order(grid.x);
    for (unsigned i = 0; i < grid.x; i++) order[i] = i;
    std::shuffle(order.begin(), order.end(), r.random);
    const bool broken = !r.broken.empty() && std::string(code->name).find(r.broken) != std::string::npos;
    standin_place *const here = standin_here();
    here->grid = grid;
    here->block_size = block;
    for (unsigned b : order) {
        for (unsigned t = 0; t < block.x; t++) {
            here->block = {b, 0, 0};
            here->thread = {t, 0, 0};
            if (broken && b == 0 && t == 1) continue;
            code->call(argument.data());
        }
    }
}

} // namespace

extern "C" {

void standin_get(standin_counts *out)
{
    Guard guard(state().lock);
    *out = state().counts;
    out->allocations = (long)(state().device.size() + state().host.size());
    out->streams = (long)state().streams.size();
    out->events = (long)state().events.size();
    out->graphs = (long)state().graphs.size();
}

void standin_reset(long fail_at)
{
    Guard guard(state().lock);
    state().counts.calls = state().counts.violations = 0;
    state().counts.first[0] = '\0';
    state().fail_at = fail_at;
}

void standin_break_kernel(const char *kernel)
{
    Guard guard(state().lock);
    state().broken = kernel ? kernel : "";
}

void standin_set_fault(standin_fault fault)
{
    Guard guard(state().lock);
    state().fault = fault;
}

standin_fault standin_get_fault(void)
{
    Guard guard(state().lock);
    return state().fault;
}

int standin_must_fail(void)
{
    Guard guard(state().lock);
    return ++state().counts.calls == state().fail_at;
}

void standin_violation(const char *format, ...)
{
    Guard guard(state().lock);
    va_list arguments;
    va_start(arguments, format);
    if (state().counts.violations++ == 0)
        vsnprintf(state().counts.first, sizeof state().counts.first, format, arguments);
    va_end(arguments);
}

int standin_is_device(const void *pointer, size_t bytes)
{
    Guard guard(state().lock);
    const Block *const b = find_device((uintptr_t)pointer);
    if (!b) return 0;
    const uintptr_t end = (uintptr_t)b->pages + b->mapped - (rounded(b->size) - b->size);
    return (uintptr_t)pointer + bytes <= end;
}

void standin_enqueue(cudaStream_t stream, void (*run)(const void *), const void *argument, size_t size)
{
    Guard guard(state().lock);
    const std::vector<char> kept((const char *)argument, (const char *)argument + size);
    push(stream, {[=] { run(kept.data()); }});
}

void standin_count_handle(int change)
{
    Guard guard(state().lock);
    state().counts.handles += change;
}

void standin_count_descriptor(int change)
{
    Guard guard(state().lock);
    state().counts.descriptors += change;
}

// ---- Memory ----

cudaError_t cudaMalloc(void **out, size_t size)
{
    Guard guard(state().lock);
    Runtime &r = state();
    if (standin_must_fail()) return result(cudaErrorMemoryAllocation);
    if (!out || size > (size_t)8 << 30 || forbidden("cudaMalloc")) return result(cudaErrorInvalidValue);
    const size_t used = rounded(size), mapped = (used + page - 1) / page * page;
    // Ends where a page without rights begins: what runs over it stops there.
    void *const pages = mmap((void *)(r.next + page), mapped ? mapped : page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (pages == MAP_FAILED) return result(cudaErrorMemoryAllocation);
    const size_t whole = mapped ? mapped : page;
    r.next += whole + 2 * page;
    char *const data = (char *)pages + whole - used;
    memset(pages, unset, whole);
    memset(data + size, canary, used - size);
    mprotect(pages, whole, PROT_NONE);
    r.device[(uintptr_t)data] = {(char *)pages, whole, size, current_card};
    *out = data;
    return cudaSuccess;
}

cudaError_t cudaFree(void *pointer)
{
    Guard guard(state().lock);
    if (!pointer) return cudaSuccess;
    if (forbidden("memory is released")) return result(cudaErrorStreamCaptureUnsupported);
    drain_all();
    auto it = state().device.find((uintptr_t)pointer);
    if (it == state().device.end()) {
        standin_violation("cudaFree of %p, which is not an allocation", pointer);
        return result(cudaErrorInvalidValue);
    }
    mprotect(it->second.pages, it->second.mapped, PROT_READ);
    if (!intact(it->second)) standin_violation("%zu bytes on the card were written beyond their end", it->second.size);
    munmap(it->second.pages, it->second.mapped);
    state().device.erase(it);
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void **out, size_t size)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorMemoryAllocation);
    *out = malloc(size ? size : 1);
    memset(*out, unset, size);
    state().host[(uintptr_t)*out] = size;
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void *pointer)
{
    Guard guard(state().lock);
    if (!pointer) return cudaSuccess;
    if (forbidden("memory is released")) return result(cudaErrorStreamCaptureUnsupported);
    drain_all();
    if (!state().host.erase((uintptr_t)pointer)) {
        standin_violation("cudaFreeHost of %p, which is not an allocation", pointer);
        return result(cudaErrorInvalidValue);
    }
    free(pointer);
    return cudaSuccess;
}

static bool check_copy(void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
    const void *const card = kind == cudaMemcpyHostToDevice ? to : from;
    if (kind != cudaMemcpyHostToDevice && kind != cudaMemcpyDeviceToHost) {
        standin_violation("a copy of kind %d", (int)kind);
        return false;
    }
    if (standin_is_device(card, size)) return true;
    standin_violation("a copy of %zu bytes, and %p is not so much memory of the card", size, card);
    return false;
}

// From pageable memory: read at once, but what is read may reach the card later, in the order of the standard stream.
cudaError_t cudaMemcpy(void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!check_copy(to, from, size, kind) || forbidden("cudaMemcpy")) return result(cudaErrorInvalidValue);
    CUstream_st *const stream = of(nullptr);
    if (kind == cudaMemcpyHostToDevice) {
        const std::vector<char> staged((const char *)from, (const char *)from + size);
        push(nullptr, {[=] { memcpy(to, staged.data(), staged.size()); }});
        return cudaSuccess;
    }
    push(nullptr, {[=] { memcpy(to, from, size); }});
    drain_until([&] { return stream->queue.empty(); });
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, cudaMemcpyKind kind, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!check_copy(to, from, size, kind)) return result(cudaErrorInvalidValue);
    if (!within_host(kind == cudaMemcpyHostToDevice ? from : to, size)) {
        standin_violation("an asynchronous copy of host memory that is not page-locked");
        return result(cudaErrorInvalidValue);
    }
    push(stream, {[=] { memcpy(to, from, size); }});
    return cudaSuccess;
}

// ---- Streams ----

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = new CUstream_st;
    (*out)->card = current_card;
    state().streams.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    Guard guard(state().lock);
    if (!state().streams.count(stream)) return result(cudaErrorInvalidResourceHandle);
    drain_until([&] { return stream->queue.empty(); });
    if (stream->recording) standin_violation("a stream is destroyed while it is captured");
    state().streams.erase(stream);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t to)
{
    Guard guard(state().lock);
    CUstream_st *const stream = of(to);
    if (stream->recording) return forbidden("a stream is waited for"), result(cudaErrorStreamCaptureUnsupported);
    drain_until([&] { return stream->queue.empty(); });
    return standin_must_fail() ? result(cudaErrorUnknown) : cudaSuccess;
}

// ---- Events ----

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = new CUevent_st;
    state().events.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    Guard guard(state().lock);
    drain_all(); // nothing queued may point to it any more
    if (!state().events.erase(event)) return result(cudaErrorInvalidResourceHandle);
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    const uint64_t times = ++event->recorded;
    push(stream, {[=] { event->happened = times; }});
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (event->recorded == 0) standin_violation("a stream waits for an event that was never recorded");
    if (state().fault != STANDIN_NO_WAITS) push(stream, {[] {}, event, event->recorded});
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    Guard guard(state().lock);
    if (event->recorded == 0) standin_violation("an event is waited for that was never recorded");
    const uint64_t times = event->recorded;
    drain_until([&] { return event->happened >= times; });
    return standin_must_fail() ? result(cudaErrorUnknown) : cudaSuccess;
}

// ---- Graphs: what a stream is given between begin and end, run again at each launch ----

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!stream || stream->recording) return result(cudaErrorIllegalState);
    stream->recording = new CUgraph_st{{}, stream->card};
    capturing++;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *out)
{
    Guard guard(state().lock);
    if (!stream->recording) return result(cudaErrorIllegalState);
    CUgraph_st *const graph = stream->recording;
    stream->recording = nullptr;
    capturing--;
    if (standin_must_fail()) {
        delete graph;
        *out = nullptr;
        return result(cudaErrorStreamCaptureInvalidated);
    }
    state().graphs.insert(graph);
    *out = graph;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorMemoryAllocation);
    *out = new CUgraphExec_st{graph->pieces, graph->card};
    state().graphs.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!state().graphs.count(graph)) return result(cudaErrorInvalidValue);
    for (const Piece &piece : graph->pieces) push(stream, piece);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    Guard guard(state().lock);
    if (!state().graphs.erase(graph)) return result(cudaErrorInvalidValue);
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph)
{
    Guard guard(state().lock);
    if (!state().graphs.erase(graph)) return result(cudaErrorInvalidValue);
    delete graph;
    return cudaSuccess;
}

// ---- The card ----

cudaError_t cudaGetDeviceCount(int *count)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *count = cards;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *out, int)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "stand-in card");
    out->major = 9;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int card)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (card < 0 || card >= cards) return result(cudaErrorInvalidDevice);
    current_card = card;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
    Guard guard(state().lock);
    const cudaError_t last = state().last;
    state().last = cudaSuccess;
    return last;
}

const char *cudaGetErrorString(cudaError_t code)
{
    switch (code) {
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidValue: return "invalid argument";
    default: return "unknown error";
    }
}

// ---- Kernels, as nvcc's code for the host registers and starts them ----

void **__cudaRegisterFatBinary(void *)
{
    static void *handle;
    return &handle;
}

void __cudaRegisterFatBinaryEnd(void **) {}

void __cudaUnregisterFatBinary(void **) {}

void __cudaRegisterFunction(void **, const char *function, char *, const char *name, int, uint3 *, uint3 *, dim3 *,
                            dim3 *, int *)
{
    Guard guard(state().lock);
    int count;
    const standin_kernel *const table = standin_kernels(&count);
    for (int i = 0; i < count; i++)
        if (!strcmp(table[i].name, name)) state().kernels[function] = {&table[i]};
}

static thread_local struct {
    dim3 grid, block;
    size_t shared;
    cudaStream_t stream;
} configuration;

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, struct CUstream_st *stream)
{
    configuration = {grid, block, shared, stream};
    return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream)
{
    *grid = configuration.grid;
    *block = configuration.block;
    *shared = configuration.shared;
    *(cudaStream_t *)stream = configuration.stream;
    return cudaSuccess;
}

cudaError_t __cudaGetKernel(cudaKernel_t *out, const void *function)
{
    *out = (cudaKernel_t)(uintptr_t)function;
    return cudaSuccess;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **argument, size_t, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    const auto it = state().kernels.find((const void *)kernel);
    if (it == state().kernels.end()) {
        standin_violation("a kernel that was never registered");
        return result(cudaErrorInvalidDeviceFunction);
    }
    if (block.x < 1 || block.x > 1024 || grid.x < 1) return result(cudaErrorInvalidConfiguration);
    const standin_kernel *const code = it->second.code;
    std::vector<std::vector<char>> values;
    for (int i = 0; i < code->arguments; i++) {
        if (!check_words(code->name, argument[i], code->size[i], current_card)) return result(cudaErrorInvalidValue);
        values.emplace_back((char *)argument[i], (char *)argument[i] + code->size[i]);
    }
    const int card = current_card;
    push(stream, {[=] { run_kernel(code, grid, block, values, card); }});
    return cudaSuccess;
}

} // extern "C"
