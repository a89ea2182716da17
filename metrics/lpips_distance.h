/* The elementwise part of LPIPS. Features are positions x channels, channels last; channels are a multiple of
 * GB_LPIPS_LANES.
 *
 * Accuracy, with u = 2^-24: squares are summed in 16 float lanes of at most 32 terms (512 channels) of one sign, so a
 * length is good to 21u and a unit vector's elements to 22u; the difference of two unit vectors is then off by at most
 * 44u in length, which moves a distance d by at most 88u sqrt(d max w) + 38u d: below 5e-6 for any d that LPIPS gives.
 */
#ifndef GB_METRICS_LPIPS_DISTANCE_H
#define GB_METRICS_LPIPS_DISTANCE_H

#include <stddef.h>

#define GB_LPIPS_LANES 16

/* What keeps a length of 0 from dividing: the authors' code has 1e-10 outside the root, torchmetrics 1e-8 inside. */
typedef struct gb_lpips_epsilon {
    float inside, outside;
} gb_lpips_epsilon;
#define GB_LPIPS_EPSILON ((gb_lpips_epsilon){.outside = 1e-10f})

/* f / (sqrt(sum f^2 + inside) + outside) at each position. */
void gb_lpips_normalise(const float *features, size_t positions, int channels, gb_lpips_epsilon epsilon, float *out);

/* Adds, over the rows of an h x w map, sum_c weight_c (f_c - reference_c)^2 to columns[0..w), where f is `features`
 * normalised as above and `reference` came from gb_lpips_normalise. Equal features add exactly 0. */
void gb_lpips_add_distance(const float *features, const float *reference, const float *weight, int h, int w,
                           int channels, gb_lpips_epsilon epsilon, double *columns);

/* The same between two maps that both came from gb_lpips_normalise. */
void gb_lpips_add_unit_distance(const float *a, const float *b, const float *weight, int h, int w, int channels,
                                double *columns);

#endif
