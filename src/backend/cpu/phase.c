#include "backend/cpu/phase.h"

static gb_phase of_convolution(const gb_node *node, bool vertical)
{
    return (gb_phase){.count = vertical ? node->shape.h : node->shape.w, .offset = -node->pad, .step = 1,
                      .spacing = node->dilation, .taps = vertical ? node->kernel_h : node->kernel_w};
}

/* Output o takes kernel element k of input i where o = i * stride - pad + dilation * k. With o + pad = q * stride + r,
 * the elements of the dilated kernel are r + t * stride, and i = q - t. Taps beyond the kernel weigh nothing: they are
 * there where a phase has none, and where it would begin inside the input. */
gb_phase gb_phase_make(const gb_node *node, bool vertical, int r)
{
    if (node->op == GB_OP_CONV) return of_convolution(node, vertical);
    const int64_t kernel = (int64_t)node->dilation * ((vertical ? node->kernel_h : node->kernel_w) - 1) + 1;
    const int64_t size = vertical ? node->shape.h : node->shape.w, stride = node->stride;
    const int64_t first = ((r - node->pad) % stride + stride) % stride;
    const int64_t q = (first + node->pad - r) / stride;
    int64_t taps = kernel > r ? (kernel - r - 1) / stride + 1 : 1;
    if (taps < q + 1) taps = q + 1;
    return (gb_phase){.first = first, .count = first < size ? (size - first - 1) / stride + 1 : 0,
                      .offset = q - (taps - 1), .step = node->stride, .spacing = 1, .taps = (int)taps,
                      .last = (int)(r + (taps - 1) * stride)};
}

/* The element of the kernel that tap t stands for, or -1. */
static int kernel_index(const gb_node *node, const gb_phase *phase, int kernel, int tap)
{
    if (node->op == GB_OP_CONV) return tap;
    const int dilated = phase->last - tap * phase->step;
    return dilated % node->dilation || dilated / node->dilation >= kernel ? -1 : dilated / node->dilation;
}

void gb_phase_weights(const gb_node *node, int64_t in, const gb_phase *y, const gb_phase *x, float *weight)
{
    const int64_t out = node->shape.c, taps = (int64_t)node->kernel_h * node->kernel_w;
    for (int64_t o = 0; o < out; o++) {
        for (int64_t i = 0; i < in; i++) {
            const float *const kernel = node->weight + (node->op == GB_OP_CONV ? o * in + i : i * out + o) * taps;
            for (int ty = 0; ty < y->taps; ty++) {
                const int ky = kernel_index(node, y, node->kernel_h, ty);
                for (int tx = 0; tx < x->taps; tx++) {
                    const int kx = kernel_index(node, x, node->kernel_w, tx);
                    *weight++ = ky < 0 || kx < 0 ? 0.0f : kernel[ky * node->kernel_w + kx];
                }
            }
        }
    }
}
