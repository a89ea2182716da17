/* What a layer's graph does to a convolution's sums before it stores them: act(sum + addend + bias), each its own
 * pointwise operation, float32 between them. That order, and a bias in the type of what is multiplied, is what cuDNN
 * has precompiled engines for; what is between is virtual, never in memory. */
#ifndef GB_BACKEND_CUDA_EPILOGUE_H
#define GB_BACKEND_CUDA_EPILOGUE_H

#include "backend/cuda/descriptor.h"

/* Tensors' ids within a layer's graph; those between operations count from the last one on. */
enum { GB_CUDA_X = 1, GB_CUDA_FILTER, GB_CUDA_Y, GB_CUDA_BIAS, GB_CUDA_ADDEND, GB_CUDA_BETWEEN };

typedef struct gb_cuda_epilogue {
    bool bias; /* false: nothing follows the sums, and the other two are false, too */
    bool addend, relu;
} gb_cuda_epilogue;

#define GB_CUDA_LINKS 3

/* Descriptors of an epilogue: value[0] is what the convolution computes, value[links] what is stored. */
typedef struct gb_cuda_chain {
    int links;
    gb_descriptor value[GB_CUDA_LINKS + 1], addend, bias;
    gb_descriptor mode[GB_CUDA_LINKS], operation[GB_CUDA_LINKS];
} gb_cuda_chain;

/* `y` is the result's n,c,h,w, of `type` as addend and bias are. On failure, too, the caller frees. */
gb_status gb_cuda_chain_make(const gb_cuda_epilogue *epilogue, cudnnDataType_t type, const int64_t y[4],
                             gb_cuda_chain *chain, gb_error *err) GB_MUST_CHECK;
void gb_cuda_chain_free(gb_cuda_chain *chain);

#endif
