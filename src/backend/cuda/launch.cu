// Grids for the kernels, and how many channels a thread takes at once.
#include "backend/cuda/fourier.cuh"

#include <math.h>

constexpr int fourier_threads = 128; // few and long threads: smaller blocks reach more processors

/* The kernel of four channels a thread where `four`, else that of one; `size` is in channels. */
#define LAUNCH_BY_FOUR(four, kernel, size, ...)                                                                        \
    ((four) ? LAUNCH(kernel<4>, (size) / 4, __VA_ARGS__) : LAUNCH(kernel<1>, size, __VA_ARGS__))

cudaError_t gb_cuda_run_finish(const gb_cuda_finish *f, cudaStream_t stream)
{
    return LAUNCH_BY_FOUR(f->c % 4 == 0, gb_finish_kernel, f->size, *f);
}

cudaError_t gb_cuda_run_normalise(const gb_cuda_normalise *f, cudaStream_t stream)
{
    return LAUNCH_BY_FOUR(f->c % 4 == 0, gb_normalise_kernel, f->size, *f);
}

cudaError_t gb_cuda_run_statistics(const gb_cuda_statistics *f, cudaStream_t stream)
{
    for (int squares = 0; squares < 2; squares++) {
        TRY(LAUNCH_BY_FOUR(f->c % 4 == 0, gb_partial_sum_kernel, GB_CUDA_CHUNKS * f->c, *f, squares != 0));
        TRY(LAUNCH(gb_total_kernel, f->c, *f, squares != 0));
    }
    return cudaSuccess;
}

cudaError_t gb_cuda_run_concat(const gb_cuda_concat *f, cudaStream_t stream)
{
    return LAUNCH_BY_FOUR(f->channels_a % 4 == 0 && f->channels_b % 4 == 0, gb_concat_kernel,
                          f->pixels * (f->channels_a + f->channels_b), *f);
}

cudaError_t gb_cuda_run_maxpool(const gb_cuda_window *f, cudaStream_t stream)
{
    return LAUNCH_BY_FOUR(f->c % 4 == 0, gb_maxpool_kernel, f->n * f->out_h * f->out_w * f->c, *f);
}

cudaError_t gb_cuda_run_pad_reflect(const gb_cuda_window *f, cudaStream_t stream)
{
    return LAUNCH_BY_FOUR(f->c % 4 == 0, gb_pad_reflect_kernel, f->n * f->out_h * f->out_w * f->c, *f);
}

static float ortho(const gb_cuda_fourier *f)
{
    return (float)(1.0 / sqrt((double)f->h * (double)f->w));
}

/* Threads' shares of one half of an axis. */
static int64_t parts_of(int64_t size)
{
    return (size / 2 + 1 + GB_FOURIER_RESULTS - 1) / GB_FOURIER_RESULTS;
}

static cudaError_t run_columns(const gb_cuda_fourier *f, float sign, float scale, cudaStream_t stream)
{
    const int64_t columns = (f->w / 2 + 1) * f->c, size = f->n * parts_of(f->h) * columns;
    return columns % 2 == 0 ? LAUNCH_OF(fourier_threads, gb_columns_kernel<2>, size / 2, *f, sign, scale)
                            : LAUNCH_OF(fourier_threads, gb_columns_kernel<1>, size, *f, sign, scale);
}

cudaError_t gb_cuda_run_rfft2(const gb_cuda_fourier *f, cudaStream_t stream)
{
    const int64_t size = f->n * f->h * parts_of(f->w) * f->c;
    gb_cuda_fourier columns = *f;
    columns.x = {f->scratch, GB_PRECISION_FP32};
    TRY(f->c % 4 == 0 ? LAUNCH_OF(fourier_threads, gb_rows_forward_kernel<4>, size / 4, *f)
                      : LAUNCH_OF(fourier_threads, gb_rows_forward_kernel<1>, size, *f));
    return run_columns(&columns, -1.0f, ortho(f), stream);
}

cudaError_t gb_cuda_run_irfft2(const gb_cuda_fourier *f, cudaStream_t stream)
{
    const int64_t size = f->n * f->h * parts_of(f->w) * f->c;
    gb_cuda_fourier columns = *f;
    columns.y = {f->scratch, GB_PRECISION_FP32};
    TRY(run_columns(&columns, 1.0f, 1.0f, stream));
    return f->c % 4 == 0 ? LAUNCH_OF(fourier_threads, gb_rows_inverse_kernel<4>, size / 4, *f, ortho(f))
                         : LAUNCH_OF(fourier_threads, gb_rows_inverse_kernel<1>, size, *f, ortho(f));
}
