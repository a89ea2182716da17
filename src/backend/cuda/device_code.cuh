// The kernels. Each thread takes elements i, i + threads, ...: any grid gives the same values. This file is compiled by
// nvcc for the card, and by the host's compiler for the tests' stand-in: plain C++, no shared memory, no atomics.
#ifndef GB_BACKEND_CUDA_DEVICE_CODE_CUH
#define GB_BACKEND_CUDA_DEVICE_CODE_CUH

#include "backend/cuda/kernels.h"
#include "backend/precision.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define GB_EACH(i, size)                                                                                               \
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x, step_##i = (int64_t)gridDim.x * blockDim.x;       \
         i < (size); i += step_##i)

// gb_activation's values, in its order. Comparisons are written so that a NaN passes through.
__device__ static inline float gb_activate(int act, float slope, float v)
{
    switch (act) {
    case 1: return v < 0.0f ? 0.0f : v;
    case 2: return v < 0.0f ? slope * v : v;
    case 3: return tanhf(v);
    case 4: return 1.0f / (1.0f + expf(-v));
    default: return v;
    }
}

__global__ void gb_cast_kernel(gb_cuda_cast f)
{
    GB_EACH(i, f.size)
    {
        if (f.to == GB_PRECISION_FP16)
            ((__half *)f.y)[i] = __float2half_rn(f.x[i]);
        else
            ((__nv_bfloat16 *)f.y)[i] = __float2bfloat16_rn(f.x[i]);
    }
}

__device__ static inline float gb_load(const void *x, int64_t from, int64_t i)
{
    if (from != GB_PRECISION_FP16 && from != GB_PRECISION_BF16) return ((const float *)x)[i];
    const float v = from == GB_PRECISION_FP16 ? __half2float(((const __half *)x)[i])
                                              : __bfloat162float(((const __nv_bfloat16 *)x)[i]);
    return v - v == 0.0f ? v : v - v; // infinity less infinity is a NaN
}

__global__ void gb_finish_kernel(gb_cuda_finish f)
{
    GB_EACH(i, f.size)
    {
        float v = gb_load(f.x, f.from, i);
        if (f.bias) v += f.bias[i % f.c];
        if (f.addend) v += f.addend[i];
        v = gb_activate(f.act, f.slope, v);
        if (f.residual) v += f.residual[i];
        f.y[i] = v;
    }
}

__global__ void gb_normalise_kernel(gb_cuda_normalise f)
{
    GB_EACH(i, f.size)
    {
        const int64_t c = i % f.c;
        f.y[i] = (f.x[i] - f.mean[c]) * f.scale[c] + f.beta[c];
    }
}

// Sum over one chunk of pixels of x, or of (x - mean)^2 once there is a mean.
__global__ void gb_partial_sum_kernel(gb_cuda_statistics f, bool squares)
{
    GB_EACH(i, GB_CUDA_CHUNKS * f.c)
    {
        const int64_t chunk = i / f.c, c = i % f.c;
        const int64_t first = f.pixels * chunk / GB_CUDA_CHUNKS, end = f.pixels * (chunk + 1) / GB_CUDA_CHUNKS;
        const double mean = squares ? (double)f.mean[c] : 0.0;
        double sum = 0.0;
        for (int64_t p = first; p < end; p++) {
            const double d = f.x[p * f.c + c] - mean;
            sum += squares ? d * d : d;
        }
        f.partial[i] = sum;
    }
}

__global__ void gb_total_kernel(gb_cuda_statistics f, bool squares)
{
    GB_EACH(c, f.c)
    {
        double sum = 0.0;
        for (int64_t k = 0; k < GB_CUDA_CHUNKS; k++) sum += f.partial[k * f.c + c];
        sum /= (double)f.pixels;
        if (squares)
            f.scale[c] = (float)(f.gamma[c] / sqrt(sum + f.eps));
        else
            f.mean[c] = (float)sum;
    }
}

__global__ void gb_concat_kernel(gb_cuda_concat f)
{
    const int64_t channels = f.channels_a + f.channels_b;
    GB_EACH(i, f.pixels * channels)
    {
        const int64_t p = i / channels, c = i % channels;
        f.y[i] = c < f.channels_a ? f.a[p * f.channels_a + c] : f.b[p * f.channels_b + c - f.channels_a];
    }
}

