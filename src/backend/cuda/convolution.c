#include "backend/cuda/convolution.h"

#include <stdlib.h>

#include "backend/cuda/choice.h"
#include "backend/cuda/descriptor.h"
#include "core/memory.h"

enum { X_ID = 1, FILTER_ID = 2, Y_ID = 3 };

struct gb_cuda_convolution_plan {
    gb_descriptor plan;
    gb_cuda_plan_facts facts;
};

/* What a plan is made from; freed once it is made. */
typedef struct parts {
    gb_descriptor x, filter, y, convolution, operation, graph;
} parts;

static void parts_free(parts *p)
{
    gb_descriptor_free(p->graph);
    gb_descriptor_free(p->operation);
    gb_descriptor_free(p->convolution);
    gb_descriptor_free(p->y);
    gb_descriptor_free(p->filter);
    gb_descriptor_free(p->x);
}

static gb_status make_tensors(const gb_cuda_convolution *c, parts *p, gb_error *err)
{
    const int64_t x[4] = {c->in.n, c->in.c, c->in.h, c->in.w}, y[4] = {c->out.n, c->out.c, c->out.h, c->out.w};
    const int64_t outer = c->transposed ? c->in.c : c->out.c, inner = c->transposed ? c->out.c : c->in.c;
    const int64_t filter[4] = {outer, inner, c->kernel_h, c->kernel_w};
    GB_TRY(gb_descriptor_tensor(X_ID, x, &p->x, err));
    GB_TRY(gb_descriptor_tensor(FILTER_ID, filter, &p->filter, err));
    return gb_descriptor_tensor(Y_ID, y, &p->y, err);
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
        {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->y},
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
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->y},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, 1, &one},
        {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, 1, &zero},
    };
    return gb_descriptor_make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR, attribute,
                              sizeof attribute / sizeof attribute[0], "plan a transposed convolution", &p->operation,
                              err);
}

static gb_status make_graph(cudnnHandle_t handle, parts *p, gb_error *err)
{
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &p->operation},
        {CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle},
    };
    return gb_descriptor_make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, attribute, handle ? 2 : 1, "plan a layer",
                              &p->graph, err);
}

gb_status gb_cuda_convolution_plan_new(const gb_cuda_convolution *convolution, const gb_cuda_target *target,
                                       gb_cuda_convolution_plan **out, gb_error *err)
{
    gb_status status;
    parts p = {0};
    gb_cuda_convolution_plan *plan = gb_alloc(1, sizeof *plan);
    if (!plan) return gb_fail_memory(err, "a plan", sizeof *plan);
    GB_GO(make_tensors(convolution, &p, err));
    GB_GO(make_convolution(convolution, &p, err));
    GB_GO(convolution->transposed ? make_transposed(&p, err) : make_forward(&p, err));
    GB_GO(make_graph(target->handle, &p, err));
    GB_GO(gb_cuda_choose(p.graph, target, convolution->precision, &plan->plan, &plan->facts, err));
    *out = plan;
    plan = NULL;
done:
    parts_free(&p);
    gb_cuda_convolution_plan_free(plan);
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

gb_status gb_cuda_convolution_run(const gb_cuda_convolution_plan *plan, cudnnHandle_t handle, const float *x,
                                  const float *filter, float *y, void *workspace, gb_error *err)
{
    const int64_t id[3] = {X_ID, FILTER_ID, Y_ID};
    const void *const data[3] = {x, filter, y};
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, 3, id},
        {CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 3, data},
        {CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace},
    };
    gb_descriptor pack = NULL;
    GB_TRY(
        gb_descriptor_make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, attribute, 3, "bind a layer's memory", &pack, err));
    const gb_status status = gb_cudnn_check(cudnnBackendExecute(handle, plan->plan, pack), "run a layer", err);
    gb_descriptor_free(pack);
    return status;
}
