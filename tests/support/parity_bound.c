#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "support/parity.h"
#include "support/support.h"

#define UNIT 0x1p-24
#define LAMBDA 4.0
#define FUNCTION_UNITS 8.0 /* tanh and sigmoid from vectorised polynomials: a few units in the last place */

typedef struct analysis {
    const gb_node *node;
    const float *input;
    parity_sums sums;
    parity_bound *bound; /* per node */
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

/* The largest sum of |weights| into one output channel. */
static double gain_of(const gb_node *node, int64_t in)
{
    const int64_t out = node->shape.c, taps = (int64_t)node->kernel_h * node->kernel_w;
    double max = 0.0;
    for (int64_t o = 0; o < out; o++) {
        double sum = 0.0;
        for (int64_t i = 0; i < in; i++)
            for (int64_t t = 0; t < taps; t++)
                sum += fabs((double)node->weight[(node->op == GB_OP_CONV ? o * in + i : i * out + o) * taps + t]);
        max = fmax(max, sum);
    }
    return max;
}

static parity_bound activated(const gb_node *node, parity_bound x)
{
    switch (node->act) {
    case GB_ACT_LEAKY_RELU:
        return (parity_bound){x.size, x.error + UNIT * x.size};
    case GB_ACT_TANH:
        return (parity_bound){fmin(x.size, 1.0), x.error + FUNCTION_UNITS * UNIT};
    case GB_ACT_SIGMOID:
        return (parity_bound){1.0, x.error / 4.0 + FUNCTION_UNITS * UNIT};
    case GB_ACT_NONE:
    case GB_ACT_RELU:
        break;
    }
    return x;
}

static parity_bound sum_of(parity_bound x, parity_bound y)
{
    const double size = x.size + y.size;
    return (parity_bound){size, x.error + y.error + UNIT * size};
}

static parity_bound of_convolution(const analysis *a, const gb_node *node)
{
    const parity_bound x = a->bound[node->in[0]];
    const int64_t in = a->node[node->in[0]].shape.c;
    const double gain = gain_of(node, in), terms = (double)in * node->kernel_h * node->kernel_w + 2.0;
    parity_bound y = {gain * x.size + largest(node->bias, (size_t)node->shape.c), gain * x.error};
    if (node->in[1] >= 0) {
        y.size += a->bound[node->in[1]].size;
        y.error += a->bound[node->in[1]].error;
    }
    y.error += growth(a, terms) * y.size;
    y = activated(node, y);
    return node->in[2] >= 0 ? sum_of(y, a->bound[node->in[2]]) : y;
}

/* The largest 1 / sqrt(var + eps), var the biased variance of `input` (a graph's input; otherwise it may be 0). */
static double inverse_deviation(const analysis *a, const gb_node *node)
{
    double largest_inverse = 1.0 / sqrt((double)node->eps);
    if (a->node[node->in[0]].op != GB_OP_INPUT) return largest_inverse;
    const size_t c = (size_t)node->shape.c, pixels = gb_shape_size(node->shape) / c;
    double least = INFINITY;
    for (size_t k = 0; k < c; k++) {
        double mean = 0.0, var = 0.0;
        for (size_t p = 0; p < pixels; p++) mean += a->input[p * c + k] / (double)pixels;
        for (size_t p = 0; p < pixels; p++) var += pow(a->input[p * c + k] - mean, 2.0) / (double)pixels;
        least = fmin(least, var);
    }
    return 1.0 / sqrt(least + (double)node->eps);
}

/* Mean and variance are sums over all pixels: their errors reach every output through x - mean and through the
 * deviation, which divides values up to sqrt(pixels) deviations away. */
static parity_bound of_batch_statistics(const analysis *a, const gb_node *node)
{
    const parity_bound x = a->bound[node->in[0]];
    const size_t c = (size_t)node->shape.c;
    const double pixels = (double)(gb_shape_size(node->shape) / c), inverse = inverse_deviation(a, node);
    const double gamma = largest(node->gamma, c), sums = growth(a, pixels);
    const double mean_error = x.error + sums * x.size;
    const double size = gamma * fmin(sqrt(pixels), inverse * 2.0 * x.size) + largest(node->beta, c);
    const double deviation = sums + inverse * x.error + pow(inverse * mean_error, 2.0);
    return (parity_bound){size, gamma * inverse * (x.error + mean_error) + size * deviation + growth(a, 4.0) * size};
}

static parity_bound of_batchnorm(const analysis *a, const gb_node *node)
{
    if (node->batch_stats) return of_batch_statistics(a, node);
    const parity_bound x = a->bound[node->in[0]];
    parity_bound y = {0.0, 0.0};
    for (int64_t k = 0; k < node->shape.c; k++) {
        const double gain = fabs((double)node->gamma[k]) / sqrt((double)node->var[k] + (double)node->eps);
        y.size = fmax(y.size, gain * (x.size + fabs((double)node->mean[k])) + fabs((double)node->beta[k]));
        y.error = fmax(y.error, gain * x.error);
    }
    y.error += growth(a, 4.0) * y.size;
    return y;
}

/* `gain`: 1 for a real input, 2 for re and im bounded each (a factor sqrt 2 along either axis). Two sums: over W, H. */
static parity_bound of_transform(const analysis *a, gb_shape real, parity_bound x, double gain)
{
    const double scale = gain * sqrt((double)real.h * (double)real.w);
    const double size = scale * x.size;
    const double relative = growth(a, gain * (double)real.h) + growth(a, gain * (double)real.w);
    return (parity_bound){size, scale * x.error + relative * size};
}

static parity_bound of_node(const analysis *a, const gb_node *node)
{
    const parity_bound none = {0.0, 0.0};
    const parity_bound x = node->in[0] >= 0 ? a->bound[node->in[0]] : none;
    const parity_bound y = node->in[1] >= 0 ? a->bound[node->in[1]] : none;
    switch (node->op) {
    case GB_OP_INPUT:
        return (parity_bound){largest(a->input, gb_shape_size(node->shape)), 0.0};
    case GB_OP_CONV:
    case GB_OP_DECONV:
        return of_convolution(a, node);
    case GB_OP_BATCHNORM:
        return of_batchnorm(a, node);
    case GB_OP_ACTIVATION:
        return activated(node, x);
    case GB_OP_ADD:
        return sum_of(x, y);
    case GB_OP_CONCAT:
        return (parity_bound){fmax(x.size, y.size), fmax(x.error, y.error)};
    case GB_OP_RFFT2:
        return of_transform(a, a->node[node->in[0]].shape, x, 1.0);
    case GB_OP_IRFFT2:
        return of_transform(a, node->shape, x, 2.0);
    case GB_OP_MAXPOOL:
    case GB_OP_PAD_REFLECT:
    case GB_OP_COUNT:
        break;
    }
    return x;
}

parity_bound parity_bound_of(const gb_graph *graph, const float *input, parity_sums sums)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    analysis a = {.node = node, .input = input, .sums = sums, .bound = gb_alloc(count, sizeof *a.bound)};
    assert_non_null(a.bound);
    for (size_t i = 0; i < count; i++) a.bound[i] = of_node(&a, &node[i]);
    const parity_bound bound = a.bound[gb_graph_outputs(graph, &outputs)[0]];
    free(a.bound);
    return bound;
}
