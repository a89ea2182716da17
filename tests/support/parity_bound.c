#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "support/parity.h"
#include "support/support.h"

#define UNIT 0x1p-24
#define LAMBDA 4.0
#define FUNCTION_UNITS 8.0 /* tanh and sigmoid from vectorised polynomials: a few units in the last place */

/* Of one node: the largest |value|, and how far any value may be from exact. */
typedef struct bound {
    double size, error;
} bound;

typedef struct analysis {
    const gb_node *node;
    const float *const *values;
    parity_sums sums;
    gb_precision precision;
    bound *bounds; /* per node */
} analysis;

/* Relative error of a sum of `terms` products. */
static double growth(const analysis *a, double terms)
{
    return a->sums == PARITY_SUMS_DOUBLE ? UNIT : LAMBDA * sqrt(terms) * UNIT;
}

static double largest(const float *data, size_t count)
{
    double max = 0.0;
    for (size_t i = 0; data && i < count; i++) max = fmax(max, fabs((double)data[i]));
    return max;
}

/* Over the weights into one output channel, the largest: what a sum can grow to, and its independent errors. */
typedef struct weight_gain {
    double absolute;   /* sum of |w| */
    double quadratic;  /* root of the sum of squares */
} weight_gain;

static weight_gain gain_of(const gb_node *node, int64_t in)
{
    const int64_t out = node->shape.c, taps = (int64_t)node->kernel_h * node->kernel_w;
    weight_gain most = {0.0, 0.0};
    for (int64_t o = 0; o < out; o++) {
        double sum = 0.0, squares = 0.0;
        for (int64_t k = 0; k < in * taps; k++) {
            const int64_t i = k / taps, row = node->op == GB_OP_CONV ? o * in + i : i * out + o;
            const double w = (double)node->weight[row * taps + k % taps];
            sum += fabs(w);
            squares += w * w;
        }
        most.absolute = fmax(most.absolute, sum);
        most.quadratic = fmax(most.quadratic, sqrt(squares));
    }
    return most;
}

/* The error after the activation, which has gain 1 at most; `size` is that of its result. */
static double activated(const gb_node *node, double error, double size)
{
    switch (node->act) {
    case GB_ACT_LEAKY_RELU:
        return error + UNIT * size;
    case GB_ACT_TANH:
        return error + FUNCTION_UNITS * UNIT;
    case GB_ACT_SIGMOID:
        return error / 4.0 + FUNCTION_UNITS * UNIT;
    case GB_ACT_NONE:
    case GB_ACT_RELU:
        break;
    }
    return error;
}

static double unit_of(gb_precision precision)
{
    return precision == GB_PRECISION_BF16 ? 0x1p-8 : 0x1p-11;
}

/* A value that is kept in a narrow type: rounded once, below the least normal number of fp16 to multiples of 2^-24. */
static double kept(const analysis *a, const gb_node *node, double size)
{
    if (node->op == GB_OP_INPUT || a->precision == GB_PRECISION_FP32 || a->precision == GB_PRECISION_TF32) return 0.0;
    return unit_of(a->precision) * size + 0x1p-25;
}

/* Two rounded factors a product, and the rounded sum. */
static double narrowed(gb_precision precision, weight_gain g, bound x)
{
    if (precision == GB_PRECISION_FP32) return 0.0;
    const double unit = unit_of(precision);
    const double sum = precision == GB_PRECISION_TF32 ? 0.0 : unit * g.absolute * x.size;
    return LAMBDA * sqrt(2.0) * unit * g.quadratic * x.size + sum;
}

/* A bias that is added to the sums by cuDNN is of the factors' type. */
static double narrowed_bias(gb_precision precision, double size)
{
    return precision == GB_PRECISION_BF16 ? unit_of(precision) * size : 0.0;
}

static double of_convolution(const analysis *a, const gb_node *node)
{
    const bound x = a->bounds[node->in[0]];
    const int64_t in = a->node[node->in[0]].shape.c;
    const weight_gain g = gain_of(node, in);
    const double terms = (double)in * node->kernel_h * node->kernel_w + 1.0;
    const double sum = g.absolute * x.size + largest(node->bias, (size_t)node->shape.c);
    return g.quadratic * x.error + growth(a, terms) * sum + narrowed(a->precision, g, x) +
           narrowed_bias(a->precision, largest(node->bias, (size_t)node->shape.c));
}

