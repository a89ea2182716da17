// What kernels and their launches share: which elements a thread takes, and how many threads there are.
#ifndef GB_BACKEND_CUDA_GRID_CUH
#define GB_BACKEND_CUDA_GRID_CUH

#include <cstdint>

// 32 bits: a division of 64 costs more than the memory access that it is for. Sizes are below 2^31 (plan.c), so that
// one step beyond the end does not wrap around.
#define GB_EACH(i, size)                                                                                               \
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x, step_##i = gridDim.x * blockDim.x, end_##i = (size);      \
         i < end_##i; i += step_##i)

constexpr int threads = 256;
constexpr int64_t most_blocks = 65535;
constexpr int64_t most_values = (int64_t)1 << 31;

static inline unsigned blocks_for(int64_t size, int of)
{
    const int64_t blocks = (size + of - 1) / of;
    return (unsigned)(blocks < 1 ? 1 : blocks < most_blocks ? blocks : most_blocks);
}

// On a `stream` of the caller's.
#define LAUNCH_OF(of, kernel, size, ...)                                                                               \
    ((size) >= most_values ? cudaErrorInvalidValue                                                                     \
                           : (kernel<<<blocks_for(size, of), of, 0, stream>>>(__VA_ARGS__), cudaGetLastError()))
#define LAUNCH(kernel, size, ...) LAUNCH_OF(threads, kernel, size, __VA_ARGS__)

#define TRY(launch)                                                                                                    \
    do {                                                                                                               \
        const cudaError_t code = (launch);                                                                             \
        if (code != cudaSuccess) return code;                                                                          \
    } while (0)

#endif
