/* A net as a list of operations in execution order. Node i computes value i; inputs refer to earlier nodes.
 *
 * All activations are float32, N×H×W×C, contiguous (channels last); weights keep PyTorch's layouts. A graph borrows
 * its weights from gb_weights, which must outlive it; graphs made by gb_graph_fold own the tensors they changed. */
#ifndef GB_ENGINE_GRAPH_H
#define GB_ENGINE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

typedef int32_t gb_value; /* index of a node; GB_NONE where an optional input is absent */
#define GB_NONE (-1)

typedef struct gb_shape {
    int64_t n, h, w, c;
} gb_shape;

typedef enum gb_op {
    GB_OP_INPUT,
    GB_OP_CONV,         /* cross-correlation, zero padding `pad` on every side, dilation, weight O,I,kh,kw */
    GB_OP_DECONV,       /* transposed convolution as in PyTorch, weight I,O,kh,kw */
    GB_OP_BATCHNORM,    /* gamma (x - mean) / sqrt(var + eps) + beta; with batch_stats mean and biased variance are
                           those of x over N, H, W */
    GB_OP_ACTIVATION,
    GB_OP_ADD,          /* in[0] + in[1], same shape */
    GB_OP_CONCAT,       /* channels of in[0], then of in[1] */
    GB_OP_MAXPOOL,      /* kernel×kernel, stride, no padding, floor */
    GB_OP_PAD_REFLECT,  /* `pad` pixels on every side, mirrored about the edge pixel, which is not repeated */
    GB_OP_RFFT2,        /* over H, W, norm "ortho": c real channels -> 2c channels (2i = re, 2i + 1 = im), w/2+1 wide */
    GB_OP_IRFFT2,       /* its inverse: 2c channels -> c real channels, `out_w` wide; imaginary parts of the DC and
                           Nyquist columns are ignored, as torch.fft.irfft2 does */
    GB_OP_COUNT
} gb_op;

typedef enum gb_activation { GB_ACT_NONE, GB_ACT_RELU, GB_ACT_LEAKY_RELU, GB_ACT_TANH, GB_ACT_SIGMOID } gb_activation;

typedef struct gb_node {
    gb_op op;
    gb_shape shape;      /* of the value computed */
    const char *name;    /* the layer's name in the checkpoint, or a short label; owned by the graph */
    gb_value in[3];      /* [0] x; [1] second operand of ADD and CONCAT, or a fused addend; [2] a fused residual */
    int kernel_h, kernel_w, stride, pad, dilation, output_pad;
    int64_t out_w;               /* IRFFT2 */
    gb_activation act;           /* of an ACTIVATION; fused into a CONV or DECONV by gb_graph_fold */
    float slope;                 /* LEAKY_RELU */
    const float *weight, *bias;  /* CONV, DECONV; bias may be NULL */
    const float *gamma, *beta, *mean, *var; /* BATCHNORM, c each; mean and var unread with batch_stats */
    float eps;
    bool batch_stats;
} gb_node;
/* A folded CONV or DECONV computes  act(conv(in[0]) + bias + in[1]) + in[2]  (absent inputs count as zero). */

typedef struct gb_graph gb_graph;

const gb_node *gb_graph_nodes(const gb_graph *graph, size_t *count);
const gb_value *gb_graph_outputs(const gb_graph *graph, size_t *count);
void gb_graph_free(gb_graph *graph);

/* A new graph that computes the same outputs with fewer passes over memory: running-statistics batch norms folded into
 * the convolutions before them (through one ADD of two convolutions too), activations, addends and residuals fused,
 * unused nodes dropped. Borrows unchanged weights from the same gb_weights as `graph`; `graph` itself may be freed. */
gb_status gb_graph_fold(const gb_graph *graph, gb_graph **out, gb_error *err) GB_MUST_CHECK;

typedef struct gb_cost {
    double flops;        /* direct convolutions, 2 per multiply-add, padding included; 2.5 P log2 P for a transform of
                            P real points; everything else counts as free */
    double weight_bytes; /* read once per run, float32 */
    double activation_bytes; /* every value written once and read once per use */
    int64_t parameters;  /* weights, biases and batch-norm affine pairs (buffers not counted) */
} gb_cost;
gb_cost gb_graph_cost(const gb_graph *graph);

/* Half-open runs of columns, increasing and apart. Two, because frames have two strips; none: nothing is said. */
typedef struct gb_column_runs {
    int count;
    struct {
        int64_t from, to;
    } run[2];
} gb_column_runs;

/* What whoever plans the graph may count on. */
typedef struct gb_graph_use {
    gb_column_runs wanted;   /* only these columns of the outputs are read: no others need to be computed */
    gb_column_runs changing; /* only these columns of the inputs differ between a run and the reruns after it */
} gb_graph_use;
void gb_graph_set_use(gb_graph *graph, gb_graph_use use);
gb_graph_use gb_graph_get_use(const gb_graph *graph);

/* gb_graph_cost, but of operations only the columns that the wanted ones depend on. */
gb_status gb_graph_wanted_cost(const gb_graph *graph, gb_cost *out, gb_error *err) GB_MUST_CHECK;

/* Where each value lives in one arena: values that are never alive together share memory. */
typedef struct gb_arena_plan {
    size_t *offset;      /* per node, in bytes, multiples of GB_ALIGNMENT */
    size_t bytes;        /* of the arena */
} gb_arena_plan;
/* The graph's inputs and outputs keep their memory for the whole run; where columns are said to be changing all values
 * do, for the rerun. `alias` (may be NULL) is a wish: node i is put in
 * the memory of its input alias[i] (GB_NONE: of none) where that value dies at i, is read by it once, is no smaller and
 * is no input of the graph; offset[i] == offset[alias[i]] tells. */
gb_status gb_graph_plan_arena(const gb_graph *graph, const gb_value *alias, gb_arena_plan *out, gb_error *err)
    GB_MUST_CHECK;

/* The same, said one by one. */
typedef struct gb_arena_wish {
    const gb_value *alias;  /* as above; or NULL */
    const uint8_t *element; /* bytes of one element of each value; NULL: those of a float, everywhere */
    bool reruns;            /* all values keep their memory */
} gb_arena_wish;
gb_status gb_graph_plan_arena_as(const gb_graph *graph, const gb_arena_wish *wish, gb_arena_plan *out, gb_error *err)
    GB_MUST_CHECK;
void gb_arena_plan_free(gb_arena_plan *plan);

size_t gb_shape_size(gb_shape shape); /* elements */

#endif