/* Least variance of a channel of x. */
static double least_variance(const float *x, size_t channels, size_t pixels)
{
    double least = INFINITY;
    for (size_t k = 0; k < channels; k++) {
        double mean = 0.0, var = 0.0;
        for (size_t p = 0; p < pixels; p++) mean += (double)x[p * channels + k] / (double)pixels;
        for (size_t p = 0; p < pixels; p++) var += pow((double)x[p * channels + k] - mean, 2.0) / (double)pixels;
        least = fmin(least, var);
    }
    return least;
}

/* Mean and variance are sums over all pixels: their errors reach every output through x - mean and through the
 * deviation that it is divided by. */
static double of_batch_statistics(const analysis *a, const gb_node *node, double size)
{
    const bound x = a->bounds[node->in[0]];
    const size_t c = (size_t)node->shape.c, pixels = gb_shape_size(node->shape) / c;
    const double inverse = 1.0 / sqrt(least_variance(a->values[node->in[0]], c, pixels) + (double)node->eps);
    const double sums = growth(a, (double)pixels), mean_error = x.error + sums * x.size;
    const double deviation = sums + inverse * x.error + pow(inverse * mean_error, 2.0);
    const double normalised = size + largest(node->beta, c);
    return largest(node->gamma, c) * inverse * (x.error + mean_error) + (deviation + growth(a, 4.0)) * normalised;
}

static double of_batchnorm(const analysis *a, const gb_node *node, double size)
{
    if (node->batch_stats) return of_batch_statistics(a, node, size);
    const bound x = a->bounds[node->in[0]];
    double error = 0.0, terms = 0.0;
    for (int64_t k = 0; k < node->shape.c; k++) {
        const double gain = fabs((double)node->gamma[k]) / sqrt((double)node->var[k] + (double)node->eps);
        terms = fmax(terms, gain * (x.size + fabs((double)node->mean[k])) + fabs((double)node->beta[k]));
        error = fmax(error, gain * x.error);
    }
    return error + growth(a, 4.0) * terms;
}

/* Two sums, over W and H, of `parts` (re, im) each; norm "ortho", so independent errors keep their size, but for the
 * columns of a half spectrum that count twice. */
static double of_transform(const analysis *a, gb_shape real, bound x, double parts)
{
    const double sum = parts * sqrt((double)real.h * (double)real.w) * x.size;
    const double relative = growth(a, parts * (double)real.h) + growth(a, parts * (double)real.w);
    return sqrt(parts) * x.error + relative * sum;
}

static double error_of(const analysis *a, const gb_node *node, double size)
{
    const bound none = {0.0, 0.0};
    const bound x = node->in[0] >= 0 ? a->bounds[node->in[0]] : none;
    const bound y = node->in[1] >= 0 ? a->bounds[node->in[1]] : none;
    switch (node->op) {
    case GB_OP_CONV:
    case GB_OP_DECONV:
        return of_convolution(a, node);
    case GB_OP_BATCHNORM:
        return of_batchnorm(a, node, size);
    case GB_OP_ACTIVATION:
        return activated(node, x.error, size);
    case GB_OP_ADD:
        return x.error + y.error + UNIT * (x.size + y.size);
    case GB_OP_RFFT2:
        return of_transform(a, a->node[node->in[0]].shape, x, 1.0);
    case GB_OP_IRFFT2:
        return of_transform(a, node->shape, x, 2.0);
    case GB_OP_INPUT:
    case GB_OP_CONCAT:
    case GB_OP_MAXPOOL:
    case GB_OP_PAD_REFLECT:
    case GB_OP_COUNT:
        break;
    }
    return fmax(x.error, y.error);
}

double parity_bound_of(const gb_graph *graph, const float *const *values, parity_sums sums, gb_precision precision)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    analysis a = {.node = node, .values = values, .sums = sums, .precision = precision,
                  .bounds = gb_alloc(count, sizeof *a.bounds)};
    assert_non_null(a.bounds);
    for (size_t i = 0; i < count; i++) {
        a.bounds[i].size = largest(values[i], gb_shape_size(node[i].shape));
        a.bounds[i].error = error_of(&a, &node[i], a.bounds[i].size) + kept(&a, &node[i], a.bounds[i].size);
    }
    const double error = a.bounds[gb_graph_outputs(graph, &outputs)[0]].error;
    free(a.bounds);
    return error;
}
