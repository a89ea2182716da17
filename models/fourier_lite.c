/* The study's early Fourier net: three halvings, four Fourier units without residuals, three doublings. Not LaMa. */
#include "models/fourier_unit.h"
#include "models/generator.h"
#include "models/state_dict.h"

#define FIRST_UNIT 9
#define UNITS 4

static gb_conv_spec halve_or_double(int64_t out)
{
    return (gb_conv_spec){.out = out, .kernel_h = 4, .stride = 2, .pad = 1};
}

static gb_value norm_relu(gb_builder *b, gb_value x, int index)
{
    return gb_build_relu(b, gb_build_batchnorm(b, x, gb_build_name(b, "model.%d", index)));
}

static gb_value build(gb_builder *b, gb_value x, const gb_net_params *params)
{
    (void)params;
    x = norm_relu(b, gb_build_conv(b, x, "model.0", halve_or_double(64)), 1);
    x = norm_relu(b, gb_build_conv(b, x, "model.3", halve_or_double(128)), 4);
    x = norm_relu(b, gb_build_conv(b, x, "model.6", halve_or_double(256)), 7);
    for (int i = FIRST_UNIT; i < FIRST_UNIT + UNITS; i++) x = gb_fourier_unit(b, x, gb_build_name(b, "model.%d", i));
    x = norm_relu(b, gb_build_deconv(b, x, "model.13", halve_or_double(128)), 14);
    x = norm_relu(b, gb_build_deconv(b, x, "model.16", halve_or_double(64)), 17);
    x = gb_build_deconv(b, x, "model.19", halve_or_double(3));
    return gb_build_activation(b, x, GB_ACT_TANH, 0);
}

static gb_status infer(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    static const int64_t expected[4] = {64, 3, 4, 4};
    int64_t shape[4];
    GB_TRY(gb_state_dict_shape(weights, "model.0.weight", expected, 0, shape, err));
    *out = (gb_net_params){.width = shape[0]};
    return GB_OK;
}

static const char *const ignore[] = {NULL};

static const gb_net net = {
    .input = GB_NET_SIGNED,
    .output = GB_NET_TANH,
    .grid = 8,
    .multiple = 1,
    .key = "model.9.conv_layer.weight",
    .prefixes = gb_usual_prefixes,
    .ignore = ignore,
    .defaults = {.width = 64},
    .infer = infer,
    .build = build,
};

const gb_generator gb_generator_fourier_lite = {
    .id = "fourier-lite",
    .title = "early Fourier net",
    .summary = "the study's first Fourier net (\"ffc\" in its notes): four Fourier units at an eighth of the size",
    .source = "the study's own, after Chi, Jiang & Mu 2020 (Fast Fourier Convolution)",
    .net = &net,
};
