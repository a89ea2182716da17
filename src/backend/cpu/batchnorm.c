/* Batch norms that were not folded into a convolution: after anything else, or with the statistics of their input. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/isa.h"
#include "backend/cpu/plan.h"
#include "core/memory.h"

/* y = (x - mean) * scale + beta, c values each. In double, because the mean may be much larger than the deviation. */
GB_CLONES static void apply(const float *x, size_t pixels, size_t c, const double *mean, const double *scale,
                            const float *beta, float *y)
{
    for (size_t i = 0; i < pixels; i++)
        for (size_t k = 0; k < c; k++) y[i * c + k] = (float)(((double)x[i * c + k] - mean[k]) * scale[k] + beta[k]);
}

GB_CLONES static void add_pixels(const float *x, size_t pixels, size_t c, double *sum)
{
    for (size_t i = 0; i < pixels; i++)
        for (size_t k = 0; k < c; k++) sum[k] += (double)x[i * c + k];
}

GB_CLONES static void add_squares(const float *x, size_t pixels, size_t c, const double *mean, double *sum)
{
    for (size_t i = 0; i < pixels; i++) {
        for (size_t k = 0; k < c; k++) {
            const double d = (double)x[i * c + k] - mean[k];
            sum[k] += d * d;
        }
    }
}

/* Scratch memory: means, then variances, which become scales. */
static gb_status run_fixed(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const gb_shape shape = step->node.shape;
    const size_t c = (size_t)shape.c;
    const float *const gamma = step->weights, *const beta = gamma + c, *const running_mean = beta + c;
    double *const mean = frame->scratch, *const scale = mean + c;
    for (size_t k = 0; k < c; k++) {
        mean[k] = (double)running_mean[k];
        scale[k] = (double)gamma[k] / sqrt((double)running_mean[c + k] + (double)step->node.eps);
    }
    int64_t from, to;
    for (int64_t y = 0; y < shape.h; y++) {
        for (to = 0; gb_columns_next(step->columns[frame->pass], shape.w, &from, &to);) {
            const size_t at = (size_t)(y * shape.w + from) * c;
            apply(frame->in[0] + at, (size_t)(to - from), c, mean, scale, beta, frame->out + at);
        }
    }
    return GB_OK;
}

/* Two passes, pixel after pixel: the mean, then the biased variance about it. */
static gb_status run_batch(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err)
{
    (void)err;
    const gb_shape shape = step->node.shape;
    const size_t c = (size_t)shape.c, pixels = (size_t)(shape.n * shape.h * shape.w);
    const float *const gamma = step->weights, *const beta = gamma + c;
    double *const mean = frame->scratch, *const scale = mean + c;
    memset(mean, 0, 2 * c * sizeof *mean);
    add_pixels(frame->in[0], pixels, c, mean);
    for (size_t k = 0; k < c; k++) mean[k] /= (double)pixels;
    add_squares(frame->in[0], pixels, c, mean, scale);
    for (size_t k = 0; k < c; k++)
        scale[k] = (double)gamma[k] / sqrt(scale[k] / (double)pixels + (double)step->node.eps);
    apply(frame->in[0], pixels, c, mean, scale, beta, frame->out);
    return GB_OK;
}

gb_status gb_cpu_make_batchnorm(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err)
{
    (void)engine;
    const size_t c = (size_t)node->shape.c;
    step->weights = gb_alloc_aligned(4 * c, sizeof(float));
    if (!step->weights) return gb_fail_memory(err, "a batch norm", 4 * c * sizeof(float));
    memcpy(step->weights, node->gamma, c * sizeof(float));
    memcpy(step->weights + c, node->beta, c * sizeof(float));
    if (!node->batch_stats) {
        memcpy(step->weights + 2 * c, node->mean, c * sizeof(float));
        memcpy(step->weights + 3 * c, node->var, c * sizeof(float));
    }
    step->alias = node->in[0];
    step->all_frames = node->batch_stats;
    step->partial = node->batch_stats ? GB_CPU_NEVER : GB_CPU_ALWAYS;
    step->run = node->batch_stats ? run_batch : run_fixed;
    step->scratch = 2 * c * sizeof(double);
    return GB_OK;
}
