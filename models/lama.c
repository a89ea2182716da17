/* Model 3 of the study: LaMa (Suvorov et al. 2021, arXiv 2109.07161), FFCResNetGenerator of advimman/lama. From the
 * fourth convolution on, activations are a pair: a local part, and a global part of three quarters of the channels that
 * passes through Fourier units. */
#include <stdio.h>

#include "models/fourier_unit.h"
#include "models/generator.h"
#include "models/state_dict.h"

#define FIRST_BLOCK 5
#define MAX_BLOCKS 64
#define MAX_WIDTH 128 /* the original stops doubling at 1024 channels */

typedef struct pair {
    gb_value local, global; /* global is GB_NONE in the first layers */
} pair;

/* Channels of a pair. */
typedef struct split {
    int64_t local, global;
} split;

static gb_value conv(gb_builder *b, gb_value x, const char *name, const char *part, gb_conv_spec spec)
{
    return gb_build_conv(b, x, gb_build_name(b, "%s.%s", name, part), spec);
}

static gb_value norm_relu(gb_builder *b, gb_value x, const char *name, const char *part)
{
    return gb_build_relu(b, gb_build_batchnorm(b, x, gb_build_name(b, "%s.%s", name, part)));
}

static gb_value spectral_transform(gb_builder *b, gb_value x, const char *name, int64_t out)
{
    x = conv(b, x, name, "conv1.0", (gb_conv_spec){.out = out / 2, .kernel_h = 1});
    x = norm_relu(b, x, name, "conv1.1");
    const gb_value wave = gb_fourier_unit(b, x, gb_build_name(b, "%s.fu", name));
    return conv(b, gb_build_add(b, x, wave), name, "conv2", (gb_conv_spec){.out = out, .kernel_h = 1});
}

/* FFC_BN_ACT, 3x3: both convolutions that read a part share its reflection. */
static pair ffc(gb_builder *b, pair x, const char *name, split out, int stride)
{
    const gb_conv_spec to_local = {.out = out.local, .kernel_h = 3, .stride = stride};
    const gb_conv_spec to_global = {.out = out.global, .kernel_h = 3, .stride = stride};
    const gb_value near = gb_build_pad_reflect(b, x.local, 1);
    pair y = {conv(b, near, name, "ffc.convl2l", to_local), GB_NONE};
    if (out.global) y.global = conv(b, near, name, "ffc.convl2g", to_global);
    if (x.global != GB_NONE) {
        const gb_value far = gb_build_pad_reflect(b, x.global, 1);
        y.local = gb_build_add(b, y.local, conv(b, far, name, "ffc.convg2l", to_local));
        const char *transform = gb_build_name(b, "%s.ffc.convg2g", name);
        y.global = gb_build_add(b, y.global, spectral_transform(b, x.global, transform, out.global));
    }
    y.local = norm_relu(b, y.local, name, "bn_l");
    if (out.global) y.global = norm_relu(b, y.global, name, "bn_g");
    return y;
}

static pair residual_block(gb_builder *b, pair x, int index, split channels)
{
    pair y = ffc(b, x, gb_build_name(b, "model.%d.conv1", index), channels, 1);
    y = ffc(b, y, gb_build_name(b, "model.%d.conv2", index), channels, 1);
    return (pair){gb_build_add(b, x.local, y.local), gb_build_add(b, x.global, y.global)};
}

static gb_value enlarge(gb_builder *b, gb_value x, int index, int64_t out)
{
    const gb_conv_spec spec = {.out = out, .kernel_h = 3, .stride = 2, .pad = 1, .output_pad = 1, .bias = true};
    x = gb_build_deconv(b, x, gb_build_name(b, "model.%d", index), spec);
    return gb_build_relu(b, gb_build_batchnorm(b, x, gb_build_name(b, "model.%d", index + 1)));
}

