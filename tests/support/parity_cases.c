#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "support/parity.h"
#include "support/support.h"

static void add_tensor(parity_net *net, const char *layer, const char *part, int rank, const int64_t *dim, double a,
                       double b)
{
    gb_error err;
    char name[128], key[256];
    snprintf(name, sizeof name, "%s.%s", layer, part);
    if (gb_weights_find(net->weights, name)) return; /* a layer used twice */
    snprintf(key, sizeof key, "%s/%s", net->of->name, name);
    const uint64_t hash = gb_random_hash(key) + net->seed;
    size_t size = 1;
    for (int i = 0; i < rank; i++) size *= (size_t)dim[i];
    float *const data = gb_alloc_aligned(size, sizeof *data);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++) data[i] = gb_random_weight(hash, i, a, b);
    assert_ok(gb_weights_add(net->weights, name, rank, dim, data, &err), &err);
}

static gb_value conv_like(parity_net *net, gb_value x, const char *name, gb_conv_spec spec, bool transposed)
{
    const int64_t in = gb_build_shape(net->builder, x).c, wide = spec.kernel_w ? spec.kernel_w : spec.kernel_h;
    const int64_t dim[4] = {transposed ? in : spec.out, transposed ? spec.out : in, spec.kernel_h, wide};
    add_tensor(net, name, "weight", 4, dim, sqrt(3.0 / (double)(in * spec.kernel_h * wide)), 0.0);
    if (spec.bias) add_tensor(net, name, "bias", 1, &spec.out, 0.5, 0.0);
    return transposed ? gb_build_deconv(net->builder, x, name, spec) : gb_build_conv(net->builder, x, name, spec);
}

static gb_value conv(parity_net *net, gb_value x, const char *name, int64_t out, int kernel)
{
    return conv_like(net, x, name, (gb_conv_spec){.out = out, .kernel_h = kernel, .pad = kernel / 2}, false);
}

static gb_value batchnorm(parity_net *net, gb_value x, const char *name)
{
    const int64_t c = gb_build_shape(net->builder, x).c;
    add_tensor(net, name, "weight", 1, &c, 0.5, 1.0);
    add_tensor(net, name, "bias", 1, &c, 0.5, 0.0);
    add_tensor(net, name, "running_mean", 1, &c, 0.5, 0.0);
    add_tensor(net, name, "running_var", 1, &c, 0.4, 0.6);
    return gb_build_batchnorm(net->builder, x, name);
}

/* ---- One operation ---- */

static gb_value build_conv(parity_net *net, gb_value x)
{
    return conv_like(net, x, "c", net->of->conv, false);
}

static gb_value build_deconv(parity_net *net, gb_value x)
{
    return conv_like(net, x, "c", net->of->conv, true);
}

static gb_value build_norm(parity_net *net, gb_value x)
{
    return batchnorm(net, x, "n");
}

static gb_value build_act(parity_net *net, gb_value x)
{
    return gb_build_activation(net->builder, x, net->of->act, net->of->slope);
}

static gb_value build_pool(parity_net *net, gb_value x)
{
    return gb_build_maxpool(net->builder, x, net->of->conv.kernel_h, net->of->conv.stride);
}

static gb_value build_reflect(parity_net *net, gb_value x)
{
    return gb_build_pad_reflect(net->builder, x, net->of->conv.pad);
}

static gb_value build_rfft(parity_net *net, gb_value x)
{
    return gb_build_rfft2(net->builder, x);
}

static gb_value build_irfft(parity_net *net, gb_value x)
{
    return gb_build_irfft2(net->builder, x, net->of->out_w);
}

static gb_value build_add(parity_net *net, gb_value x)
{
    return gb_build_add(net->builder, x, gb_build_relu(net->builder, x));
}

static gb_value build_concat(parity_net *net, gb_value x)
{
    return gb_build_concat(net->builder, x, conv(net, x, "c", net->of->conv.out, 1));
}

static gb_value build_nothing(parity_net *net, gb_value x)
{
    (void)net;
    return x;
}

/* ---- Patterns that a fold rewrites ---- */

static gb_value build_conv_norm_act(parity_net *net, gb_value x)
{
    return build_act(net, batchnorm(net, build_conv(net, x), "n"));
}

static gb_value build_deconv_norm_act(parity_net *net, gb_value x)
{
    return build_act(net, batchnorm(net, build_deconv(net, x), "n"));
}

