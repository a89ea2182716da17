/* One convolution, or transposed convolution, as an execution plan of cuDNN's graph API, with what follows it where
 * cuDNN has an engine for the whole: tensors N,H,W,C, filters O,kh,kw,I (transposed: I,kh,kw,O).
 *
 * Plans are made for a card that is here (by a handle) or for one that is described (JSON, as cuDNN's device
 * properties): the latter needs neither card nor driver and serves the tests, and says what a card would be given. */
#ifndef GB_BACKEND_CUDA_CONVOLUTION_H
#define GB_BACKEND_CUDA_CONVOLUTION_H

#include <cudnn.h>

#include "backend/cuda/epilogue.h"
#include "backend/cuda/notes.h"
#include "backend/precision.h"
#include "engine/graph.h"

/* An engine is taken only when it also plans for so many frames, the most of one run. */
#define GB_CUDA_FRAMES 16

typedef struct gb_cuda_convolution {
    gb_shape in, out;
    int kernel_h, kernel_w, stride, pad, dilation;
    bool transposed;
    gb_precision precision; /* fp16 and bf16: of x, filter, y, bias and addend; sums are float32 in all of them */
    gb_cuda_epilogue after; /* a wish: facts.fused says whether the plan does it */
} gb_cuda_convolution;

/* That of a node which reads `in`; with what follows it where it `fuses` (gb_card_fuses). */
gb_cuda_convolution gb_cuda_convolution_of(const gb_node *node, gb_shape in, gb_precision precision, bool fuses);

typedef struct gb_cuda_target {
    cudnnHandle_t handle;   /* or NULL: then `device` */
    const char *device;     /* JSON */
    const char *card;       /* with a handle: what tells this card from others; NULL: plans are not kept on disk */
    size_t workspace_limit; /* bytes */
} gb_cuda_target;

typedef struct gb_cuda_plan_facts {
    int64_t engine;   /* cuDNN's number of the engine taken */
    size_t workspace; /* bytes */
    gb_cuda_notes notes; /* of the engine */
    bool fused;       /* the plan does what was to follow */
    int offered,
        refused; /* configurations that the heuristics gave, and how many before the one taken fell to the rule */
} gb_cuda_plan_facts;

typedef struct gb_cuda_convolution_plan gb_cuda_convolution_plan;

/* By the rule of choice.h, with what follows or, where no engine does both and follows the rule, the convolution alone.
 * GB_E_UNSUPPORTED when none does that either, naming how many were offered. */
gb_status gb_cuda_convolution_plan_new(const gb_cuda_convolution *convolution, const gb_cuda_target *target,
                                       gb_cuda_convolution_plan **out, gb_error *err) GB_MUST_CHECK;
void gb_cuda_convolution_plan_free(gb_cuda_convolution_plan *plan);
gb_cuda_plan_facts gb_cuda_convolution_plan_facts(const gb_cuda_convolution_plan *plan);
cudnnBackendDescriptor_t gb_cuda_convolution_plan_descriptor(const gb_cuda_convolution_plan *plan); /* borrowed */

/* Device memory; `workspace` of at least facts.workspace bytes. bias and addend are read by a fused plan alone. */
typedef struct gb_cuda_operands {
    const void *x, *filter, *bias, *addend;
    void *y, *workspace;
} gb_cuda_operands;

/* On the handle's stream. */
gb_status gb_cuda_convolution_run(const gb_cuda_convolution_plan *plan, cudnnHandle_t handle,
                                  const gb_cuda_operands *operands, gb_error *err) GB_MUST_CHECK;

#endif
