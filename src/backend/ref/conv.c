#include <string.h>

#include "backend/ref/ops.h"

size_t gb_ref_conv_scratch(const gb_node *node)
{
    return (size_t)node->shape.w * (size_t)node->shape.c;
}

/* y[oh][ow][o] = sum over kh, kw, i of x[oh s - p + kh d][ow s - p + kw d][i] w[kh][kw][i][o], zero outside x. */
static void sum_row(const gb_node *node, gb_shape in, const float *x, int64_t oh, double *row)
{
    const int64_t out = node->shape.c, stride = node->stride;
    memset(row, 0, gb_ref_conv_scratch(node) * sizeof *row);
    for (int64_t kh = 0; kh < node->kernel_h; kh++) {
        const int64_t ih = oh * stride - node->pad + kh * node->dilation;
        if (ih < 0 || ih >= in.h) continue;
        for (int64_t kw = 0; kw < node->kernel_w; kw++) {
            const int64_t offset = kw * node->dilation - node->pad;
            int64_t first, end;
            gb_ref_valid_range(node->shape.w, stride, offset, in.w, &first, &end);
            if (first == end) continue;
            gb_ref_accumulate(x + (ih * in.w + first * stride + offset) * in.c, (size_t)(stride * in.c),
                              node->weight + (kh * node->kernel_w + kw) * in.c * out, (size_t)in.c, (size_t)out,
                              (size_t)(end - first), row + first * out, (size_t)out);
        }
    }
}

void gb_ref_each_row(gb_ref_sum_row *sum, const gb_node *node, gb_shape in, const float *x, const float *addend,
                     const float *residual, double *row, float *y)
{
    const size_t width = gb_ref_conv_scratch(node);
    for (int64_t n = 0; n < in.n; n++) {
        for (int64_t oh = 0; oh < node->shape.h; oh++) {
            const size_t at = (size_t)(n * node->shape.h + oh) * width;
            sum(node, in, x + n * in.h * in.w * in.c, oh, row);
            gb_ref_finish_row(node, row, addend ? addend + at : NULL, residual ? residual + at : NULL, y + at);
        }
    }
}

void gb_ref_conv(const gb_node *node, gb_shape in, const float *x, const float *addend, const float *residual,
                 double *row, float *y)
{
    gb_ref_each_row(sum_row, node, in, x, addend, residual, row, y);
}
