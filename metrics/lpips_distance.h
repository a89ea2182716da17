/* The elementwise part of LPIPS. Features are positions x channels, channels last; channels are a multiple of
 * GB_LPIPS_LANES.
 *
 * Accuracy: squares are summed in 16 float lanes of at most 24 terms, all of one sign, then in double: each sum is good
 * to 30 * 2^-24 = 1.8e-6 relative before the unit vectors' own rounding, which moves a distance d by at most
 * 2^-21 sqrt(d max w). */
#ifndef GB_METRICS_LPIPS_DISTANCE_H
#define GB_METRICS_LPIPS_DISTANCE_H

#include <stddef.h>

#define GB_LPIPS_LANES 16

/* f / (sqrt(sum f^2) + 1e-10) at each position: the epsilon is outside the root, as in the authors' code. */
void gb_lpips_normalise(const float *features, size_t positions, int channels, float *out);

/* Adds, over the rows of an h x w map, sum_c weight_c (f_c - reference_c)^2 to columns[0..w), where f is `features`
 * normalised as above and `reference` came from gb_lpips_normalise. Equal features add exactly 0. */
void gb_lpips_add_distance(const float *features, const float *reference, const float *weight, int h, int w,
                           int channels, double *columns);

#endif
