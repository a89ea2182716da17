/* Which of cuDNN's engines runs a layer: by rule, so that the same library and card always take the same one, whatever
 * the number of frames. */
#ifndef GB_BACKEND_CUDA_CHOICE_H
#define GB_BACKEND_CUDA_CHOICE_H

#include "backend/cuda/convolution.h"
#include "backend/cuda/engine.h"

/* A layer's graph for one frame, for GB_CUDA_FRAMES, and for as many as are wanted (which may be one of the two). */
typedef struct gb_cuda_graphs {
    gb_descriptor one, most, own;
} gb_cuda_graphs;

/* The first configuration that the heuristics give for one frame (mode A, then the fallbacks) that is deterministic,
 * keeps `precision` (by cuDNN's notes of it: notes.h), and plans for one frame, for the most and for the number wanted
 * within the workspace. It is taken with the same settings for any number of frames: what order a sum has does not
 * depend on how many there are. The plan is the caller's. */
gb_status gb_cuda_choose(const gb_cuda_graphs *graphs, const gb_cuda_target *target, gb_precision precision,
                         gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err) GB_MUST_CHECK;

#endif
