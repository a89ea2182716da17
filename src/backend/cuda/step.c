#include <math.h>
#include <stdlib.h>

#include "backend/cuda/kernels.h"
#include "backend/cuda/plan.h"
#include "core/memory.h"

enum { FILTER, BIAS };             /* tables of a convolution */
enum { MEAN, SCALE, BETA, GAMMA }; /* of a batch norm */
enum { TWIDDLE_H, TWIDDLE_W };     /* of a transform */

gb_status gb_cuda_upload(const float *data, size_t count, float **out, gb_error *err)
{
    void *memory = NULL;
    GB_TRY(gb_cuda_check(cudaMalloc(&memory, count * sizeof *data), "allocate weights", err));
    *out = memory; /* the step's from here on */
    return gb_cuda_check(cudaMemcpy(memory, data, count * sizeof *data, cudaMemcpyHostToDevice), "copy weights", err);
}

void gb_cuda_step_clear(gb_cuda_step *step)
{
    for (int i = 0; i < GB_CUDA_TABLES; i++) (void)cudaFree(step->table[i]);
    gb_cuda_convolution_plan_free(step->convolution);
}

/* ---- Convolutions: cuDNN computes the products, one kernel of ours does the rest -------------------------------- */

/* x into the narrow type, at the beginning of the scratch memory. */
static gb_status narrow(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_cuda_cast cast = {call->in[0], call->scratch, (int64_t)gb_shape_size(step->in), (int64_t)step->precision};
    return gb_cuda_check(gb_cuda_run_cast(&cast, call->stream), "round a layer's input", err);
}

static gb_status run_convolution(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const bool is_narrow = step->narrow_x > 0;
    char *const scratch = call->scratch;
    void *const y = is_narrow ? (void *)(scratch + step->narrow_x) : call->out;
    if (is_narrow) GB_TRY(narrow(step, call, err));
    GB_TRY(gb_cuda_convolution_run(step->convolution, call->cudnn, is_narrow ? scratch : (const void *)call->in[0],
                                   step->table[FILTER], y, scratch + step->narrow_x + step->narrow_y, err));
    if (!is_narrow && !step->table[BIAS] && !call->in[1] && !call->in[2] && node->act == GB_ACT_NONE) return GB_OK;
    const gb_cuda_finish finish = {y,
                                   step->table[BIAS],
                                   call->in[1],
                                   call->in[2],
                                   call->out,
                                   (int64_t)gb_shape_size(node->shape),
                                   node->shape.c,
                                   is_narrow ? (int64_t)step->precision : GB_PRECISION_FP32,
                                   (int)node->act,
                                   node->slope};
    return gb_cuda_check(gb_cuda_run_finish(&finish, call->stream), "finish a convolution", err);
}

