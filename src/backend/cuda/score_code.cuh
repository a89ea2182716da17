// The kernels of frames and scores; see device_code.cuh for what compiles them. They are compiled without fused
// multiply-adds: the same operations in the same order as on the processor give the same bits.
#ifndef GB_BACKEND_CUDA_SCORE_CODE_CUH
#define GB_BACKEND_CUDA_SCORE_CODE_CUH

#include "backend/cuda/grid.cuh"
#include "backend/cuda/score_kernels.h"

__device__ static inline bool gb_in_strip(int64_t x, int64_t side, int64_t width)
{
    return x < side || (x >= width - side && x < width);
}

// models/net_run.c, pack
__global__ void gb_feed_kernel(gb_cuda_feed f)
{
    GB_EACH(i, f.n * f.h * f.w * f.c)
    {
        const int64_t c = i % f.c, ow = i / f.c % f.w, oh = i / f.c / f.w % f.h, n = i / f.c / f.w / f.h;
        const int64_t x = ow < f.width ? ow : 2 * (f.width - 1) - ow, y = oh < f.height ? oh : 2 * (f.height - 1) - oh;
        const int64_t k = n < f.count ? n : f.count - 1;
        float v = c == 3 ? f.known : 0.0f;
        if (gb_in_strip(x, f.side, f.width))
            v = f.unknown[c];
        else if (c < 3)
            v = f.level[c * 256 + f.frame[k][(y * f.width + x) * 3 + c]];
        f.y[i] = v;
        if (i < GB_SCORING_FRAMES) f.infinite[i] = 0;
    }
}

// models/composite.c: adding and taking away 2^23 rounds to an integer, halves to even.
__device__ static inline uint8_t gb_to_level(float v, const gb_cuda_composite &f)
{
    const float level = (v + f.offset) * f.scale;
    const float inside = level > 0.0f ? level < 255.0f ? level : 255.0f : 0.0f;
    return (uint8_t)(f.truncate ? inside : inside + 8388608.0f - 8388608.0f);
}

__global__ void gb_composite_kernel(gb_cuda_composite f)
{
    const int64_t row = f.width * 3;
    GB_EACH(i, f.count * f.h * row)
    {
        const int64_t at = i % row, y = i / row % f.h, k = i / row / f.h;
        if (!gb_in_strip(at / 3, f.side, f.width)) {
            if (y < f.height) f.to[k][y * row + at] = f.from[k][y * row + at];
            continue;
        }
        const float v = f.x[(k * f.h + y) * f.w * 3 + at];
        if (v - v != 0.0f) f.infinite[k] = 1; // whichever thread finds one writes the same
        if (y < f.height) f.to[k][y * row + at] = gb_to_level(v, f);
    }
}

// ---- By column, then by group of columns ----

__global__ void gb_difference_kernel(gb_cuda_difference f)
{
    const int64_t row = f.width * 3;
    GB_EACH(i, f.count * GB_CUDA_BANDS * row)
    {
        const int64_t at = i % row, band = i / row % GB_CUDA_BANDS, k = i / row / GB_CUDA_BANDS;
        const int64_t first = f.height * band / GB_CUDA_BANDS, end = f.height * (band + 1) / GB_CUDA_BANDS;
        uint32_t sum = 0;
        for (int64_t y = first; y < end; y++) {
            const int d = (int)f.a[k][y * row + at] - (int)f.b[k][y * row + at];
            const uint32_t size = (uint32_t)(d < 0 ? -d : d);
            if (f.of == GB_DIFFERENCE_LARGEST)
                sum = size > sum ? size : sum;
            else
                sum += f.of == GB_DIFFERENCE_SQUARED ? size * size : size;
        }
        f.partial[i] = sum;
    }
}

__global__ void gb_bands_kernel(gb_cuda_difference f)
{
    const int64_t row = f.width * 3;
    GB_EACH(i, f.count * row)
    {
        const uint32_t *const partial = f.partial + i / row * GB_CUDA_BANDS * row + i % row;
        uint32_t sum = 0;
        for (int64_t band = 0; band < GB_CUDA_BANDS; band++) {
            const uint32_t v = partial[band * row];
            if (f.of == GB_DIFFERENCE_LARGEST)
                sum = v > sum ? v : sum;
            else
                sum += v;
        }
        f.column[i] = (double)sum;
    }
}

__global__ void gb_columns_total_kernel(gb_cuda_columns f)
{
    GB_EACH(i, f.count * f.w)
    {
        const double *const map = f.map + i / f.w * f.h * f.w + i % f.w;
        double sum = 0.0;
        for (int64_t y = 0; y < f.h; y++) sum += map[y * f.w];
        f.column[i] = sum;
    }
}

__global__ void gb_groups_total_kernel(gb_cuda_totals f)
{
    GB_EACH(i, f.count * f.groups)
    {
        const int64_t g = i % f.groups;
        const double *const column = f.column + i / f.groups * f.columns * f.channels;
        double sum = 0.0;
        for (int64_t x = 0; x < f.columns; x++) {
            if (!(f.member[x] >> g & 1)) continue;
            for (int64_t c = 0; c < f.channels; c++) {
                const double v = column[x * f.channels + c];
                if (!f.largest)
                    sum += v;
                else if (v > sum)
                    sum = v;
            }
        }
        f.total[i] = sum;
    }
}

// ---- Structural similarity: metrics/ssim.c, window by window ----

typedef struct gb_means {
    double plain, square, product;
} gb_means;

