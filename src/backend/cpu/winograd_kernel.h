/* The transforms of Winograd's minimal filtering F(4x4, 3x3) (Lavin & Gray 2016, arXiv 1509.09308): a tile of 6x6
 * inputs and 3x3 weights become 36 numbers each, whose products are 4x4 outputs. The points are 0, +-2/3, +-3/2 and
 * infinity: with those of the paper (0, +-1, +-2) float32 loses three times as much, with these about twice as much as
 * the direct sum does. */
#ifndef GB_BACKEND_CPU_WINOGRAD_KERNEL_H
#define GB_BACKEND_CPU_WINOGRAD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#define GB_TILE_IN 6
#define GB_TILE_OUT 4
#define GB_TILE_POINTS 36
#define GB_TILE_LANES 16 /* channels are a multiple of this */

/* 3x3 weights to 36 numbers. */
void gb_winograd_weights(const float g[9], double u[GB_TILE_POINTS]);

/* One tile, all channels: pixel[i] are the 6x6 pixels, row after row; number i of channel c goes to v[i * step + c]. */
void gb_winograd_input(const float *const pixel[GB_TILE_POINTS], size_t channels, float *v, size_t step);

typedef struct gb_winograd_end {
    const float *bias;
    float *out;                 /* the tile's first pixel */
    const float *addend, *residual; /* where `out` is in these, or NULL */
    size_t row, pixel;          /* floats from one output pixel of the tile to the next */
    int rows, columns;          /* of the 4x4 outputs, those that exist */
    bool rectify;               /* max(x, 0), or x * slope below 0 */
    float slope;
} gb_winograd_end;

/* One tile, all channels: number i of channel c is m[i * step + c]. */
void gb_winograd_output(const float *m, size_t step, size_t channels, const gb_winograd_end *end);

#endif
