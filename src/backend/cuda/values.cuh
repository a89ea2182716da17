// V neighbouring values (channels of one pixel) as a thread has them: one access to memory, float32 in registers.
#ifndef GB_BACKEND_CUDA_VALUES_CUH
#define GB_BACKEND_CUDA_VALUES_CUH

#include "backend/cuda/kernels.h"
#include "backend/precision.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <math.h>

template <int V>
struct gb_values {
    float v[V];
};

// Loops over the values of a thread are unrolled, so that they stay in registers.
#ifdef __CUDA_ARCH__
#define GB_UNROLL _Pragma("unroll")
#else
#define GB_UNROLL
#endif
#define GB_FOR_VALUES GB_UNROLL for (int j = 0; j < V; j++)

// 16 bits each, moved at once.
template <int V>
struct alignas(2 * V) gb_words {
    uint16_t v[V];
};
template <int V>
struct alignas(4 * V) gb_floats {
    float v[V];
};

__device__ static inline float gb_widen(uint16_t word, int64_t type)
{
    const float v = type == GB_PRECISION_FP16 ? __half2float(__ushort_as_half(word))
                                              : __bfloat162float(__ushort_as_bfloat16(word));
    return v - v == 0.0f ? v : v - v; // infinity less infinity is a NaN
}

// The least value that would be rounded to infinity is 65520 in fp16, and 2^128 less half a unit in bf16.
__device__ static inline uint16_t gb_narrow(float v, int64_t type)
{
    const float limit = type == GB_PRECISION_FP16 ? 65520.0f : 3.3961775e38f;
    if (!(fabsf(v) < limit)) v = nanf("");
    return type == GB_PRECISION_FP16 ? __half_as_ushort(__float2half_rn(v))
                                     : __bfloat16_as_ushort(__float2bfloat16_rn(v));
}

__device__ static inline bool gb_is_narrow(int64_t type)
{
    return type == GB_PRECISION_FP16 || type == GB_PRECISION_BF16;
}

// Values i V, i V + 1, ... of what begins at `x`.
template <int V>
__device__ static inline gb_values<V> gb_load_floats(const float *x, uint32_t i)
{
    const gb_floats<V> from = reinterpret_cast<const gb_floats<V> *>(x)[i];
    gb_values<V> out;
    GB_FOR_VALUES out.v[j] = from.v[j];
    return out;
}

template <int V>
__device__ static inline void gb_store_floats(float *y, uint32_t i, gb_values<V> value)
{
    gb_floats<V> to;
    GB_FOR_VALUES to.v[j] = value.v[j];
    reinterpret_cast<gb_floats<V> *>(y)[i] = to;
}

template <int V>
__device__ static inline gb_values<V> gb_load(gb_cuda_in x, uint32_t i)
{
    if (!gb_is_narrow(x.type)) return gb_load_floats<V>(static_cast<const float *>(x.data), i);
    const gb_words<V> from = static_cast<const gb_words<V> *>(x.data)[i];
    gb_values<V> out;
    GB_FOR_VALUES out.v[j] = gb_widen(from.v[j], x.type);
    return out;
}

template <int V>
__device__ static inline void gb_store(gb_cuda_out y, uint32_t i, gb_values<V> value)
{
    if (gb_is_narrow(y.type)) {
        gb_words<V> to;
        GB_FOR_VALUES to.v[j] = gb_narrow(value.v[j], y.type);
        static_cast<gb_words<V> *>(y.data)[i] = to;
    } else {
        gb_store_floats<V>(static_cast<float *>(y.data), i, value);
    }
}

#endif
