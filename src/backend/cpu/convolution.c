/* Convolutions by oneDNN. In reruns the changing columns alone, as pictures of their own, where that gives the same
 * bits. */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/bf16.h"
#include "backend/cpu/finish.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"
#include "core/random.h"

/* Some columns of the output, made from a picture that is as wide as they need. */
typedef struct strip {
    int64_t from, to;
    gb_shape in, out;
    size_t primitive; /* of the step */
} strip;

typedef struct state {
    int strips; /* 0: reruns make everything */
    size_t picture; /* where in scratch memory a strip's input and output, or the rounded input, are, in bytes */
    strip strip[];
} state;

static size_t frame_size(gb_shape shape)
{
    return (size_t)(shape.h * shape.w * shape.c);
}

static gb_status run_strip(const gb_cpu_step *step, const gb_cpu_frame *frame, const strip *s, gb_error *err)
{
    const gb_shape in = step->in, out = step->node.shape;
    float *const from = (float *)((char *)frame->scratch + ((const state *)step->state)->picture);
    float *const to = from + frame_size(s->in);
    const int64_t left = s->from * step->node.stride - step->node.pad;
    const int64_t first = left < 0 ? -left : 0, end = in.w - left < s->in.w ? in.w - left : s->in.w;
    memset(from, 0, frame_size(s->in) * sizeof *from);
    for (int64_t y = 0; y < in.h; y++)
        memcpy(from + (size_t)((y * s->in.w + first) * in.c), frame->in[0] + (size_t)((y * in.w + left + first) * in.c),
               (size_t)((end - first) * in.c) * sizeof *from);
    GB_TRY(gb_primitive_run(&step->primitive[s->primitive], &frame->call[s->primitive], frame->stream, from, to,
                            frame->scratch, err));
    const size_t row = (size_t)(s->out.w * out.c);
    for (int64_t y = 0; y < out.h; y++)
        memcpy(frame->out + (size_t)((y * out.w + s->from) * out.c), to + (size_t)y * row, row * sizeof *to);
    return GB_OK;
}

/* What oneDNN adds to is what the destination holds: the addend, else the residual. */
static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const state *const s = step->state;
    const size_t size = frame_size(step->node.shape);
    const float *const before = frame->in[1] ? frame->in[1] : frame->in[2];
    const bool strips = frame->pass == GB_CPU_RERUN && s && s->strips;
    for (int i = 0; strips && i < s->strips; i++) GB_TRY(run_strip(step, frame, &s->strip[i], err));
    if (strips) return GB_OK;
    const void *data = frame->in[0];
    if (step->precision == GB_PRECISION_BF16) {
        gb_bf16 *const rounded = (gb_bf16 *)((char *)frame->scratch + s->picture);
        gb_to_bf16(frame->in[0], frame_size(step->in), rounded);
        data = rounded;
    }
    if (before && before != frame->out) memcpy(frame->out, before, size * sizeof *before);
    GB_TRY(gb_primitive_run(&step->primitive[0], &frame->call[0], frame->stream, data, frame->out, frame->scratch,
                            err));
    if (frame->in[1] && frame->in[2]) gb_cpu_add(frame->out, frame->in[2], size);
    return GB_OK;
}

static gb_convolution describe(const gb_node *node, gb_shape in, bool bf16)
{
    const bool addend = node->in[1] != GB_NONE, residual = node->in[2] != GB_NONE;
    return (gb_convolution){
        .in = in, .out = node->shape, .kernel_h = node->kernel_h, .kernel_w = node->kernel_w,
        .stride = node->stride, .dilation = node->dilation, .weight = node->weight, .bias = node->bias,
        .pad_top = node->pad, .pad_left = node->pad, .pad_bottom = node->pad, .pad_right = node->pad,
        .add_first = addend, .add_last = residual && !addend, .act = node->act, .slope = node->slope, .bf16 = bf16,
    };
}

/* A strip as wide as one before it goes through the same primitive. */
static gb_status add_strip(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, strip *made, gb_error *err)
{
    state *const s = step->state;
    gb_convolution convolution = describe(node, step->in, false);
    made->out = node->shape;
    made->out.w = made->to - made->from;
    made->in = step->in;
    made->in.w = (made->out.w - 1) * node->stride + (int64_t)(node->kernel_w - 1) * node->dilation + 1;
    made->primitive = step->primitives;
    for (int i = 0; i < s->strips; i++)
        if (s->strip[i].out.w == made->out.w) made->primitive = s->strip[i].primitive;
    s->strips++;
    if (made->primitive < step->primitives) return GB_OK;
    convolution.in = made->in;
    convolution.out = made->out;
    convolution.pad_left = convolution.pad_right = 0;
    return gb_cpu_step_convolution(engine, step, &convolution, err);
}

