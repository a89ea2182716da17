/* A graph made ready for a card: one step for each node, weights in device memory. */
#ifndef GB_BACKEND_CUDA_PLAN_H
#define GB_BACKEND_CUDA_PLAN_H

#include "backend/backend.h"
#include "backend/cuda/convolution.h"
#include "backend/plugin.h"

#define GB_CUDA_TABLES 4
#define GB_CUDA_MOST_VALUES (((size_t)1 << 31) - 1) /* of one tensor: kernels count in 32 bits */
#define GB_CUDA_ALIGNMENT 256 /* bytes, of what shares an allocation */
/* Every launch of a layer may use this much beside its values; engines that need more are not taken. */
#define GB_CUDA_WORKSPACE ((size_t)256 << 20)

/* What a step is given at each run: device memory, absent inputs NULL. */
typedef struct gb_cuda_call {
    const void *in[3];
    void *out;
    void *scratch;
    cudnnHandle_t cudnn;
    cudaStream_t stream;
} gb_cuda_call;

typedef struct gb_cuda_step gb_cuda_step;
typedef gb_status gb_cuda_run_fn(const gb_cuda_step *step, const gb_cuda_call *call, gb_error *err);

struct gb_cuda_step {
    gb_node node;                 /* its pointers are not valid */
    gb_shape in, second;          /* of in[0] and in[1] */
    float *table[GB_CUDA_TABLES]; /* device memory: filter and bias, statistics, twiddle factors */
    gb_cuda_convolution_plan *convolution;
    size_t scratch;      /* bytes, the workspace of the convolution included */
    size_t narrow_x, narrow_y; /* bytes of them for x and y of a convolution in fp16 or bf16 that are kept in float32 */
    bool fuses; /* a convolution asks cuDNN to do what follows, too (gb_card_fuses) */
    gb_precision precision, stored, stored_in[3]; /* of the plan; of what is computed and read (gb_card_storage) */
    gb_cuda_run_fn *run; /* NULL: nothing to do (an input) */
};

/* What goes in or out, and where it lies among the others. */
typedef struct gb_cuda_end {
    gb_value value;
    size_t offset; /* bytes */
} gb_cuda_end;

typedef struct gb_cuda_plan {
    int card; /* CUDA's number */
    gb_precision precision;
    gb_cuda_step *step;
    size_t count, inputs, outputs;
    gb_cuda_end *end; /* inputs, then outputs */
    size_t ends;      /* bytes of all of them */
    gb_arena_plan arena;
    size_t scratch; /* the largest of the steps' */
} gb_cuda_plan;

/* Fills a step but for `node`, the shapes, what is stored how and whether it fuses; what it took is released with the
 * plan. */
gb_status gb_cuda_step_make(const gb_node *node, const gb_cuda_target *target, gb_cuda_step *step,
                            gb_error *err) GB_MUST_CHECK;
void gb_cuda_step_clear(gb_cuda_step *step);

gb_status gb_cuda_plan_new(const gb_graph *graph, const gb_plan_options *options, void **out,
                           gb_error *err) GB_MUST_CHECK;
void gb_cuda_plan_free(void *plan);

gb_status gb_cuda_session_new(void *plan, void **out, gb_error *err) GB_MUST_CHECK;
void gb_cuda_session_free(void *session);
float *gb_cuda_slot_input(void *session, int slot, size_t index);
const float *gb_cuda_slot_output(void *session, int slot, size_t index);
gb_status gb_cuda_slot_submit(void *session, int slot, gb_error *err) GB_MUST_CHECK;
gb_status gb_cuda_slot_collect(void *session, int slot, gb_error *err) GB_MUST_CHECK;

#endif
