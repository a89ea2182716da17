/* Weights and frames given by a formula (core/random.h), and how far a net's output is from what it should be. */
#ifndef GB_TESTS_FORMULA_H
#define GB_TESTS_FORMULA_H

#include "models/net.h"

typedef struct formula_tensor {
    const char *name;
    int rank;
    int64_t dim[4];
    double a, b;
} formula_tensor;

/* A row of golden/tiny_nets.h: what PyTorch computed, every `stride`-th value of N,3,H,W. */
typedef struct tiny_net {
    const char *prefix, *generator;
    const formula_tensor *tensors;
    size_t tensor_count;
    const float *samples;
    size_t sample_count, stride;
    int frames, height, width, side;
    bool batch_stats;
} tiny_net;

/* Element i of tensor t is gb_random_weight(hash("<prefix>/<t>"), i, a, b). Fails the test when memory is short. */
gb_weights *formula_weights(const char *prefix, const formula_tensor *tensors, size_t count);
void formula_add(gb_weights *weights, const char *prefix, const formula_tensor *tensor);

/* `count` frames whose planes (N,3,H,W) are the top bytes of the stream at hash("<prefix>/input"). */
gb_image *formula_frames(const char *prefix, int count, int height, int width);
/* From planes N,3,H,W. */
gb_image *frames_from_planes(const uint8_t *planes, int count, int height, int width);
/* One frame as a net's input (H,W,3 or, masked, H,W,4), written apart from the product's packing. */
void frame_to_input(const gb_image *frame, int side, bool masked, float *input);
void frames_free(gb_image *frames, int count);

/* Every frame through the net: all as one batch with batch statistics, one by one otherwise. `output` is allocated
 * N,3,H,W; the caller frees. */
gb_status net_output(const gb_net *net, gb_weights *weights, const gb_net_options *options, const gb_backend *backend,
                     const gb_image *frames, int count, float **output, gb_error *err);

/* The limits of the golden files: largest and mean absolute difference. */
#define NET_LIMIT_MAX 1e-4
#define NET_LIMIT_MEAN 1e-5
typedef struct net_difference {
    double max, mean;
} net_difference;
/* `expected[i]` against `found[i * stride]`; NaN counts as infinitely far. */
net_difference net_compare(const float *expected, const float *found, size_t count, size_t stride);
bool net_within(net_difference difference);

/* In bf16, about twice what was measured; the statistics of a batch magnify what rounding loses. */
#define BF16_LIMIT_MAX 0.08
#define BF16_LIMIT_MEAN 0.013
#define BF16_BATCH_LIMIT_MAX 0.4
#define BF16_BATCH_LIMIT_MEAN 0.05
bool net_within_bf16(net_difference difference, bool batch_stats);

#endif
