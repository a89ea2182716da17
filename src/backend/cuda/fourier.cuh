// Transforms by their definition, over rows and over columns. A thread has K results of V channels at a time: what it
// reads serves all of them, the other threads of a row find it in the cache. Results k and size - k are sums of the same
// products with other signs, and so are what inputs w and size - w contribute: half of the multiplications are left.
#ifndef GB_BACKEND_CUDA_FOURIER_CUH
#define GB_BACKEND_CUDA_FOURIER_CUH

#include "backend/cuda/device_code.cuh"

#define GB_FOURIER_RESULTS 4 // K
#define GB_FOR_RESULTS GB_UNROLL for (uint32_t r = 0; r < GB_FOURIER_RESULTS; r++)

// Angles i k / size of the results k = first, first + 1, ..., for i = 0, 1, ...: from one i to the next without a
// division. Results beyond the last one stay at angle 0.
struct gb_angles {
    uint32_t at[GB_FOURIER_RESULTS];
};

__device__ static inline void gb_turn(gb_angles *a, uint32_t first, uint32_t size)
{
    GB_FOR_RESULTS
    {
        const uint32_t next = a->at[r] + (first + r < size ? first + r : 0);
        a->at[r] = next < size ? next : next - size;
    }
}

__device__ static inline uint32_t gb_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// spectrum[n][h][k][c] = sum over w of x[n][h][w][c] exp(-2 pi i w k / W), k <= W/2.
template <int V>
__global__ void gb_rows_forward_kernel(gb_cuda_fourier f)
{
    const uint32_t width = (uint32_t)f.w, half = width / 2 + 1, groups = (uint32_t)f.c / V,
                   parts = (half + GB_FOURIER_RESULTS - 1) / GB_FOURIER_RESULTS;
    GB_EACH(i, (uint32_t)(f.n * f.h) * parts * groups)
    {
        const uint32_t c = i % groups, k = i / groups % parts * GB_FOURIER_RESULTS, row = i / groups / parts;
        const gb_values<V> first = gb_load<V>(f.x, row * width * groups + c);
        float re[GB_FOURIER_RESULTS][V], im[GB_FOURIER_RESULTS][V];
        gb_angles angle = {};
        GB_FOR_RESULTS GB_FOR_VALUES re[r][j] = first.v[j], im[r][j] = 0.0f;
        for (uint32_t w = 1; 2 * w < width; w++) {
            const gb_values<V> a = gb_load<V>(f.x, (row * width + w) * groups + c),
                               b = gb_load<V>(f.x, (row * width + width - w) * groups + c);
            gb_turn(&angle, k, width);
            GB_FOR_RESULTS
            {
                const gb_values<2> turn = gb_load_floats<2>(f.twiddle_w, angle.at[r]);
                GB_FOR_VALUES
                {
                    re[r][j] += (a.v[j] + b.v[j]) * turn.v[0];
                    im[r][j] -= (a.v[j] - b.v[j]) * turn.v[1];
                }
            }
        }
        if (width % 2 == 0) {
            const gb_values<V> last = gb_load<V>(f.x, (row * width + width / 2) * groups + c);
            GB_FOR_RESULTS GB_FOR_VALUES re[r][j] += (k + r) % 2 ? -last.v[j] : last.v[j];
        }
        const uint32_t end = gb_least(GB_FOURIER_RESULTS, half - k);
        GB_FOR_RESULTS
        {
            if (r >= end) break;
            gb_values<2 * V> out;
            GB_FOR_VALUES out.v[2 * j] = re[r][j], out.v[2 * j + 1] = im[r][j];
            gb_store({f.scratch, GB_PRECISION_FP32}, (row * half + k + r) * groups + c, out);
        }
    }
}

