/* A picture as FFmpeg's filters see it: planes of 8 bits. */
#ifndef GB_IMAGE_PLANES_H
#define GB_IMAGE_PLANES_H

#include <stdbool.h>

#include "image/image.h"

typedef struct gb_planes {
    int width[3], height[3];
    uint8_t *plane[3]; /* rows without gaps; owned */
    uint8_t *padded;   /* its own, as is what follows */
    void *scaler;
} gb_planes;

/* For pictures of this size: three whole planes R, G, B; or, `yuv420`, Y, U, V with halved (rounded up) chroma. */
gb_status gb_planes_new(int width, int height, bool yuv420, gb_planes *out, gb_error *err) GB_MUST_CHECK;
void gb_planes_free(gb_planes *planes);

/* Fills them from a picture of that size. YUV is swscale's BT.601, limited range, as FFmpeg's `format=yuv420p` makes it
 * of RGB with `-sws_flags bicubic+accurate_rnd+bitexact`: the same on every machine. */
gb_status gb_planes_fill(gb_planes *planes, const gb_image *image, gb_error *err) GB_MUST_CHECK;

#endif
