#include <math.h>
#include <string.h>

#include "backend/ref/ops.h"

/* Mean and biased variance of each channel over N, H, W. */
static void statistics(gb_shape shape, const float *x, double *mean, double *var)
{
    const size_t c = (size_t)shape.c, pixels = gb_shape_size(shape) / c;
    memset(mean, 0, c * sizeof *mean);
    memset(var, 0, c * sizeof *var);
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = 0; k < c; k++) mean[k] += x[p * c + k];
    for (size_t k = 0; k < c; k++) mean[k] /= (double)pixels;
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = 0; k < c; k++) var[k] += (x[p * c + k] - mean[k]) * (x[p * c + k] - mean[k]);
    for (size_t k = 0; k < c; k++) var[k] /= (double)pixels;
}

void gb_ref_batchnorm(const gb_node *node, const float *x, double *sums, float *y)
{
    const size_t c = (size_t)node->shape.c, size = gb_shape_size(node->shape);
    double *const mean = sums, *const var = sums + c;
    if (node->batch_stats) statistics(node->shape, x, mean, var);
    for (size_t k = 0; k < c && !node->batch_stats; k++) {
        mean[k] = node->mean[k];
        var[k] = node->var[k];
    }
    for (size_t i = 0; i < size; i++) {
        const size_t k = i % c;
        y[i] = (float)(node->gamma[k] * (x[i] - mean[k]) / sqrt(var[k] + (double)node->eps) + node->beta[k]);
    }
}

/* Comparisons are written so that a NaN passes through. */
double gb_ref_activate(gb_activation act, double slope, double v)
{
    switch (act) {
    case GB_ACT_RELU:
        return v < 0.0 ? 0.0 : v;
    case GB_ACT_LEAKY_RELU:
        return v < 0.0 ? slope * v : v;
    case GB_ACT_TANH:
        return tanh(v);
    case GB_ACT_SIGMOID:
        return 1.0 / (1.0 + exp(-v));
    case GB_ACT_NONE:
        break;
    }
    return v;
}

void gb_ref_activation(const gb_node *node, const float *x, float *y)
{
    const size_t size = gb_shape_size(node->shape);
    for (size_t i = 0; i < size; i++) y[i] = (float)gb_ref_activate(node->act, node->slope, x[i]);
}

void gb_ref_add(const gb_node *node, const float *a, const float *b, float *y)
{
    const size_t size = gb_shape_size(node->shape);
    for (size_t i = 0; i < size; i++) y[i] = a[i] + b[i];
}

void gb_ref_concat(const gb_node *node, int64_t channels_a, const float *a, const float *b, float *y)
{
    const size_t c = (size_t)node->shape.c, ca = (size_t)channels_a, cb = c - ca;
    const size_t pixels = gb_shape_size(node->shape) / c;
    for (size_t p = 0; p < pixels; p++) {
        memcpy(y + p * c, a + p * ca, ca * sizeof *y);
        memcpy(y + p * c + ca, b + p * cb, cb * sizeof *y);
    }
}
