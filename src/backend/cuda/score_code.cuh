// The kernels of frames and scores; see device_code.cuh for what compiles them. They are compiled without fused
// multiply-adds: the same operations in the same order as on the processor give the same bits. Places are counted in 32
// bits (score.c refuses what needs more).
#ifndef GB_BACKEND_CUDA_SCORE_CODE_CUH
#define GB_BACKEND_CUDA_SCORE_CODE_CUH

#include "backend/cuda/grid.cuh"
#include "backend/cuda/score_kernels.h"
#include "backend/cuda/values.cuh"

__device__ static inline bool gb_in_strip(uint32_t x, uint32_t side, uint32_t width)
{
    return x < side || (x >= width - side && x < width);
}

// models/net_run.c, pack
__global__ void gb_feed_kernel(gb_cuda_feed f)
{
    const uint32_t channels = (uint32_t)f.c, w = (uint32_t)f.w, h = (uint32_t)f.h, count = (uint32_t)f.count,
                   width = (uint32_t)f.width, height = (uint32_t)f.height;
    GB_EACH(i, (uint32_t)f.n * h * w * channels)
    {
        const uint32_t pixel = i / channels, c = i % channels, row = pixel / w, ow = pixel % w, n = row / h, oh = row % h;
        const uint32_t x = ow < width ? ow : 2 * (width - 1) - ow, y = oh < height ? oh : 2 * (height - 1) - oh;
        const uint32_t k = n < count ? n : count - 1;
        float v = c == 3 ? f.known : 0.0f;
        if (gb_in_strip(x, (uint32_t)f.side, width))
            v = f.unknown[c];
        else if (c < 3)
            v = f.level[c * 256 + f.frame[k][(y * width + x) * 3 + c]];
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
    const uint32_t width = (uint32_t)f.width, height = (uint32_t)f.height, h = (uint32_t)f.h, row = width * 3;
    GB_EACH(i, (uint32_t)f.count * h * row)
    {
        const uint32_t line = i / row, at = i % row, y = line % h, k = line / h;
        if (!gb_in_strip(at / 3, (uint32_t)f.side, width)) {
            if (y < height) f.to[k][y * row + at] = f.from[k][y * row + at];
            continue;
        }
        const float v = f.x[line * (uint32_t)f.w * 3 + at];
        if (v - v != 0.0f) f.infinite[k] = 1; // whichever thread finds one writes the same
        if (y < height) f.to[k][y * row + at] = gb_to_level(v, f);
    }
}

// ---- By column, then by group of columns ----

__global__ void gb_difference_kernel(gb_cuda_difference f)
{
    const uint32_t height = (uint32_t)f.height, row = (uint32_t)f.width * 3;
    GB_EACH(i, (uint32_t)f.count * GB_CUDA_BANDS * row)
    {
        const uint32_t line = i / row, at = i % row, band = line % GB_CUDA_BANDS, k = line / GB_CUDA_BANDS;
        const uint32_t first = height * band / GB_CUDA_BANDS, end = height * (band + 1) / GB_CUDA_BANDS;
        const uint8_t *const a = f.a[k], *const b = f.b[k];
        uint32_t sum = 0;
        for (uint32_t y = first; y < end; y++) {
            const int d = (int)a[y * row + at] - (int)b[y * row + at];
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
    const uint32_t row = (uint32_t)f.width * 3;
    GB_EACH(i, (uint32_t)f.count * row)
    {
        const uint32_t *const partial = f.partial + i / row * GB_CUDA_BANDS * row + i % row;
        uint32_t sum = 0;
        for (uint32_t band = 0; band < GB_CUDA_BANDS; band++) {
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
    const uint32_t w = (uint32_t)f.w, h = (uint32_t)f.h;
    GB_EACH(i, (uint32_t)f.count * w)
    {
        const double *const map = f.map + i / w * h * w + i % w;
        double sum = 0.0;
        for (uint32_t y = 0; y < h; y++) sum += map[y * w];
        f.column[i] = sum;
    }
}

__global__ void gb_groups_total_kernel(gb_cuda_totals f)
{
    const uint32_t groups = (uint32_t)f.groups, columns = (uint32_t)f.columns, channels = (uint32_t)f.channels;
    GB_EACH(i, (uint32_t)f.count * groups)
    {
        const uint32_t g = i % groups;
        const double *const column = f.column + i / groups * columns * channels;
        double sum = 0.0;
        for (uint32_t x = 0; x < columns; x++) {
            if (f.member && !(f.member[x] >> g & 1)) continue;
            for (uint32_t c = 0; c < channels; c++) {
                const double v = column[x * channels + c];
                if (!f.largest)
                    sum += v;
                else if (v > sum)
                    sum = v;
            }
        }
        f.total[i] = sum;
    }
}

// ---- Pixels that move: metrics/e_warp.c ----

// Of pixel `at`, which goes to (x, y).
__device__ static inline float gb_warped_error(const uint8_t *image, const uint8_t *next, uint32_t at, float x, float y,
                                               uint32_t width, uint32_t height)
{
    const uint32_t x0 = (uint32_t)x, y0 = (uint32_t)y, right = x0 + 1 < width ? 3 : 0;
    const float fx = x - (float)x0, fy = y - (float)y0;
    const uint8_t *const a = next + 3 * (y0 * width + x0), *const c = y0 + 1 < height ? a + 3 * width : a;
    float sum = 0.0f;
    for (int i = 0; i < 3; i++) {
        const int upper = a[i], lower = c[i];
        const float top = (float)upper + fx * (float)(a[right + i] - upper);
        const float bottom = (float)lower + fx * (float)(c[right + i] - lower);
        const float error = (float)image[3 * at + i] - (top + fy * (bottom - top));
        sum += error * error;
    }
    return sum;
}

__global__ void gb_warp_kernel(gb_cuda_warp f)
{
    const uint32_t width = (uint32_t)f.width, height = (uint32_t)f.height, pixels = width * height;
    GB_EACH(i, (uint32_t)f.count * pixels)
    {
        const uint32_t k = i / pixels, at = i % pixels;
        if (!f.member[k][at]) continue;
        const float *const flow = f.flow[k] + 2 * at;
        f.error[i] = gb_warped_error(f.a[k], f.b[k], at, (float)(at % width) + flow[0], (float)(at / width) + flow[1],
                                     width, height);
    }
}

__global__ void gb_warp_columns_kernel(gb_cuda_warp f)
{
    const uint32_t width = (uint32_t)f.width, height = (uint32_t)f.height, parts = (uint32_t)f.parts;
    GB_EACH(i, (uint32_t)f.count * parts * width)
    {
        const uint32_t x = i % width, part = i / width % parts, k = i / width / parts;
        const uint8_t *const member = f.member[k] + x;
        const float *const error = f.error + k * height * width + x;
        double sum = 0.0;
        for (uint32_t y = 0; y < height; y++)
            if (member[y * width] >> part & 1) sum += (double)error[y * width];
        f.column[i] = sum;
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
    const uint32_t row = 3 * (uint32_t)f.width, columns = row - 6 * GB_SSIM_RADIUS,
                   rows = (uint32_t)f.height - 2 * GB_SSIM_RADIUS;
    GB_EACH(i, (uint32_t)f.count * rows * columns)
    {
        const uint32_t line = i / columns, at = i % columns, y = line % rows, k = line / rows;
        const uint8_t *const truth = f.truth[k] + y * row + at;
        const gb_means m = gb_window(f.weight, truth, truth, row);
        f.moments[k][y * columns + at] = m.plain;
        f.moments[k][(rows + y) * columns + at] = m.square - m.plain * m.plain;
    }
}

// Four blocks a processor: left to itself the compiler takes a few registers too many for that on one architecture.
__global__ void __launch_bounds__(threads, 4) gb_ssim_kernel(gb_cuda_ssim f)
{
    const uint32_t row = 3 * (uint32_t)f.width, columns = row - 6 * GB_SSIM_RADIUS,
                   rows = (uint32_t)f.height - 2 * GB_SSIM_RADIUS;
    GB_EACH(i, (uint32_t)f.count * rows * columns)
    {
        const uint32_t line = i / columns, at = i % columns, y = line % rows, k = line / rows;
        const gb_means m = gb_window(f.weight, f.test[k] + y * row + at, f.truth[k] + y * row + at, row);
        const double mean = f.moments[k][y * columns + at], variance = f.moments[k][(rows + y) * columns + at];
        const double xx = mean * mean, yy = m.plain * m.plain, xy = mean * m.plain;
        const double own = m.square - yy, covariance = m.product - xy;
        f.map[i] = ((2.0 * xy + f.c1) * (2.0 * covariance + f.c2)) / ((xx + yy + f.c1) * (variance + own + f.c2));
    }
}

// ---- Features: metrics/lpips_distance.c, 16 lanes a position: lane k adds channels k, k + 16, ... ----
// A thread takes four lanes, so that a position's four threads read its features 64 bytes at a time. What lanes add up
// to is kept, and put together once all of them are there: by the next launch.

enum { GB_LANES_EACH = 4, GB_SHARES = GB_LANES / GB_LANES_EACH };

typedef struct gb_share {
    uint32_t position, frame, at, lanes; // of all frames; the frame, where its features begin, which four lanes
} gb_share;

__device__ static inline gb_share gb_share_of(uint32_t i, const gb_cuda_features &f)
{
    const uint32_t position = i / GB_SHARES, positions = (uint32_t)f.positions;
    return {position, position / positions, position % positions * (uint32_t)f.c, i % GB_SHARES};
}

__device__ static inline uint32_t gb_shares(const gb_cuda_features &f)
{
    return (uint32_t)(f.count * f.positions) * GB_SHARES;
}

__global__ void gb_squares_kernel(gb_cuda_features f)
{
    const uint32_t groups = (uint32_t)f.c / GB_LANES_EACH;
    GB_EACH(i, gb_shares(f))
    {
        const gb_share s = gb_share_of(i, f);
        const float *const from = f.features[s.frame] + s.at;
        gb_values<GB_LANES_EACH> sum = {};
        for (uint32_t g = s.lanes; g < groups; g += GB_SHARES) {
            const gb_values<GB_LANES_EACH> x = gb_load_floats<GB_LANES_EACH>(from, g);
            for (int j = 0; j < GB_LANES_EACH; j++) sum.v[j] += x.v[j] * x.v[j];
        }
        gb_store_floats<GB_LANES_EACH>(f.squares, i, sum);
    }
}

// Of one position, whose lanes' squares are there.
__device__ static inline float gb_inverse_length(const gb_cuda_features &f, uint32_t position)
{
    gb_values<GB_LANES_EACH> s[GB_SHARES];
    float four[GB_LANES_EACH];
    for (uint32_t k = 0; k < GB_SHARES; k++)
        s[k] = gb_load_floats<GB_LANES_EACH>(f.squares, position * GB_SHARES + k);
    for (int e = 0; e < GB_LANES_EACH; e++) four[e] = (s[0].v[e] + s[1].v[e]) + (s[2].v[e] + s[3].v[e]);
    return 1.0f / (sqrtf((four[0] + four[1]) + (four[2] + four[3]) + f.inside) + f.outside);
}

__global__ void gb_unit_kernel(gb_cuda_features f)
{
    const uint32_t groups = (uint32_t)f.c / GB_LANES_EACH;
    GB_EACH(i, gb_shares(f))
    {
        const gb_share s = gb_share_of(i, f);
        const float scale = gb_inverse_length(f, s.position);
        for (uint32_t g = s.lanes; g < groups; g += GB_SHARES) {
            gb_values<GB_LANES_EACH> x = gb_load_floats<GB_LANES_EACH>(f.features[s.frame] + s.at, g);
            for (int j = 0; j < GB_LANES_EACH; j++) x.v[j] *= scale;
            gb_store_floats<GB_LANES_EACH>(f.reference[s.frame] + s.at, g, x);
        }
    }
}

__global__ void gb_distance_kernel(gb_cuda_features f)
{
    const uint32_t groups = (uint32_t)f.c / GB_LANES_EACH;
    GB_EACH(i, gb_shares(f))
    {
        const gb_share s = gb_share_of(i, f);
        const float *const features = f.features[s.frame] + s.at, *const reference = f.reference[s.frame] + s.at;
        const float scale = f.are_unit ? 1.0f : gb_inverse_length(f, s.position);
        gb_values<GB_LANES_EACH> sum = {};
        for (uint32_t g = s.lanes; g < groups; g += GB_SHARES) {
            const gb_values<GB_LANES_EACH> x = gb_load_floats<GB_LANES_EACH>(features, g),
                                           y = gb_load_floats<GB_LANES_EACH>(reference, g),
                                           weight = gb_load_floats<GB_LANES_EACH>(f.weight, g);
            for (int j = 0; j < GB_LANES_EACH; j++) {
                const float d = x.v[j] * scale - y.v[j];
                sum.v[j] += weight.v[j] * d * d;
            }
        }
        gb_store_floats<GB_LANES_EACH>(f.sums, i, sum);
    }
}

__global__ void gb_lanes_kernel(gb_cuda_features f)
{
    GB_EACH(i, (uint32_t)(f.count * f.positions))
    {
        double total = 0.0;
        for (uint32_t k = 0; k < GB_SHARES; k++) {
            const gb_values<GB_LANES_EACH> sum = gb_load_floats<GB_LANES_EACH>(f.sums, i * GB_SHARES + k);
            total += ((double)sum.v[0] + (double)sum.v[1]) + ((double)sum.v[2] + (double)sum.v[3]);
        }
        f.map[i] = total;
    }
}

#endif
