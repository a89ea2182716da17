#include "backend/cpu/primitive.h"

#include <string.h>

gb_status gb_primitive_status(dnnl_status_t status, const char *doing, gb_error *err)
{
    if (status == dnnl_success) return GB_OK;
    if (status == dnnl_out_of_memory) return gb_fail(err, GB_E_NOMEM, "out of memory: oneDNN cannot %s", doing);
    return gb_fail(err, GB_E_DEVICE, "oneDNN cannot %s (status %d)", doing, (int)status);
}

static gb_status describe_as(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims, bool bf16,
                             dnnl_format_tag_t tag, gb_error *err)
{
    return gb_primitive_status(dnnl_memory_desc_init_by_tag(out, rank, dims, bf16 ? dnnl_bf16 : dnnl_f32, tag),
                               "describe a tensor", err);
}

static gb_status describe(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims, dnnl_format_tag_t tag,
                          gb_error *err)
{
    return describe_as(out, rank, dims, false, tag, err);
}

static gb_status append_activation(dnnl_post_ops_t ops, gb_activation act, float slope, gb_error *err)
{
    dnnl_alg_kind_t kind = dnnl_eltwise_relu;
    float alpha = 0;
    switch (act) {
    case GB_ACT_NONE: return GB_OK;
    /* With 0, oneDNN computes max(x, 0), which turns a NaN into 0 and hides it; with this a NaN stays one. */
    case GB_ACT_RELU: alpha = 1e-30f; break;
    case GB_ACT_LEAKY_RELU: alpha = slope; break;
    case GB_ACT_TANH: kind = dnnl_eltwise_tanh; break;
    case GB_ACT_SIGMOID: kind = dnnl_eltwise_logistic; break;
    default: return gb_fail(err, GB_E_ARG, "unknown activation %d", (int)act);
    }
    return gb_primitive_status(dnnl_post_ops_append_eltwise(ops, 1, kind, alpha, 0), "fuse an activation", err);
}

/* Scratch memory is the session's; arithmetic stays float32 whatever the environment asks for. */
static gb_status make_attributes(dnnl_primitive_attr_t *out, gb_error *err)
{
    dnnl_primitive_attr_t attributes = NULL;
    gb_status status;
    const char *doing = "set a primitive's attributes";
    GB_GO(gb_primitive_status(dnnl_primitive_attr_create(&attributes), doing, err));
    GB_GO(gb_primitive_status(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), doing,
                              err));
    GB_GO(gb_primitive_status(dnnl_primitive_attr_set_fpmath_mode(attributes, dnnl_fpmath_mode_strict), doing, err));
done:
    if (status == GB_OK) *out = attributes;
    else dnnl_primitive_attr_destroy(attributes);
    return status;
}

static gb_status fuse(dnnl_primitive_attr_t attributes, const gb_convolution *c, gb_error *err)
{
    dnnl_post_ops_t ops = NULL;
    gb_status status;
    const char *doing = "fuse what follows a convolution";
    GB_GO(gb_primitive_status(dnnl_post_ops_create(&ops), doing, err));
    if (c->add_first) GB_GO(gb_primitive_status(dnnl_post_ops_append_sum(ops, 1), doing, err));
    GB_GO(append_activation(ops, c->act, c->slope, err));
    if (c->add_last) GB_GO(gb_primitive_status(dnnl_post_ops_append_sum(ops, 1), doing, err));
    GB_GO(gb_primitive_status(dnnl_primitive_attr_set_post_ops(attributes, ops), doing, err));
done:
    dnnl_post_ops_destroy(ops);
    return status;
}

