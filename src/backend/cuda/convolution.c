#include "backend/cuda/convolution.h"

#include <stdlib.h>

#include "backend/cuda/choice.h"
#include "backend/cuda/descriptor.h"
#include "backend/cuda/store.h"
#include "core/memory.h"

struct gb_cuda_convolution_plan {
    gb_descriptor plan;
    bool addend; /* is bound, beside a bias, where the plan is fused */
    gb_cuda_plan_facts facts;
};

gb_cuda_convolution gb_cuda_convolution_of(const gb_node *node, gb_shape in, gb_precision precision, bool fuses)
{
    return (gb_cuda_convolution){.in = in,
                                 .out = node->shape,
                                 .kernel_h = node->kernel_h,
                                 .kernel_w = node->kernel_w,
                                 .stride = node->stride,
                                 .pad = node->pad,
                                 .dilation = node->dilation,
                                 .transposed = node->op == GB_OP_DECONV,
                                 .precision = precision,
                                 .after = {.bias = fuses,
                                           .addend = fuses && node->in[1] >= 0,
                                           .relu = fuses && node->act == GB_ACT_RELU}};
}

/* What a graph is made from; the graph itself is taken over by the caller. */
typedef struct parts {
    gb_descriptor x, filter, convolution, operation;
    gb_cuda_chain chain; /* its first value is what the convolution computes */
} parts;

static void parts_free(parts *p)
{
    gb_descriptor_free(p->operation);
    gb_descriptor_free(p->convolution);
    gb_cuda_chain_free(&p->chain);
    gb_descriptor_free(p->filter);
    gb_descriptor_free(p->x);
}

/* Of what is multiplied: TF32 is a matter of the engine, the tensors are float32. */
static cudnnDataType_t factor_type(gb_precision precision)
{
    switch (precision) {
    case GB_PRECISION_FP16: return CUDNN_DATA_HALF;
    case GB_PRECISION_BF16: return CUDNN_DATA_BFLOAT16;
    default: return CUDNN_DATA_FLOAT;
    }
}

static gb_status make_tensors(const gb_cuda_convolution *c, int64_t frames, parts *p, gb_error *err)
{
    const cudnnDataType_t type = factor_type(c->precision);
    const int64_t x[4] = {frames, c->in.c, c->in.h, c->in.w}, y[4] = {frames, c->out.c, c->out.h, c->out.w};
    const int64_t outer = c->transposed ? c->in.c : c->out.c, inner = c->transposed ? c->out.c : c->in.c;
    const int64_t filter[4] = {outer, inner, c->kernel_h, c->kernel_w};
    GB_TRY(gb_descriptor_tensor(GB_CUDA_X, type, x, false, &p->x, err));
    GB_TRY(gb_descriptor_tensor(GB_CUDA_FILTER, type, filter, false, &p->filter, err));
    return gb_cuda_chain_make(&c->after, type, y, &p->chain, err);
}

static gb_status make_convolution(const gb_cuda_convolution *c, parts *p, gb_error *err)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t axes = 2, pad[2] = {c->pad, c->pad}, stride[2] = {c->stride, c->stride},
                  dilation[2] = {c->dilation, c->dilation};
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes},
        {CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type},
        {CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode},
        {CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pad},
        {CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, pad},
        {CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilation},
        {CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, stride},
    };
    return gb_descriptor_make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, attribute, sizeof attribute / sizeof attribute[0],
                              "describe a convolution", &p->convolution, err);
}

static gb_status make_forward(parts *p, gb_error *err)
{
    const float one = 1.0f, zero = 0.0f;
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->convolution},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->x},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->filter},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->chain.value[0]},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &one},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &zero},
    };
    return gb_descriptor_make(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, attribute,
                              sizeof attribute / sizeof attribute[0], "plan a convolution", &p->operation, err);
}

/* A transposed convolution is the gradient of one with respect to its input: its x is that one's y. */
static gb_status make_transposed(parts *p, gb_error *err)
{
    const float one = 1.0f, zero = 0.0f;
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->convolution},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->x},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->filter},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->chain.value[0]},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, 1, &one},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, 1, &zero},
    };
    return gb_descriptor_make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR, attribute,
                              sizeof attribute / sizeof attribute[0], "plan a transposed convolution", &p->operation,
                              err);
}