static gb_value build(gb_builder *b, gb_value x, const gb_net_params *params)
{
    const int64_t width = params->width;
    const split deep = {2 * width, 6 * width};

    x = gb_build_pad_reflect(b, x, 3);
    x = conv(b, x, "model.1", "ffc.convl2l", (gb_conv_spec){.out = width, .kernel_h = 7});
    pair p = {norm_relu(b, x, "model.1", "bn_l"), GB_NONE};
    p = ffc(b, p, "model.2", (split){2 * width, 0}, 2);
    p = ffc(b, p, "model.3", (split){4 * width, 0}, 2);
    p = ffc(b, p, "model.4", deep, 2);
    for (int i = 0; i < params->blocks; i++) p = residual_block(b, p, FIRST_BLOCK + i, deep);

    int index = FIRST_BLOCK + params->blocks + 1; /* past the concatenation, which is a layer of its own */
    x = gb_build_concat(b, p.local, p.global);
    for (int64_t out = 4 * width; out >= width; out /= 2, index += 3) x = enlarge(b, x, index, out);
    x = gb_build_pad_reflect(b, x, 3);
    x = gb_build_conv(b, x, gb_build_name(b, "model.%d", index + 1),
                      (gb_conv_spec){.out = 3, .kernel_h = 7, .bias = true});
    return gb_build_activation(b, x, GB_ACT_SIGMOID, 0);
}

/* The blocks are counted by the highest one there, so that a gap is reported as what is missing. */
static gb_status infer(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    static const int64_t stem[4] = {0, 4, 7, 7};
    int64_t shape[4];
    GB_TRY(gb_state_dict_shape(weights, "model.1.ffc.convl2l.weight", stem, MAX_WIDTH, shape, err));
    int blocks = 0;
    for (int i = 0; i < MAX_BLOCKS; i++) {
        char name[64];
        snprintf(name, sizeof name, "model.%d.conv1.ffc.convl2l.weight", FIRST_BLOCK + i);
        if (gb_weights_find(weights, name)) blocks = i + 1;
    }
    if (!blocks)
        return gb_fail(err, GB_E_MISMATCH, "expected residual blocks from model.%d.conv1 on, found none", FIRST_BLOCK);
    *out = (gb_net_params){.width = shape[0], .blocks = blocks};
    return GB_OK;
}

static gb_status infer_big(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    gb_net_params found;
    GB_TRY(infer(weights, &found, err));
    if (found.blocks != 18)
        return gb_fail(err, GB_E_MISMATCH, "expected big-lama's 18 residual blocks, found %d (lama-fourier takes any)",
                       found.blocks);
    *out = found;
    return GB_OK;
}

static const char *const prefixes[] = {
    "state_dict.generator.", "gen_state.", "gen_state.module.", "gen_state.generator.", "generator.", "state_dict.",
    "model_state.", "module.", "", NULL,
};
static const char *const ignore[] = {NULL};

#define LAMA(BLOCKS, INFER)                                                                                    \
    {                                                                                                          \
        .input = GB_NET_MASKED, .output = GB_NET_SIGMOID, .multiple = 8,                                       \
        .key = "model.1.ffc.convl2l.weight", .prefixes = prefixes, .ignore = ignore,                           \
        .defaults = {.width = 64, .blocks = (BLOCKS)}, .infer = INFER, .build = build,                         \
    }
static const gb_net net_fourier = LAMA(9, infer), net_big = LAMA(18, infer_big);

const gb_generator gb_generator_lama_fourier = {
    .id = "lama-fourier",
    .title = "LaMa-Fourier",
    .summary = "the study's model 3: fast Fourier convolutions in 9 residual blocks",
    .source = "Suvorov et al. 2021, arXiv 2109.07161; github.com/advimman/lama",
    .net = &net_fourier,
};

const gb_generator gb_generator_big_lama = {
    .id = "big-lama",
    .title = "Big LaMa",
    .summary = "LaMa with 18 residual blocks, as its authors released it",
    .source = "Suvorov et al. 2021, arXiv 2109.07161; github.com/advimman/lama",
    .net = &net_big,
};
