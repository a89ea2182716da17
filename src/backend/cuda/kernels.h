/* Our own kernels, started on a stream. Pointers are device memory; tensors N,H,W,C. Each returns what the launch
 * returned. Nothing is summed in an order that depends on timing: the same input gives the same bits. All compute in
 * float32, whatever the type in memory; no tensor has 2^31 values or more. */
#ifndef GB_BACKEND_CUDA_KERNELS_H
#define GB_BACKEND_CUDA_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A tensor's memory, and what it is made of: GB_PRECISION_FP16 and GB_PRECISION_BF16, all else float32. What is stored
 * in a narrow type is rounded to nearest even; an infinity, or a value too large for it, is stored and read as a NaN:
 * no activation may hide it. 16 bytes aligned (float32), 8 (narrow). */
typedef struct gb_cuda_in {
    const void *data; /* NULL: absent, where that is allowed */
    int64_t type;
} gb_cuda_in;
typedef struct gb_cuda_out {
    void *data;
    int64_t type;
} gb_cuda_out;

/* y = act(x + bias + addend) + residual over `size` values of `c` channels; bias, addend and residual may be absent; y
 * may be x, in one type. `act` is a gb_activation. With nothing to add it converts x's type to y's. */
typedef struct gb_cuda_finish {
    gb_cuda_in x, addend, residual;
    const float *bias;
    gb_cuda_out y;
    int64_t size, c;
    int act;
    float slope;
} gb_cuda_finish;
cudaError_t gb_cuda_run_finish(const gb_cuda_finish *f, cudaStream_t stream);

/* y = (x - mean) * scale + beta, channel by channel. */
typedef struct gb_cuda_normalise {
    gb_cuda_in x;
    const float *mean, *scale, *beta;
    gb_cuda_out y;
    int64_t size, c;
} gb_cuda_normalise;
cudaError_t gb_cuda_run_normalise(const gb_cuda_normalise *f, cudaStream_t stream);

/* Batch statistics in double, two passes: mean, then scale = gamma / sqrt(var + eps) with the biased variance.
 * `partial` holds GB_CUDA_CHUNKS * c doubles. */
#define GB_CUDA_CHUNKS 1024
typedef struct gb_cuda_statistics {
    gb_cuda_in x;
    const float *gamma;
    float *mean, *scale;
    double *partial;
    int64_t pixels, c;
    double eps;
} gb_cuda_statistics;
cudaError_t gb_cuda_run_statistics(const gb_cuda_statistics *f, cudaStream_t stream);

/* Channels of a, then of b, for each of `pixels`. */
typedef struct gb_cuda_concat {
    gb_cuda_in a, b;
    gb_cuda_out y;
    int64_t pixels, channels_a, channels_b;
} gb_cuda_concat;
cudaError_t gb_cuda_run_concat(const gb_cuda_concat *f, cudaStream_t stream);

/* Windows over h x w pixels: the greatest value of each (a NaN wins), or the picture with a mirrored border. */
typedef struct gb_cuda_window {
    gb_cuda_in x;
    gb_cuda_out y;
    int64_t n, h, w, c, out_h, out_w;
    int64_t kernel, stride, pad; /* no padding bytes in what a kernel is given: the tests look at every word */
} gb_cuda_window;
cudaError_t gb_cuda_run_maxpool(const gb_cuda_window *f, cudaStream_t stream);
cudaError_t gb_cuda_run_pad_reflect(const gb_cuda_window *f, cudaStream_t stream);

/* Real transforms over H and W, norm "ortho" (GB_OP_RFFT2, GB_OP_IRFFT2), by their definition along one axis after the
 * other. h, w: of the real side. twiddle_*: cos and sin of 2 pi k / size, size pairs. scratch: one spectrum,
 * n * h * (w/2 + 1) * 2c floats. */
typedef struct gb_cuda_fourier {
    gb_cuda_in x;
    const float *twiddle_h, *twiddle_w;
    gb_cuda_out y;
    float *scratch;
    int64_t n, h, w, c;
} gb_cuda_fourier;
cudaError_t gb_cuda_run_rfft2(const gb_cuda_fourier *f, cudaStream_t stream);
cudaError_t gb_cuda_run_irfft2(const gb_cuda_fourier *f, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
