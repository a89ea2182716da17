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

void gb_card_storage(const gb_graph *graph, gb_precision precision, gb_precision *stored)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    for (size_t i = 0; i < count; i++)
        stored[i] = gb_precision_is_narrow(precision) && node[i].op != GB_OP_INPUT ? precision : GB_PRECISION_FP32;
    for (size_t i = 0; i < outputs; i++) stored[output[i]] = GB_PRECISION_FP32;
}

bool gb_card_fuses(const gb_node *node, gb_precision precision, gb_precision y, gb_precision addend)
{
    if (node->op != GB_OP_CONV || !node->bias || node->in[2] != GB_NONE) return false;
    if (node->act != GB_ACT_NONE && node->act != GB_ACT_RELU) return false;
    if (node->in[1] != GB_NONE && addend != y) return false;
    return precision != GB_PRECISION_FP16 && gb_precision_is_narrow(precision) == gb_precision_is_narrow(y);
}
