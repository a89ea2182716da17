// A CUDA runtime without a card: device memory is memory that nothing but a kernel or a copy may touch, work on a
// stream happens when something waits for it and not before, threads run one by one, blocks in shuffled order.
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

struct Block {
    char *pages;
    size_t mapped, size;
};

struct Kernel {
    const standin_kernel *code;
};

} // namespace

struct CUstream_st {
    std::deque<std::function<void()>> queue;
};

namespace
{

struct Runtime {
    std::recursive_mutex lock;
    std::map<uintptr_t, Block> device;
    std::map<uintptr_t, size_t> host;
    std::set<CUstream_st *> streams;
    std::map<const void *, Kernel> kernels;
    std::mt19937 random{1};
    std::string broken;
    standin_counts counts = {};
    long fail_at = 0;
    cudaError_t last = cudaSuccess;
    uintptr_t next = 0x200000000000; // addresses are never given twice
};

Runtime &state()
{
    static Runtime *const runtime = new Runtime;
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

// Runs what is queued, a random stream's first piece at a time: only what waits for another may rely on an order.
void drain(CUstream_st *only)
{
    Runtime &r = state();
    std::vector<CUstream_st *> ready;
    protect(PROT_READ | PROT_WRITE);
    for (;;) {
        ready.clear();
        for (CUstream_st *s : r.streams)
            if (!s->queue.empty() && (!only || s == only)) ready.push_back(s);
        if (ready.empty()) break;
        CUstream_st *const s = ready[r.random() % ready.size()];
        const auto piece = s->queue.front();
        s->queue.pop_front();
        piece();
    }
    protect(PROT_NONE);
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
bool check_words(const char *name, const void *argument, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)argument + i, 8);
        if (word < lowest_address || word >= (1ull << 47)) continue;
        if (find_device(word)) continue;
        standin_violation("%s is given the address %llx, which is not the card's", name, (unsigned long long)word);
        return false;
    }
    return true;
}

void run_kernel(const standin_kernel *code, dim3 grid, dim3 block, std::vector<std::vector<char>> values)
{
    Runtime &r = state();
    std::vector<void *> argument;
    for (auto &v : values) argument.push_back(v.data());
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

void standin_enqueue(cudaStream_t stream, void (*run)(void *), void *argument)
{
    Guard guard(state().lock);
    stream->queue.push_back([=] {
        run(argument);
        free(argument);
    });
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
    if (!out || size > (size_t)8 << 30) return result(cudaErrorInvalidValue);
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
    r.device[(uintptr_t)data] = {(char *)pages, whole, size};
    *out = data;
    return cudaSuccess;
}

cudaError_t cudaFree(void *pointer)
{
    Guard guard(state().lock);
    if (!pointer) return cudaSuccess;
    drain(nullptr);
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
    drain(nullptr);
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

cudaError_t cudaMemcpy(void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!check_copy(to, from, size, kind)) return result(cudaErrorInvalidValue);
    protect(PROT_READ | PROT_WRITE);
    memcpy(to, from, size);
    protect(PROT_NONE);
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
    stream->queue.push_back([=] { memcpy(to, from, size); });
    return cudaSuccess;
}

// ---- Streams ----

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = new CUstream_st;
    state().streams.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    Guard guard(state().lock);
    if (!state().streams.count(stream)) return result(cudaErrorInvalidResourceHandle);
    drain(stream);
    state().streams.erase(stream);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    Guard guard(state().lock);
    drain(stream);
    return standin_must_fail() ? result(cudaErrorUnknown) : cudaSuccess;
}

// ---- The card ----

cudaError_t cudaGetDeviceCount(int *count)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *count = 1;
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
    return card == 0 ? cudaSuccess : result(cudaErrorInvalidDevice);
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
        if (!check_words(code->name, argument[i], code->size[i])) return result(cudaErrorInvalidValue);
        values.emplace_back((char *)argument[i], (char *)argument[i] + code->size[i]);
    }
    stream->queue.push_back([=] { run_kernel(code, grid, block, values); });
    return cudaSuccess;
}

} // extern "C"
