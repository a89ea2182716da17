/* Parity of backends: a table of small graphs, one per operation and edge of its range, run on two sides whose outputs
 * must agree within a bound derived from the graph itself. */
#ifndef GB_TESTS_PARITY_H
#define GB_TESTS_PARITY_H

#include "backend/backend.h"
#include "engine/builder.h"

/* A graph under construction; its weights are made as its layers are. */
typedef struct parity_net {
    gb_builder *builder;
    gb_weights *weights;
    uint64_t seed;
    const struct parity_case *of;
} parity_net;

typedef struct parity_case {
    const char *name;
    gb_value (*build)(parity_net *net, gb_value x);
    gb_shape input;
    gb_conv_spec conv;  /* convolutions; kernel_h and stride also of pooling, pad of reflection */
    int64_t out_w;      /* irfft2 */
    gb_activation act;
    float slope;
    bool batch_stats;
} parity_case;

const parity_case *parity_cases(size_t *count);
const parity_case *parity_case_find(const char *name); /* fails the test when there is none */

/* Tensor T of a case is gb_random_weight(hash("<case>/T") + seed, i, a, b), the input T = "input" in N,H,W,C order;
 * a and b are in parity_cases.c and tests/reference/make_ops.py. */
typedef enum parity_input {
    PARITY_NOISE,    /* uniform in [-1, 1) */
    PARITY_ZERO,
    PARITY_EXTREME,  /* noise times 3e4, 1, 1e-30 or 0 by turns */
    PARITY_INPUT_COUNT
} parity_input;

/* Something wrong on purpose, to show that a comparison can fail; for side b. Each part may be NULL. */
typedef struct parity_fault {
    const char *name;
    void (*graph)(gb_node *nodes, size_t count);
    void (*input)(float *data, gb_shape shape);
    void (*output)(float *data, gb_shape shape);
} parity_fault;

typedef struct parity_side {
    const gb_backend *backend;
    bool fold;
    const parity_fault *fault;
    gb_precision precision; /* side b's widens the limit */
} parity_side;

/* One line on what differs, or empty. */
typedef struct parity_report {
    char text[512];
    double difference, limit;
} parity_report;

/* True when both sides agree: no NaN or infinity on either, then every |a - b| within the bound. Anything that fails
 * outright (building, planning, running) fails the test. */
bool parity_holds(const parity_case *c, parity_input kind, uint64_t seed, parity_side a, parity_side b,
                  parity_report *report);

/* One side's output against values made elsewhere, within what rounding each node's value to float32 allows. */
bool parity_matches(const parity_case *c, parity_side side, const float *expected, size_t count, parity_report *report);

/* ---- The bound ----
 * Forward error analysis, node by node, u = 2^-24. A float32 sum of k products differs from the exact one by at most
 * lambda sqrt(k) u sum|terms| with probability above 1 - 2 exp(-lambda^2 / 2) (Higham & Mary, "A new approach to
 * probabilistic rounding error analysis", 2019), whatever the order of summation; lambda = 4, and sum|terms| is bounded
 * by the largest input times the largest sum of |weights|, which leaves a further margin. With double accumulators the
 * factor is 1: only the result is rounded. Errors that come in are taken as independent, as in that model: they grow by
 * the root of the sum of squared weights.
 * In a narrow precision every factor of a product is rounded first, by at most v = 2^-11 (tf32, fp16) or 2^-8 (bf16) of
 * itself: independent errors of a sum's products, which grow by the root of the sum of squared weights; with fp16 and
 * bf16 the sum is rounded once more, or with bf16 the bias in its stead (both are allowed for). */
typedef enum parity_sums { PARITY_SUMS_FLOAT, PARITY_SUMS_DOUBLE } parity_sums;

/* How far output 0 may be from exact. values[i] is what node i computes. */
double parity_bound_of(const gb_graph *graph, const float *const *values, parity_sums sums, gb_precision precision);

#endif
