/* What follows a sum in every kernel of our own: bias, activation, addends. */
#ifndef GB_BACKEND_CPU_FINISH_H
#define GB_BACKEND_CPU_FINISH_H

#include <stddef.h>

#include "engine/graph.h"

/* x = act(x), in place. tanh and sigmoid are within 3e-7 of the true value. NaN stays NaN. */
void gb_cpu_activate(float *x, size_t count, gb_activation act, float slope);

/* x += y */
void gb_cpu_add(float *x, const float *y, size_t count);

/* y = act(y + addend) + residual in place; each may be NULL. */
void gb_cpu_finish(const gb_node *node, const float *addend, const float *residual, float *y, size_t count);

#endif
