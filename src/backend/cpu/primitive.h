/* A oneDNN primitive together with its constant operands. It is read-only once made and shared by all sessions; what
 * changes from run to run lives in a call, one for each session. */
#ifndef GB_BACKEND_CPU_PRIMITIVE_H
#define GB_BACKEND_CPU_PRIMITIVE_H

#include "backend/cpu/onednn.h"
#include "engine/graph.h"

typedef struct gb_primitive {
    dnnl_engine_t engine; /* borrowed */
    dnnl_primitive_t handle;
    dnnl_memory_t constant, bias; /* bias may be NULL */
    gb_onednn_desc data, dst, scratchpad;
} gb_primitive;

typedef struct gb_primitive_call {
    dnnl_memory_t data, dst, scratchpad;
    dnnl_exec_arg_t arg[5];
    int count;
} gb_primitive_call;

/* One frame through one convolution: act(conv(x) + bias + dst, where add_first) + dst, where add_last. */
typedef struct gb_convolution {
    gb_shape in, out; /* n is not read */
    int kernel_h, kernel_w, stride, dilation;
    int64_t pad_top, pad_left, pad_bottom, pad_right;
    const float *weight;      /* O,I,kh,kw */
    const float *bias;        /* or NULL */
    bool add_first, add_last; /* one at most */
    gb_activation act;
    float slope;
    bool bf16;                /* x and the weights are; y, bias and sums are float32 */
} gb_convolution;

/* `count` independent matrix products: (rows, in) times (in, out). */
typedef struct gb_products {
    int64_t count, rows, in, out;
    const float *weight; /* count,in,out */
    bool bf16;           /* data and weights are; results and sums are float32 */
} gb_products;

/* Both reorder the weights; nothing is borrowed afterwards but the engine. */
gb_status gb_primitive_convolution(dnnl_engine_t engine, const gb_convolution *convolution, gb_primitive *out,
                                   gb_error *err) GB_MUST_CHECK;
gb_status gb_primitive_products(dnnl_engine_t engine, const gb_products *products, gb_primitive *out, gb_error *err)
    GB_MUST_CHECK;
void gb_primitive_clear(gb_primitive *primitive);
size_t gb_primitive_scratch(const gb_primitive *primitive); /* bytes */

gb_status gb_primitive_bind(const gb_primitive *primitive, gb_primitive_call *call, gb_error *err) GB_MUST_CHECK;
void gb_primitive_unbind(gb_primitive_call *call);
gb_status gb_primitive_run(const gb_primitive *primitive, gb_primitive_call *call, dnnl_stream_t stream,
                           const void *data, float *dst, void *scratch, gb_error *err) GB_MUST_CHECK;

/* GB_OK, GB_E_NOMEM or GB_E_DEVICE: "oneDNN cannot <doing>". */
gb_status gb_primitive_status(dnnl_status_t status, const char *doing, gb_error *err) GB_MUST_CHECK;

#endif
