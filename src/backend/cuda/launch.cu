// Grids for the kernels.
#include "backend/cuda/device_code.cuh"

#include <math.h>

constexpr int threads = 256;
constexpr int64_t most_blocks = 65535;

/* Static, not in a namespace without name: nvcc would make that up from the path. */
static unsigned blocks_for(int64_t size)
{
    const int64_t blocks = (size + threads - 1) / threads;
    return (unsigned)(blocks < 1 ? 1 : blocks < most_blocks ? blocks : most_blocks);
}

#define LAUNCH(kernel, size, ...) (kernel<<<blocks_for(size), threads, 0, stream>>>(__VA_ARGS__), cudaGetLastError())

#define TRY(launch)                                                                                                    \
    do {                                                                                                               \
        const cudaError_t code = (launch);                                                                             \
        if (code != cudaSuccess) return code;                                                                          \
    } while (0)

cudaError_t gb_cuda_run_cast(const gb_cuda_cast *f, cudaStream_t stream)
{
    return LAUNCH(gb_cast_kernel, f->size, *f);
}

cudaError_t gb_cuda_run_finish(const gb_cuda_finish *f, cudaStream_t stream)
{
    return LAUNCH(gb_finish_kernel, f->size, *f);
}

cudaError_t gb_cuda_run_normalise(const gb_cuda_normalise *f, cudaStream_t stream)
{
    return LAUNCH(gb_normalise_kernel, f->size, *f);
}

cudaError_t gb_cuda_run_statistics(const gb_cuda_statistics *f, cudaStream_t stream)
{
    for (int squares = 0; squares < 2; squares++) {
        TRY(LAUNCH(gb_partial_sum_kernel, GB_CUDA_CHUNKS * f->c, *f, squares != 0));
        TRY(LAUNCH(gb_total_kernel, f->c, *f, squares != 0));
    }
    return cudaSuccess;
}

cudaError_t gb_cuda_run_concat(const gb_cuda_concat *f, cudaStream_t stream)
{
    return LAUNCH(gb_concat_kernel, f->pixels * (f->channels_a + f->channels_b), *f);
}

cudaError_t gb_cuda_run_maxpool(const gb_cuda_window *f, cudaStream_t stream)
{
    return LAUNCH(gb_maxpool_kernel, f->n * f->out_h * f->out_w * f->c, *f);
}

cudaError_t gb_cuda_run_pad_reflect(const gb_cuda_window *f, cudaStream_t stream)
{
    return LAUNCH(gb_pad_reflect_kernel, f->n * f->out_h * f->out_w * f->c, *f);
}

static float ortho(const gb_cuda_fourier *f)
{
    return (float)(1.0 / sqrt((double)f->h * (double)f->w));
}

cudaError_t gb_cuda_run_rfft2(const gb_cuda_fourier *f, cudaStream_t stream)
{
    const int64_t size = f->n * f->h * (f->w / 2 + 1) * f->c;
    gb_cuda_fourier columns = *f;
    columns.x = f->scratch;
    TRY(LAUNCH(gb_rows_forward_kernel, size, *f));
    return LAUNCH(gb_columns_kernel, size, columns, -1.0f, ortho(f));
}

cudaError_t gb_cuda_run_irfft2(const gb_cuda_fourier *f, cudaStream_t stream)
{
    gb_cuda_fourier columns = *f;
    columns.y = f->scratch;
    TRY(LAUNCH(gb_columns_kernel, f->n * f->h * (f->w / 2 + 1) * f->c, columns, 1.0f, 1.0f));
    return LAUNCH(gb_rows_inverse_kernel, f->n * f->h * f->w * f->c, *f, ortho(f));
}
