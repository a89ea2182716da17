/* Greedy by size (Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020): the largest
 * block first, each at the lowest offset that is free for as long as the block lives. */
#include <stdlib.h>

#include "core/memory.h"
#include "engine/graph.h"

/* One piece of memory: a value, or several that are computed in place one after the other. */
typedef struct block {
    size_t bytes, offset;
    size_t first, last; /* nodes between which it is in use, both included */
    gb_value owner;     /* the first value in it */
} block;

/* The last node that reads each value: inputs and outputs are kept to the end, and all values for reruns. */
static void find_last_uses(const gb_graph *graph, const gb_node *node, size_t count, bool reruns, size_t *last)
{
    for (size_t i = 0; i < count; i++) {
        last[i] = node[i].op == GB_OP_INPUT ? count : i;
        for (int k = 0; k < 3; k++) {
            const gb_value x = node[i].in[k];
            if (x >= 0 && last[x] < i) last[x] = i;
        }
    }
    size_t outputs;
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    for (size_t i = 0; i < outputs; i++) last[output[i]] = count;
    for (size_t i = 0; reruns && i < count; i++) last[i] = count;
}

static size_t value_bytes(const gb_node *node, const uint8_t *element, size_t i)
{
    const size_t bytes = gb_shape_size(node[i].shape) * (element ? element[i] : sizeof(float));
    return (bytes + GB_ALIGNMENT - 1) / GB_ALIGNMENT * GB_ALIGNMENT;
}

/* In place is safe when the input dies here, is as large, and is read by this node alone as the one operand named. */
static bool may_alias(const gb_node *node, const uint8_t *element, size_t i, gb_value x, const size_t *last)
{
    if (x < 0 || (size_t)x >= i || last[x] != i || node[i].op == GB_OP_INPUT) return false;
    int reads = 0;
    for (int k = 0; k < 3; k++) reads += node[i].in[k] == x;
    return reads == 1 && value_bytes(node, element, (size_t)x) >= value_bytes(node, element, i);
}

/* Blocks of all nodes; owner[i] is the index of node i's block. */
static void make_blocks(const gb_node *node, size_t count, const gb_arena_wish *wish, const size_t *last, block *blocks,
                        size_t *owner)
{
    for (size_t i = 0; i < count; i++) {
        if (wish->alias && may_alias(node, wish->element, i, wish->alias[i], last)) {
            owner[i] = owner[wish->alias[i]];
            blocks[owner[i]].last = last[i];
            continue;
        }
        owner[i] = i;
        blocks[i] = (block){.bytes = value_bytes(node, wish->element, i), .last = last[i], .owner = (gb_value)i};
        blocks[i].first = node[i].op == GB_OP_INPUT ? 0 : i;
    }
}

static int by_size(const void *a, const void *b)
{
    const block *const x = *(block *const *)a, *const y = *(block *const *)b;
    if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
    return (x->owner > y->owner) - (x->owner < y->owner);
}

static int by_offset(const void *a, const void *b)
{
    const block *const x = *(block *const *)a, *const y = *(block *const *)b;
    if (x->offset != y->offset) return x->offset < y->offset ? -1 : 1;
    return (x->owner > y->owner) - (x->owner < y->owner);
}

/* The lowest gap between the placed blocks alive at the same time; `busy` is scratch for them. */
static void place(block *b, block *const *placed, size_t count, block **busy)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (placed[i]->first <= b->last && b->first <= placed[i]->last) busy[n++] = placed[i];
    qsort(busy, n, sizeof *busy, by_offset);
    size_t offset = 0;
    for (size_t i = 0; i < n && offset + b->bytes > busy[i]->offset; i++)
        if (offset < busy[i]->offset + busy[i]->bytes) offset = busy[i]->offset + busy[i]->bytes;
    b->offset = offset;
}

gb_status gb_graph_plan_arena(const gb_graph *graph, const gb_value *alias, gb_arena_plan *out, gb_error *err)
{
    const gb_arena_wish wish = {.alias = alias, .reruns = gb_graph_get_use(graph).changing.count > 0};
    return gb_graph_plan_arena_as(graph, &wish, out, err);
}

gb_status gb_graph_plan_arena_as(const gb_graph *graph, const gb_arena_wish *wish, gb_arena_plan *out, gb_error *err)
{
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    block *const blocks = gb_alloc(count, sizeof *blocks);
    block **const order = gb_alloc(count, 2 * sizeof *order);
    size_t *const last = gb_alloc(count, 2 * sizeof *last);
    size_t *const offset = gb_alloc(count, sizeof *offset);
    gb_status status = GB_OK;
    if (!blocks || !order || !last || !offset) {
        status = gb_fail_memory(err, "an arena plan", count * (sizeof *blocks + 5 * sizeof *offset));
        goto done;
    }
    size_t *const owner = last + count;
    find_last_uses(graph, node, count, wish->reruns, last);
    make_blocks(node, count, wish, last, blocks, owner);
    size_t used = 0, bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (owner[i] == i) order[used++] = &blocks[i];
    qsort(order, used, sizeof *order, by_size);
    for (size_t i = 0; i < used; i++) {
        place(order[i], order, i, order + count);
        if (bytes < order[i]->offset + order[i]->bytes) bytes = order[i]->offset + order[i]->bytes;
    }
    for (size_t i = 0; i < count; i++) offset[i] = blocks[owner[i]].offset;
    *out = (gb_arena_plan){.offset = offset, .bytes = bytes};
done:
    free(blocks);
    free(order);
    free(last);
    if (status != GB_OK) free(offset);
    return status;
}

void gb_arena_plan_free(gb_arena_plan *plan)
{
    if (!plan) return;
    free(plan->offset);
    *plan = (gb_arena_plan){0};
}
