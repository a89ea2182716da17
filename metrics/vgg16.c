/* The convolutional trunk of VGG16 (Simonyan & Zisserman 2015, configuration D) as torchvision has it. */
#include "metrics/lpips_net.h"

#define CONV(index_, in_, out_) .index = index_, .out = out_, .in = in_, .kernel = 3, .stride = 1, .pad = 1
#define TAP(step_) .tap = true, .first = 0.5 * step_, .step = step_

/* Footprint centres: the padded convolutions keep the grid of pixels, whose centres are at i + 0.5; output i of a
 * pooling of two lies over inputs 2i and 2i + 1. Taps: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3. */
static const gb_lpips_conv conv[] = {
    {CONV(0, 3, 64)},
    {CONV(2, 64, 64), TAP(1)},
    {CONV(5, 64, 128), .pool = 2},
    {CONV(7, 128, 128), TAP(2)},
    {CONV(10, 128, 256), .pool = 2},
    {CONV(12, 256, 256)},
    {CONV(14, 256, 256), TAP(4)},
    {CONV(17, 256, 512), .pool = 2},
    {CONV(19, 512, 512)},
    {CONV(21, 512, 512), TAP(8)},
    {CONV(24, 512, 512), .pool = 2},
    {CONV(26, 512, 512)},
    {CONV(28, 512, 512), TAP(16)},
};

const gb_lpips_net gb_lpips_vgg16 = {
    .metric = "lpips_vgg_v0.1",
    .title = "VGG16",
    .flax = "VGG16_0",
    .fetch = "lpips-vgg",
    .weights = GB_LPIPS_VGG_WEIGHTS,
    .min_side = 16,
    .conv = conv,
    .convs = sizeof conv / sizeof *conv,
};
