/* Small nets whose layer called "layer" goes by one of the cpu backend's own kernels, or by oneDNN in a way that needs
 * care. The name says which: it begins with "tiles" (Winograd's filtering), "picture" (three outputs), "dense". */
#ifndef GB_TESTS_CPU_PATHS_H
#define GB_TESTS_CPU_PATHS_H

#include "engine/builder.h"

typedef struct path {
    const char *name;
    gb_shape input; /* n is given by the test */
    gb_value (*build)(gb_builder *b, gb_value x, const struct path *p);
    gb_conv_spec spec;
    gb_activation act;
} path;

static gb_value convolve(gb_builder *b, gb_value x, const path *p)
{
    return gb_build_activation(b, gb_build_conv(b, x, "layer", p->spec), p->act, 0.2f);
}

static gb_value deconvolve(gb_builder *b, gb_value x, const path *p)
{
    return gb_build_activation(b, gb_build_deconv(b, x, "layer", p->spec), p->act, 0.2f);
}

/* act(layer + other) + third: an addend and a residual on one layer. */
static gb_value joined(gb_builder *b, gb_value x, gb_value layer, const path *p)
{
    const gb_shape shape = gb_build_shape(b, layer);
    const gb_conv_spec one = {.out = shape.c, .kernel_h = 1};
    const gb_value other = gb_build_conv(b, layer, "other", one), third = gb_build_conv(b, other, "third", one);
    (void)x;
    const gb_value sum = gb_build_add(b, other, gb_build_conv(b, other, "layer", p->spec));
    return gb_build_add(b, gb_build_activation(b, sum, p->act, 0.2f), third);
}

static gb_value convolve_joined(gb_builder *b, gb_value x, const path *p)
{
    return joined(b, x, gb_build_conv(b, x, "first", (gb_conv_spec){.out = p->spec.out, .kernel_h = 1}), p);
}

/* A transposed convolution whose result has an addend and a residual, both as large as the result. */
static gb_value deconvolve_joined(gb_builder *b, gb_value x, const path *p)
{
    const gb_value side = gb_build_deconv(b, x, "side", p->spec), far = gb_build_deconv(b, x, "far", p->spec);
    const gb_value sum = gb_build_add(b, side, gb_build_deconv(b, x, "layer", p->spec));
    return gb_build_add(b, gb_build_activation(b, sum, p->act, 0.2f), far);
}

/* The residual is the convolution's own input: it must not be overwritten before it is read. */
static gb_value convolve_onto_input(gb_builder *b, gb_value x, const path *p)
{
    const gb_conv_spec one = {.out = p->spec.out, .kernel_h = 1};
    const gb_value y = gb_build_relu(b, gb_build_conv(b, x, "first", one));
    return gb_build_add(b, y, gb_build_activation(b, gb_build_conv(b, y, "layer", p->spec), p->act, 0.2f));
}

static gb_value spectrum(gb_builder *b, gb_value x, const path *p)
{
    const gb_shape shape = gb_build_shape(b, x);
    const gb_value z = gb_build_conv(b, gb_build_rfft2(b, x), "layer", p->spec);
    return gb_build_irfft2(b, gb_build_relu(b, z), shape.w);
}

static gb_value pooled_and_joined(gb_builder *b, gb_value x, const path *p)
{
    x = gb_build_pad_reflect(b, x, 2);
    const gb_value y = gb_build_conv(b, gb_build_maxpool(b, x, 3, 2), "layer", p->spec);
    return gb_build_concat(b, gb_build_maxpool(b, x, 3, 2), gb_build_activation(b, y, p->act, 0.2f));
}