/* Runs noise whole and in strips; *same tells whether the strips' bits are those of the whole. */
static gb_status try_strips(dnnl_engine_t engine, const gb_cpu_step *step, bool *same, gb_error *err)
{
    const size_t in = frame_size(step->in), out = frame_size(step->node.shape);
    float *const data = gb_alloc_aligned(in + 2 * out, sizeof *data);
    gb_primitive_call *const call = gb_alloc(step->primitives, sizeof *call);
    gb_cpu_frame frame = {.in = {data}, .out = data + in, .call = call};
    frame.scratch = gb_alloc_aligned(step->scratch, 1);
    gb_status status = GB_OK;
    if (!data || !call || !frame.scratch)
        GB_GO(gb_fail_memory(err, "trying a convolution", (in + 2 * out) * sizeof *data));
    for (size_t i = 0; i < in; i++) data[i] = gb_random_weight(2, i, 1.0, 0.0);
    memset(data + in + out, 0, out * sizeof *data);
    for (size_t i = 0; i < step->primitives; i++) GB_GO(gb_primitive_bind(&step->primitive[i], &call[i], err));
    GB_GO(gb_primitive_status(dnnl_stream_create(&frame.stream, engine, dnnl_stream_default_flags), "start", err));
    GB_GO(run(step, &frame, err));
    memcpy(data + in + out, frame.out, out * sizeof *data);
    frame.pass = GB_CPU_RERUN;
    GB_GO(run(step, &frame, err));
    *same = memcmp(data + in + out, frame.out, out * sizeof *data) == 0;
done:
    dnnl_stream_destroy(frame.stream);
    for (size_t i = 0; call && i < step->primitives; i++) gb_primitive_unbind(&call[i]);
    free(frame.scratch);
    free(call);
    free(data);
    return status;
}

static gb_status prepare(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const uint8_t *const mark = step->columns[GB_CPU_RERUN];
    const int64_t width = node->shape.w;
    int64_t from, to = 0;
    size_t count = 0, picture = 0;
    bool same = false;
    while (mark && gb_columns_next(mark, width, &from, &to)) count += to - from < width;
    if (!count) return GB_OK;
    state *const s = gb_alloc(1, sizeof *s + count * sizeof s->strip[0]);
    if (!s) return gb_fail_memory(err, "a convolution", count * sizeof s->strip[0]);
    step->state = s;
    for (to = 0; gb_columns_next(mark, width, &from, &to);) {
        strip *const made = &s->strip[s->strips];
        made->from = from;
        made->to = to;
        GB_TRY(add_strip(engine, node, step, made, err));
        const size_t size = frame_size(made->in) + frame_size(made->out);
        if (picture < size) picture = size;
    }
    s->picture = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
    step->scratch = s->picture + picture * sizeof(float);
    GB_TRY(try_strips(engine, step, &same, err));
    if (!same) s->strips = 0;
    return GB_OK;
}

/* Room for the input in bf16. */
static gb_status add_rounding(gb_cpu_step *step, gb_error *err)
{
    state *const s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a convolution", sizeof *s);
    step->state = s;
    s->picture = (step->scratch + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
    step->scratch = s->picture + frame_size(step->in) * sizeof(gb_bf16);
    return GB_OK;
}

gb_status gb_cpu_make_convolution(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const bool addend = node->in[1] != GB_NONE, residual = node->in[2] != GB_NONE;
    const bool bf16 = step->precision == GB_PRECISION_BF16;
    const gb_convolution convolution = describe(node, step->in, bf16);
    GB_TRY(gb_cpu_step_convolution(engine, step, &convolution, err));
    step->run = run;
    step->alias = addend ? node->in[1] : node->in[2];
    if (bf16) return add_rounding(step, err);
    if (addend || residual) return GB_OK;
    step->partial = GB_CPU_IN_RERUNS;
    step->prepare = prepare;
    return GB_OK;
}
