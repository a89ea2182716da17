/* The convolutional trunk of AlexNet as torchvision has it ("features"), with the five ReLU outputs of LPIPS. */
#ifndef GB_METRICS_ALEXNET_H
#define GB_METRICS_ALEXNET_H

#include "engine/graph.h"
#include "engine/weights.h"

#define GB_ALEXNET_TAPS 5
#define GB_ALEXNET_MIN_SIDE 31 /* pixels: less, and the second pooling has no window */

typedef struct gb_alexnet_layer {
    int index;      /* in torchvision's list: "features.<index>.weight" */
    int out, in;    /* channels */
    int kernel, stride, pad;
    bool pooled;    /* 3x3 max pooling, stride 2, floor, comes before it */
    double first, step; /* centre, in pixels, of the footprint of output column 0, and from column to column */
} gb_alexnet_layer;

extern const gb_alexnet_layer gb_alexnet_layers[GB_ALEXNET_TAPS];

/* Graph of one 1,height,width,3 input (already scaled) and GB_ALEXNET_TAPS outputs. `weights` holds the trunk's ten
 * tensors by torchvision's names and must outlive the graph; missing, misshapen and surplus ones are GB_E_MISMATCH. */
gb_status gb_alexnet_graph(gb_weights *weights, int width, int height, gb_graph **out, gb_error *err) GB_MUST_CHECK;

#endif