#define SPEC(...) {__VA_ARGS__}
static const path paths[] = {
    {"tiles 4x4", {1, 21, 30, 16}, convolve, SPEC(.out = 32, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles unpadded", {1, 26, 27, 48}, convolve, SPEC(.out = 16, .kernel_h = 3), GB_ACT_LEAKY_RELU},
    {"tiles padded by 2", {1, 19, 21, 32}, convolve, SPEC(.out = 64, .kernel_h = 3, .pad = 2), GB_ACT_NONE},
    {"tiles in blocks", {1, 51, 50, 16}, convolve, SPEC(.out = 16, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles dilated by 2", {1, 33, 31, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .pad = 2, .dilation = 2), GB_ACT_RELU},
    {"tiles dilated by 3", {1, 37, 47, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .pad = 3, .dilation = 3), GB_ACT_NONE},
    {"tiles 5x5", {1, 25, 32, 16}, convolve, SPEC(.out = 32, .kernel_h = 5, .pad = 2, .bias = true), GB_ACT_RELU},
    {"tiles 5x5 dilated", {1, 31, 32, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 5, .pad = 4, .dilation = 2), GB_ACT_NONE},
    {"tiles 2x3", {1, 25, 30, 16}, convolve, SPEC(.out = 16, .kernel_h = 2, .kernel_w = 3, .pad = 1), GB_ACT_NONE},
    {"tiles 1x3", {1, 21, 30, 16}, convolve, SPEC(.out = 16, .kernel_h = 1, .kernel_w = 3), GB_ACT_RELU},
    {"tiles 4x4 stride 2", {1, 48, 41, 16}, convolve,
     SPEC(.out = 32, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_LEAKY_RELU},
    {"tiles 3x3 stride 2", {1, 81, 97, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .bias = true), GB_ACT_RELU},
    {"tiles 7x7 stride 3", {1, 49, 62, 16}, convolve,
     SPEC(.out = 16, .kernel_h = 7, .stride = 3, .pad = 3), GB_ACT_NONE},
    {"tiles doubled", {1, 17, 20, 16}, deconvolve,
     SPEC(.out = 32, .kernel_h = 4, .stride = 2, .pad = 1, .bias = true), GB_ACT_RELU},
    {"tiles doubled 3x3", {1, 24, 32, 16}, deconvolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1), GB_ACT_LEAKY_RELU},
    {"tiles doubled 5x5", {1, 20, 24, 16}, deconvolve,
     SPEC(.out = 16, .kernel_h = 5, .stride = 2, .pad = 2), GB_ACT_NONE},
    {"tiles turned", {1, 20, 20, 16}, deconvolve, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_NONE},
    {"tiles doubled, joined", {1, 16, 20, 16}, deconvolve_joined,
     SPEC(.out = 16, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"tiles joined", {1, 20, 21, 16}, convolve_joined, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"tiles onto input", {1, 20, 21, 16}, convolve_onto_input, SPEC(.out = 16, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"picture 3x3", {1, 11, 21, 32}, convolve, SPEC(.out = 3, .kernel_h = 3, .pad = 1, .bias = true), GB_ACT_TANH},
    {"picture 7x7", {1, 15, 33, 16}, convolve, SPEC(.out = 3, .kernel_h = 7, .bias = true), GB_ACT_SIGMOID},
    {"picture 7x7 padded", {1, 5, 4, 64}, convolve, SPEC(.out = 3, .kernel_h = 7, .pad = 3), GB_ACT_NONE},
    {"picture dilated", {1, 12, 30, 16}, convolve, SPEC(.out = 3, .kernel_h = 3, .pad = 4, .dilation = 4), GB_ACT_RELU},
    {"picture doubled", {1, 6, 13, 32}, deconvolve, SPEC(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_TANH},
    {"picture tripled", {1, 4, 5, 16}, deconvolve, SPEC(.out = 3, .kernel_h = 5, .stride = 3, .pad = 1), GB_ACT_NONE},
    {"picture joined", {1, 6, 9, 16}, deconvolve_joined,
     SPEC(.out = 3, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"dense", {1, 5, 7, 17}, convolve, SPEC(.out = 70, .kernel_h = 5, .kernel_w = 7, .bias = true), GB_ACT_LEAKY_RELU},
    {"dense, few", {1, 2, 3, 16}, convolve, SPEC(.out = 3, .kernel_h = 2, .kernel_w = 3), GB_ACT_TANH},
    {"dense, spread", {1, 1, 1, 70}, deconvolve,
     SPEC(.out = 20, .kernel_h = 3, .kernel_w = 5, .bias = true), GB_ACT_RELU},
    {"dense, joined", {1, 1, 1, 40}, deconvolve_joined, SPEC(.out = 20, .kernel_h = 3), GB_ACT_RELU},
    {"phases 4x4", {1, 7, 9, 32}, deconvolve,
     SPEC(.out = 24, .kernel_h = 4, .stride = 2, .pad = 1, .bias = true), GB_ACT_RELU},
    {"phases 3x3", {1, 7, 9, 17}, deconvolve,
     SPEC(.out = 16, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1), GB_ACT_NONE},
    {"phases cropped", {1, 5, 6, 16}, deconvolve, SPEC(.out = 20, .kernel_h = 3, .pad = 3), GB_ACT_NONE},
    {"phases with gaps", {1, 4, 5, 16}, deconvolve,
     SPEC(.out = 8, .kernel_h = 2, .stride = 3, .bias = true), GB_ACT_RELU},
    {"phases joined", {1, 5, 8, 16}, deconvolve_joined,
     SPEC(.out = 20, .kernel_h = 4, .stride = 2, .pad = 1), GB_ACT_RELU},
    {"direct joined", {1, 8, 9, 16}, convolve_joined, SPEC(.out = 17, .kernel_h = 3, .pad = 1), GB_ACT_RELU},
    {"direct onto input", {1, 8, 9, 16}, convolve_onto_input, SPEC(.out = 17, .kernel_h = 3, .pad = 1), GB_ACT_TANH},
    {"spectrum", {1, 36, 64, 20}, spectrum, SPEC(.out = 40, .kernel_h = 1), GB_ACT_NONE},
    {"spectrum, odd", {1, 9, 15, 66}, spectrum, SPEC(.out = 132, .kernel_h = 1), GB_ACT_NONE},
    {"pooled and joined", {1, 9, 12, 16}, pooled_and_joined, SPEC(.out = 32, .kernel_h = 3, .pad = 1), GB_ACT_NONE},
};
#define PATHS (sizeof paths / sizeof paths[0])

#endif
