/* What the nets ask of a state dict before they are built: where it lies in a checkpoint and the shapes that tell the
 * net's size. */
#ifndef GB_MODELS_STATE_DICT_H
#define GB_MODELS_STATE_DICT_H

#include "engine/weights.h"

/* Where PyTorch training scripts keep the generator, NULL-ended, "" last. */
extern const char *const gb_usual_prefixes[];

/* The shape of the 4-dimensional tensor `name`. `expected` has 0 where any size from 1 to `limit` will do. A missing
 * tensor is GB_E_MISMATCH, as is another shape: "expected main.14.weight of (*, 512, *, *), found (256, 512, 4)". */
gb_status gb_state_dict_shape(const gb_weights *weights, const char *name, const int64_t expected[4], int64_t limit,
                              int64_t out[4], gb_error *err) GB_MUST_CHECK;

#endif
