/* Model 2 of the study: the completion network of "Globally and Locally Consistent Image Completion" (Iizuka,
 * Simo-Serra & Ishikawa 2017), on RGB without a mask channel and with tanh at the end. Batch norms are shared by all
 * layers of one width and named by it. Channels below are the study's, for a width of 64; another width scales them,
 * and the norms keep their names. */
#include "models/generator.h"
#include "models/state_dict.h"

typedef struct layer {
    const char *name;
    gb_conv_spec spec;
    bool up; /* transposed convolution */
} layer;

#define STUDY_WIDTH 64
#define MAX_WIDTH 1024

#define SAME(channels) {.out = (channels), .kernel_h = 3, .pad = 1}
#define DILATED(by) {.out = 256, .kernel_h = 3, .pad = (by), .dilation = (by), .bias = true}
#define HALVE(channels) {.out = (channels), .kernel_h = 4, .stride = 2, .pad = 1}
#define DOUBLE(channels) {.out = (channels), .kernel_h = 4, .stride = 2, .pad = 1, .bias = true}

static const layer layers[] = {
    {.name = "conv1", .spec = {.out = 64, .kernel_h = 5, .pad = 2}},
    {.name = "conv2", .spec = HALVE(128)},
    {.name = "conv3", .spec = SAME(128)},
    {.name = "conv4", .spec = HALVE(256)},
    {.name = "conv5", .spec = SAME(256)},
    {.name = "conv6", .spec = SAME(256)},
    {.name = "dilconv1", .spec = DILATED(2)},
    {.name = "dilconv2", .spec = DILATED(4)},
    {.name = "dilconv3", .spec = DILATED(8)},
    {.name = "dilconv4", .spec = DILATED(16)},
    {.name = "conv7", .spec = SAME(256)},
    {.name = "conv8", .spec = SAME(256)},
    {.name = "deconv1", .spec = DOUBLE(128), .up = true},
    {.name = "conv9", .spec = SAME(128)},
    {.name = "deconv2", .spec = DOUBLE(64), .up = true},
    {.name = "conv10", .spec = SAME(32)},
};

static gb_value build(gb_builder *b, gb_value x, const gb_net_params *params)
{
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        const layer *at = &layers[i];
        gb_conv_spec spec = at->spec;
        spec.out = spec.out * params->width / STUDY_WIDTH;
        x = at->up ? gb_build_deconv(b, x, at->name, spec) : gb_build_conv(b, x, at->name, spec);
        x = gb_build_batchnorm(b, x, gb_build_name(b, "batch_norm%d", (int)at->spec.out));
        x = gb_build_relu(b, x);
    }
    x = gb_build_conv(b, x, "conv11", (gb_conv_spec)SAME(3));
    return gb_build_activation(b, x, GB_ACT_TANH, 0);
}

static gb_status infer(const gb_weights *weights, gb_net_params *out, gb_error *err)
{
    static const int64_t expected[4] = {0, 3, 5, 5};
    int64_t shape[4];
    GB_TRY(gb_state_dict_shape(weights, "conv1.weight", expected, MAX_WIDTH, shape, err));
    if (shape[0] % 2) return gb_fail(err, GB_E_MISMATCH, "expected an even width, found conv1 with %d", (int)shape[0]);
    *out = (gb_net_params){.width = shape[0]};
    return GB_OK;
}

static const char *const ignore[] = {"batch_norm3.", NULL}; /* the original makes it and never uses it */

static const gb_net net = {
    .input = GB_NET_SIGNED,
    .output = GB_NET_TANH,
    .grid = 4,
    .multiple = 1,
    .key = "dilconv1.weight",
    .prefixes = gb_usual_prefixes,
    .ignore = ignore,
    .defaults = {.width = STUDY_WIDTH},
    .infer = infer,
    .build = build,
};

const gb_generator gb_generator_glcic = {
    .id = "glcic",
    .title = "GLCIC",
    .summary = "the study's model 2: dilated convolutions at a quarter of the size",
    .source = "Iizuka, Simo-Serra & Ishikawa 2017, doi 10.1145/3072959.3073659",
    .net = &net,
};
