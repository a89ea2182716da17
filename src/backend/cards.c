#include "backend/cards.h"

static const gb_card cards[] = {
    {"A100", 8, 0, 108, 1.41e9, 1.593e9, 5120},
    {"L40S", 8, 9, 142, 2.52e9, 9.001e9, 384},
    {"H100", 9, 0, 132, 1.83e9, 2.619e9, 5120},
    {"B200", 10, 0, 148, 1.85e9, 3.996e9, 8192},
};

/* FLOP of one processor in one clock. Tensor cores, dense: TF32; fp16 and bf16 make twice as many. */
typedef struct rate {
    int major, minor;
    double plain, tensor;
} rate;

/* From the white papers' peak rates divided by processors and clock. Oldest first. */
static const rate rates[] = {
    {8, 0, 128, 1024}, {8, 6, 256, 256}, {8, 9, 256, 512}, {9, 0, 256, 2048}, {10, 0, 256, 4096},
};

const gb_card *gb_cards(size_t *count)
{
    *count = sizeof cards / sizeof cards[0];
    return cards;
}

static const rate *rate_of(const gb_card *card)
{
    const rate *found = &rates[0];
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        if (rates[i].major < card->major || (rates[i].major == card->major && rates[i].minor <= card->minor))
            found = &rates[i];
    return found;
}

double gb_card_flops(const gb_card *card, gb_precision precision)
{
    const rate *const r = rate_of(card);
    double flop = r->plain;
    if (precision == GB_PRECISION_TF32) flop = r->tensor;
    if (precision == GB_PRECISION_FP16 || precision == GB_PRECISION_BF16) flop = 2.0 * r->tensor;
    return flop * card->processors * card->clock_hz;
}

/* GDDR's clock is given as its data rate's half already, HBM's as its own: both move two a clock. */
double gb_card_bytes(const gb_card *card)
{
    return 2.0 * card->memory_hz * card->bus_bits / 8.0;
}

/* What step.c starts for a node. */
static int64_t launches_of(const gb_node *node, gb_precision precision)
{
    const bool narrow = precision == GB_PRECISION_FP16 || precision == GB_PRECISION_BF16;
    switch (node->op) {
    case GB_OP_INPUT: return 0;
    case GB_OP_CONV:
    case GB_OP_DECONV:
        if (narrow) return 3; /* rounding, products, the rest */
        return node->bias || node->in[1] >= 0 || node->in[2] >= 0 || node->act != GB_ACT_NONE ? 2 : 1;
    case GB_OP_BATCHNORM: return node->batch_stats ? 5 : 1;
    case GB_OP_RFFT2:
    case GB_OP_IRFFT2: return 2;
    default: return 1;
    }
}

int64_t gb_card_launches(const gb_graph *graph, gb_precision precision)
{
    size_t count;
    int64_t launches = 0;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++) launches += launches_of(&node[i], precision);
    return launches;
}
