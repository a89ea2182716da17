/* Compiled with fused multiply-adds. As many pixels are made at once as there are registers for their sums. */
#include "backend/cpu/rgb_kernel.h"

/* Lane sums by halves. */
#define DEFINE_KERNEL(name, attributes, lanes, count)                                                               \
    attributes static void name(const gb_rgb_taps *t, float *sums)                                                  \
    {                                                                                                               \
        typedef float vector __attribute__((vector_size(4 * (lanes)), aligned(4), may_alias));                      \
        vector sum[count][3] = {0};                                                                                 \
        const float *weight = t->weight;                                                                            \
        for (int y = 0; y < t->rows; y++) {                                                                         \
            for (int k = 0; k < t->columns; k++) {                                                                  \
                const float *x = t->x + (size_t)y * t->row + (size_t)k * t->column;                                 \
                for (size_t c = 0; c < t->groups * 16; c += (lanes)) {                                              \
                    const float *const w = weight + c / 16 * 48 + c % 16;                                           \
                    const vector r = *(const vector *)w, g = *(const vector *)(w + 16);                             \
                    const vector b = *(const vector *)(w + 32);                                                     \
                    _Pragma("GCC unroll 8") for (int i = 0; i < (count); i++)                                       \
                    {                                                                                               \
                        const vector in = *(const vector *)(x + c + (size_t)i * t->pixel);                          \
                        sum[i][0] += in * r;                                                                        \
                        sum[i][1] += in * g;                                                                        \
                        sum[i][2] += in * b;                                                                        \
                    }                                                                                               \
                }                                                                                                   \
                weight += t->groups * 48;                                                                           \
            }                                                                                                       \
        }                                                                                                           \
        float lane[(count)*3][lanes];                                                                               \
        for (int i = 0; i < (count)*3; i++) *(vector *)lane[i] = sum[i / 3][i % 3];                                 \
        for (int i = 0; i < (count)*3; i++) {                                                                       \
            for (int half = (lanes) / 2; half; half /= 2)                                                           \
                for (int k = 0; k < half; k++) lane[i][k] += lane[i][k + half];                                     \
            sums[i] = lane[i][0];                                                                                   \
        }                                                                                                           \
    }

DEFINE_KERNEL(four_lanes, , 4, 4)
#if defined(__x86_64__)
DEFINE_KERNEL(eight_lanes, __attribute__((target("avx2,fma"))), 8, 4)
DEFINE_KERNEL(sixteen_lanes, __attribute__((target("avx512f,avx512vl,avx512dq"))), 16, 8)
#endif

gb_rgb_kernel gb_rgb_kernel_select(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return (gb_rgb_kernel){8, sixteen_lanes};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return (gb_rgb_kernel){4, eight_lanes};
#endif
    return (gb_rgb_kernel){4, four_lanes};
}
