/* What the files of this room share: a plan is a list of steps, one for each node that computes something. */
#ifndef GB_BACKEND_CPU_PLAN_H
#define GB_BACKEND_CPU_PLAN_H

#include "backend/backend.h"
#include "backend/cpu/primitive.h"
#include "engine/columns.h"

typedef struct gb_cpu_step gb_cpu_step;

/* A run and the reruns after it compute different columns. */
typedef enum gb_cpu_pass { GB_CPU_RUN, GB_CPU_RERUN, GB_CPU_PASSES } gb_cpu_pass;

/* What a step works on: one frame, or all of them where the step says so. */
typedef struct gb_cpu_frame {
    const float *in[3];
    float *out;
    void *scratch;           /* step->scratch bytes, contents undefined */
    gb_primitive_call *call; /* one for each of the step's primitives */
    dnnl_stream_t stream;
    gb_cpu_pass pass;
} gb_cpu_frame;

typedef gb_status gb_cpu_run_fn(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_error *err);
/* Sets mark[c] for each column c of in[0] that the step reads to compute a column. */
typedef void gb_cpu_mark_fn(const gb_cpu_step *step, int64_t column, uint8_t *mark);
/* Makers: fill in what `step` (node, in, precision and zeros) lacks. What they made of it when they fail is freed by
 * the caller. Weights are not kept. */
typedef gb_status gb_cpu_make_fn(dnnl_engine_t engine, const gb_node *node, gb_cpu_step *step, gb_error *err);

/* When a step can compute some columns alone; whatever it computes beyond `columns` is not looked at. */
typedef enum gb_cpu_partial { GB_CPU_NEVER, GB_CPU_IN_RERUNS, GB_CPU_ALWAYS } gb_cpu_partial;

/* Filled in by a maker; read-only from then on. */
struct gb_cpu_step {
    gb_cpu_run_fn *run; /* NULL: nothing to compute */
    bool all_frames;    /* run once with every frame instead of once for each */
    gb_node node;       /* a copy, without names and weights */
    gb_shape in;        /* shape of in[0] */
    void *state;        /* the maker's own, in one allocation; may be NULL */
    float *weights;     /* likewise */
    gb_primitive *primitive;
    size_t primitives, primitive_capacity;
    size_t scratch;     /* bytes */
    gb_precision precision; /* of the net; read by makers */
    gb_cpu_partial partial;
    gb_cpu_mark_fn *mark;   /* NULL: what the node's formula reads */
    gb_cpu_make_fn *prepare; /* NULL, or what is left to be made once `columns` is known */
    const uint8_t *columns[GB_CPU_PASSES]; /* the plan's: a byte for each column, 1: to be computed; NULL without
                                            * reruns */
    gb_value alias;     /* the input in whose memory the result may be written, or GB_NONE */
};

gb_cpu_make_fn gb_cpu_make_convolution, gb_cpu_make_deconvolution, gb_cpu_make_dense, gb_cpu_make_rgb,
    gb_cpu_make_winograd,
    gb_cpu_make_rfft2, gb_cpu_make_irfft2, gb_cpu_make_batchnorm, gb_cpu_make_activation, gb_cpu_make_add,
    gb_cpu_make_concat, gb_cpu_make_maxpool, gb_cpu_make_pad_reflect;

/* Whether the special makers can take the node; `in` is the shape of x. */
bool gb_cpu_dense_fits(const gb_node *node, gb_shape in);
bool gb_cpu_rgb_fits(const gb_node *node, gb_shape in);
bool gb_cpu_winograd_fits(const gb_node *node, gb_shape in);

/* Calls `each` for every row and run of columns that the frame's pass is to compute: floats [at, at + count) of `out`.
 */
typedef void gb_cpu_each_fn(const gb_cpu_step *step, const gb_cpu_frame *frame, size_t at, size_t count);
void gb_cpu_each_run(const gb_cpu_step *step, const gb_cpu_frame *frame, gb_cpu_each_fn *each);

/* Adds a primitive to the step; its scratch memory is the first of the step's. */
gb_status gb_cpu_step_convolution(dnnl_engine_t engine, gb_cpu_step *step, const gb_convolution *convolution,
                                  gb_error *err) GB_MUST_CHECK;

gb_status gb_cpu_step_products(dnnl_engine_t engine, gb_cpu_step *step, const gb_products *products, gb_error *err)
    GB_MUST_CHECK;

/* Aligned, not zeroed; large ones in huge pages where the system has them. Released with free(). */
float *gb_cpu_alloc_floats(size_t count);

typedef struct gb_cpu_plan {
    dnnl_engine_t engine;
    gb_cpu_step *step;
    size_t count;
    gb_arena_plan arena;
    gb_column_maps columns[GB_CPU_PASSES];
    size_t scratch;   /* bytes, the most that any step wants */
    size_t calls;     /* primitives of all steps */
    gb_value *inputs, *outputs;
} gb_cpu_plan;

/* The vtable's functions. */
gb_status gb_cpu_plan_new(const gb_graph *graph, const gb_plan_options *options, void **out, gb_error *err);
void gb_cpu_plan_free(void *plan);
gb_status gb_cpu_session_new(void *plan, void **out, gb_error *err);
void gb_cpu_session_free(void *session);
float *gb_cpu_session_input(void *session, size_t index);
const float *gb_cpu_session_output(void *session, size_t index);
gb_status gb_cpu_session_run(void *session, gb_error *err);
gb_status gb_cpu_session_rerun(void *session, gb_error *err);

#endif
