/* Activations, sums and concatenations that were not fused into a convolution. */
#include <string.h>

#include "backend/cpu/finish.h"
#include "backend/cpu/plan.h"

static size_t frame_size(const gb_node *node)
{
    return (size_t)(node->shape.h * node->shape.w * node->shape.c);
}

static gb_status run_activation(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const size_t size = frame_size(&step->node);
    if (frame->out != frame->in[0]) memcpy(frame->out, frame->in[0], size * sizeof *frame->out);
    gb_cpu_activate(frame->out, size, step->node.act, step->node.slope);
    return GB_OK;
}

gb_status gb_cpu_make_activation(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)err;
    step->run = run_activation;
    step->alias = node->in[0];
    return GB_OK;
}

static gb_status run_add(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const size_t size = frame_size(&step->node);
    if (frame->out != frame->in[0]) memcpy(frame->out, frame->in[0], size * sizeof *frame->out);
    gb_cpu_add(frame->out, frame->in[1], size);
    return GB_OK;
}

gb_status gb_cpu_make_add(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)err;
    step->run = run_add;
    step->alias = node->in[0];
    return GB_OK;
}

static gb_status run_concat(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const size_t pixels = (size_t)(step->node.shape.h * step->node.shape.w);
    const size_t a = (size_t)step->in.c, b = (size_t)step->node.shape.c - a;
    for (size_t i = 0; i < pixels; i++) {
        memcpy(frame->out + i * (a + b), frame->in[0] + i * a, a * sizeof(float));
        memcpy(frame->out + i * (a + b) + a, frame->in[1] + i * b, b * sizeof(float));
    }
    return GB_OK;
}

gb_status gb_cpu_make_concat(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)node, (void)err;
    step->run = run_concat;
    return GB_OK;
}
