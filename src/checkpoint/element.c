#include "checkpoint/element.h"

#include <string.h>

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16, rest = half & 0x7fffu;
    if (rest >= 0x7c00u) return float_of_bits(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
    if (rest >= 0x0400u) return float_of_bits(sign | ((rest << 13) + (112u << 23)));
    const float small = (float)rest * 0x1p-24f; /* zero and subnormal halves are multiples of 2^-24 */
    return sign ? -small : small;
}

uint16_t gb_element_half(float value)
{
    const uint32_t bits = bits_of_float(value);
    const uint32_t sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
    if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
    if (rest >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and above round to infinity */
    if (rest < 0x38800000u) /* below 2^-14: adding 1/2 aligns the last bit of the sum with 2^-24 and rounds to even */
        return (uint16_t)(sign | (bits_of_float(float_of_bits(rest) + 0.5f) - 0x3f000000u));
    return (uint16_t)(sign | (rest - (112u << 23) + 0xfffu + (rest >> 13 & 1u)) >> 13);
}

/* One element as this machine stores it. */
static void load(void *to, const unsigned char *from, gb_element element)
{
    unsigned char bytes[8];
    if (!element.swapped) {
        memcpy(to, from, element.size);
        return;
    }
    for (size_t i = 0; i < element.size; i++) bytes[i] = from[element.size - 1 - i];
    memcpy(to, bytes, element.size);
}

static float convert_one(const unsigned char *from, gb_element element)
{
    uint16_t half;
    float single;
    double real;
    switch (element.kind) {
    case GB_ELEMENT_F16: load(&half, from, element); return float_of_half(half);
    case GB_ELEMENT_BF16: load(&half, from, element); return float_of_bits((uint32_t)half << 16);
    case GB_ELEMENT_F32: load(&single, from, element); return single;
    case GB_ELEMENT_F64: load(&real, from, element); return (float)real;
    case GB_ELEMENT_OTHER: break;
    }
    return 0;
}

void gb_element_to_float(void *out, const void *in, size_t count, gb_element element)
{
    if (element.kind == GB_ELEMENT_F32 && !element.swapped) {
        memcpy(out, in, count * sizeof(float));
        return;
    }
    unsigned char *to = out;
    const unsigned char *from = in;
    for (size_t i = 0; i < count; i++) {
        const float value = convert_one(from + i * element.size, element);
        memcpy(to + i * sizeof value, &value, sizeof value);
    }
}
