// Device memory, page-locked memory, copies.
#include "standin/runtime.h"

#include <cstdlib>

using namespace standin;

namespace
{

constexpr size_t page = 4096, alignment = 256;
constexpr unsigned char canary = 0xA5, unset = 0xFF; // floats of unset bytes are NaN

bool within_host(const void *pointer, size_t bytes)
{
    const uintptr_t address = (uintptr_t)pointer;
    auto it = state().host.upper_bound(address);
    if (it == state().host.begin()) return false;
    --it;
    return address + bytes <= it->first + it->second;
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

} // namespace

extern "C" {

int standin_is_device(const void *pointer, size_t bytes)
{
    Guard guard(state().lock);
    const Block *const b = find_device((uintptr_t)pointer);
    if (!b) return 0;
    const uintptr_t end = (uintptr_t)b->pages + b->mapped - (rounded(b->size) - b->size);
    return (uintptr_t)pointer + bytes <= end;
}

int standin_is_on_card(const void *pointer, size_t bytes, int card)
{
    Guard guard(state().lock);
    return standin_is_device(pointer, bytes) && find_device((uintptr_t)pointer)->card == card;
}

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
    const int card = r.fault == STANDIN_OTHER_CARD ? (current_card + 1) % cards : current_card;
    r.device[(uintptr_t)data] = {(char *)pages, whole, size, card};
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
    drain_until(stream, [&] { return stream->queue.empty(); });
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

} // extern "C"
