#include "metrics/lpips_distance.h"

#include <math.h>
#include <string.h>

/* Four vectors of four: sums over channels run in 16 independent lanes, which the compiler may not do by itself. */
typedef float four __attribute__((vector_size(16)));
enum { FOURS = GB_LPIPS_LANES / 4 };

static inline four load(const float *from)
{
    four value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* 1 / (sqrt(|f|^2 + inside) + outside) */
static inline float inverse_length(const float *features, int channels, gb_lpips_epsilon epsilon)
{
    four sum[FOURS] = {0};
    for (int c = 0; c < channels; c += GB_LPIPS_LANES)
        for (int k = 0; k < FOURS; k++) {
            const four f = load(features + c + 4 * k);
            sum[k] += f * f;
        }
    const four all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    return 1.0f / (sqrtf((all[0] + all[1]) + (all[2] + all[3]) + epsilon.inside) + epsilon.outside);
}

void gb_lpips_normalise(const float *features, size_t positions, int channels, gb_lpips_epsilon epsilon, float *out)
{
    for (size_t i = 0; i < positions; i++, features += channels, out += channels) {
        const float scale = inverse_length(features, channels, epsilon);
        for (int c = 0; c < channels; c++) out[c] = features[c] * scale;
    }
}

static inline double total_of(const four sum[FOURS])
{
    double total = 0.0;
    for (int k = 0; k < FOURS; k++)
        total += ((double)sum[k][0] + (double)sum[k][1]) + ((double)sum[k][2] + (double)sum[k][3]);
    return total;
}

static inline double distance(const float *features, const float *reference, const float *weight, int channels,
                              gb_lpips_epsilon epsilon)
{
    const float scale = inverse_length(features, channels, epsilon);
    four sum[FOURS] = {0};
    for (int c = 0; c < channels; c += GB_LPIPS_LANES)
        for (int k = 0; k < FOURS; k++) {
            const int at = c + 4 * k;
            const four unit = load(features + at) * scale;
            const four difference = unit - load(reference + at);
            sum[k] += load(weight + at) * difference * difference;
        }
    return total_of(sum);
}

void gb_lpips_add_distance(const float *features, const float *reference, const float *weight, int h, int w,
                           int channels, gb_lpips_epsilon epsilon, double *columns)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, features += channels, reference += channels)
            columns[x] += distance(features, reference, weight, channels, epsilon);
}

static inline double unit_distance(const float *a, const float *b, const float *weight, int channels)
{
    four sum[FOURS] = {0};
    for (int c = 0; c < channels; c += GB_LPIPS_LANES)
        for (int k = 0; k < FOURS; k++) {
            const int at = c + 4 * k;
            const four difference = load(a + at) - load(b + at);
            sum[k] += load(weight + at) * difference * difference;
        }
    return total_of(sum);
}

void gb_lpips_add_unit_distance(const float *a, const float *b, const float *weight, int h, int w, int channels,
                                double *columns)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, a += channels, b += channels)
            columns[x] += unit_distance(a, b, weight, channels);
}
