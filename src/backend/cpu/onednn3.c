/* oneDNN 3: a description is an object, and a primitive is planned in one call. */
#include <string.h>

#include "backend/cpu/onednn.h"

dnnl_status_t gb_onednn_describe(int rank, const dnnl_dims_t dims, bool bf16, dnnl_format_tag_t tag,
                                 gb_onednn_desc *out)
{
    return dnnl_memory_desc_create_with_tag(&out->md, rank, dims, bf16 ? dnnl_bf16 : dnnl_f32, tag);
}

dnnl_status_t gb_onednn_desc_of(const_dnnl_primitive_desc_t planned, dnnl_query_t what, gb_onednn_desc *out)
{
    const const_dnnl_memory_desc_t md = dnnl_primitive_desc_query_md(planned, what, 0);
    return md ? dnnl_memory_desc_clone(&out->md, md) : dnnl_invalid_arguments;
}

size_t gb_onednn_desc_size(const gb_onednn_desc *desc)
{
    return dnnl_memory_desc_get_size(desc->md);
}

void gb_onednn_desc_clear(gb_onednn_desc *desc)
{
    if (desc->md) dnnl_memory_desc_destroy(desc->md);
    memset(desc, 0, sizeof *desc);
}

dnnl_status_t gb_onednn_memory(const gb_onednn_desc *desc, dnnl_engine_t engine, void *data, dnnl_memory_t *out)
{
    return dnnl_memory_create(out, desc->md, engine, data);
}

dnnl_status_t gb_onednn_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
}

dnnl_status_t gb_onednn_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha)
{
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, 0);
}

dnnl_status_t gb_onednn_plan_convolution(const gb_onednn_convolution *c, bool bias, dnnl_engine_t engine,
                                         const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out)
{
    return dnnl_convolution_forward_primitive_desc_create(
        out, engine, dnnl_forward_inference, dnnl_convolution_direct, c->in.md, c->weight.md,
        bias ? c->bias.md : NULL, c->out.md, c->stride, c->dilation, c->before, c->after, attributes);
}

dnnl_status_t gb_onednn_plan_product(const gb_onednn_desc *data, const gb_onednn_desc *weight,
                                     const gb_onednn_desc *dst, dnnl_engine_t engine,
                                     const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out)
{
    return dnnl_matmul_primitive_desc_create(out, engine, data->md, weight->md, NULL, dst->md, attributes);
}

dnnl_status_t gb_onednn_plan_reorder(const gb_onednn_desc *from, const gb_onednn_desc *to, dnnl_engine_t engine,
                                     dnnl_primitive_desc_t *out)
{
    return dnnl_reorder_primitive_desc_create(out, from->md, engine, to->md, engine, NULL);
}
