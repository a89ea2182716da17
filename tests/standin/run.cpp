// A layer by plain loops.
#include "standin/standin.h"
#include "standin/work.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstring>
#include <vector>

namespace standin
{

size_t bytes_of(int64_t type)
{
    return type == CUDNN_DATA_FLOAT ? 4 : 2;
}

namespace
{

float value_of(const Work &j, const void *from, int64_t i)
{
    if (j.type == CUDNN_DATA_HALF) return __half2float(static_cast<const __half *>(from)[i]);
    if (j.type == CUDNN_DATA_BFLOAT16) return __bfloat162float(static_cast<const __nv_bfloat16 *>(from)[i]);
    return static_cast<const float *>(from)[i];
}

// A factor as the engine multiplies it: TF32 has 10 bits after the point, rounded to nearest, ties away from zero.
double factor(const Work &j, const void *from, int64_t i)
{
    float v = value_of(j, from, i);
    if (bytes_of(j.type) == 2) return v;
    if (j.engine != tensor_core || v - v != 0.0f) return v;
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = (bits + 0x1000u) & ~0x1fffu;
    memcpy(&v, &bits, sizeof bits);
    return v;
}

void store(const Work &j, int64_t i, float v)
{
    if (j.type == CUDNN_DATA_HALF)
        static_cast<__half *>(j.out)[i] = __float2half_rn(v);
    else if (j.type == CUDNN_DATA_BFLOAT16)
        static_cast<__nv_bfloat16 *>(j.out)[i] = __float2bfloat16_rn(v);
    else
        static_cast<float *>(j.out)[i] = v;
}

// Where tap t of output pixel (p, q) reads, on the other side; false where it reads nothing.
bool source(const Work &j, int64_t t, int64_t p, int64_t q, int64_t *h, int64_t *w)
{
    const int64_t a = t / j.kw * j.dilation[0], b = t % j.kw * j.dilation[1];
    if (!j.backward) {
        *h = p * j.stride[0] + a - j.pad[0];
        *w = q * j.stride[1] + b - j.pad[1];
        return *h >= 0 && *h < j.h && *w >= 0 && *w < j.w;
    }
    const int64_t y = p + j.pad[0] - a, x = q + j.pad[1] - b;
    *h = y / j.stride[0];
    *w = x / j.stride[1];
    return y >= 0 && x >= 0 && y % j.stride[0] == 0 && x % j.stride[1] == 0 && *h < j.oh && *w < j.ow;
}

// Both operands as the engine multiplies them.
struct Factors {
    std::vector<double> in, filter;
};

std::vector<double> factors_of(const Work &j, const void *from, int64_t count)
{
    std::vector<double> all((size_t)count);
    for (int64_t i = 0; i < count; i++) all[(size_t)i] = factor(j, from, i);
    return all;
}

// What one output value sums: in double over as many taps as the engine is set to, such sums in float.
float sum_at(const Work &j, const Factors &f, int64_t n, int64_t p, int64_t q, int64_t out)
{
    const int64_t channels = j.backward ? j.k : j.c, height = j.backward ? j.oh : j.h, width = j.backward ? j.ow : j.w;
    const int64_t taps = j.kh * j.kw, step = j.backward ? taps * j.c : 1;
    float total = 0.0f;
    for (int64_t first = 0; first < taps; first += j.taps) {
        double sum = 0.0;
        for (int64_t t = first; t < first + j.taps && t < taps; t++) {
            int64_t h, w;
            if (!source(j, t, p, q, &h, &w)) continue;
            const double *const x = f.in.data() + ((n * height + h) * width + w) * channels;
            const double *const weight = f.filter.data() + (j.backward ? t * j.c + out : (out * taps + t) * j.c);
            for (int64_t i = 0; i < channels; i++) sum += x[i] * weight[i * step];
        }
        total += (float)sum;
    }
    return total;
}

float relu(float v, standin_fault fault)
{
    if (v != v && fault != STANDIN_NAN_HIDDEN) return v;
    return v > 0.0f ? v : 0.0f;
}

// Value i of the result, in channel k.
float finished(const Work &j, float v, int64_t i, int64_t k)
{
    const standin_fault fault = standin_get_fault();
    if (fault == STANDIN_RELU_FIRST && j.links && j.link[j.links - 1].relu) v = relu(v, fault);
    for (int64_t l = 0; l < j.links; l++) {
        const Link &link = j.link[l];
        if (link.relu && fault != STANDIN_RELU_FIRST) v = relu(v, fault);
        if (link.relu || (link.by_channel && fault == STANDIN_NO_BIAS)) continue;
        v += value_of(j, link.operand, link.by_channel ? k : i);
    }
    return v;
}

} // namespace

void run(const void *argument)
{
    const Work &j = *static_cast<const Work *>(argument);
    if (j.workspace) memset(j.workspace, 0xFF, workspace_bytes); // what was there is lost, as with a real engine
    const int64_t height = j.backward ? j.h : j.oh, width = j.backward ? j.w : j.ow, channels = j.backward ? j.c : j.k;
    const int64_t given = j.backward ? j.n * j.k * j.oh * j.ow : j.n * j.c * j.h * j.w;
    const Factors f = {factors_of(j, j.in, given), factors_of(j, j.filter, j.k * j.c * j.kh * j.kw)};
    int64_t at = 0;
    for (int64_t n = 0; n < j.n; n++)
        for (int64_t p = 0; p < height; p++)
            for (int64_t q = 0; q < width; q++)
                for (int64_t k = 0; k < channels; k++, at++)
                    store(j, at, finished(j, sum_at(j, f, n, p, q, k), at, k));
}

} // namespace standin
