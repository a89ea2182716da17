#include "backend/cpu/primitive.h"

#include <string.h>

gb_status gb_primitive_status(dnnl_status_t status, const char *doing, gb_error *err)
{
    if (status == dnnl_success) return GB_OK;
    if (status == dnnl_out_of_memory) return gb_fail(err, GB_E_NOMEM, "out of memory: oneDNN cannot %s", doing);
    return gb_fail(err, GB_E_DEVICE, "oneDNN cannot %s (status %d)", doing, (int)status);
}

static gb_status describe(gb_onednn_desc *out, int rank, const dnnl_dims_t dims, bool bf16, dnnl_format_tag_t tag,
                          gb_error *err)
{
    return gb_primitive_status(gb_onednn_describe(rank, dims, bf16, tag, out), "describe a tensor", err);
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
    return gb_primitive_status(gb_onednn_append_eltwise(ops, kind, alpha), "fuse an activation", err);
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
    if (c->add_first) GB_GO(gb_primitive_status(gb_onednn_append_sum(ops), doing, err));
    GB_GO(append_activation(ops, c->act, c->slope, err));
    if (c->add_last) GB_GO(gb_primitive_status(gb_onednn_append_sum(ops), doing, err));
    GB_GO(gb_primitive_status(dnnl_primitive_attr_set_post_ops(attributes, ops), doing, err));
done:
    dnnl_post_ops_destroy(ops);
    return status;
}

static gb_status describe_convolution(const gb_convolution *c, gb_onednn_convolution *out, gb_error *err)
{
    const dnnl_dims_t in = {1, c->in.c, c->in.h, c->in.w}, to = {1, c->out.c, c->out.h, c->out.w};
    const dnnl_dims_t weight = {c->out.c, c->in.c, c->kernel_h, c->kernel_w}, bias = {c->out.c};
    *out = (gb_onednn_convolution){.stride = {c->stride, c->stride},
                                   .dilation = {c->dilation - 1, c->dilation - 1},
                                   .before = {c->pad_top, c->pad_left},
                                   .after = {c->pad_bottom, c->pad_right}};
    GB_TRY(describe(&out->in, 4, in, c->bf16, dnnl_nhwc, err));
    GB_TRY(describe(&out->weight, 4, weight, c->bf16, dnnl_format_tag_any, err));
    GB_TRY(describe(&out->bias, 1, bias, false, dnnl_a, err));
    return describe(&out->out, 4, to, false, dnnl_nhwc, err);
}

static void clear_convolution(gb_onednn_convolution *c)
{
    gb_onednn_desc_clear(&c->in);
    gb_onednn_desc_clear(&c->weight);
    gb_onednn_desc_clear(&c->bias);
    gb_onednn_desc_clear(&c->out);
}

