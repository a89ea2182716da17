/* The transforms of Winograd's minimal filtering F(4, t) along each axis, t = 1, 2 or 3 (Lavin & Gray 2016, arXiv
 * 1509.09308): a tile of t + 3 inputs and t weights become t + 3 numbers each, whose products are 4 outputs.
 *
 * The points are 0, +-2/3, +-3/2 and infinity for three taps, +-2/5, +-6/5 and infinity for two; one tap needs no
 * transform. With the points of the paper (0, +-1, +-2) float32 loses four times as much as by the direct sum, with
 * these twice as much. */
#ifndef GB_BACKEND_CPU_WINOGRAD_KERNEL_H
#define GB_BACKEND_CPU_WINOGRAD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/cpu/bf16.h"

#define GB_TILE_OUT 4
#define GB_TILE_MAX_TAPS 3
#define GB_TILE_MAX_IN (GB_TILE_MAX_TAPS + GB_TILE_OUT - 1)
#define GB_TILE_MAX_POINTS (GB_TILE_MAX_IN * GB_TILE_MAX_IN)
#define GB_TILE_LANES 16 /* channels are a multiple of this */

/* Points +-A and +-B; of three taps, where A B = 1, and of two. */
#define GB_TILE_A3 (2.0 / 3.0)
#define GB_TILE_B3 (3.0 / 2.0)
#define GB_TILE_A2 (2.0 / 5.0)
#define GB_TILE_B2 (6.0 / 5.0)

typedef struct gb_winograd_taps {
    int y, x;
} gb_winograd_taps;

/* One tile, all channels: pixel[i] are its inputs, row after row; number i of channel c goes to v[i * step + c]. */
void gb_winograd_input(gb_winograd_taps taps, const float *const *pixel, size_t channels, float *v, size_t step);
/* The same, rounded. */
void gb_winograd_input_bf16(gb_winograd_taps taps, const float *const *pixel, size_t channels, gb_bf16 *v, size_t step);

typedef struct gb_winograd_end {
    const float *bias;
    float *out;                     /* the tile's first pixel */
    const float *addend, *residual; /* where `out` is in these, or NULL */
    size_t row, pixel;              /* floats from one output pixel of the tile to the next */
    int rows, columns;              /* of the 4x4 outputs, those that exist */
    bool rectify;                   /* x below 0 becomes x * slope */
    float slope;
} gb_winograd_end;

/* One tile, all channels: number i of channel c is m[i * step + c]. */
void gb_winograd_output(gb_winograd_taps taps, const float *m, size_t step, size_t channels,
                        const gb_winograd_end *end);

#endif
