#include "metrics/lpips_net.h"

#include "engine/builder.h"

const gb_lpips_conv *gb_lpips_tap(const gb_lpips_net *net, int number)
{
    for (int i = 0; i < net->convs; i++)
        if (net->conv[i].tap && number-- == 0) return &net->conv[i];
    return NULL;
}

gb_status gb_lpips_graph(const gb_lpips_net *net, gb_weights *weights, int frames, int width, int height,
                         gb_graph **out, gb_error *err)
{
    if (width < net->min_side || height < net->min_side)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: frames of at least %dx%d are needed, got %dx%d", net->title,
                       net->min_side, net->min_side, width, height);
    gb_builder *builder = NULL;
    gb_status status = GB_OK;
    int taps = 0;
    GB_GO(gb_builder_new(weights, false, &builder, err));
    gb_value tap[GB_LPIPS_TAPS], x = gb_build_input(builder, (gb_shape){frames, height, width, 3});
    for (int i = 0; i < net->convs; i++) {
        const gb_lpips_conv *const conv = &net->conv[i];
        const gb_conv_spec spec = {.out = conv->out, .kernel_h = conv->kernel, .stride = conv->stride,
                                   .pad = conv->pad, .bias = true};
        if (conv->pool) x = gb_build_maxpool(builder, x, conv->pool, 2);
        x = gb_build_conv(builder, x, gb_build_name(builder, "features.%d", conv->index), spec);
        x = gb_build_relu(builder, x);
        if (conv->tap) tap[taps++] = x;
    }
    GB_GO(gb_weights_check(weights, NULL, err));
    GB_GO(gb_builder_finish(builder, tap, GB_LPIPS_TAPS, out, err));
done:
    gb_builder_free(builder);
    return status;
}
