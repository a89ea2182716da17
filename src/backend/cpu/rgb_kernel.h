/* The inner loop of convolutions with three outputs: a few neighbouring pixels at once. */
#ifndef GB_BACKEND_CPU_RGB_KERNEL_H
#define GB_BACKEND_CPU_RGB_KERNEL_H

#include <stddef.h>

#define GB_RGB_MAX_PIXELS 8

typedef struct gb_rgb_taps {
    const float *x;            /* what the first tap reads for the first pixel */
    const float *weight;       /* rows, columns, groups, 3, 16 */
    int rows, columns;
    size_t groups;             /* of 16 channels */
    size_t row, column, pixel; /* floats from one tap, one pixel, to the next */
} gb_rgb_taps;

typedef struct gb_rgb_kernel {
    int pixels; /* made at once */
    void (*run)(const gb_rgb_taps *taps, float *sums /* pixels, 3 */);
} gb_rgb_kernel;

/* The best one for this processor. */
gb_rgb_kernel gb_rgb_kernel_select(void);

#endif
