#include "engine/columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static void mark_one(int64_t column, int64_t width, uint8_t *mark)
{
    if (column >= 0 && column < width) mark[column] = 1;
}

static int64_t reflect(int64_t column, int64_t width)
{
    const int64_t inside = column < 0 ? -column : column;
    return inside < width ? inside : 2 * (width - 1) - inside;
}

/* Tap t of a convolution, or of a transposed one where its stride allows. */
static void mark_tap(const gb_node *node, int64_t width, int64_t column, int t, uint8_t *mark)
{
    if (node->op == GB_OP_CONV) {
        mark_one(column * node->stride - node->pad + (int64_t)t * node->dilation, width, mark);
        return;
    }
    const int64_t at = column + node->pad - (int64_t)t * node->dilation;
    if (at >= 0 && at % node->stride == 0) mark_one(at / node->stride, width, mark);
}

/* Sets mark[c] for each column c of operand k (of shape `in`) that column `column` of the node is computed from. */
static void mark_formula(const gb_node *node, int k, gb_shape in, int64_t column, uint8_t *mark)
{
    if (k > 0) {
        mark_one(column, in.w, mark);
        return;
    }
    switch (node->op) {
    case GB_OP_CONV:
    case GB_OP_DECONV:
        for (int t = 0; t < node->kernel_w; t++) mark_tap(node, in.w, column, t, mark);
        break;
    case GB_OP_MAXPOOL:
        for (int t = 0; t < node->kernel_w; t++) mark_one(column * node->stride + t, in.w, mark);
        break;
    case GB_OP_PAD_REFLECT: mark_one(reflect(column - node->pad, in.w), in.w, mark); break;
    case GB_OP_RFFT2:
    case GB_OP_IRFFT2: memset(mark, 1, (size_t)in.w); break;
    case GB_OP_BATCHNORM:
        if (node->batch_stats) memset(mark, 1, (size_t)in.w);
        else mark_one(column, in.w, mark);
        break;
    default: mark_one(column, in.w, mark); break;
    }
}

bool gb_columns_next(const uint8_t *mark, int64_t width, int64_t *from, int64_t *to)
{
    int64_t at = *to;
    while (at < width && !mark[at]) at++;
    *from = at;
    while (at < width && mark[at]) at++;
    *to = at;
    return *from < width;
}

bool gb_columns_any(const uint8_t *mark, int64_t width)
{
    return memchr(mark, 1, (size_t)width) != NULL;
}

void gb_column_maps_free(gb_column_maps *maps)
{
    for (size_t i = 0; maps->node && i < maps->count; i++) free(maps->node[i]);
    free(maps->node);
    *maps = (gb_column_maps){0};
}

static gb_status new_maps(const gb_graph *graph, gb_column_maps *out, gb_error *err)
{
    const gb_node *const node = gb_graph_nodes(graph, &out->count);
    out->node = gb_alloc(out->count, sizeof *out->node);
    if (!out->node) return gb_fail_memory(err, "a graph's columns", out->count * sizeof *out->node);
    for (size_t i = 0; i < out->count; i++) {
        out->node[i] = gb_alloc((size_t)node[i].shape.w, 1);
        if (!out->node[i]) return gb_fail_memory(err, "a graph's columns", (size_t)node[i].shape.w);
    }
    return GB_OK;
}

static void mark_runs(gb_column_runs runs, int64_t width, uint8_t *mark)
{
    for (int r = 0; r < runs.count; r++)
        for (int64_t c = runs.run[r].from; c < runs.run[r].to; c++) mark_one(c, width, mark);
}

static void mark_read(const gb_node *node, const gb_column_rules *rules, size_t i, int k, int64_t column, uint8_t *mark)
{
    if (k > 0 || !rules || !rules->mark || !rules->mark(rules->user, i, column, mark))
        mark_formula(&node[i], k, node[node[i].in[k]].shape, column, mark);
}

/* A node that cannot do less does everything when it does something. */
static void round_up(const gb_node *node, const gb_column_rules *rules, size_t i, uint8_t *mark)
{
    const size_t width = (size_t)node[i].shape.w;
    if (rules && rules->partial && !rules->partial(rules->user, i) && gb_columns_any(mark, node[i].shape.w))
        memset(mark, 1, width);
}

gb_status gb_columns_of_run(const gb_graph *graph, const gb_column_rules *rules, gb_column_maps *out, gb_error *err)
{
    size_t count, outputs;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    const gb_value *const output = gb_graph_outputs(graph, &outputs);
    const gb_column_runs wanted = gb_graph_get_use(graph).wanted;
    gb_column_maps maps = {0};
    const gb_status status = new_maps(graph, &maps, err);
    if (status != GB_OK) {
        gb_column_maps_free(&maps);
        return status;
    }
    for (size_t i = 0; i < count && !wanted.count; i++) memset(maps.node[i], 1, (size_t)node[i].shape.w);
    for (size_t i = 0; i < outputs; i++) mark_runs(wanted, node[output[i]].shape.w, maps.node[output[i]]);
    for (size_t i = count; i-- > 0 && wanted.count;) {
        round_up(node, rules, i, maps.node[i]);
        for (int k = 0; k < 3; k++)
            for (int64_t c = 0; node[i].in[k] >= 0 && c < node[i].shape.w; c++)
                if (maps.node[i][c]) mark_read(node, rules, i, k, c, maps.node[node[i].in[k]]);
    }
    *out = maps;
    return GB_OK;
}

/* Whether column c of node i reads a marked column; `read` is room for one map. */
static bool reads_marked(const gb_node *node, const gb_column_rules *rules, const gb_column_maps *maps, size_t i,
                         int64_t c, uint8_t *read)
{
    for (int k = 0; k < 3; k++) {
        const gb_value x = node[i].in[k];
        if (x < 0) continue;
        const int64_t width = node[x].shape.w;
        memset(read, 0, (size_t)width);
        mark_read(node, rules, i, k, c, read);
        for (int64_t column = 0; column < width; column++)
            if (read[column] && maps->node[x][column]) return true;
    }
    return false;
}

gb_status gb_columns_of_rerun(const gb_graph *graph, const gb_column_rules *rules, gb_column_maps *out, gb_error *err)
{
    size_t count, widest = 1;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    gb_column_maps maps = {0};
    uint8_t *read = NULL;
    gb_status status;
    GB_GO(new_maps(graph, &maps, err));
    for (size_t i = 0; i < count; i++)
        if (widest < (size_t)node[i].shape.w) widest = (size_t)node[i].shape.w;
    read = gb_alloc(widest, 1);
    if (!read) GB_GO(gb_fail_memory(err, "a graph's columns", widest));
    for (size_t i = 0; i < count; i++) {
        if (node[i].op == GB_OP_INPUT) {
            mark_runs(gb_graph_get_use(graph).changing, node[i].shape.w, maps.node[i]);
            continue;
        }
        for (int64_t c = 0; c < node[i].shape.w; c++)
            maps.node[i][c] = reads_marked(node, rules, &maps, i, c, read);
        round_up(node, rules, i, maps.node[i]);
    }
    *out = maps;
    maps = (gb_column_maps){0};
done:
    gb_column_maps_free(&maps);
    free(read);
    return status;
}