/* The uploaded filter in the narrow type instead. Weights too large for it become infinities, and show. */
static gb_status narrow_filter(const gb_cuda_step *step, size_t count, float **filter, gb_error *err)
{
    void *memory = NULL;
    gb_status status;
    GB_TRY(gb_cuda_check(cudaMalloc(&memory, count * sizeof(uint16_t)), "allocate weights", err));
    const gb_cuda_cast cast = {*filter, memory, (int64_t)count, (int64_t)step->precision};
    GB_GO(gb_cuda_check(gb_cuda_run_cast(&cast, NULL), "round a filter", err));
    GB_GO(gb_cuda_check(cudaStreamSynchronize(NULL), "round a filter", err));
    (void)cudaFree(*filter);
    *filter = memory;
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

static gb_status make_convolution(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    const bool transposed = node->op == GB_OP_DECONV;
    const bool is_narrow = step->precision == GB_PRECISION_FP16 || step->precision == GB_PRECISION_BF16;
    const size_t in = (size_t)step->in.c, out = (size_t)node->shape.c;
    const size_t count = in * out * (size_t)node->kernel_h * (size_t)node->kernel_w;
    const gb_cuda_convolution convolution = {step->in,  node->shape,    node->kernel_h, node->kernel_w, node->stride,
                                             node->pad, node->dilation, transposed,     step->precision};
    GB_TRY(upload_filter(node, transposed ? in : out, transposed ? out : in, step, err));
    if (is_narrow) {
        GB_TRY(narrow_filter(step, count, &step->table[FILTER], err));
        step->narrow_x = aligned(gb_shape_size(step->in) * sizeof(uint16_t));
        step->narrow_y = aligned(gb_shape_size(node->shape) * sizeof(uint16_t));
    }
    if (node->bias) GB_TRY(gb_cuda_upload(node->bias, out, &step->table[BIAS], err));
    GB_TRY(gb_cuda_convolution_plan_new(&convolution, target, &step->convolution, err));
    step->scratch = step->narrow_x + step->narrow_y + gb_cuda_convolution_plan_facts(step->convolution).workspace;
    step->run = run_convolution;
    return GB_OK;
}

/* ---- Batch norm ------------------------------------------------------------------------------------------------- */

static gb_status run_batchnorm(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const int64_t size = (int64_t)gb_shape_size(node->shape), c = node->shape.c;
    if (node->batch_stats) {
        /* Means and scales are the session's own: after the partial sums. */
        double *const partial = call->scratch;
        float *const mean = (float *)(partial + GB_CUDA_CHUNKS * c);
        const gb_cuda_statistics statistics = {call->in[0], step->table[GAMMA], mean, mean + c,
                                               partial,     size / c,           c,    (double)node->eps};
        GB_TRY(gb_cuda_check(gb_cuda_run_statistics(&statistics, call->stream), "sum a batch", err));
        const gb_cuda_normalise n = {call->in[0], mean, mean + c, step->table[BETA], call->out, size, c};
        return gb_cuda_check(gb_cuda_run_normalise(&n, call->stream), "normalise", err);
    }
    const gb_cuda_normalise n = {
        call->in[0], step->table[MEAN], step->table[SCALE], step->table[BETA], call->out, size, c};
    return gb_cuda_check(gb_cuda_run_normalise(&n, call->stream), "normalise", err);
}

static gb_status upload_scale(const gb_node *node, gb_cuda_step *step, gb_error *err)
{
    const size_t c = (size_t)node->shape.c;
    float *const scale = gb_alloc_aligned(c, sizeof *scale);
    if (!scale) return gb_fail_memory(err, "a batch norm", c * sizeof *scale);
    for (size_t k = 0; k < c; k++) scale[k] = (float)(node->gamma[k] / sqrt((double)node->var[k] + (double)node->eps));
    const gb_status status = gb_cuda_upload(scale, c, &step->table[SCALE], err);
    free(scale);
    return status;
}

static gb_status make_batchnorm(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    const size_t c = (size_t)node->shape.c;
    (void)target;
    step->run = run_batchnorm;
    GB_TRY(gb_cuda_upload(node->beta, c, &step->table[BETA], err));
    if (node->batch_stats) {
        step->scratch = GB_CUDA_CHUNKS * c * sizeof(double) + 2 * c * sizeof(float);
        return gb_cuda_upload(node->gamma, c, &step->table[GAMMA], err);
    }
    GB_TRY(gb_cuda_upload(node->mean, c, &step->table[MEAN], err));
    return upload_scale(node, step, err);
}

/* ---- Transforms ------------------------------------------------------------------------------------------------- */

static gb_status run_transform(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const bool forward = step->node.op == GB_OP_RFFT2;
    const gb_shape real = forward ? step->in : step->node.shape;
    const gb_cuda_fourier f = {
        call->in[0], step->table[TWIDDLE_H], step->table[TWIDDLE_W], call->out, call->scratch, real.n, real.h, real.w,
        real.c};
    return gb_cuda_check(forward ? gb_cuda_run_rfft2(&f, call->stream) : gb_cuda_run_irfft2(&f, call->stream),
                         "transform", err);
}

/* cos and sin of 2 pi k / n. */
static gb_status upload_twiddles(int64_t n, float **out, gb_error *err)
{
    const double turn = 2.0 * acos(-1.0);
    float *const table = gb_alloc_aligned(2 * (size_t)n, sizeof *table);
    if (!table) return gb_fail_memory(err, "a transform", 2 * (size_t)n * sizeof *table);
    for (int64_t k = 0; k < n; k++) {
        table[2 * k] = (float)cos(turn * (double)k / (double)n);
        table[2 * k + 1] = (float)sin(turn * (double)k / (double)n);
    }
    const gb_status status = gb_cuda_upload(table, 2 * (size_t)n, out, err);
    free(table);
    return status;
}

static gb_status make_transform(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    const gb_shape real = node->op == GB_OP_RFFT2 ? step->in : node->shape;
    (void)target;
    step->run = run_transform;
    step->scratch = (size_t)(real.n * real.h * (real.w / 2 + 1) * 2 * real.c) * sizeof(float);
    GB_TRY(upload_twiddles(real.h, &step->table[TWIDDLE_H], err));
    return upload_twiddles(real.w, &step->table[TWIDDLE_W], err);
}

/* ---- The rest: one kernel each ---------------------------------------------------------------------------------- */

/* ACTIVATION and ADD are what follows a convolution, without one. */
static gb_status run_finish(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const gb_cuda_finish finish = {call->in[0],
                                   NULL,
                                   call->in[1],
                                   NULL,
                                   call->out,
                                   (int64_t)gb_shape_size(node->shape),
                                   node->shape.c,
                                   GB_PRECISION_FP32,
                                   node->op == GB_OP_ACTIVATION ? (int)node->act : 0,
                                   node->slope};
    return gb_cuda_check(gb_cuda_run_finish(&finish, call->stream), "add", err);
}

static gb_status run_concat(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_shape out = step->node.shape;
    const gb_cuda_concat f = {call->in[0], call->in[1], call->out, out.n * out.h * out.w, step->in.c, step->second.c};
    return gb_cuda_check(gb_cuda_run_concat(&f, call->stream), "join channels", err);
}

static gb_status run_window(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const gb_cuda_window f = {call->in[0],   call->out,     step->in.n,     step->in.h,   step->in.w, step->in.c,
                              node->shape.h, node->shape.w, node->kernel_h, node->stride, node->pad};
    return gb_cuda_check(node->op == GB_OP_MAXPOOL ? gb_cuda_run_maxpool(&f, call->stream)
                                                   : gb_cuda_run_pad_reflect(&f, call->stream),
                         "move a window", err);
}

gb_status gb_cuda_step_make(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    switch (node->op) {
    case GB_OP_INPUT: return GB_OK;
    case GB_OP_CONV:
    case GB_OP_DECONV: return make_convolution(node, target, step, err);
    case GB_OP_BATCHNORM: return make_batchnorm(node, target, step, err);
    case GB_OP_RFFT2:
    case GB_OP_IRFFT2: return make_transform(node, target, step, err);
    case GB_OP_ACTIVATION:
    case GB_OP_ADD: step->run = run_finish; return GB_OK;
    case GB_OP_CONCAT: step->run = run_concat; return GB_OK;
    case GB_OP_MAXPOOL:
    case GB_OP_PAD_REFLECT: step->run = run_window; return GB_OK;
    case GB_OP_COUNT: break;
    }
    return gb_fail(err, GB_E_UNSUPPORTED, "operation %d is not known to the cuda backend", (int)node->op);
}