/* act(norm(conv a + conv b)): both are scaled, one carries the other. */
static gb_value build_sum_norm_act(parity_net *net, gb_value x)
{
    const gb_value a = conv_like(net, x, "a", net->of->conv, false), b = conv_like(net, x, "b", net->of->conv, false);
    return build_act(net, batchnorm(net, gb_build_add(net->builder, a, b), "n"));
}

/* y + act(conv y): a residual. */
static gb_value build_residual(parity_net *net, gb_value x)
{
    const gb_value y = conv_like(net, x, "a", net->of->conv, false);
    return gb_build_add(net->builder, y, build_act(net, conv(net, y, "b", net->of->conv.out, 3)));
}

/* A plain sum of a value and a convolution: an addend, which a following norm cannot pass through. */
static gb_value build_addend_norm(parity_net *net, gb_value x)
{
    const gb_value y = gb_build_relu(net->builder, conv(net, x, "a", 4, 3));
    return batchnorm(net, gb_build_add(net->builder, conv(net, y, "b", 4, 3), y), "n");
}

/* ---- LaMa's block of a local and a global branch ---- */

static gb_value spectral_transform(parity_net *net, gb_value x, int64_t out)
{
    gb_builder *const b = net->builder;
    const int64_t half = out / 2, width = gb_build_shape(b, x).w;
    const gb_value first = gb_build_relu(b, batchnorm(net, conv(net, x, "s.conv1", half, 1), "s.bn1"));
    gb_value z = gb_build_rfft2(b, first);
    z = gb_build_relu(b, batchnorm(net, conv(net, z, "s.fu", 2 * half, 1), "s.fu_bn"));
    z = gb_build_irfft2(b, z, width);
    return conv(net, gb_build_add(b, first, z), "s.conv2", out, 1);
}

static gb_value build_ffc(parity_net *net, gb_value x)
{
    gb_builder *const b = net->builder;
    const gb_conv_spec local = {.out = 3, .kernel_h = 3}, global = {.out = 4, .kernel_h = 3};
    const gb_value l = gb_build_relu(b, conv(net, x, "l", 3, 1)), g = gb_build_relu(b, conv(net, x, "g", 4, 1));
    const gb_value lp = gb_build_pad_reflect(b, l, 1), gp = gb_build_pad_reflect(b, g, 1);
    gb_value out_l = conv_like(net, lp, "l2l", local, false);
    out_l = gb_build_add(b, out_l, conv_like(net, gp, "g2l", local, false));
    gb_value out_g = conv_like(net, lp, "l2g", global, false);
    out_g = gb_build_add(b, out_g, spectral_transform(net, g, 4));
    out_l = gb_build_relu(b, batchnorm(net, out_l, "bn_l"));
    out_g = gb_build_relu(b, batchnorm(net, out_g, "bn_g"));
    return gb_build_concat(b, gb_build_add(b, l, out_l), gb_build_add(b, g, out_g));
}

