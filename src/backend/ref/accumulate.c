/* What both kinds of convolution share. Each output element is summed by one thread in the order kh, kw, i. */
#include "backend/ref/ops.h"

#define CHANNEL_BLOCK 64 /* input channels whose weights stay in the cache while a row of pixels passes */

static void accumulate_one(const float *restrict x, const float *restrict w, size_t in, size_t out,
                           double *restrict acc)
{
    for (size_t i = 0; i < in; i++) {
        const double v = x[i];
        const float *const row = w + i * out;
        for (size_t o = 0; o < out; o++) acc[o] += v * row[o];
    }
}

/* Four pixels at once, so that a row of weights is read once for all; the sums are those of accumulate_one. */
static void accumulate_four(const float *restrict x, size_t x_step, const float *restrict w, size_t in, size_t out,
                            double *restrict acc0, double *restrict acc1, double *restrict acc2, double *restrict acc3)
{
    for (size_t i = 0; i < in; i++) {
        const double v0 = x[i], v1 = x[x_step + i], v2 = x[2 * x_step + i], v3 = x[3 * x_step + i];
        const float *const row = w + i * out;
        for (size_t o = 0; o < out; o++) {
            const double weight = row[o];
            acc0[o] += v0 * weight;
            acc1[o] += v1 * weight;
            acc2[o] += v2 * weight;
            acc3[o] += v3 * weight;
        }
    }
}

void gb_ref_accumulate(const float *x, size_t x_step, const float *w, size_t in, size_t out, size_t pixels, double *acc,
                       size_t acc_step)
{
    for (size_t i = 0; i < in; i += CHANNEL_BLOCK) {
        const size_t count = in - i < CHANNEL_BLOCK ? in - i : CHANNEL_BLOCK;
        const float *const rows = w + i * out;
        size_t p = 0;
        for (; p + 4 <= pixels; p += 4) {
            double *const first = acc + p * acc_step;
            accumulate_four(x + p * x_step + i, x_step, rows, count, out, first, first + acc_step, first + 2 * acc_step,
                            first + 3 * acc_step);
        }
        for (; p < pixels; p++) accumulate_one(x + p * x_step + i, rows, count, out, acc + p * acc_step);
    }
}

void gb_ref_valid_range(int64_t count, int64_t stride, int64_t offset, int64_t limit, int64_t *first, int64_t *end)
{
    int64_t i = 0;
    while (i < count && i * stride + offset < 0) i++;
    *first = i;
    while (i < count && i * stride + offset < limit) i++;
    *end = i;
}

void gb_ref_finish_row(const gb_node *node, const double *acc, const float *addend, const float *residual, float *y)
{
    const size_t out = (size_t)node->shape.c, count = (size_t)node->shape.w * out;
    for (size_t k = 0; k < count; k++) {
        double v = acc[k];
        if (node->bias) v += node->bias[k % out];
        if (addend) v += addend[k];
        v = gb_ref_activate(node->act, node->slope, v);
        if (residual) v += residual[k];
        y[k] = (float)v;
    }
}
