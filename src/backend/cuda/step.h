/* What steps of several kinds share. */
#ifndef GB_BACKEND_CUDA_STEP_H
#define GB_BACKEND_CUDA_STEP_H

#include "backend/cuda/kernels.h"
#include "backend/cuda/plan.h"

/* gb_cuda_step_make for CONV and DECONV. */
gb_status gb_cuda_step_make_convolution(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step,
                                        gb_error *err) GB_MUST_CHECK;

/* A call's operands as kernels take them. */
static inline gb_cuda_in gb_cuda_step_in(const gb_cuda_step *step, const gb_cuda_call *call, int k)
{
    return (gb_cuda_in){call->in[k], (int64_t)step->stored_in[k]};
}

static inline gb_cuda_out gb_cuda_step_out(const gb_cuda_step *step, const gb_cuda_call *call)
{
    return (gb_cuda_out){call->out, (int64_t)step->stored};
}

#endif