static gb_status describe_convolution(const gb_convolution *c, dnnl_convolution_desc_t *out, gb_error *err)
{
    const dnnl_dims_t in = {1, c->in.c, c->in.h, c->in.w}, to = {1, c->out.c, c->out.h, c->out.w};
    const dnnl_dims_t weight = {c->out.c, c->in.c, c->kernel_h, c->kernel_w}, bias = {c->out.c};
    const dnnl_dims_t stride = {c->stride, c->stride}, dilation = {c->dilation - 1, c->dilation - 1};
    const dnnl_dims_t before = {c->pad_top, c->pad_left}, after = {c->pad_bottom, c->pad_right};
    dnnl_memory_desc_t in_desc, weight_desc, bias_desc, to_desc;
    GB_TRY(describe_as(&in_desc, 4, in, c->bf16, dnnl_nhwc, err));
    GB_TRY(describe_as(&weight_desc, 4, weight, c->bf16, dnnl_format_tag_any, err));
    GB_TRY(describe(&bias_desc, 1, bias, dnnl_a, err));
    GB_TRY(describe(&to_desc, 4, to, dnnl_nhwc, err));
    return gb_primitive_status(
        dnnl_dilated_convolution_forward_desc_init(out, dnnl_forward_inference, dnnl_convolution_direct, &in_desc,
                                                   &weight_desc, c->bias ? &bias_desc : NULL, &to_desc, stride,
                                                   dilation, before, after),
        "describe a convolution", err);
}

/* A copy of `data`, laid out as `to` says. */
static gb_status reorder(dnnl_engine_t engine, const dnnl_memory_desc_t *from, const float *data,
                         const dnnl_memory_desc_t *to, dnnl_memory_t *out, gb_error *err)
{
    dnnl_memory_t source = NULL, copy = NULL;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_stream_t stream = NULL;
    gb_status status;
    const char *doing = "reorder weights";
    GB_GO(gb_primitive_status(dnnl_memory_create(&source, from, engine, (void *)data), doing, err));
    GB_GO(gb_primitive_status(dnnl_memory_create(&copy, to, engine, DNNL_MEMORY_ALLOCATE), doing, err));
    GB_GO(gb_primitive_status(dnnl_reorder_primitive_desc_create(&desc, from, engine, to, engine, NULL), doing, err));
    GB_GO(gb_primitive_status(dnnl_primitive_create(&primitive, desc), doing, err));
    GB_GO(gb_primitive_status(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), doing, err));
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, copy}};
    GB_GO(gb_primitive_status(dnnl_primitive_execute(primitive, stream, 2, args), doing, err));
    GB_GO(gb_primitive_status(dnnl_stream_wait(stream), doing, err));
done:
    dnnl_stream_destroy(stream);
    dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(desc);
    dnnl_memory_destroy(source);
    if (status == GB_OK) *out = copy;
    else dnnl_memory_destroy(copy);
    return status;
}

/* The primitive itself and its weights, laid out in `plain` by now. */
static gb_status make(gb_primitive *p, const_dnnl_op_desc_t operation, const_dnnl_primitive_attr_t attributes,
                      const dnnl_memory_desc_t *plain, const float *weight, gb_error *err)
{
    dnnl_primitive_desc_t desc = NULL;
    gb_status status;
    GB_GO(gb_primitive_status(dnnl_primitive_desc_create(&desc, operation, attributes, p->engine, NULL),
                              "plan a primitive", err));
    GB_GO(gb_primitive_status(dnnl_primitive_create(&p->handle, desc), "make a primitive", err));
    p->data = *dnnl_primitive_desc_query_md(desc, dnnl_query_src_md, 0);
    p->dst = *dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0);
    p->scratchpad = *dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    GB_GO(reorder(p->engine, plain, weight, dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0), &p->constant,
                  err));
done:
    dnnl_primitive_desc_destroy(desc);
    return status;
}

gb_status gb_primitive_convolution(dnnl_engine_t engine, const gb_convolution *c, gb_primitive *out, gb_error *err)
{
    gb_primitive p = {.engine = engine};
    dnnl_convolution_desc_t operation;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_memory_desc_t plain, bias;
    gb_status status;
    const dnnl_dims_t weight_dims = {c->out.c, c->in.c, c->kernel_h, c->kernel_w}, bias_dims = {c->out.c};
    GB_GO(describe(&plain, 4, weight_dims, dnnl_oihw, err));
    GB_GO(describe(&bias, 1, bias_dims, dnnl_a, err));
    GB_GO(describe_convolution(c, &operation, err));
    GB_GO(make_attributes(&attributes, err));
    GB_GO(fuse(attributes, c, err));
    GB_GO(make(&p, &operation, attributes, &plain, c->weight, err));
    if (c->bias) GB_GO(reorder(engine, &bias, c->bias, &bias, &p.bias, err));
done:
    dnnl_primitive_attr_destroy(attributes);
    if (status == GB_OK) *out = p;
    else gb_primitive_clear(&p);
    return status;
}

