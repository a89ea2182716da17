/* bfloat16: the upper half of a float32. */
#ifndef GB_BACKEND_CPU_BF16_H
#define GB_BACKEND_CPU_BF16_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t gb_bf16;

/* To the nearest, ties to even; NaN stays NaN. `out` may be where x is. */
void gb_to_bf16(const float *x, size_t count, gb_bf16 *out);

/* The same of sixteen values in a vector, for kernels; by pointer, because how vectors are handed over depends on the
 * instruction set. */
typedef float gb_sixteen __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t gb_sixteen_bf16 __attribute__((vector_size(32), aligned(2), may_alias));

static inline __attribute__((always_inline)) void gb_store_bf16(const gb_sixteen *x, gb_bf16 *out)
{
    typedef uint32_t bits16 __attribute__((vector_size(64)));
    const bits16 bits = (bits16)*x, nan = (bits16)(*x != *x);
    const bits16 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    const bits16 kept = (rounded & ~nan) | (((bits >> 16) | 0x40u) & nan);
    *(gb_sixteen_bf16 *)out = __builtin_convertvector(kept, gb_sixteen_bf16);
}

static inline __attribute__((always_inline)) void gb_load_bf16(const gb_bf16 *x, gb_sixteen *out)
{
    typedef uint32_t bits16 __attribute__((vector_size(64)));
    *out = (gb_sixteen)(__builtin_convertvector(*(const gb_sixteen_bf16 *)x, bits16) << 16);
}

#endif
