// The cards, and kernels as nvcc's code for the host registers and starts them.
#include "standin/runtime.h"

#include <algorithm>
#include <cstdio>

using namespace standin;

namespace
{

// Neither a size nor two small numbers side by side reach it; the heap and the stack are above.
constexpr uint64_t lowest_address = 1ull << 44;

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
    r.counts.launches++;
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
    out->multiProcessorCount = 100;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *out, cudaDeviceAttr what, int)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = what == cudaDevAttrGlobalMemoryBusWidth ? 5120 : 1000000; // clocks in kHz
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int card)
{
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (card < 0 || card >= cards) return result(cudaErrorInvalidDevice);
    current_card = card;
    return cudaSuccess;
}

int standin_current_card(void)
{
    return current_card;
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
        if (!strcmp(table[i].name, name)) state().kernels[function] = &table[i];
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
    const standin_kernel *const code = it->second;
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
