/* A generator invents the two side strips of a frame. A new one is one file here and one line in registry.c.
 *
 * There are two kinds: a baseline paints the strips of a picture directly; a net is a graph with weights, run by a
 * backend, whose output is composited so that the known centre stays bit for bit. */
#ifndef GB_MODELS_GENERATOR_H
#define GB_MODELS_GENERATOR_H

#include <stdint.h>

#include "engine/builder.h"
#include "image/image.h"
#include "image/region.h"

/* What a net's tensors say about its size; unused fields are 0. */
typedef struct gb_net_params {
    int64_t width;      /* channels after the first layer (ngf) */
    int64_t bottleneck; /* ce: B */
    int kernel_h, kernel_w; /* ce: of the bottleneck */
    int blocks;         /* lama */
} gb_net_params;

typedef enum gb_net_input {
    GB_NET_SIGNED, /* 3 channels, u8/127.5 - 1, strips -1 */
    GB_NET_MASKED, /* 4 channels: u8/255 times (1 - mask), then the mask (1 = to fill) */
} gb_net_input;

typedef enum gb_net_output { GB_NET_TANH /* [-1, 1] */, GB_NET_SIGMOID /* [0, 1] */ } gb_net_output;

typedef struct gb_net {
    gb_net_input input;
    gb_net_output output;
    int grid;                        /* only frames whose sides are multiples of this come out at their own size (0:
                                        all do); with a bottleneck no side is shorter than its kernel x grid */
    int multiple;                    /* frames are reflect-padded (right, bottom) to a multiple of this; 1: never */
    const char *key;                 /* a tensor that every such state dict has; tells where it lies in a checkpoint */
    const char *const *prefixes;     /* NULL-ended: where a checkpoint keeps this net's state dict, tried in order;
                                        "" last */
    const char *const *ignore;       /* NULL-ended prefixes of tensors that may be there unused */
    gb_net_params defaults;          /* of the study's net, used when there are no weights */
    /* Reads the parameters from tensors' shapes; GB_E_MISMATCH when these are not this net's weights. */
    gb_status (*infer)(const gb_weights *weights, gb_net_params *out, gb_error *err);
    /* Appends the layers to `x` (N,H,W,3 or 4) and returns the output value. */
    gb_value (*build)(gb_builder *builder, gb_value x, const gb_net_params *params);
} gb_net;

typedef struct gb_generator {
    const char *id;       /* "ce", "mirror" */
    const char *title;    /* "Context Encoder" */
    const char *summary;  /* one line for `list generators` */
    const char *source;   /* the paper or code it follows */
    const gb_net *net;    /* NULL for a baseline */
    /* Baselines: fills the strips of `frame` (its centre is set, its strips are black) in place. */
    gb_status (*paint)(gb_image *frame, int side, gb_error *err);
} gb_generator;

const gb_generator *const *gb_generators(size_t *count); /* in the order of lists */
const gb_generator *gb_generator_find(const char *id); /* NULL when unknown */

#endif
