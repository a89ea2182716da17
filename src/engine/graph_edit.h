/* A graph being put together; what the builder and the fold share. Everyone else reads graphs through graph.h. */
#ifndef GB_ENGINE_GRAPH_EDIT_H
#define GB_ENGINE_GRAPH_EDIT_H

#include "engine/graph.h"

struct gb_graph {
    gb_node *nodes;
    char **names;    /* per node, owned; nodes[i].name points here */
    size_t count, node_capacity, name_capacity;
    gb_value *outputs;
    size_t output_count;
    float **tensors; /* owned by this graph (folded weights) */
    size_t tensor_count, tensor_capacity;
    gb_graph_use use;
};

/* Most elements of one value: 8 GiB of float32. */
#define GB_MAX_VALUE_SIZE ((int64_t)1 << 31)

gb_status gb_graph_new(gb_graph **out, gb_error *err) GB_MUST_CHECK;

/* Adds a copy of `node`, its name copied too (NULL counts as ""). */
gb_status gb_graph_append(gb_graph *graph, const gb_node *node, gb_value *value, gb_error *err) GB_MUST_CHECK;

/* `count` uninitialised floats owned by the graph. */
gb_status gb_graph_new_tensor(gb_graph *graph, size_t count, float **tensor, gb_error *err) GB_MUST_CHECK;

gb_status gb_graph_set_outputs(gb_graph *graph, const gb_value *outputs, size_t count, gb_error *err) GB_MUST_CHECK;

#endif