// y[n][k][j] = scale * sum over h of x[n][h][j] exp(sign 2 pi i h k / H), over complex columns j, V of them at a time.
template <int V>
__global__ void gb_columns_kernel(gb_cuda_fourier f, float sign, float scale)
{
    const uint32_t height = (uint32_t)f.h, half = height / 2 + 1, columns = (uint32_t)((f.w / 2 + 1) * f.c) / V,
                   parts = (half + GB_FOURIER_RESULTS - 1) / GB_FOURIER_RESULTS;
    GB_EACH(i, (uint32_t)f.n * parts * columns)
    {
        const uint32_t column = i % columns, k = i / columns % parts * GB_FOURIER_RESULTS, n = i / columns / parts;
        // of a the real part, of b the imaginary one, times cosine and sine
        float ac[GB_FOURIER_RESULTS][V] = {}, as[GB_FOURIER_RESULTS][V] = {}, bc[GB_FOURIER_RESULTS][V] = {},
              bs[GB_FOURIER_RESULTS][V] = {};
        gb_angles angle = {};
        for (uint32_t h = 0; h < height; h++) {
            const gb_values<2 * V> x = gb_load<2 * V>(f.x, (n * height + h) * columns + column);
            GB_FOR_RESULTS
            {
                const gb_values<2> turn = gb_load_floats<2>(f.twiddle_h, angle.at[r]);
                GB_FOR_VALUES
                {
                    ac[r][j] += x.v[2 * j] * turn.v[0];
                    as[r][j] += x.v[2 * j] * turn.v[1];
                    bc[r][j] += x.v[2 * j + 1] * turn.v[0];
                    bs[r][j] += x.v[2 * j + 1] * turn.v[1];
                }
            }
            gb_turn(&angle, k, height);
        }
        const uint32_t end = gb_least(GB_FOURIER_RESULTS, half - k);
        GB_FOR_RESULTS
        {
            if (r >= end) break;
            const uint32_t other = height - k - r; // of k = 0 and H/2 there is none
            gb_values<2 * V> out, mirrored;
            GB_FOR_VALUES
            {
                out.v[2 * j] = (ac[r][j] - sign * bs[r][j]) * scale;
                out.v[2 * j + 1] = (bc[r][j] + sign * as[r][j]) * scale;
                mirrored.v[2 * j] = (ac[r][j] + sign * bs[r][j]) * scale;
                mirrored.v[2 * j + 1] = (bc[r][j] - sign * as[r][j]) * scale;
            }
            gb_store(f.y, (n * height + k + r) * columns + column, out);
            if (k + r > 0 && other != k + r) gb_store(f.y, (n * height + other) * columns + column, mirrored);
        }
    }
}

// y[n][h][w][c] from the Hermitian spectrum of which scratch holds the first W/2 + 1 columns: those in between count
// twice; of DC and Nyquist only the real part is read.
template <int V>
__global__ void gb_rows_inverse_kernel(gb_cuda_fourier f, float scale)
{
    const uint32_t width = (uint32_t)f.w, half = width / 2 + 1, groups = (uint32_t)f.c / V,
                   parts = (half + GB_FOURIER_RESULTS - 1) / GB_FOURIER_RESULTS;
    GB_EACH(i, (uint32_t)(f.n * f.h) * parts * groups)
    {
        const uint32_t c = i % groups, w = i / groups % parts * GB_FOURIER_RESULTS, row = i / groups / parts;
        float even[GB_FOURIER_RESULTS][V] = {}, odd[GB_FOURIER_RESULTS][V] = {};
        gb_angles angle = {};
        for (uint32_t k = 1; 2 * k < width; k++) {
            const gb_values<2 * V> z = gb_load_floats<2 * V>(f.scratch, (row * half + k) * groups + c);
            gb_turn(&angle, w, width);
            GB_FOR_RESULTS
            {
                const gb_values<2> turn = gb_load_floats<2>(f.twiddle_w, angle.at[r]);
                GB_FOR_VALUES even[r][j] += z.v[2 * j] * turn.v[0], odd[r][j] += z.v[2 * j + 1] * turn.v[1];
            }
        }
        const gb_values<2 * V> dc = gb_load_floats<2 * V>(f.scratch, row * half * groups + c);
        gb_values<2 * V> last = {};
        if (width % 2 == 0) last = gb_load_floats<2 * V>(f.scratch, (row * half + half - 1) * groups + c);
        const uint32_t end = gb_least(GB_FOURIER_RESULTS, half - w);
        GB_FOR_RESULTS
        {
            if (r >= end) break;
            const uint32_t other = width - w - r; // of w = 0 and W/2 there is none
            gb_values<V> out, mirrored;
            GB_FOR_VALUES
            {
                const float ends = dc.v[2 * j] + ((w + r) % 2 ? -last.v[2 * j] : last.v[2 * j]);
                out.v[j] = (2.0f * (even[r][j] - odd[r][j]) + ends) * scale;
                mirrored.v[j] = (2.0f * (even[r][j] + odd[r][j]) + ends) * scale;
            }
            gb_store(f.y, (row * width + w + r) * groups + c, out);
            if (w + r > 0 && other != w + r) gb_store(f.y, (row * width + other) * groups + c, mirrored);
        }
    }
}

#endif
