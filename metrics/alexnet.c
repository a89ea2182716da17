/* The convolutional trunk of AlexNet as torchvision has it. */
#include "metrics/lpips_net.h"

/* Footprint centres: output i of conv1 covers pixels 4i - 2 .. 4i + 8, whose middle pixel 4i + 3 has its centre at
 * 4i + 3.5. A 3-wide pooling with stride 2 is centred on its input 2i + 1; the padded convolutions keep the grid. */
static const gb_lpips_conv conv[] = {
    {.index = 0, .out = 64, .in = 3, .kernel = 11, .stride = 4, .pad = 2, .tap = true, .first = 3.5, .step = 4},
    {.index = 3, .out = 192, .in = 64, .kernel = 5, .stride = 1, .pad = 2, .pool = 3, .tap = true, .first = 7.5,
     .step = 8},
    {.index = 6, .out = 384, .in = 192, .kernel = 3, .stride = 1, .pad = 1, .pool = 3, .tap = true, .first = 15.5,
     .step = 16},
    {.index = 8, .out = 256, .in = 384, .kernel = 3, .stride = 1, .pad = 1, .tap = true, .first = 15.5, .step = 16},
    {.index = 10, .out = 256, .in = 256, .kernel = 3, .stride = 1, .pad = 1, .tap = true, .first = 15.5, .step = 16},
};

const gb_lpips_net gb_lpips_alexnet = {
    .metric = "lpips_alex_v0.1",
    .title = "AlexNet",
    .flax = "AlexNet_0",
    .fetch = "lpips",
    .weights = GB_LPIPS_ALEX_WEIGHTS,
    .min_side = 31,
    .conv = conv,
    .convs = sizeof conv / sizeof *conv,
};
