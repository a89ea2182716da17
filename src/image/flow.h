/* Where each pixel of a frame is in the next one: as known from the drawing model, or estimated and kept. */
#ifndef GB_IMAGE_FLOW_H
#define GB_IMAGE_FLOW_H

#include <stdint.h>

#include "image/image.h"

#define GB_FLOW_UNIT 64  /* motions are kept as whole numbers of 1/64 pixel */
#define GB_FLOW_MOST 500 /* longest motion on either axis, in pixels; pixels that go farther are not valid */

/* What is seen at pixel (x, y) of frame t is at (x + u, y + v) of frame t + 1: x to the right, y down, in pixels, both
 * counted from pixel centres. `valid` is 1 where that is true of all that the pixel and its neighbours show: not hidden
 * and not out of the frame at t + 1, its shape unchanged, no border between different motions beside it; u and v are 0
 * elsewhere. */
typedef struct gb_flow {
    int width, height;
    float *uv;      /* height x width x 2: u, v; owned */
    uint8_t *valid; /* height x width; owned */
} gb_flow;

/* Allocates when empty or of another size; contents undefined. */
gb_status gb_flow_reserve(gb_flow *flow, int width, int height, gb_error *err) GB_MUST_CHECK;
void gb_flow_free(gb_flow *flow); /* and zeroes it */

/* `next` seen from frame t: out(x, y) = next(x + u, y + v), bilinear, rounded to nearest, the border repeated. Where
 * the flow is not valid, `next` itself. Sizes must agree: GB_E_ARG. */
gb_status gb_flow_warp(const gb_flow *flow, const gb_image *next, gb_image *out, gb_error *err) GB_MUST_CHECK;

#endif