// Of one row of a window: `test` and `truth` are at its left tap; taps of a channel are 3 apart.
__device__ static inline gb_means gb_across(const double *weight, const uint8_t *test, const uint8_t *truth)
{
    const int middle = test[3 * GB_SSIM_RADIUS];
    gb_means m = {weight[0] * middle, weight[0] * (middle * middle),
                  weight[0] * (middle * truth[3 * GB_SSIM_RADIUS])};
    for (int d = 1; d <= GB_SSIM_RADIUS; d++) {
        const int left = 3 * (GB_SSIM_RADIUS - d), right = 3 * (GB_SSIM_RADIUS + d), a = test[left], b = test[right];
        m.plain += weight[d] * (a + b);
        m.square += weight[d] * (a * a + b * b);
        m.product += weight[d] * (a * truth[left] + b * truth[right]);
    }
    return m;
}

__device__ static inline gb_means gb_window(const double *weight, const uint8_t *test, const uint8_t *truth,
                                            int64_t row)
{
    const int64_t middle = GB_SSIM_RADIUS * row;
    const gb_means own = gb_across(weight, test + middle, truth + middle);
    gb_means m = {weight[0] * own.plain, weight[0] * own.square, weight[0] * own.product};
    for (int d = 1; d <= GB_SSIM_RADIUS; d++) {
        const int64_t up = (GB_SSIM_RADIUS - d) * row, down = (GB_SSIM_RADIUS + d) * row;
        const gb_means above = gb_across(weight, test + up, truth + up);
        const gb_means below = gb_across(weight, test + down, truth + down);
        m.plain += weight[d] * (above.plain + below.plain);
        m.square += weight[d] * (above.square + below.square);
        m.product += weight[d] * (above.product + below.product);
    }
    return m;
}

// Means, then variances.
__global__ void gb_moments_kernel(gb_cuda_ssim f)
{
    const int64_t row = 3 * f.width, columns = row - 6 * GB_SSIM_RADIUS, rows = f.height - 2 * GB_SSIM_RADIUS;
    GB_EACH(i, f.count * rows * columns)
    {
        const int64_t at = i % columns, y = i / columns % rows, k = i / columns / rows;
        const uint8_t *const truth = f.truth[k] + y * row + at;
        const gb_means m = gb_window(f.weight, truth, truth, row);
        f.moments[k][y * columns + at] = m.plain;
        f.moments[k][(rows + y) * columns + at] = m.square - m.plain * m.plain;
    }
}

__global__ void gb_ssim_kernel(gb_cuda_ssim f)
{
    const int64_t row = 3 * f.width, columns = row - 6 * GB_SSIM_RADIUS, rows = f.height - 2 * GB_SSIM_RADIUS;
    GB_EACH(i, f.count * rows * columns)
    {
        const int64_t at = i % columns, y = i / columns % rows, k = i / columns / rows;
        const gb_means m = gb_window(f.weight, f.test[k] + y * row + at, f.truth[k] + y * row + at, row);
        const double mean = f.moments[k][y * columns + at], variance = f.moments[k][(rows + y) * columns + at];
        const double xx = mean * mean, yy = m.plain * m.plain, xy = mean * m.plain;
        const double own = m.square - yy, covariance = m.product - xy;
        f.map[i] = ((2.0 * xy + f.c1) * (2.0 * covariance + f.c2)) / ((xx + yy + f.c1) * (variance + own + f.c2));
    }
}

// ---- Features: metrics/lpips_distance.c, position by position, 16 lanes ----

enum { GB_LANES = 16 };

__device__ static inline float gb_lanes_sum(const float *s)
{
    float four[4];
    for (int e = 0; e < 4; e++) four[e] = (s[e] + s[4 + e]) + (s[8 + e] + s[12 + e]);
    return (four[0] + four[1]) + (four[2] + four[3]);
}

__device__ static inline float gb_inverse_length(const float *features, int64_t channels, float inside, float outside)
{
    float sum[GB_LANES] = {0};
    for (int64_t c = 0; c < channels; c += GB_LANES)
        for (int k = 0; k < GB_LANES; k++) sum[k] += features[c + k] * features[c + k];
    return 1.0f / (sqrtf(gb_lanes_sum(sum) + inside) + outside);
}

__global__ void gb_unit_kernel(gb_cuda_features f)
{
    GB_EACH(i, f.count * f.positions)
    {
        const int64_t k = i / f.positions, at = i % f.positions * f.c;
        const float *const from = f.features[k] + at;
        float *const to = f.reference[k] + at;
        const float scale = gb_inverse_length(from, f.c, f.inside, f.outside);
        for (int64_t c = 0; c < f.c; c++) to[c] = from[c] * scale;
    }
}

__global__ void gb_distance_kernel(gb_cuda_features f)
{
    GB_EACH(i, f.count * f.positions)
    {
        const int64_t k = i / f.positions, at = i % f.positions * f.c;
        const float *const features = f.features[k] + at, *const reference = f.reference[k] + at;
        const float scale = f.are_unit ? 1.0f : gb_inverse_length(features, f.c, f.inside, f.outside);
        float sum[GB_LANES] = {0};
        for (int64_t c = 0; c < f.c; c += GB_LANES)
            for (int j = 0; j < GB_LANES; j++) {
                const float d = features[c + j] * scale - reference[c + j];
                sum[j] += f.weight[c + j] * d * d;
            }
        double total = 0.0;
        for (int j = 0; j < GB_LANES; j += 4)
            total += ((double)sum[j] + (double)sum[j + 1]) + ((double)sum[j + 2] + (double)sum[j + 3]);
        f.map[i] = total;
    }
}

#endif
