/* Model 1 of the study: a Context Encoder (Pathak et al. 2016) over whole frames, its bottleneck's kernel as large as
 * the feature map of a 512x288 frame. Layers are numbered as in one Sequential, `main`. */
#include "models/generator.h"
#include "models/state_dict.h"

#define MAX_BOTTLENECK 65536
#define MAX_WIDTH 1024

static gb_conv_spec halve_or_double(int64_t out)
{
    return (gb_conv_spec){.out = out, .kernel_h = 4, .stride = 2, .pad = 1};
}

static gb_value leaky_relu(gb_builder *b, gb_value x)
{
    return gb_build_activation(b, x, GB_ACT_LEAKY_RELU, 0.2f);
}

static gb_value encode(gb_builder *b, gb_value x, int index, int64_t out)
{
    x = gb_build_conv(b, x, gb_build_name(b, "main.%d", index), halve_or_double(out));
    x = gb_build_batchnorm(b, x, gb_build_name(b, "main.%d", index + 1));
    return leaky_relu(b, x);
}

static gb_value decode(gb_builder *b, gb_value x, int index, int64_t out)
{
    x = gb_build_deconv(b, x, gb_build_name(b, "main.%d", index), halve_or_double(out));
    return gb_build_relu(b, x);
}

static gb_value build(gb_builder *b, gb_value x, const gb_net_params *params)
{
    const int kernel_h = params->kernel_h, kernel_w = params->kernel_w;
    const int64_t w = params->width;
    const gb_conv_spec squeeze = {.out = params->bottleneck, .kernel_h = kernel_h, .kernel_w = kernel_w};
    const gb_conv_spec spread = {.out = 8 * w, .kernel_h = kernel_h, .kernel_w = kernel_w};

    x = leaky_relu(b, gb_build_conv(b, x, "main.0", halve_or_double(w)));
    x = encode(b, x, 2, w);
    x = encode(b, x, 5, 2 * w);
    x = encode(b, x, 8, 4 * w);
    x = encode(b, x, 11, 8 * w);
    x = leaky_relu(b, gb_build_conv(b, x, "main.14", squeeze));
    x = gb_build_relu(b, gb_build_deconv(b, x, "main.16", spread));
    x = decode(b, x, 18, 4 * w);
    x = decode(b, x, 20, 2 * w);
    x = decode(b, x, 22, w);
    x = decode(b, x, 24, w / 2);
    x = gb_build_deconv(b, x, "main.26", halve_or_double(3));
    return gb_build_activation(b, x, GB_ACT_TANH, 0);
}

static gb_status infer(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    static const int64_t first[4] = {0, 3, 4, 4};
    int64_t shape[4], width[4];
    GB_TRY(gb_state_dict_shape(weights, "main.0.weight", first, MAX_WIDTH, width, err));
    if (width[0] % 2) return gb_fail(err, GB_E_MISMATCH, "expected an even width, found main.0 with %d", (int)width[0]);
    const int64_t expected[4] = {0, 8 * width[0], 0, 0};
    GB_TRY(gb_state_dict_shape(weights, "main.14.weight", expected, MAX_BOTTLENECK, shape, err));
    *out = (gb_net_params){
        .width = width[0], .bottleneck = shape[0], .kernel_h = (int)shape[2], .kernel_w = (int)shape[3]};
    return GB_OK;
}

static const char *const ignore[] = {NULL};

static const gb_net net = {
    .input = GB_NET_SIGNED,
    .output = GB_NET_TANH,
    .grid = 32,
    .multiple = 1,
    .key = "main.0.weight",
    .prefixes = gb_usual_prefixes,
    .ignore = ignore,
    .defaults = {.width = 64, .bottleneck = 4000, .kernel_h = 9, .kernel_w = 16},
    .infer = infer,
    .build = build,
};

const gb_generator gb_generator_ce = {
    .id = "ce",
    .title = "Context Encoder",
    .summary = "the study's model 1: encoder, whole-frame bottleneck, decoder",
    .source = "Pathak et al. 2016, arXiv 1604.07379",
    .net = &net,
};
