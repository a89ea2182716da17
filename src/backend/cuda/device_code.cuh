// The kernels of layers. Each thread takes elements i, i + threads, ...: any grid gives the same values. An element is
// V channels of one pixel (1, or 4 where the channels allow it), neighbours in a warp are neighbours in memory. This file is
// compiled by nvcc for the card, and by the host's compiler for the tests' stand-in: plain C++, no shared memory, no
// atomics.
#ifndef GB_BACKEND_CUDA_DEVICE_CODE_CUH
#define GB_BACKEND_CUDA_DEVICE_CODE_CUH

#include "backend/cuda/grid.cuh"
#include "backend/cuda/values.cuh"

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

template <int V>
__device__ static inline void gb_add(gb_values<V> *sum, gb_values<V> value)
{
    GB_FOR_VALUES sum->v[j] += value.v[j];
}

template <int V>
__global__ void gb_finish_kernel(gb_cuda_finish f)
{
    const uint32_t groups = (uint32_t)f.c / V;
    GB_EACH(i, (uint32_t)(f.size / V))
    {
        gb_values<V> v = gb_load<V>(f.x, i);
        if (f.bias) gb_add(&v, gb_load_floats<V>(f.bias, i % groups));
        if (f.addend.data) gb_add(&v, gb_load<V>(f.addend, i));
        GB_FOR_VALUES v.v[j] = gb_activate(f.act, f.slope, v.v[j]);
        if (f.residual.data) gb_add(&v, gb_load<V>(f.residual, i));
        gb_store(f.y, i, v);
    }
}

template <int V>
__global__ void gb_normalise_kernel(gb_cuda_normalise f)
{
    const uint32_t groups = (uint32_t)f.c / V;
    GB_EACH(i, (uint32_t)(f.size / V))
    {
        const uint32_t c = i % groups;
        gb_values<V> v = gb_load<V>(f.x, i);
        const gb_values<V> mean = gb_load_floats<V>(f.mean, c), scale = gb_load_floats<V>(f.scale, c),
                           beta = gb_load_floats<V>(f.beta, c);
        GB_FOR_VALUES v.v[j] = (v.v[j] - mean.v[j]) * scale.v[j] + beta.v[j];
        gb_store(f.y, i, v);
    }
}

// Sum over one chunk of pixels of x, or of (x - mean)^2 once there is a mean.
template <int V>
__global__ void gb_partial_sum_kernel(gb_cuda_statistics f, bool squares)
{
    const uint32_t groups = (uint32_t)f.c / V;
    GB_EACH(i, GB_CUDA_CHUNKS * groups)
    {
        const uint32_t chunk = i / groups, c = i % groups;
        const uint32_t first = (uint32_t)(f.pixels * chunk / GB_CUDA_CHUNKS),
                       end = (uint32_t)(f.pixels * (chunk + 1) / GB_CUDA_CHUNKS);
        gb_values<V> mean = {};
        if (squares) mean = gb_load_floats<V>(f.mean, c);
        double sum[V] = {};
        for (uint32_t p = first; p < end; p++) {
            const gb_values<V> x = gb_load<V>(f.x, p * groups + c);
            GB_FOR_VALUES
            {
                const double d = (double)x.v[j] - (double)mean.v[j];
                sum[j] += squares ? d * d : d;
            }
        }
        GB_FOR_VALUES f.partial[i * V + j] = sum[j];
    }
}

__global__ void gb_total_kernel(gb_cuda_statistics f, bool squares)
{
    GB_EACH(c, (uint32_t)f.c)
    {
        double sum = 0.0;
        for (uint32_t k = 0; k < GB_CUDA_CHUNKS; k++) sum += f.partial[k * (uint32_t)f.c + c];
        sum /= (double)f.pixels;
        if (squares)
            f.scale[c] = (float)(f.gamma[c] / sqrt(sum + f.eps));
        else
            f.mean[c] = (float)sum;
    }
}

template <int V>
__global__ void gb_concat_kernel(gb_cuda_concat f)
{
    const uint32_t a = (uint32_t)f.channels_a / V, b = (uint32_t)f.channels_b / V;
    GB_EACH(i, (uint32_t)f.pixels * (a + b))
    {
        const uint32_t p = i / (a + b), c = i % (a + b);
        gb_store(f.y, i, c < a ? gb_load<V>(f.a, p * a + c) : gb_load<V>(f.b, p * b + c - a));
    }
}

// Where an element of a window's output lies.
struct gb_pixel {
    uint32_t n, h, w, c;
};

__device__ static inline gb_pixel gb_output_pixel(uint32_t i, uint32_t groups, uint32_t width, uint32_t height)
{
    const uint32_t pixel = i / groups, row = pixel / width;
    return {row / height, row % height, pixel % width, i % groups};
}

template <int V>
__global__ void gb_maxpool_kernel(gb_cuda_window f)
{
    const uint32_t groups = (uint32_t)f.c / V, height = (uint32_t)f.h, width = (uint32_t)f.w,
                   stride = (uint32_t)f.stride, kernel = (uint32_t)f.kernel;
    GB_EACH(i, (uint32_t)(f.n * f.out_h * f.out_w) * groups)
    {
        const gb_pixel p = gb_output_pixel(i, groups, (uint32_t)f.out_w, (uint32_t)f.out_h);
        const uint32_t first = ((p.n * height + p.h * stride) * width + p.w * stride) * groups + p.c;
        gb_values<V> max = gb_load<V>(f.x, first);
        for (uint32_t h = 0; h < kernel; h++) {
            for (uint32_t w = 0; w < kernel; w++) {
                const gb_values<V> x = gb_load<V>(f.x, first + (h * width + w) * groups);
                GB_FOR_VALUES if (x.v[j] > max.v[j] || x.v[j] != x.v[j]) max.v[j] = x.v[j];
            }
        }
        gb_store(f.y, i, max);
    }
}

__device__ static inline uint32_t gb_reflect(int32_t i, int32_t size)
{
    if (i < 0) return (uint32_t)-i;
    return (uint32_t)(i < size ? i : 2 * (size - 1) - i);
}

template <int V>
__global__ void gb_pad_reflect_kernel(gb_cuda_window f)
{
    const uint32_t groups = (uint32_t)f.c / V;
    const int32_t height = (int32_t)f.h, width = (int32_t)f.w, pad = (int32_t)f.pad;
    GB_EACH(i, (uint32_t)(f.n * f.out_h * f.out_w) * groups)
    {
        const gb_pixel p = gb_output_pixel(i, groups, (uint32_t)f.out_w, (uint32_t)f.out_h);
        const uint32_t h = gb_reflect((int32_t)p.h - pad, height), w = gb_reflect((int32_t)p.w - pad, width);
        gb_store(f.y, i, gb_load<V>(f.x, ((p.n * (uint32_t)height + h) * (uint32_t)width + w) * groups + p.c));
    }
}

#endif
