/* Convolutions: cuDNN computes the sums and, where it has an engine for the whole layer, what follows them; else one
 * kernel of ours does the rest. */
#include "backend/cuda/step.h"

#include <stdlib.h>

#include "backend/cuda/upload.h"
#include "core/memory.h"

enum { FILTER, BIAS }; /* tables; in the type of what is multiplied, but for the bias of our own kernel */

/* `count` floats rounded to the step's precision. */
static gb_status narrow(const gb_cuda_step *step, const void *x, void *y, size_t count, cudaStream_t stream,
                        gb_error *err)
{
    const gb_cuda_finish round = {.x = {x, GB_PRECISION_FP32},
                                  .y = {y, (int64_t)step->precision},
                                  .size = (int64_t)count,
                                  .c = count % 4 ? 1 : 4};
    return gb_cuda_check(gb_cuda_run_finish(&round, stream), "round to a narrow type", err);
}

static gb_status run_convolution(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const bool x_apart = step->narrow_x > 0, y_apart = step->narrow_y > 0;
    char *const scratch = call->scratch;
    const gb_cuda_operands operands = {.x = x_apart ? scratch : call->in[0],
                                       .filter = step->table[FILTER],
                                       .bias = step->table[BIAS],
                                       .addend = call->in[1],
                                       .y = y_apart ? (void *)(scratch + step->narrow_x) : call->out,
                                       .workspace = scratch + step->narrow_x + step->narrow_y};
    if (x_apart) GB_TRY(narrow(step, call->in[0], scratch, gb_shape_size(step->in), call->stream, err));
    GB_TRY(gb_cuda_convolution_run(step->convolution, call->cudnn, &operands, err));
    if (gb_cuda_convolution_plan_facts(step->convolution).fused) return GB_OK;
    if (!y_apart && !step->table[BIAS] && !call->in[1] && !call->in[2] && node->act == GB_ACT_NONE) return GB_OK;
    const gb_cuda_finish finish = {.x = {operands.y, (int64_t)(y_apart ? step->precision : step->stored)},
                                   .addend = gb_cuda_step_in(step, call, 1),
                                   .residual = gb_cuda_step_in(step, call, 2),
                                   .bias = step->table[BIAS],
                                   .y = gb_cuda_step_out(step, call),
                                   .size = (int64_t)gb_shape_size(node->shape),
                                   .c = node->shape.c,
                                   .act = (int)node->act,
                                   .slope = node->slope};
    return gb_cuda_check(gb_cuda_run_finish(&finish, call->stream), "finish a convolution", err);
}

/* An uploaded table in the narrow type instead. Weights too large for it become NaN, and show. */
static gb_status narrow_table(const gb_cuda_step *step, size_t count, float **table, gb_error *err)
{
    void *memory = NULL;
    gb_status status;
    GB_TRY(gb_cuda_check(cudaMalloc(&memory, count * sizeof(uint16_t)), "allocate weights", err));
    GB_GO(narrow(step, *table, memory, count, NULL, err));
    GB_GO(gb_cuda_check(cudaStreamSynchronize(NULL), "round weights", err));
    (void)cudaFree(*table);
    *table = memory;
    memory = NULL;
done:
    (void)cudaFree(memory);
    return status;
}

/* Outer, inner, kh, kw -> outer, kh, kw, inner. */
static gb_status upload_filter(const gb_node *node, size_t outer, size_t inner, gb_cuda_step *step, gb_error *err)
{
    const size_t taps = (size_t)node->kernel_h * (size_t)node->kernel_w, count = outer * inner * taps;
    float *const packed = gb_alloc_aligned(count, sizeof *packed);
    if (!packed) return gb_fail_memory(err, "a filter", count * sizeof *packed);
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < inner; i++)
            for (size_t t = 0; t < taps; t++)
                packed[(o * taps + t) * inner + i] = node->weight[(o * inner + i) * taps + t];
    const gb_status status = gb_cuda_upload(packed, count, &step->table[FILTER], err);
    free(packed);
    return status;
}

static size_t aligned(size_t bytes)
{
    return (bytes + GB_CUDA_ALIGNMENT - 1) / GB_CUDA_ALIGNMENT * GB_CUDA_ALIGNMENT;
}

static gb_status make_plan(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    const gb_cuda_convolution convolution = gb_cuda_convolution_of(node, step->in, step->precision, step->fuses);
    GB_TRY(gb_cuda_convolution_plan_new(&convolution, target, &step->convolution, err));
    step->scratch = step->narrow_x + step->narrow_y + gb_cuda_convolution_plan_facts(step->convolution).workspace;
    step->run = run_convolution;
    return GB_OK;
}

gb_status gb_cuda_step_make_convolution(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step,
                                        gb_error *err)
{
    const bool transposed = node->op == GB_OP_DECONV, is_narrow = gb_precision_is_narrow(step->precision);
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c;
    GB_TRY(upload_filter(node, transposed ? in : out, transposed ? out : in, step, err));
    if (node->bias) GB_TRY(gb_cuda_upload(node->bias, out, &step->table[BIAS], err));
    if (is_narrow) {
        const size_t count = in * out * (size_t)node->kernel_h * (size_t)node->kernel_w;
        GB_TRY(narrow_table(step, count, &step->table[FILTER], err));
        if (!gb_precision_is_narrow(step->stored_in[0]))
            step->narrow_x = aligned(gb_shape_size(step->in) * sizeof(uint16_t));
        if (!gb_precision_is_narrow(step->stored))
            step->narrow_y = aligned(gb_shape_size(node->shape) * sizeof(uint16_t));
    }
    GB_TRY(make_plan(node, target, step, err));
    return is_narrow && gb_cuda_convolution_plan_facts(step->convolution).fused
               ? narrow_table(step, out, &step->table[BIAS], err)
               : GB_OK;
}
