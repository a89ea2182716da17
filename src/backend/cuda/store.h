/* Execution plans kept on disk, so that a second start does not plan again: one file for each layer's shape, precision,
 * card and version of cuDNN, in the cache folder's "cuda-plans". What is damaged, of another key, or no longer taken by
 * cuDNN is as good as absent, and written anew. GANIME_CUDA_PLANS=0 keeps and takes none. */
#ifndef GB_BACKEND_CUDA_STORE_H
#define GB_BACKEND_CUDA_STORE_H

#include <stdbool.h>

#include "backend/cuda/convolution.h"
#include "backend/cuda/engine.h"

/* True and the plan with its facts when a sound one is there; the plan is the caller's. */
bool gb_cuda_store_take(const gb_cuda_convolution *convolution, const gb_cuda_target *target, gb_descriptor *plan,
                        gb_cuda_plan_facts *facts);

/* A plan that cannot be kept is no failure: it is made again next time. */
void gb_cuda_store_keep(const gb_cuda_convolution *convolution, const gb_cuda_target *target, gb_descriptor plan,
                        const gb_cuda_plan_facts *facts);

#endif
