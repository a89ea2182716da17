#include "backend/cpu/finish.h"

#include <stdint.h>
#include <string.h>

#include "backend/cpu/isa.h"

/* e^x to about 1 ulp for |x| < 87; beyond it is held there, where sigmoid and tanh have reached their ends. Reduction
 * by Cody & Waite to |r| <= ln(2)/2, then Taylor's polynomial of degree 7 (remainder below 6e-9). */
static inline float exponential(float x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: adding it leaves the nearest integer in the low bits */
    x = x > 87.0f ? 87.0f : x;
    x = x < -87.0f ? -87.0f : x;
    const float shifted = x * 1.44269504f + round;
    const float k = shifted - round;
    const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)(((uint32_t)bits - 0x4B400000u + 127u) << 23);
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

GB_CLONES static void relu(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0.0f ? 0.0f : x[i];
}

GB_CLONES static void leaky_relu(float *x, size_t count, float slope)
{
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0.0f ? x[i] * slope : x[i];
}

GB_CLONES static void hyperbolic_tangent(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = 1.0f - 2.0f / (exponential(2.0f * x[i]) + 1.0f);
}

GB_CLONES static void sigmoid(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] = 1.0f / (1.0f + exponential(-x[i]));
}

GB_CLONES void gb_cpu_add(float *x, const float *y, size_t count)
{
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

void gb_cpu_activate(float *x, size_t count, gb_activation act, float slope)
{
    switch (act) {
    case GB_ACT_NONE: break;
    case GB_ACT_RELU: relu(x, count); break;
    case GB_ACT_LEAKY_RELU: leaky_relu(x, count, slope); break;
    case GB_ACT_TANH: hyperbolic_tangent(x, count); break;
    case GB_ACT_SIGMOID: sigmoid(x, count); break;
    }
}

void gb_cpu_finish(const gb_node *node, const float *addend, const float *residual, float *y, size_t count)
{
    if (addend) gb_cpu_add(y, addend, count);
    gb_cpu_activate(y, count, node->act, node->slope);
    if (residual) gb_cpu_add(y, residual, count);
}