__global__ void gb_maxpool_kernel(gb_cuda_window f)
{
    GB_EACH(i, f.n * f.out_h * f.out_w * f.c)
    {
        const int64_t c = i % f.c, ow = i / f.c % f.out_w, oh = i / f.c / f.out_w % f.out_h,
                      n = i / f.c / f.out_w / f.out_h;
        const float *const x = f.x + ((n * f.h + oh * f.stride) * f.w + ow * f.stride) * f.c + c;
        float max = x[0];
        for (int64_t kh = 0; kh < f.kernel; kh++) {
            for (int64_t kw = 0; kw < f.kernel; kw++) {
                const float v = x[(kh * f.w + kw) * f.c];
                if (v > max || v != v) max = v;
            }
        }
        f.y[i] = max;
    }
}

__device__ static inline int64_t gb_reflect(int64_t i, int64_t size)
{
    if (i < 0) return -i;
    return i < size ? i : 2 * (size - 1) - i;
}

__global__ void gb_pad_reflect_kernel(gb_cuda_window f)
{
    GB_EACH(i, f.n * f.out_h * f.out_w * f.c)
    {
        const int64_t c = i % f.c, ow = i / f.c % f.out_w, oh = i / f.c / f.out_w % f.out_h,
                      n = i / f.c / f.out_w / f.out_h;
        const int64_t h = gb_reflect(oh - f.pad, f.h), w = gb_reflect(ow - f.pad, f.w);
        f.y[i] = f.x[((n * f.h + h) * f.w + w) * f.c + c];
    }
}

// spectrum[n][h][k][c] = sum over w of x[n][h][w][c] exp(-2 pi i w k / W), k <= W/2.
__global__ void gb_rows_forward_kernel(gb_cuda_fourier f)
{
    const int64_t half = f.w / 2 + 1;
    GB_EACH(i, f.n * f.h * half * f.c)
    {
        const int64_t c = i % f.c, k = i / f.c % half, row = i / f.c / half;
        const float *const x = f.x + row * f.w * f.c + c;
        float re = 0.0f, im = 0.0f;
        for (int64_t w = 0; w < f.w; w++) {
            const int64_t t = w * k % f.w * 2;
            re += x[w * f.c] * f.twiddle_w[t];
            im -= x[w * f.c] * f.twiddle_w[t + 1];
        }
        f.scratch[2 * i] = re;
        f.scratch[2 * i + 1] = im;
    }
}

// y[n][k][j] = scale * sum over h of x[n][h][j] exp(sign 2 pi i h k / H), over complex columns j.
__global__ void gb_columns_kernel(gb_cuda_fourier f, float sign, float scale)
{
    const int64_t columns = (f.w / 2 + 1) * f.c;
    GB_EACH(i, f.n * f.h * columns)
    {
        const int64_t j = i % columns, k = i / columns % f.h, n = i / columns / f.h;
        const float *const x = f.x + (n * f.h * columns + j) * 2;
        float re = 0.0f, im = 0.0f;
        for (int64_t h = 0; h < f.h; h++) {
            const int64_t t = h * k % f.h * 2;
            const float cosine = f.twiddle_h[t], sine = sign * f.twiddle_h[t + 1];
            const float a = x[h * columns * 2], b = x[h * columns * 2 + 1];
            re += a * cosine - b * sine;
            im += a * sine + b * cosine;
        }
        f.y[2 * i] = re * scale;
        f.y[2 * i + 1] = im * scale;
    }
}

// y[n][h][w][c] from the Hermitian spectrum of which scratch holds the first W/2 + 1 columns: those in between count
// twice; of DC and Nyquist only the real part is read.
__global__ void gb_rows_inverse_kernel(gb_cuda_fourier f, float scale)
{
    const int64_t half = f.w / 2 + 1;
    GB_EACH(i, f.n * f.h * f.w * f.c)
    {
        const int64_t c = i % f.c, w = i / f.c % f.w, row = i / f.c / f.w;
        const float *const z = f.scratch + (row * half * f.c + c) * 2;
        float sum = 0.0f;
        for (int64_t k = 1; 2 * k < f.w; k++) {
            const int64_t t = w * k % f.w * 2;
            sum += z[k * f.c * 2] * f.twiddle_w[t] - z[k * f.c * 2 + 1] * f.twiddle_w[t + 1];
        }
        sum = 2.0f * sum + z[0];
        if (f.w % 2 == 0) sum += z[f.w / 2 * f.c * 2] * (w % 2 ? -1.0f : 1.0f);
        f.y[i] = sum * scale;
    }
}

#endif
