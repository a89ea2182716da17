/* oneDNN 2: a description is a plain struct, and an operation is described before it is planned. */
#include <string.h>

#include "backend/cpu/onednn.h"

dnnl_status_t gb_onednn_describe(int rank, const dnnl_dims_t dims, bool bf16, dnnl_format_tag_t tag,
                                 gb_onednn_desc *out)
{
    return dnnl_memory_desc_init_by_tag(&out->md, rank, dims, bf16 ? dnnl_bf16 : dnnl_f32, tag);
}

dnnl_status_t gb_onednn_desc_of(const_dnnl_primitive_desc_t planned, dnnl_query_t what, gb_onednn_desc *out)
{
    const dnnl_memory_desc_t *const md = dnnl_primitive_desc_query_md(planned, what, 0);
    if (!md) return dnnl_invalid_arguments;
    out->md = *md;
    return dnnl_success;
}

size_t gb_onednn_desc_size(const gb_onednn_desc *desc)
{
    return dnnl_memory_desc_get_size(&desc->md);
}

void gb_onednn_desc_clear(gb_onednn_desc *desc)
{
    memset(desc, 0, sizeof *desc);
}

dnnl_status_t gb_onednn_memory(const gb_onednn_desc *desc, dnnl_engine_t engine, void *data, dnnl_memory_t *out)
{
    return dnnl_memory_create(out, &desc->md, engine, data);
}

dnnl_status_t gb_onednn_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1);
}

dnnl_status_t gb_onednn_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha)
{
    return dnnl_post_ops_append_eltwise(ops, 1, kind, alpha, 0);
}

dnnl_status_t gb_onednn_plan_convolution(const gb_onednn_convolution *c, bool bias, dnnl_engine_t engine,
                                         const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out)
{
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, &c->in.md, &c->weight.md,
        bias ? &c->bias.md : NULL, &c->out.md, c->stride, c->dilation, c->before, c->after);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &operation, attributes, engine, NULL) : status;
}

dnnl_status_t gb_onednn_plan_product(const gb_onednn_desc *data, const gb_onednn_desc *weight,
                                     const gb_onednn_desc *dst, dnnl_engine_t engine,
                                     const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out)
{
    dnnl_matmul_desc_t operation;
    const dnnl_status_t status = dnnl_matmul_desc_init(&operation, &data->md, &weight->md, NULL, &dst->md);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &operation, attributes, engine, NULL) : status;
}

dnnl_status_t gb_onednn_plan_reorder(const gb_onednn_desc *from, const gb_onednn_desc *to, dnnl_engine_t engine,
                                     dnnl_primitive_desc_t *out)
{
    return dnnl_reorder_primitive_desc_create(out, &from->md, engine, &to->md, engine, NULL);
}
