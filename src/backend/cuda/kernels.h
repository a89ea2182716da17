/* Our own kernels, started on a stream. Pointers are device memory; tensors N,H,W,C float32. Each returns what the
 * launch returned. Nothing is summed in an order that depends on timing: the same input gives the same bits. */
#ifndef GB_BACKEND_CUDA_KERNELS_H
#define GB_BACKEND_CUDA_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Floats rounded to nearest even; `to` is GB_PRECISION_FP16 or GB_PRECISION_BF16. */
typedef struct gb_cuda_cast {
    const float *x;
    void *y;
    int64_t size, to;
} gb_cuda_cast;
cudaError_t gb_cuda_run_cast(const gb_cuda_cast *f, cudaStream_t stream);

/* y = act(x + bias + addend) + residual over `size` values of `c` channels; bias, addend and residual may be NULL; y
 * may be x. `act` is a gb_activation. `from` is what x is made of: GB_PRECISION_FP16 and GB_PRECISION_BF16, else
 * float. Of the narrow ones an infinity, which is what is left of a value too large for them, becomes a NaN: no
 * activation may hide it. */
typedef struct gb_cuda_finish {
    const void *x;
    const float *bias, *addend, *residual;
    float *y;
    int64_t size, c, from;
    int act;
    float slope;
} gb_cuda_finish;
cudaError_t gb_cuda_run_finish(const gb_cuda_finish *f, cudaStream_t stream);

/* y = (x - mean) * scale + beta, channel by channel. */
typedef struct gb_cuda_normalise {
    const float *x, *mean, *scale, *beta;
    float *y;
    int64_t size, c;
} gb_cuda_normalise;
cudaError_t gb_cuda_run_normalise(const gb_cuda_normalise *f, cudaStream_t stream);

/* Batch statistics in double, two passes: mean, then scale = gamma / sqrt(var + eps) with the biased variance.
 * `partial` holds GB_CUDA_CHUNKS * c doubles. */
#define GB_CUDA_CHUNKS 256
typedef struct gb_cuda_statistics {
    const float *x, *gamma;
    float *mean, *scale;
    double *partial;
    int64_t pixels, c;
    double eps;
} gb_cuda_statistics;
cudaError_t gb_cuda_run_statistics(const gb_cuda_statistics *f, cudaStream_t stream);

/* Channels of a, then of b, for each of `pixels`. */
typedef struct gb_cuda_concat {
    const float *a, *b;
    float *y;
    int64_t pixels, channels_a, channels_b;
} gb_cuda_concat;
cudaError_t gb_cuda_run_concat(const gb_cuda_concat *f, cudaStream_t stream);

/* Windows over h x w pixels: the greatest value of each (a NaN wins), or the picture with a mirrored border. */
typedef struct gb_cuda_window {
    const float *x;
    float *y;
    int64_t n, h, w, c, out_h, out_w;
    int64_t kernel, stride, pad; /* no padding bytes in what a kernel is given: the tests look at every word */
} gb_cuda_window;
cudaError_t gb_cuda_run_maxpool(const gb_cuda_window *f, cudaStream_t stream);
cudaError_t gb_cuda_run_pad_reflect(const gb_cuda_window *f, cudaStream_t stream);

/* Real transforms over H and W, norm "ortho" (GB_OP_RFFT2, GB_OP_IRFFT2), by their definition along one axis after the
 * other. h, w: of the real side. twiddle_*: cos and sin of 2 pi k / size, size pairs. scratch: one spectrum,
 * n * h * (w/2 + 1) * 2c floats. */
typedef struct gb_cuda_fourier {
    const float *x, *twiddle_h, *twiddle_w;
    float *y, *scratch;
    int64_t n, h, w, c;
} gb_cuda_fourier;
cudaError_t gb_cuda_run_rfft2(const gb_cuda_fourier *f, cudaStream_t stream);
cudaError_t gb_cuda_run_irfft2(const gb_cuda_fourier *f, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
