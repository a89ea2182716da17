/* What a net asks of a card; for the program alone, the plugin has no use for it. */
#include <stdlib.h>

#include "backend/cards.h"
#include "core/memory.h"

static gb_status storage_of(const gb_graph *graph, gb_precision precision, gb_precision **out, gb_error *err)
{
    size_t count;
    gb_graph_nodes(graph, &count);
    *out = gb_alloc(count, sizeof **out);
    if (!*out) return gb_fail_memory(err, "a net's storage", count * sizeof **out);
    gb_card_storage(graph, precision, *out);
    return GB_OK;
}

/* Whether our own kernel follows a convolution: reads its result, and writes it anew. */
static bool is_finished(const gb_node *node, const gb_precision *stored, gb_precision precision, size_t i)
{
    const gb_precision addend = node->in[1] >= 0 ? stored[node->in[1]] : GB_PRECISION_FP32;
    if (node->op != GB_OP_CONV && node->op != GB_OP_DECONV) return false;
    if (gb_card_fuses(node, precision, stored[i], addend)) return false;
    return node->bias || node->in[1] >= 0 || node->in[2] >= 0 || node->act != GB_ACT_NONE ||
           (gb_precision_is_narrow(precision) && !gb_precision_is_narrow(stored[i]));
}

gb_status gb_card_cost(const gb_graph *graph, gb_precision precision, gb_cost *out, gb_error *err)
{
    size_t count;
    gb_precision *stored = NULL;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    GB_TRY(storage_of(graph, precision, &stored, err));
    *out = gb_graph_cost(graph);
    if (gb_precision_is_narrow(precision)) out->weight_bytes /= 2.0;
    for (size_t i = 0; i < count; i++) {
        const double size = (double)gb_shape_size(node[i].shape);
        if (is_finished(&node[i], stored, precision, i))
            out->activation_bytes += 2.0 * size * (gb_precision_is_narrow(precision) ? 2.0 : 4.0);
        if (!gb_precision_is_narrow(stored[i])) continue;
        double moves = 1.0; /* written once, read by each that reads it */
        for (size_t j = i + 1; j < count; j++)
            for (int k = 0; k < 3; k++) moves += node[j].in[k] == (gb_value)i;
        out->activation_bytes -= moves * 2.0 * size;
    }
    free(stored);
    return GB_OK;
}

/* What step.c starts for a node. */
static int64_t launches_of(const gb_node *node, const gb_precision *stored, gb_precision precision, size_t i)
{
    switch (node->op) {
    case GB_OP_INPUT: return 0;
    case GB_OP_CONV:
    case GB_OP_DECONV: /* rounding what is float32, products, the rest */
        return (gb_precision_is_narrow(precision) && !gb_precision_is_narrow(stored[node->in[0]])) + 1 +
               is_finished(node, stored, precision, i);
    case GB_OP_BATCHNORM: return node->batch_stats ? 5 : 1;
    case GB_OP_RFFT2:
    case GB_OP_IRFFT2: return 2;
    default: return 1;
    }
}

gb_status gb_card_launches(const gb_graph *graph, gb_precision precision, int64_t *out, gb_error *err)
{
    size_t count;
    gb_precision *stored = NULL;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    GB_TRY(storage_of(graph, precision, &stored, err));
    *out = 0;
    for (size_t i = 0; i < count; i++) *out += launches_of(&node[i], stored, precision, i);
    free(stored);
    return GB_OK;
}
