/* Transposed convolutions, phase by phase: oneDNN makes each phase as a small picture, which is then spread over the
 * output. Its own transposed convolution reaches half of the speed and does not fuse activations. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/bf16.h"
#include "backend/cpu/finish.h"
#include "backend/cpu/phase.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"

typedef struct part {
    gb_phase y, x;
    gb_shape made; /* at least y.count by x.count */
} part;

typedef struct state {
    size_t picture; /* where in scratch memory a phase is made, in bytes; primitives have what is before */
    size_t rounded; /* where the input is in bf16, if it is wanted */
    bool finish;    /* there are addends: bias alone is fused */
    part part[];
} state;

static void spread(const part *p, const float *picture, gb_shape shape, float *out)
{
    const size_t c = (size_t)shape.c, step = (size_t)p->x.step * c;
    for (int64_t m = 0; m < p->y.count; m++) {
        const float *from = picture + (size_t)(m * p->made.w) * c;
        float *to = out + (size_t)((p->y.first + m * p->y.step) * shape.w + p->x.first) * c;
        for (int64_t k = 0; k < p->x.count; k++, from += c, to += step) memcpy(to, from, c * sizeof *to);
    }
}

static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const state *const s = step->state;
    const gb_shape shape = step->node.shape;
    float *const picture = (float *)((char *)frame->scratch + s->picture);
    const void *data = frame->in[0];
    if (step->precision == GB_PRECISION_BF16) {
        gb_bf16 *const rounded = (gb_bf16 *)((char *)frame->scratch + s->rounded);
        gb_to_bf16(frame->in[0], (size_t)(step->in.h * step->in.w * step->in.c), rounded);
        data = rounded;
    }
    for (size_t i = 0; i < step->primitives; i++) {
        GB_TRY(gb_primitive_run(&step->primitive[i], &frame->call[i], frame->stream, data, picture,
                                frame->scratch, err));
        spread(&s->part[i], picture, shape, frame->out);
    }
    if (s->finish)
        gb_cpu_finish(&step->node, frame->in[1], frame->in[2], frame->out, (size_t)(shape.h * shape.w * shape.c));
    return GB_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Phases that stop short of the input's end are made to that end: oneDNN knows no negative padding. */
static gb_status add_part(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, part *p, gb_error *err)
{
    const state *const s = step->state;
    const gb_shape in = step->in;
    p->made = (gb_shape){1, larger(p->y.count, in.h - p->y.offset - (p->y.taps - 1)),
                         larger(p->x.count, in.w - p->x.offset - (p->x.taps - 1)), node->shape.c};
    const size_t size = (size_t)(in.c * node->shape.c) * (size_t)p->y.taps * (size_t)p->x.taps;
    float *const weight = gb_alloc_aligned(size, sizeof *weight);
    if (!weight) return gb_fail_memory(err, "a transposed convolution's weights", size * sizeof *weight);
    gb_phase_weights(node, in.c, &p->y, &p->x, weight);
    const gb_convolution convolution = {
        .in = in, .out = p->made, .kernel_h = p->y.taps, .kernel_w = p->x.taps, .stride = 1, .dilation = 1,
        .pad_top = -p->y.offset, .pad_left = -p->x.offset,
        .pad_bottom = p->made.h + p->y.offset + p->y.taps - 1 - in.h,
        .pad_right = p->made.w + p->x.offset + p->x.taps - 1 - in.w,
        .weight = weight, .bias = node->bias, .act = s->finish ? GB_ACT_NONE : node->act, .slope = node->slope,
        .bf16 = step->precision == GB_PRECISION_BF16,
    };
    const gb_status status = gb_cpu_step_convolution(engine, step, &convolution, err);
    free(weight);
    return status;
}

gb_status gb_cpu_make_deconvolution(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const size_t parts = (size_t)node->stride * (size_t)node->stride;
    state *const s = gb_alloc(1, sizeof *s + parts * sizeof s->part[0]);
    if (!s) return gb_fail_memory(err, "a transposed convolution", parts * sizeof s->part[0]);
    step->state = s;
    s->finish = node->in[1] != GB_NONE || node->in[2] != GB_NONE;
    size_t picture = 0, made = 0;
    for (int i = 0; i < (int)parts; i++) {
        part p = {.y = gb_phase_make(node, true, i / node->stride), .x = gb_phase_make(node, false, i % node->stride)};
        if (!p.y.count || !p.x.count) continue;
        GB_TRY(add_part(engine, node, step, &p, err));
        if (picture < gb_shape_size(p.made)) picture = gb_shape_size(p.made);
        s->part[made++] = p;
    }
    s->picture = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
    s->rounded = s->picture + (picture * sizeof(float) + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
    step->scratch = s->rounded + (size_t)(step->in.h * step->in.w * step->in.c) * sizeof(gb_bf16);
    step->run = run;
    return GB_OK;
}
