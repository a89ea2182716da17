/* The networks that LPIPS looks through: torchvision's "features" lists, of which five ReLU outputs are tapped. */
#ifndef GB_METRICS_LPIPS_NET_H
#define GB_METRICS_LPIPS_NET_H

#include "engine/graph.h"
#include "engine/weights.h"

#define GB_LPIPS_TAPS 5

/* One convolution with its ReLU, as the list has them in order. */
typedef struct gb_lpips_conv {
    int index;      /* in torchvision's list: "features.<index>.weight" */
    int out, in;    /* channels */
    int kernel, stride, pad;
    int pool;       /* side of the max pooling before it (stride 2, floor, no padding); 0: none */
    bool tap;       /* its ReLU's output is looked at */
    double first, step; /* of a tap: centre, in pixels, of output column 0's footprint, and from column to column */
} gb_lpips_conv;

/* sha256 of all float32 values, little-endian: weight and bias of each convolution in order, then the heads, in
 * PyTorch's layouts: those published with the metric, whatever the container. */
#define GB_LPIPS_ALEX_WEIGHTS "d35548de7be601b33a9e8583d227dd0a60df4f941f0c15480e03741a429a13ba"
#define GB_LPIPS_VGG_WEIGHTS "1f8936563bcef47215bb845125888cf6ddb67259340c8fac0cfdbf841083761c"

typedef struct gb_lpips_net {
    const char *metric;  /* the metric's id, which is also the weights file's name without ".ckpt" or ".h5" */
    const char *title;   /* "AlexNet" */
    const char *flax;    /* prefix of the trunk in flax checkpoints: "AlexNet_0" */
    const char *fetch;   /* what `ganime-bench model fetch` calls the weights */
    const char *weights; /* sha256, as above */
    int min_side;        /* pixels: less, and a pooling has no window */
    const gb_lpips_conv *conv;
    int convs;
} gb_lpips_net;

extern const gb_lpips_net gb_lpips_alexnet, gb_lpips_vgg16;

/* The convolution whose output is tap `number`. */
const gb_lpips_conv *gb_lpips_tap(const gb_lpips_net *net, int number);

/* Graph of one frames,height,width,3 input (already scaled) and GB_LPIPS_TAPS outputs. `weights` holds the trunk's
 * tensors by torchvision's names and must outlive the graph; missing, misshapen and surplus ones are GB_E_MISMATCH. */
gb_status gb_lpips_graph(const gb_lpips_net *net, gb_weights *weights, int frames, int width, int height,
                         gb_graph **out, gb_error *err) GB_MUST_CHECK;

#endif
