#include <math.h>
#include <stdlib.h>

#include "backend/cuda/step.h"
#include "backend/cuda/upload.h"
#include "core/memory.h"

enum { MEAN, SCALE, BETA, GAMMA }; /* of a batch norm */
enum { TWIDDLE_H, TWIDDLE_W };     /* of a transform */

void gb_cuda_step_clear(gb_cuda_step *step)
{
    for (int i = 0; i < GB_CUDA_TABLES; i++) (void)cudaFree(step->table[i]);
    gb_cuda_convolution_plan_free(step->convolution);
}

/* ---- Batch norm ------------------------------------------------------------------------------------------------- */

static gb_status normalise(const gb_cuda_step *step, const gb_cuda_call *call, const float *mean, const float *scale,
                           gb_error *err)
{
    const gb_shape shape = step->node.shape;
    const gb_cuda_normalise n = {.x = gb_cuda_step_in(step, call, 0),
                                 .mean = mean,
                                 .scale = scale,
                                 .beta = step->table[BETA],
                                 .y = gb_cuda_step_out(step, call),
                                 .size = (int64_t)gb_shape_size(shape),
                                 .c = shape.c};
    return gb_cuda_check(gb_cuda_run_normalise(&n, call->stream), "normalise", err);
}

static gb_status run_batchnorm(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const int64_t c = step->node.shape.c;
    if (!step->node.batch_stats) return normalise(step, call, step->table[MEAN], step->table[SCALE], err);
    /* Means and scales are the session's own: after the partial sums. */
    double *const partial = call->scratch;
    float *const mean = (float *)(partial + GB_CUDA_CHUNKS * c);
    const gb_cuda_statistics statistics = {.x = gb_cuda_step_in(step, call, 0),
                                           .gamma = step->table[GAMMA],
                                           .mean = mean,
                                           .scale = mean + c,
                                           .partial = partial,
                                           .pixels = (int64_t)gb_shape_size(step->node.shape) / c,
                                           .c = c,
                                           .eps = (double)step->node.eps};
    GB_TRY(gb_cuda_check(gb_cuda_run_statistics(&statistics, call->stream), "sum a batch", err));
    return normalise(step, call, mean, mean + c, err);
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
    const gb_cuda_fourier f = {.x = gb_cuda_step_in(step, call, 0),
                               .twiddle_h = step->table[TWIDDLE_H],
                               .twiddle_w = step->table[TWIDDLE_W],
                               .y = gb_cuda_step_out(step, call),
                               .scratch = call->scratch,
                               .n = real.n,
                               .h = real.h,
                               .w = real.w,
                               .c = real.c};
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
    const gb_cuda_finish finish = {.x = gb_cuda_step_in(step, call, 0),
                                   .addend = gb_cuda_step_in(step, call, 1),
                                   .y = gb_cuda_step_out(step, call),
                                   .size = (int64_t)gb_shape_size(node->shape),
                                   .c = node->shape.c,
                                   .act = node->op == GB_OP_ACTIVATION ? (int)node->act : 0,
                                   .slope = node->slope};
    return gb_cuda_check(gb_cuda_run_finish(&finish, call->stream), "add", err);
}

static gb_status run_concat(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_shape out = step->node.shape;
    const gb_cuda_concat f = {.a = gb_cuda_step_in(step, call, 0),
                              .b = gb_cuda_step_in(step, call, 1),
                              .y = gb_cuda_step_out(step, call),
                              .pixels = out.n * out.h * out.w,
                              .channels_a = step->in.c,
                              .channels_b = step->second.c};
    return gb_cuda_check(gb_cuda_run_concat(&f, call->stream), "join channels", err);
}

static gb_status run_window(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err)
{
    const gb_node *const node = &step->node;
    const gb_cuda_window f = {.x = gb_cuda_step_in(step, call, 0),
                              .y = gb_cuda_step_out(step, call),
                              .n = step->in.n,
                              .h = step->in.h,
                              .w = step->in.w,
                              .c = step->in.c,
                              .out_h = node->shape.h,
                              .out_w = node->shape.w,
                              .kernel = node->kernel_h,
                              .stride = node->stride,
                              .pad = node->pad};
    return gb_cuda_check(node->op == GB_OP_MAXPOOL ? gb_cuda_run_maxpool(&f, call->stream)
                                                   : gb_cuda_run_pad_reflect(&f, call->stream),
                         "move a window", err);
}

gb_status gb_cuda_step_make(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step, gb_error *err)
{
    switch (node->op) {
    case GB_OP_INPUT: return GB_OK;
    case GB_OP_CONV:
    case GB_OP_DECONV: return gb_cuda_step_make_convolution(node, target, step, err);
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
