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

/* Kernels that the cuda backend starts for one run of a folded graph, those of cuDNN counted as one a layer. */
int64_t gb_card_launches(const gb_graph *graph, gb_precision precision);

#endif
