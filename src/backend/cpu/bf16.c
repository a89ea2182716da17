#include "backend/cpu/bf16.h"

#include <string.h>

#include "backend/cpu/isa.h"

GB_CLONES void gb_to_bf16(const float *x, size_t count, gb_bf16 *out)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16) gb_store_bf16((const gb_sixteen *)(x + i), out + i);
    if (i == count) return;
    float rest[16] = {0};
    gb_bf16 rounded[16];
    memcpy(rest, x + i, (count - i) * sizeof *rest);
    gb_store_bf16((const gb_sixteen *)rest, rounded);
    memcpy(out + i, rounded, (count - i) * sizeof *out);
}
