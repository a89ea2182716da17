#include <string.h>

#include "backend/ref/ops.h"

/* y[ih s - p + kh d][iw s - p + kw d][o] += x[ih][iw][i] w[kh][kw][i][o]; here for the one row oh of y. */
static void sum_row(const gb_node *node, gb_shape in, const float *x, int64_t oh, double *row)
{
    const int64_t out = node->shape.c, stride = node->stride;
    memset(row, 0, gb_ref_conv_scratch(node) * sizeof *row);
    for (int64_t kh = 0; kh < node->kernel_h; kh++) {
        const int64_t scaled = oh + node->pad - kh * node->dilation;
        if (scaled < 0 || scaled % stride != 0 || scaled / stride >= in.h) continue;
        const int64_t ih = scaled / stride;
        for (int64_t kw = 0; kw < node->kernel_w; kw++) {
            const int64_t offset = kw * node->dilation - node->pad;
            int64_t first, end;
            gb_ref_valid_range(in.w, stride, offset, node->shape.w, &first, &end);
            if (first == end) continue;
            gb_ref_accumulate(x + (ih * in.w + first) * in.c, (size_t)in.c,
                              node->weight + (kh * node->kernel_w + kw) * in.c * out, (size_t)in.c, (size_t)out,
                              (size_t)(end - first), row + (first * stride + offset) * out, (size_t)(stride * out));
        }
    }
}

void gb_ref_deconv(const gb_node *node, gb_shape in, const float *x, const float *addend, const float *residual,
                   double *row, float *y)
{
    gb_ref_each_row(sum_row, node, in, x, addend, residual, row, y);
}
