#include "engine/graph.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "engine/graph_edit.h"

const gb_node *gb_graph_nodes(const gb_graph *graph, size_t *count)
{
    *count = graph->count;
    return graph->nodes;
}

const gb_value *gb_graph_outputs(const gb_graph *graph, size_t *count)
{
    *count = graph->output_count;
    return graph->outputs;
}

void gb_graph_free(gb_graph *graph)
{
    if (!graph) return;
    for (size_t i = 0; i < graph->count; i++) free(graph->names[i]);
    for (size_t i = 0; i < graph->tensor_count; i++) free(graph->tensors[i]);
    free(graph->names);
    free(graph->nodes);
    free(graph->outputs);
    free(graph->tensors);
    free(graph);
}

size_t gb_shape_size(gb_shape shape)
{
    return (size_t)shape.n * (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

void gb_graph_set_use(gb_graph *graph, gb_graph_use use)
{
    graph->use = use;
}

gb_graph_use gb_graph_get_use(const gb_graph *graph)
{
    return graph->use;
}

gb_status gb_graph_new(gb_graph **out, gb_error *err)
{
    gb_graph *const graph = gb_alloc(1, sizeof *graph);
    if (!graph) return gb_fail_memory(err, "a graph", sizeof *graph);
    *out = graph;
    return GB_OK;
}

gb_status gb_graph_append(gb_graph *graph, const gb_node *node, gb_value *value, gb_error *err)
{
    const size_t need = graph->count + 1;
    if (need > INT32_MAX || gb_grow(&graph->nodes, &graph->node_capacity, need, sizeof *graph->nodes) ||
        gb_grow(&graph->names, &graph->name_capacity, need, sizeof *graph->names))
        return gb_fail_memory(err, "a graph's nodes", need * sizeof *graph->nodes);
    char *const name = gb_strdup(node->name ? node->name : "");
    if (!name) return gb_fail_memory(err, "a layer's name", 1);
    graph->names[graph->count] = name;
    graph->nodes[graph->count] = *node;
    graph->nodes[graph->count].name = name;
    *value = (gb_value)graph->count++;
    return GB_OK;
}

gb_status gb_graph_new_tensor(gb_graph *graph, size_t count, float **tensor, gb_error *err)
{
    if (gb_grow(&graph->tensors, &graph->tensor_capacity, graph->tensor_count + 1, sizeof *graph->tensors))
        return gb_fail_memory(err, "a graph's tensors", graph->tensor_count * sizeof *graph->tensors);
    float *const data = gb_alloc_aligned(count, sizeof *data);
    if (!data) return gb_fail_memory(err, "a graph's tensor", count * sizeof *data);
    graph->tensors[graph->tensor_count++] = data;
    *tensor = data;
    return GB_OK;
}

gb_status gb_graph_set_outputs(gb_graph *graph, const gb_value *outputs, size_t count, gb_error *err)
{
    gb_value *const copy = gb_alloc(count, sizeof *copy);
    if (!copy) return gb_fail_memory(err, "a graph's outputs", count * sizeof *copy);
    memcpy(copy, outputs, count * sizeof *copy);
    free(graph->outputs);
    graph->outputs = copy;
    graph->output_count = count;
    return GB_OK;
}
