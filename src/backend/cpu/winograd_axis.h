/* How a convolution along one axis is made of short ones of stride 1, which Winograd's filtering takes.
 *
 * A convolution of stride s is a sum over the s interleaved pictures of its input; one with more than three taps is a
 * sum over runs of its taps; a dilated one is one on each of the interleaved pictures of input and output alike; a
 * transposed one is one for each phase of its output. */
#ifndef GB_BACKEND_CPU_WINOGRAD_AXIS_H
#define GB_BACKEND_CPU_WINOGRAD_AXIS_H

#include "engine/graph.h"

#define GB_AXIS_MAX_PATTERNS 4

/* A tile: its first output and the input under that output's tap 0, pattern 0. */
typedef struct gb_tile_origin {
    int out, in;
} gb_tile_origin;

typedef struct gb_winograd_axis {
    int taps;     /* of each pattern, 1 to 3 */
    int patterns; /* that are summed */
    int offset[GB_AXIS_MAX_PATTERNS]; /* of a pattern's inputs from those of pattern 0 */
    int tap[GB_AXIS_MAX_PATTERNS];    /* the kernel's element that is its tap 0 */
    int tap_step;                     /* elements from one tap to the next; elements beyond the kernel are 0 */
    int in_step, out_step;            /* pixels from one input, one output of a tile to the next */
    int first, residues;              /* tiles begin at outputs first + q + 4 k out_step, 0 <= q < residues */
    int in_times, in_over, in_base;   /* the input under output o: (o - first) / in_over * in_times + in_base */
    int size;                         /* of the output */
} gb_winograd_axis;

/* Along H or W; `phase` below the stride of a transposed convolution, else 0. False when it cannot be so made. */
bool gb_winograd_axis_make(const gb_node *node, bool vertical, int phase, gb_winograd_axis *out);

/* How many tiles the axis has, and these. */
int gb_winograd_axis_tiles(const gb_winograd_axis *axis);
void gb_winograd_axis_origins(const gb_winograd_axis *axis, gb_tile_origin *origin);

/* The kernel's element at a tap of a pattern, or -1. */
int gb_winograd_axis_element(const gb_winograd_axis *axis, int kernel, int pattern, int tap);

#endif
