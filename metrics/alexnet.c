#include "metrics/alexnet.h"

#include "engine/builder.h"

/* Footprint centres: output i of conv1 covers pixels 4i - 2 .. 4i + 8, whose middle pixel 4i + 3 has its centre at
 * 4i + 3.5. A 3-wide pooling with stride 2 is centred on its input 2i + 1; the padded convolutions keep the grid. */
const gb_alexnet_layer gb_alexnet_layers[GB_ALEXNET_TAPS] = {
    {.index = 0, .out = 64, .in = 3, .kernel = 11, .stride = 4, .pad = 2, .first = 3.5, .step = 4},
    {.index = 3, .out = 192, .in = 64, .kernel = 5, .stride = 1, .pad = 2, .pooled = true, .first = 7.5, .step = 8},
    {.index = 6, .out = 384, .in = 192, .kernel = 3, .stride = 1, .pad = 1, .pooled = true, .first = 15.5, .step = 16},
    {.index = 8, .out = 256, .in = 384, .kernel = 3, .stride = 1, .pad = 1, .first = 15.5, .step = 16},
    {.index = 10, .out = 256, .in = 256, .kernel = 3, .stride = 1, .pad = 1, .first = 15.5, .step = 16},
};

gb_status gb_alexnet_graph(gb_weights *weights, int width, int height, gb_graph **out, gb_error *err)
{
    if (width < GB_ALEXNET_MIN_SIDE || height < GB_ALEXNET_MIN_SIDE)
        return gb_fail(err, GB_E_UNSUPPORTED, "AlexNet: frames of at least %dx%d are needed, got %dx%d",
                       GB_ALEXNET_MIN_SIDE, GB_ALEXNET_MIN_SIDE, width, height);
    gb_builder *builder = NULL;
    gb_status status = GB_OK;
    GB_GO(gb_builder_new(weights, false, &builder, err));
    gb_value tap[GB_ALEXNET_TAPS], x = gb_build_input(builder, (gb_shape){1, height, width, 3});
    for (int i = 0; i < GB_ALEXNET_TAPS; i++) {
        const gb_alexnet_layer *const layer = &gb_alexnet_layers[i];
        const gb_conv_spec spec = {.out = layer->out, .kernel_h = layer->kernel, .stride = layer->stride,
                                   .pad = layer->pad, .bias = true};
        if (layer->pooled) x = gb_build_maxpool(builder, x, 3, 2);
        x = gb_build_conv(builder, x, gb_build_name(builder, "features.%d", layer->index), spec);
        tap[i] = x = gb_build_relu(builder, x);
    }
    GB_GO(gb_weights_check(weights, NULL, err));
    GB_GO(gb_builder_finish(builder, tap, GB_ALEXNET_TAPS, out, err));
done:
    gb_builder_free(builder);
    return status;
}
