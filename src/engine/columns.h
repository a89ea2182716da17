/* Which columns of a graph's values need to be computed: those that the wanted columns of the outputs depend on, or,
 * in a rerun, those that depend on the changing columns of the inputs. */
#ifndef GB_ENGINE_COLUMNS_H
#define GB_ENGINE_COLUMNS_H

#include "engine/graph.h"

/* How a backend computes a node, where it reads or computes more than the formula needs. */
typedef struct gb_column_rules {
    const void *user;
    bool (*partial)(const void *user, size_t node); /* false: all columns or none */
    /* Sets mark[c] for each column c of operand 0 that column `column` of the node is computed from; false: the
     * formula's. */
    bool (*mark)(const void *user, size_t node, int64_t column, uint8_t *mark);
} gb_column_rules;

/* For each node a byte for each column: 1 where it is to be computed. */
typedef struct gb_column_maps {
    uint8_t **node;
    size_t count;
} gb_column_maps;
void gb_column_maps_free(gb_column_maps *maps);

/* From gb_graph_get_use: what a run must compute (everything, unless some columns alone are wanted), and what a rerun
 * must. `rules` may be NULL: as the formulas have it. */
gb_status gb_columns_of_run(const gb_graph *graph, const gb_column_rules *rules, gb_column_maps *out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_columns_of_rerun(const gb_graph *graph, const gb_column_rules *rules, gb_column_maps *out, gb_error *err)
    GB_MUST_CHECK;

/* The next run of marked columns [*from, *to) that begins at *to or later; begin with *to = 0. */
bool gb_columns_next(const uint8_t *mark, int64_t width, int64_t *from, int64_t *to);
bool gb_columns_any(const uint8_t *mark, int64_t width);

#endif
