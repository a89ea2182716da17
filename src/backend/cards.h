/* What NVIDIA's cards can do at most, from their architecture's throughput per processor and clock, and what a net asks
 * of one: for judging measured times, and for saying beforehand what to expect. */
#ifndef GB_BACKEND_CARDS_H
#define GB_BACKEND_CARDS_H

#include "backend/precision.h"
#include "engine/graph.h"

typedef struct gb_card {
    const char *name;
    int major, minor;  /* compute capability */
    int processors;
    double clock_hz, memory_hz; /* of the boost, and of the memory */
    int bus_bits;
} gb_card;

/* Cards as sold (A100 SXM 80 GB, L40S, H100 SXM, B200), from NVIDIA's data sheets; `count` is set. */
const gb_card *gb_cards(size_t *count);

/* Multiply-adds a second, 2 FLOP each, dense: on plain cores in fp32, else on tensor cores. Of an architecture that is
 * not known as the newest one before it. */
double gb_card_flops(const gb_card *card, gb_precision precision);
double gb_card_bytes(const gb_card *card); /* a second, two a clock and line of the bus */

/* What the cuda backend keeps each value in between layers: `precision` where that is fp16 or bf16, but for what goes
 * in and out of the net, which is float32 always; fp32 else. One of `stored` for each node. */
void gb_card_storage(const gb_graph *graph, gb_precision precision, gb_precision *stored);

/* Whether the cuda backend asks for a convolution of a folded graph and what follows it as one kernel of cuDNN's: a
 * bias, and an addend before or a ReLU after it. No card has a precompiled engine for another activation, a residual
 * or a transposed convolution (results/cuda-plans.md). Not in fp16, whose overflow nobody would see: cuDNN stores an
 * infinity, and its next ReLU may take what comes of that for nothing. `y`, `addend`: what they are stored in. */
bool gb_card_fuses(const gb_node *node, gb_precision precision, gb_precision y, gb_precision addend);

/* gb_graph_cost, of values as they are kept there and of weights as they are read; what a convolution leaves for our
 * own kernel to finish is written and read once more. */
gb_status gb_card_cost(const gb_graph *graph, gb_precision precision, gb_cost *out, gb_error *err) GB_MUST_CHECK;

/* Kernels that the cuda backend starts for one run of a folded graph, those of cuDNN counted as one a layer. */
gb_status gb_card_launches(const gb_graph *graph, gb_precision precision, int64_t *out, gb_error *err) GB_MUST_CHECK;

#endif
