#include <math.h>

#include "backend/ref/ops.h"

static float window_max(const gb_node *node, gb_shape in, const float *x, int64_t oh, int64_t ow)
{
    float max = -INFINITY;
    for (int64_t kh = 0; kh < node->kernel_h; kh++) {
        for (int64_t kw = 0; kw < node->kernel_w; kw++) {
            const float v = x[((oh * node->stride + kh) * in.w + ow * node->stride + kw) * in.c];
            if (v > max || isnan(v)) max = v;
            if (isnan(max)) return max;
        }
    }
    return max;
}

void gb_ref_maxpool(const gb_node *node, gb_shape in, const float *x, float *y)
{
    const gb_shape out = node->shape;
    for (int64_t n = 0; n < out.n; n++)
        for (int64_t oh = 0; oh < out.h; oh++)
            for (int64_t ow = 0; ow < out.w; ow++)
                for (int64_t c = 0; c < out.c; c++)
                    *y++ = window_max(node, in, x + n * in.h * in.w * in.c + c, oh, ow);
}

/* ... 2 1 0 1 2 ... n-2 n-1 n-2 ... */
static int64_t reflect(int64_t i, int64_t size)
{
    if (i < 0) return -i;
    return i < size ? i : 2 * (size - 1) - i;
}

void gb_ref_pad_reflect(const gb_node *node, gb_shape in, const float *x, float *y)
{
    const gb_shape out = node->shape;
    for (int64_t n = 0; n < out.n; n++) {
        for (int64_t oh = 0; oh < out.h; oh++) {
            const float *const row = x + (n * in.h + reflect(oh - node->pad, in.h)) * in.w * in.c;
            for (int64_t ow = 0; ow < out.w; ow++)
                for (int64_t c = 0; c < out.c; c++) *y++ = row[reflect(ow - node->pad, in.w) * in.c + c];
        }
    }
}
