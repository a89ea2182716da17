/* Weights as the products of winograd_kernel.h take them. */
#ifndef GB_BACKEND_CPU_WINOGRAD_WEIGHTS_H
#define GB_BACKEND_CPU_WINOGRAD_WEIGHTS_H

#include "backend/cpu/winograd_kernel.h"

/* The transform of weights: a row for each point, along each axis. */
typedef struct gb_winograd_basis {
    gb_winograd_taps taps;
    double y[GB_TILE_MAX_IN][GB_TILE_MAX_TAPS], x[GB_TILE_MAX_IN][GB_TILE_MAX_TAPS];
} gb_winograd_basis;
void gb_winograd_basis_make(gb_winograd_taps taps, gb_winograd_basis *out);

/* `count` kernels of taps.y x taps.x weights to as many numbers each as a tile has inputs: tap t of kernel i is
 * g[t * count + i], its number k goes to u[k * step + i]. */
void gb_winograd_weights(const gb_winograd_basis *basis, const double *g, size_t count, float *u, size_t step);

#endif
