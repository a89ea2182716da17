/* Where a pixel goes and what lies there, for loops over a row that are made for the widest instructions: without
 * jumps, each pixel by itself. */
#ifndef GB_FLOW_PIXELS_H
#define GB_FLOW_PIXELS_H

#include <stdint.h>
#include <string.h>

#define GB_EACH_PIXEL static inline __attribute__((always_inline))

/* The value where `used` is 1, else 0: by its bits, as a condition would become a jump. */
GB_EACH_PIXEL float gb_where(int used, float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= -used;
    memcpy(&value, &bits, sizeof value);
    return value;
}

GB_EACH_PIXEL int gb_is_inside(int width, int height, float x, float y)
{
    return (x >= 0.0f) & (y >= 0.0f) & (x <= (float)(width - 1)) & (y <= (float)(height - 1));
}

/* The four pixels around a place in the frame, and its share of those to the right and below. */
typedef struct gb_around {
    int upper_left, upper_right, lower_left, lower_right;
    float right, below;
} gb_around;

GB_EACH_PIXEL gb_around gb_around_of(float x, float y, int width, int height)
{
    const int x0 = (int)x, y0 = (int)y, x1 = x0 + (x0 + 1 < width), upper = y0 * width;
    const int lower = upper + (width & -(y0 + 1 < height));
    return (gb_around){upper + x0, upper + x1, lower + x0, lower + x1, x - (float)x0, y - (float)y0};
}

GB_EACH_PIXEL float gb_between(float a, float b, float c, float d, gb_around at)
{
    const float top = a + at.right * (b - a), bottom = c + at.right * (d - c);
    return top + at.below * (bottom - top);
}

#endif
