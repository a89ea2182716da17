#include <math.h>

#include "engine/columns.h"

static double size_of(const gb_node *node)
{
    return (double)gb_shape_size(node->shape);
}

/* Elements of a CONV's or DECONV's weight. */
static double kernel_size(const gb_node *node, const gb_node *x)
{
    return (double)x->shape.c * (double)node->shape.c * node->kernel_h * node->kernel_w;
}

/* A real transform of P points is counted as 2.5 P log2 P, the convention of FFTW's benchmarks. */
static double transform_flops(gb_shape real)
{
    const double points = (double)real.h * (double)real.w;
    return 2.5 * points * log2(points) * (double)real.n * (double)real.c;
}

static double flops_of(const gb_node *node, const gb_node *x)
{
    switch (node->op) {
    case GB_OP_CONV:
        return 2.0 * kernel_size(node, x) * (double)(node->shape.n * node->shape.h * node->shape.w);
    case GB_OP_DECONV:
        return 2.0 * kernel_size(node, x) * (double)(x->shape.n * x->shape.h * x->shape.w);
    case GB_OP_RFFT2:
        return transform_flops(x->shape);
    case GB_OP_IRFFT2:
        return transform_flops(node->shape);
    default:
        return 0.0;
    }
}

/* A layer used twice (GLCIC's shared batch norms) owns its parameters once. */
static bool seen_before(const gb_node *node, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (node[j].weight == node[i].weight && node[j].gamma == node[i].gamma && node[j].bias == node[i].bias &&
            node[j].op == node[i].op)
            return true;
    return false;
}

gb_cost gb_graph_cost(const gb_graph *graph)
{
    gb_cost cost = {0};
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    for (size_t i = 0; i < count; i++) {
        const gb_node *const n = &node[i];
        const gb_node *const x = n->in[0] >= 0 ? &node[n->in[0]] : n;
        cost.flops += flops_of(n, x);
        cost.activation_bytes += sizeof(float) * size_of(n);
        for (int k = 0; k < 3; k++)
            if (n->in[k] >= 0) cost.activation_bytes += sizeof(float) * size_of(&node[n->in[k]]);
        double parameters = 0.0;
        if (n->op == GB_OP_CONV || n->op == GB_OP_DECONV)
            parameters = kernel_size(n, x) + (n->bias ? (double)n->shape.c : 0.0);
        if (n->op == GB_OP_BATCHNORM) parameters = 2.0 * (double)n->shape.c;
        cost.weight_bytes += sizeof(float) * parameters;
        if (n->op == GB_OP_BATCHNORM && !n->batch_stats) cost.weight_bytes += sizeof(float) * parameters;
        if (parameters > 0.0 && !seen_before(node, i)) cost.parameters += (int64_t)parameters;
    }
    return cost;
}

gb_status gb_graph_wanted_cost(const gb_graph *graph, gb_cost *out, gb_error *err)
{
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    gb_column_maps maps;
    GB_TRY(gb_columns_of_run(graph, NULL, &maps, err));
    *out = gb_graph_cost(graph);
    out->flops = 0.0;
    for (size_t i = 0; i < count; i++) {
        int64_t columns = 0;
        for (int64_t c = 0; c < node[i].shape.w; c++) columns += maps.node[i][c];
        const gb_node *const x = node[i].in[0] >= 0 ? &node[node[i].in[0]] : &node[i];
        out->flops += flops_of(&node[i], x) * (double)columns / (double)node[i].shape.w;
    }
    gb_column_maps_free(&maps);
    return GB_OK;
}
