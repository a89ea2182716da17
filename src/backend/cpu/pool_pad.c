/* Max pooling and reflection padding. */
#include <string.h>

#include "backend/cpu/isa.h"
#include "backend/cpu/plan.h"

/* y = max(y, x); NaN in either stays. */
GB_CLONES static void keep_larger(float *y, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) y[i] = x[i] <= y[i] || y[i] != y[i] ? y[i] : x[i];
}

static gb_status run_maxpool(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const gb_node *const node = &step->node;
    const size_t c = (size_t)node->shape.c, row = (size_t)step->in.w * c;
    const uint8_t *const mark = step->columns[frame->pass];
    float *y = frame->out;
    for (int64_t oy = 0; oy < node->shape.h; oy++) {
        for (int64_t ox = 0; ox < node->shape.w; ox++, y += c) {
            if (!mark[ox]) continue;
            const float *const corner = frame->in[0] + (size_t)(oy * node->stride) * row +
                                        (size_t)(ox * node->stride) * c;
            memcpy(y, corner, c * sizeof *y);
            for (int k = 1; k < node->kernel_h * node->kernel_w; k++)
                keep_larger(y, corner + (size_t)(k / node->kernel_w) * row + (size_t)(k % node->kernel_w) * c, c);
        }
    }
    return GB_OK;
}

gb_status gb_cpu_make_maxpool(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)node, (void)err;
    step->run = run_maxpool;
    step->partial = GB_CPU_ALWAYS;
    return GB_OK;
}

static int64_t reflect(int64_t i, int64_t size)
{
    if (i < 0) i = -i;
    return i < size ? i : 2 * (size - 1) - i;
}

/* Columns [first, end) of a padded row: those inside at once, then those that are mirrored. */
static void copy_row(const gb_node *node, gb_shape in, const float *from, int64_t first, int64_t end, float *to)
{
    const int64_t pad = node->pad;
    const size_t c = (size_t)in.c;
    const int64_t left = first > pad ? first : pad, right = end < in.w + pad ? end : in.w + pad;
    if (right > left)
        memcpy(to + (size_t)left * c, from + (size_t)(left - pad) * c, (size_t)(right - left) * c * sizeof *to);
    for (int64_t x = first; x < end; x++)
        if (x < pad || x >= in.w + pad)
            memcpy(to + (size_t)x * c, from + (size_t)reflect(x - pad, in.w) * c, c * sizeof *to);
}

static gb_status run_pad_reflect(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const gb_node *const node = &step->node;
    const gb_shape in = step->in;
    const size_t c = (size_t)in.c;
    const uint8_t *const mark = step->columns[frame->pass];
    for (int64_t y = 0; y < node->shape.h; y++) {
        const float *const from = frame->in[0] + (size_t)(reflect(y - node->pad, in.h) * in.w) * c;
        float *const to = frame->out + (size_t)(y * node->shape.w) * c;
        int64_t first, end;
        for (end = 0; gb_columns_next(mark, node->shape.w, &first, &end);) copy_row(node, in, from, first, end, to);
    }
    return GB_OK;
}

gb_status gb_cpu_make_pad_reflect(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)node, (void)err;
    step->run = run_pad_reflect;
    step->partial = GB_CPU_ALWAYS;
    return GB_OK;
}
