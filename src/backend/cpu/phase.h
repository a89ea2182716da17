/* A transposed convolution is a set of ordinary ones at the resolution of its input: outputs that are `stride` apart
 * (one phase of each axis) are made by the same taps of the kernel. A convolution of stride 1 has one phase. */
#ifndef GB_BACKEND_CPU_PHASE_H
#define GB_BACKEND_CPU_PHASE_H

#include "engine/graph.h"

/* One phase along one axis: output first + m * step, for 0 <= m < count, is the sum over taps t of what tap t weighs
 * times input m + offset + t * spacing (zero outside). */
typedef struct gb_phase {
    int64_t first, count, offset;
    int step, spacing, taps;
    int last; /* index into the (dilated) kernel of tap 0 of a transposed convolution; tap t is `step` * t before */
} gb_phase;

/* Phase `r`, 0 <= r < stride, of a transposed convolution; of a convolution of stride 1 phase 0 alone. */
gb_phase gb_phase_make(const gb_node *node, bool vertical, int r);

/* The weights of the phases' taps as O,I,taps of y,taps of x; `in` is the number of input channels. */
void gb_phase_weights(const gb_node *node, int64_t in, const gb_phase *y, const gb_phase *x, float *weight);

#endif
