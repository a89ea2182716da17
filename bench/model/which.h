/* Which net is meant, and what its weights say about it. */
#ifndef GB_MODEL_WHICH_H
#define GB_MODEL_WHICH_H

#include "core/buffer.h"
#include "models/net.h"

/* The net called `id`; GB_E_USAGE with the nearest name, or when `id` is a baseline. */
gb_status gb_model_which(const char *id, const gb_generator **out, gb_error *err) GB_MUST_CHECK;

/* What a state dict holds, checked strictly. */
typedef struct gb_model_facts {
    const gb_generator *generator;
    const char *prefix;      /* borrowed from the net */
    gb_net_params params;
    gb_cost cost;            /* of one frame of width x height */
    int width, height;
} gb_model_facts;

/* Reduces `weights` to the state dict of a net and builds that net from it. `id` NULL: the net is told by its tensors
 * (big-lama when LaMa has 18 blocks); GB_E_MISMATCH when it is none of ours. */
gb_status gb_model_examine(const char *id, gb_weights *weights, gb_model_facts *out, gb_error *err) GB_MUST_CHECK;

/* "ce: bottleneck 4000, kernel 9x16; 595.4 M parameters, 6.96 GFLOP at 512x288" */
void gb_model_describe(const gb_model_facts *facts, gb_buffer *text);

#endif
