/* Activations, sums and concatenations that were not fused into a convolution. */
#include <string.h>

#include "backend/cpu/finish.h"
#include "backend/cpu/plan.h"

void gb_cpu_each_run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_cpu_each_fn *each)
{
    const gb_shape shape = step->node.shape;
    int64_t from, to;
    for (int64_t y = 0; y < shape.h; y++)
        for (to = 0; gb_columns_next(step->columns[frame->pass], shape.w, &from, &to);)
            each(step, frame, (size_t)((y * shape.w + from) * shape.c), (size_t)((to - from) * shape.c));
}

static void copy_first(const gb_cpu_frame *frame, size_t at, size_t count)
{
    if (frame->out != frame->in[0]) memcpy(frame->out + at, frame->in[0] + at, count * sizeof *frame->out);
}

static void activate(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t at, size_t count)
{
    copy_first(frame, at, count);
    gb_cpu_activate(frame->out + at, count, step->node.act, step->node.slope);
}

static gb_status run_activation(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    gb_cpu_each_run(step, frame, activate);
    return GB_OK;
}

gb_status gb_cpu_make_activation(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)err;
    step->run = run_activation;
    step->partial = GB_CPU_ALWAYS;
    step->alias = node->in[0];
    return GB_OK;
}

static void add(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t at, size_t count)
{
    (void)step;
    copy_first(frame, at, count);
    gb_cpu_add(frame->out + at, frame->in[1] + at, count);
}

static gb_status run_add(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    gb_cpu_each_run(step, frame, add);
    return GB_OK;
}

gb_status gb_cpu_make_add(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)err;
    step->run = run_add;
    step->partial = GB_CPU_ALWAYS;
    step->alias = node->in[0];
    return GB_OK;
}

static void concat(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t at, size_t count)
{
    const size_t a = (size_t)step->in.c, b = (size_t)step->node.shape.c - a;
    for (size_t i = at / (a + b); i < (at + count) / (a + b); i++) {
        memcpy(frame->out + i * (a + b), frame->in[0] + i * a, a * sizeof(float));
        memcpy(frame->out + i * (a + b) + a, frame->in[1] + i * b, b * sizeof(float));
    }
}

static gb_status run_concat(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    gb_cpu_each_run(step, frame, concat);
    return GB_OK;
}

gb_status gb_cpu_make_concat(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine, (void)node, (void)err;
    step->run = run_concat;
    step->partial = GB_CPU_ALWAYS;
    return GB_OK;
}