#define K(...) .conv = {__VA_ARGS__}
static const parity_case table[] = {
    {"conv 1x1", build_conv, {1, 5, 7, 4}, K(.out = 3, .kernel_h = 1)},
    {"conv 1x1 of one pixel", build_conv, {1, 1, 1, 16}, K(.out = 17, .kernel_h = 1, .bias = true)},
    {"conv 3x3 of one pixel", build_conv, {1, 1, 1, 3}, K(.out = 16, .kernel_h = 3, .pad = 1)},
    {"conv 3x3", build_conv, {2, 9, 11, 16}, K(.out = 64, .kernel_h = 3, .pad = 1, .bias = true)},
    {"conv 3x3 64 channels", build_conv, {1, 8, 13, 64}, K(.out = 64, .kernel_h = 3, .pad = 1)},
    {"conv 3x3 17 channels", build_conv, {1, 6, 5, 17}, K(.out = 1, .kernel_h = 3, .pad = 1)},
    {"conv 3x3 to 3", build_conv, {1, 12, 10, 64}, K(.out = 3, .kernel_h = 3, .pad = 1, .bias = true)},
    {"conv 3x3 dilation 2", build_conv, {1, 6, 7, 3},
     K(.out = 4, .kernel_h = 3, .pad = 2, .dilation = 2, .bias = true)},
    {"conv 3x3 dilation 16", build_conv, {1, 9, 19, 4}, K(.out = 16, .kernel_h = 3, .pad = 16, .dilation = 16)},
    {"conv 3x3 dilation 4 unpadded", build_conv, {1, 9, 10, 16}, K(.out = 16, .kernel_h = 3, .dilation = 4)},
    {"conv 4x4 stride 2", build_conv, {2, 5, 6, 3}, K(.out = 2, .kernel_h = 4, .stride = 2, .pad = 1)},
    {"conv 3x3 stride 2 odd", build_conv, {1, 7, 9, 4}, K(.out = 16, .kernel_h = 3, .stride = 2)},
    {"conv 11x11 stride 4", build_conv, {2, 31, 35, 3},
     K(.out = 64, .kernel_h = 11, .stride = 4, .pad = 2, .bias = true)},
    {"conv 5x5 stride 3", build_conv, {1, 11, 13, 1}, K(.out = 4, .kernel_h = 5, .stride = 3, .pad = 1)},
    {"conv 1x1 stride 2", build_conv, {1, 7, 6, 16}, K(.out = 16, .kernel_h = 1, .stride = 2)},
    {"conv 2x5", build_conv, {1, 4, 7, 4}, K(.out = 3, .kernel_h = 2, .kernel_w = 5)},
    {"conv of the whole", build_conv, {2, 4, 6, 17}, K(.out = 16, .kernel_h = 4, .kernel_w = 6)},
    {"conv 7x7", build_conv, {1, 14, 15, 64}, K(.out = 3, .kernel_h = 7, .bias = true)},
    {"deconv 3x3 output pad 1", build_deconv, {1, 3, 4, 3},
     K(.out = 2, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1, .bias = true)},
    {"deconv 4x4 stride 2", build_deconv, {2, 3, 2, 4}, K(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1)},
    {"deconv 4x4 64 channels", build_deconv, {1, 5, 7, 64}, K(.out = 17, .kernel_h = 4, .stride = 2, .pad = 1)},
    {"deconv 3x3 16 channels", build_deconv, {1, 6, 5, 16},
     K(.out = 16, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1)},
    {"deconv dilation 2", build_deconv, {1, 4, 3, 3}, K(.out = 4, .kernel_h = 3, .stride = 2, .dilation = 2, .pad = 1)},
    {"deconv of one pixel", build_deconv, {2, 1, 1, 17}, K(.out = 16, .kernel_h = 4, .kernel_w = 6)},
    {"deconv 2x2 stride 3", build_deconv, {1, 3, 3, 4}, K(.out = 1, .kernel_h = 2, .stride = 3, .output_pad = 2)},
    {"batchnorm", build_norm, {2, 3, 5, 4}, K(0)},
    {"batchnorm 17", build_norm, {1, 7, 3, 17}, K(0)},
    {"batchnorm of the batch", build_norm, {2, 3, 5, 4}, .batch_stats = true},
    {"batchnorm of the batch 64", build_norm, {3, 9, 11, 64}, .batch_stats = true},
    {"relu", build_act, {1, 3, 5, 3}, .act = GB_ACT_RELU},
    {"leaky relu", build_act, {1, 2, 5, 3}, .act = GB_ACT_LEAKY_RELU, .slope = 0.2f},
    {"tanh", build_act, {1, 2, 5, 3}, .act = GB_ACT_TANH},
    {"sigmoid", build_act, {1, 2, 5, 3}, .act = GB_ACT_SIGMOID},
    {"identity", build_act, {1, 2, 5, 3}, .act = GB_ACT_NONE},
    {"no node at all", build_nothing, {1, 2, 3, 4}, K(0)},
    {"add", build_add, {2, 3, 5, 17}, K(0)},
    {"concat", build_concat, {2, 3, 5, 3}, K(.out = 5)},
    {"concat 64", build_concat, {1, 2, 3, 64}, K(.out = 5)},
    {"concat of fours", build_concat, {1, 2, 3, 8}, K(.out = 12)},
    {"maxpool 3x3 stride 2", build_pool, {1, 6, 7, 2}, K(.kernel_h = 3, .stride = 2)},
    {"maxpool 2x2 stride 2", build_pool, {2, 5, 4, 64}, K(.kernel_h = 2, .stride = 2)},
    {"maxpool 1x1 stride 3", build_pool, {1, 7, 1, 3}, K(.kernel_h = 1, .stride = 3)},
    {"reflect 3", build_reflect, {1, 4, 5, 2}, K(.pad = 3)},
    {"reflect 1 of 2", build_reflect, {2, 2, 2, 17}, K(.pad = 1)},
    {"reflect 0", build_reflect, {1, 1, 1, 4}, K(.pad = 0)},
    {"rfft2 even", build_rfft, {1, 4, 6, 2}, K(0)},
    {"rfft2 odd", build_rfft, {1, 5, 7, 2}, K(0)},
    {"rfft2 one row", build_rfft, {1, 1, 8, 3}, K(0)},
    {"rfft2 one column", build_rfft, {1, 6, 1, 3}, K(0)},
    {"rfft2 one pixel", build_rfft, {2, 1, 1, 4}, K(0)},
    {"rfft2 36x64", build_rfft, {1, 36, 64, 4}, K(0)},
    {"rfft2 64 channels", build_rfft, {2, 9, 15, 64}, K(0)},
    {"irfft2 even", build_irfft, {1, 4, 4, 4}, .out_w = 6},
    {"irfft2 odd", build_irfft, {1, 5, 4, 4}, .out_w = 7},
    {"irfft2 one row", build_irfft, {1, 1, 5, 2}, .out_w = 8},
    {"irfft2 one column", build_irfft, {1, 6, 1, 2}, .out_w = 1},
    {"irfft2 two columns", build_irfft, {1, 3, 2, 2}, .out_w = 2},
    {"irfft2 36x64", build_irfft, {1, 36, 33, 8}, .out_w = 64},
    {"irfft2 64 channels", build_irfft, {2, 9, 8, 128}, .out_w = 15},
    {"conv, norm, relu", build_conv_norm_act, {1, 6, 7, 3}, K(.out = 17, .kernel_h = 3, .pad = 1, .bias = true),
     .act = GB_ACT_RELU},
    {"conv, norm, leaky relu", build_conv_norm_act, {2, 6, 7, 16}, K(.out = 64, .kernel_h = 4, .stride = 2, .pad = 1),
     .act = GB_ACT_LEAKY_RELU, .slope = 0.2f},
    {"conv, norm, tanh", build_conv_norm_act, {1, 5, 9, 16}, K(.out = 3, .kernel_h = 3, .pad = 1), .act = GB_ACT_TANH},
    {"conv, norm, sigmoid", build_conv_norm_act, {1, 9, 9, 16}, K(.out = 3, .kernel_h = 7), .act = GB_ACT_SIGMOID},
    {"deconv, norm, relu", build_deconv_norm_act, {1, 5, 4, 16},
     K(.out = 3, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1, .bias = true), .act = GB_ACT_RELU},
    {"deconv, norm, tanh", build_deconv_norm_act, {1, 5, 4, 17}, K(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1),
     .act = GB_ACT_TANH},
    {"conv, norm of the batch, relu", build_conv_norm_act, {3, 6, 7, 3}, K(.out = 16, .kernel_h = 3, .pad = 1),
     .act = GB_ACT_RELU, .batch_stats = true},
    {"sum, norm, relu", build_sum_norm_act, {2, 5, 6, 16}, K(.out = 16, .kernel_h = 3, .pad = 1, .bias = true),
     .act = GB_ACT_RELU},
    {"sum, norm, leaky relu", build_sum_norm_act, {1, 5, 6, 3}, K(.out = 17, .kernel_h = 1),
     .act = GB_ACT_LEAKY_RELU, .slope = 0.2f},
    {"residual relu", build_residual, {1, 6, 5, 4}, K(.out = 16, .kernel_h = 3, .pad = 1), .act = GB_ACT_RELU},
    {"residual", build_residual, {2, 6, 5, 4}, K(.out = 17, .kernel_h = 3, .pad = 1), .act = GB_ACT_NONE},
    {"residual tanh", build_residual, {1, 6, 5, 3}, K(.out = 3, .kernel_h = 1), .act = GB_ACT_TANH},
    {"addend, norm", build_addend_norm, {1, 4, 5, 3}, K(0)},
    {"ffc even", build_ffc, {1, 6, 8, 3}, K(0)},
    {"ffc odd", build_ffc, {2, 5, 7, 3}, K(0)},
    {"ffc on statistics of the batch", build_ffc, {2, 4, 6, 3}, .batch_stats = true},
};
#undef K

const parity_case *parity_cases(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

const parity_case *parity_case_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!strcmp(table[i].name, name)) return &table[i];
    fail_msg("no parity case \"%s\"", name);
    return NULL;
}