gb_status gb_primitive_products(dnnl_engine_t engine, const gb_products *m, gb_primitive *out, gb_error *err)
{
    gb_primitive p = {.engine = engine};
    dnnl_matmul_desc_t operation;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_memory_desc_t data, weight, plain, dst;
    gb_status status;
    const dnnl_dims_t data_dims = {m->count, m->rows, m->in}, weight_dims = {m->count, m->in, m->out};
    const dnnl_dims_t dst_dims = {m->count, m->rows, m->out};
    GB_GO(describe_as(&data, 3, data_dims, m->bf16, dnnl_abc, err));
    GB_GO(describe_as(&weight, 3, weight_dims, m->bf16, dnnl_format_tag_any, err));
    GB_GO(describe(&plain, 3, weight_dims, dnnl_abc, err));
    GB_GO(describe(&dst, 3, dst_dims, dnnl_abc, err));
    GB_GO(gb_primitive_status(dnnl_matmul_desc_init(&operation, &data, &weight, NULL, &dst), "describe a product",
                              err));
    GB_GO(make_attributes(&attributes, err));
    GB_GO(make(&p, &operation, attributes, &plain, m->weight, err));
done:
    dnnl_primitive_attr_destroy(attributes);
    if (status == GB_OK) *out = p;
    else gb_primitive_clear(&p);
    return status;
}

void gb_primitive_clear(gb_primitive *p)
{
    dnnl_memory_destroy(p->bias);
    dnnl_memory_destroy(p->constant);
    dnnl_primitive_destroy(p->handle);
    memset(p, 0, sizeof *p);
}

size_t gb_primitive_scratch(const gb_primitive *p)
{
    return dnnl_memory_desc_get_size(&p->scratchpad);
}

gb_status gb_primitive_bind(const gb_primitive *p, gb_primitive_call *call, gb_error *err)
{
    gb_primitive_call c = {0};
    gb_status status;
    const char *doing = "bind a tensor";
    GB_GO(gb_primitive_status(dnnl_memory_create(&c.data, &p->data, p->engine, DNNL_MEMORY_NONE), doing, err));
    GB_GO(gb_primitive_status(dnnl_memory_create(&c.dst, &p->dst, p->engine, DNNL_MEMORY_NONE), doing, err));
    GB_GO(gb_primitive_status(dnnl_memory_create(&c.scratchpad, &p->scratchpad, p->engine, DNNL_MEMORY_NONE), doing,
                              err));
    c.arg[c.count++] = (dnnl_exec_arg_t){DNNL_ARG_SRC, c.data};
    c.arg[c.count++] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, p->constant};
    if (p->bias) c.arg[c.count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, p->bias};
    c.arg[c.count++] = (dnnl_exec_arg_t){DNNL_ARG_DST, c.dst};
    c.arg[c.count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, c.scratchpad};
done:
    if (status == GB_OK) *call = c;
    else gb_primitive_unbind(&c);
    return status;
}

void gb_primitive_unbind(gb_primitive_call *call)
{
    dnnl_memory_destroy(call->scratchpad);
    dnnl_memory_destroy(call->dst);
    dnnl_memory_destroy(call->data);
    memset(call, 0, sizeof *call);
}

gb_status gb_primitive_run(const gb_primitive *p, gb_primitive_call *call, dnnl_stream_t stream, const void *data,
                           float *dst, void *scratch, gb_error *err)
{
    const char *doing = "run a primitive";
    GB_TRY(gb_primitive_status(dnnl_memory_set_data_handle(call->data, (void *)data), doing, err));
    GB_TRY(gb_primitive_status(dnnl_memory_set_data_handle(call->dst, dst), doing, err));
    GB_TRY(gb_primitive_status(dnnl_memory_set_data_handle(call->scratchpad, scratch), doing, err));
    return gb_primitive_status(dnnl_primitive_execute(p->handle, stream, call->count, call->arg), doing, err);
}
