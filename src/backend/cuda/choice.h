/* Which of cuDNN's engines runs a graph: by rule, so that the same library and card always take the same one. */
#ifndef GB_BACKEND_CUDA_CHOICE_H
#define GB_BACKEND_CUDA_CHOICE_H

#include "backend/cuda/convolution.h"
#include "backend/cuda/descriptor.h"

/* The first configuration of the heuristics (mode A, then the fallbacks) that is deterministic, keeps `precision`, fits
 * the workspace and makes a plan. The plan is the caller's. */
gb_status gb_cuda_choose(gb_descriptor graph, const gb_cuda_target *target, gb_cuda_precision precision,
                         gb_descriptor *plan, gb_cuda_plan_facts *facts, gb_error *err) GB_MUST_CHECK;

#endif
