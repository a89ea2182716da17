#include "metrics/lpips_distance.h"

#include <math.h>
#include <string.h>

#include "core/clones.h"

/* Sums over channels run in 16 independent lanes, which the compiler may not do by itself; added up four by four. */
typedef float lanes __attribute__((vector_size(4 * GB_LPIPS_LANES)));
typedef float four __attribute__((vector_size(16)));
enum { FOURS = GB_LPIPS_LANES / 4 };

#define LOAD(to, from) memcpy(&(to), (from), sizeof(to))

/* 1 / (sqrt(|f|^2 + inside) + outside) */
static inline __attribute__((always_inline)) float inverse_length(const float *features, int channels,
                                                                  gb_lpips_epsilon epsilon)
{
    lanes sum = {0}, f;
    four part[FOURS];
    for (int c = 0; c < channels; c += GB_LPIPS_LANES) {
        LOAD(f, features + c);
        sum += f * f;
    }
    memcpy(part, &sum, sizeof part);
    const four all = (part[0] + part[1]) + (part[2] + part[3]);
    return 1.0f / (sqrtf((all[0] + all[1]) + (all[2] + all[3]) + epsilon.inside) + epsilon.outside);
}

GB_CLONES void gb_lpips_normalise(const float *features, size_t positions, int channels, gb_lpips_epsilon epsilon,
                                  float *out)
{
    for (size_t i = 0; i < positions; i++, features += channels, out += channels) {
        const float scale = inverse_length(features, channels, epsilon);
        for (int c = 0; c < channels; c++) out[c] = features[c] * scale;
    }
}

static inline __attribute__((always_inline)) double total_of(const lanes *sum)
{
    four part[FOURS];
    double total = 0.0;
    memcpy(part, sum, sizeof part);
    for (int k = 0; k < FOURS; k++)
        total += ((double)part[k][0] + (double)part[k][1]) + ((double)part[k][2] + (double)part[k][3]);
    return total;
}

static inline __attribute__((always_inline)) double distance(const float *features, const float *reference,
                                                             const float *weight, int channels, float scale)
{
    lanes sum = {0}, f, r, w;
    for (int c = 0; c < channels; c += GB_LPIPS_LANES) {
        LOAD(f, features + c);
        LOAD(r, reference + c);
        LOAD(w, weight + c);
        const lanes difference = f * scale - r;
        sum += w * difference * difference;
    }
    return total_of(&sum);
}

GB_CLONES void gb_lpips_add_distance(const float *features, const float *reference, const float *weight, int h, int w,
                                     int channels, gb_lpips_epsilon epsilon, double *columns)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, features += channels, reference += channels)
            columns[x] += distance(features, reference, weight, channels,
                                   inverse_length(features, channels, epsilon));
}

/* A product with 1 is exact. */
GB_CLONES void gb_lpips_add_unit_distance(const float *a, const float *b, const float *weight, int h, int w,
                                          int channels, double *columns)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, a += channels, b += channels)
            columns[x] += distance(a, b, weight, channels, 1.0f);
}