static gb_status make_graph(const gb_cuda_convolution *c, int64_t frames, cudnnHandle_t handle, gb_descriptor *out,
                            gb_error *err)
{
    gb_status status;
    parts p = {0};
    GB_GO(make_tensors(c, frames, &p, err));
    GB_GO(make_convolution(c, &p, err));
    GB_GO(c->transposed ? make_transposed(&p, err) : make_forward(&p, err));
    gb_descriptor operation[1 + GB_CUDA_LINKS] = {p.operation};
    for (int k = 0; k < p.chain.links; k++) operation[1 + k] = p.chain.operation[k];
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1 + p.chain.links, operation},
        {CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle},
    };
    GB_GO(gb_descriptor_make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, attribute, handle ? 2 : 1, "plan a layer", out,
                             err));
done:
    parts_free(&p);
    return status;
}

/* Batch statistics may be of more frames than the rule looks at: then the most is that number. */
static gb_status choose(const gb_cuda_convolution *c, const gb_cuda_target *target, gb_cuda_convolution_plan *plan,
                        gb_error *err)
{
    const int64_t frames = c->in.n, most = frames > GB_CUDA_FRAMES ? frames : GB_CUDA_FRAMES;
    gb_cuda_graphs graphs = {0};
    gb_status status;
    GB_GO(make_graph(c, 1, target->handle, &graphs.one, err));
    GB_GO(make_graph(c, most, target->handle, &graphs.most, err));
    if (frames == 1 || frames == most)
        graphs.own = frames == 1 ? graphs.one : graphs.most;
    else
        GB_GO(make_graph(c, frames, target->handle, &graphs.own, err));
    GB_GO(gb_cuda_choose(&graphs, target, c->precision, &plan->plan, &plan->facts, err));
done:
    if (graphs.own != graphs.one && graphs.own != graphs.most) gb_descriptor_free(graphs.own);
    gb_descriptor_free(graphs.most);
    gb_descriptor_free(graphs.one);
    return status;
}

/* With what follows, or without: only that no engine does the whole is a reason for the latter. */
static gb_status choose_fused(const gb_cuda_convolution *c, const gb_cuda_target *target,
                              gb_cuda_convolution_plan *plan, gb_error *err)
{
    gb_cuda_convolution alone = *c;
    const gb_status status = choose(c, target, plan, err);
    plan->facts.fused = status == GB_OK && c->after.bias;
    if (status != GB_E_UNSUPPORTED || !c->after.bias) return status;
    alone.after = (gb_cuda_epilogue){0};
    return choose(&alone, target, plan, err);
}

gb_status gb_cuda_convolution_plan_new(const gb_cuda_convolution *convolution, const gb_cuda_target *target,
                                       gb_cuda_convolution_plan **out, gb_error *err)
{
    gb_cuda_convolution_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    gb_status status = GB_OK;
    if (!gb_cuda_store_take(convolution, target, &plan->plan, &plan->facts)) {
        status = choose_fused(convolution, target, plan, err);
        if (status == GB_OK) gb_cuda_store_keep(convolution, target, plan->plan, &plan->facts);
    }
    plan->addend = convolution->after.addend;
    if (status == GB_OK) *out = plan;
    else gb_cuda_convolution_plan_free(plan);
    return status;
}

void gb_cuda_convolution_plan_free(gb_cuda_convolution_plan *plan)
{
    if (!plan) return;
    gb_descriptor_free(plan->plan);
    free(plan);
}

gb_cuda_plan_facts gb_cuda_convolution_plan_facts(const gb_cuda_convolution_plan *plan)
{
    return plan->facts;
}

cudnnBackendDescriptor_t gb_cuda_convolution_plan_descriptor(const gb_cuda_convolution_plan *plan)
{
    return plan->plan;
}

gb_status gb_cuda_convolution_run(const gb_cuda_convolution_plan *plan, cudnnHandle_t handle,
                                  const gb_cuda_operands *operands, gb_error *err)
{
    const int64_t id[] = {GB_CUDA_X, GB_CUDA_FILTER, GB_CUDA_Y, GB_CUDA_BIAS, GB_CUDA_ADDEND};
    const void *const data[] = {operands->x, operands->filter, operands->y, operands->bias, operands->addend};
    const int64_t count = !plan->facts.fused ? 3 : plan->addend ? 5 : 4;
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, id},
        {CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, data},
        {CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &operands->workspace},
    };
    gb_descriptor pack = NULL;
    GB_TRY(
        gb_descriptor_make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, attribute, 3, "bind a layer's memory", &pack, err));
    const gb_status status = gb_cudnn_check(cudnnBackendExecute(handle, plan->plan, pack), "run a layer", err);
    gb_descriptor_free(pack);
    return status;
}