/* A copy of `data`, laid out as `to` says. */
static gb_status reorder(dnnl_engine_t engine, const gb_onednn_desc *from, const float *data, const gb_onednn_desc *to,
                         dnnl_memory_t *out, gb_error *err)
{
    dnnl_memory_t source = NULL, copy = NULL;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_stream_t stream = NULL;
    gb_status status;
    const char *doing = "reorder weights";
    GB_GO(gb_primitive_status(gb_onednn_memory(from, engine, (void *)data, &source), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_memory(to, engine, DNNL_MEMORY_ALLOCATE, &copy), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_plan_reorder(from, to, engine, &desc), doing, err));
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

/* The primitive that was planned, and its weights, laid out in `plain` by now. */
static gb_status make(gb_primitive *p, const_dnnl_primitive_desc_t planned, const gb_onednn_desc *plain,
                      const float *weight, gb_error *err)
{
    gb_onednn_desc constant = {0};
    gb_status status;
    const char *doing = "make a primitive";
    GB_GO(gb_primitive_status(dnnl_primitive_create(&p->handle, planned), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_desc_of(planned, dnnl_query_src_md, &p->data), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_desc_of(planned, dnnl_query_dst_md, &p->dst), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_desc_of(planned, dnnl_query_scratchpad_md, &p->scratchpad), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_desc_of(planned, dnnl_query_weights_md, &constant), doing, err));
    GB_GO(reorder(p->engine, plain, weight, &constant, &p->constant, err));
done:
    gb_onednn_desc_clear(&constant);
    return status;
}

gb_status gb_primitive_convolution(dnnl_engine_t engine, const gb_convolution *c, gb_primitive *out, gb_error *err)
{
    gb_primitive p = {.engine = engine};
    gb_onednn_convolution operation = {0};
    gb_onednn_desc plain = {0};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t planned = NULL;
    gb_status status;
    const dnnl_dims_t weight_dims = {c->out.c, c->in.c, c->kernel_h, c->kernel_w};
    GB_GO(describe(&plain, 4, weight_dims, false, dnnl_oihw, err));
    GB_GO(describe_convolution(c, &operation, err));
    GB_GO(make_attributes(&attributes, err));
    GB_GO(fuse(attributes, c, err));
    GB_GO(gb_primitive_status(gb_onednn_plan_convolution(&operation, c->bias, engine, attributes, &planned),
                              "plan a convolution", err));
    GB_GO(make(&p, planned, &plain, c->weight, err));
    if (c->bias) GB_GO(reorder(engine, &operation.bias, c->bias, &operation.bias, &p.bias, err));
done:
    dnnl_primitive_desc_destroy(planned);
    dnnl_primitive_attr_destroy(attributes);
    clear_convolution(&operation);
    gb_onednn_desc_clear(&plain);
    if (status == GB_OK) *out = p;
    else gb_primitive_clear(&p);
    return status;
}

gb_status gb_primitive_products(dnnl_engine_t engine, const gb_products *m, gb_primitive *out, gb_error *err)
{
    gb_primitive p = {.engine = engine};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t planned = NULL;
    gb_onednn_desc data = {0}, weight = {0}, plain = {0}, dst = {0};
    gb_status status;
    const dnnl_dims_t data_dims = {m->count, m->rows, m->in}, weight_dims = {m->count, m->in, m->out};
    const dnnl_dims_t dst_dims = {m->count, m->rows, m->out};
    GB_GO(describe(&data, 3, data_dims, m->bf16, dnnl_abc, err));
    GB_GO(describe(&weight, 3, weight_dims, m->bf16, dnnl_format_tag_any, err));
    GB_GO(describe(&plain, 3, weight_dims, false, dnnl_abc, err));
    GB_GO(describe(&dst, 3, dst_dims, false, dnnl_abc, err));
    GB_GO(make_attributes(&attributes, err));
    GB_GO(gb_primitive_status(gb_onednn_plan_product(&data, &weight, &dst, engine, attributes, &planned),
                              "plan a product", err));
    GB_GO(make(&p, planned, &plain, m->weight, err));
done:
    dnnl_primitive_desc_destroy(planned);
    dnnl_primitive_attr_destroy(attributes);
    gb_onednn_desc_clear(&data);
    gb_onednn_desc_clear(&weight);
    gb_onednn_desc_clear(&plain);
    gb_onednn_desc_clear(&dst);
    if (status == GB_OK) *out = p;
    else gb_primitive_clear(&p);
    return status;
}

void gb_primitive_clear(gb_primitive *p)
{
    dnnl_memory_destroy(p->bias);
    dnnl_memory_destroy(p->constant);
    dnnl_primitive_destroy(p->handle);
    gb_onednn_desc_clear(&p->data);
    gb_onednn_desc_clear(&p->dst);
    gb_onednn_desc_clear(&p->scratchpad);
    memset(p, 0, sizeof *p);
}

size_t gb_primitive_scratch(const gb_primitive *p)
{
    return gb_onednn_desc_size(&p->scratchpad);
}

gb_status gb_primitive_bind(const gb_primitive *p, gb_primitive_call *call, gb_error *err)
{
    gb_primitive_call c = {0};
    gb_status status;
    const char *doing = "bind a tensor";
    GB_GO(gb_primitive_status(gb_onednn_memory(&p->data, p->engine, DNNL_MEMORY_NONE, &c.data), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_memory(&p->dst, p->engine, DNNL_MEMORY_NONE, &c.dst), doing, err));
    GB_GO(gb_primitive_status(gb_onednn_memory(&p->scratchpad, p->engine, DNNL_MEMORY_NONE, &c.scratchpad), doing,
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
