/* Convolutions by oneDNN. */
#include <string.h>

#include "backend/cpu/finish.h"
#include "backend/cpu/plan.h"

static size_t frame_size(gb_shape shape)
{
    return (size_t)(shape.h * shape.w * shape.c);
}

/* What oneDNN adds to is what the destination holds: the addend, else the residual. */
static gb_status run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    const size_t size = frame_size(step->node.shape);
    const float *const before = frame->in[1] ? frame->in[1] : frame->in[2];
    if (before && before != frame->out) memcpy(frame->out, before, size * sizeof *before);
    GB_TRY(gb_primitive_run(&step->primitive[0], &frame->call[0], frame->stream, frame->in[0], frame->out,
                            frame->scratch, err));
    if (frame->in[1] && frame->in[2]) gb_cpu_add(frame->out, frame->in[2], size);
    return GB_OK;
}

gb_status gb_cpu_make_convolution(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    const bool addend = node->in[1] != GB_NONE, residual = node->in[2] != GB_NONE;
    const gb_convolution convolution = {
        .in = step->in, .out = node->shape, .kernel_h = node->kernel_h, .kernel_w = node->kernel_w,
        .stride = node->stride, .dilation = node->dilation, .weight = node->weight, .bias = node->bias,
        .pad_top = node->pad, .pad_left = node->pad, .pad_bottom = node->pad, .pad_right = node->pad,
        .add_first = addend, .add_last = residual && !addend, .act = node->act, .slope = node->slope,
    };
    GB_TRY(gb_cpu_step_convolution(engine, step, &convolution, err));
    step->run = run;
    step->alias = addend ? node->in[1] : node->in[2];
    return GB_OK;
}
