/* What oneDNN 2 and 3 have each in their own way: tensors' descriptions, and primitives planned from them. The Makefile
 * takes onednn2.c or onednn3.c, by the library's version; all else of oneDNN is the same in both. */
#ifndef GB_BACKEND_CPU_ONEDNN_H
#define GB_BACKEND_CPU_ONEDNN_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>
#include <stddef.h>

/* A tensor's shape, type and layout; all zero: none. Its owner clears it. */
typedef struct gb_onednn_desc {
    dnnl_memory_desc_t md;
} gb_onednn_desc;

dnnl_status_t gb_onednn_describe(int rank, const dnnl_dims_t dims, bool bf16, dnnl_format_tag_t tag,
                                 gb_onednn_desc *out);
/* One of a planned primitive's own: dnnl_query_src_md and so on. */
dnnl_status_t gb_onednn_desc_of(const_dnnl_primitive_desc_t planned, dnnl_query_t what, gb_onednn_desc *out);
size_t gb_onednn_desc_size(const gb_onednn_desc *desc); /* bytes */
void gb_onednn_desc_clear(gb_onednn_desc *desc);

/* `data`: memory of that layout, borrowed, or DNNL_MEMORY_NONE or DNNL_MEMORY_ALLOCATE. */
dnnl_status_t gb_onednn_memory(const gb_onednn_desc *desc, dnnl_engine_t engine, void *data, dnnl_memory_t *out);

dnnl_status_t gb_onednn_append_sum(dnnl_post_ops_t ops);
dnnl_status_t gb_onednn_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha);

typedef struct gb_onednn_convolution {
    gb_onednn_desc in, weight, bias, out;
    dnnl_dims_t stride, dilation, before, after;
} gb_onednn_convolution;

/* Each gives a planned primitive, which the caller destroys. */
dnnl_status_t gb_onednn_plan_convolution(const gb_onednn_convolution *c, bool bias, dnnl_engine_t engine,
                                         const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out);
dnnl_status_t gb_onednn_plan_product(const gb_onednn_desc *data, const gb_onednn_desc *weight,
                                     const gb_onednn_desc *dst, dnnl_engine_t engine,
                                     const_dnnl_primitive_attr_t attributes, dnnl_primitive_desc_t *out);
dnnl_status_t gb_onednn_plan_reorder(const gb_onednn_desc *from, const gb_onednn_desc *to, dnnl_engine_t engine,
                                     dnnl_primitive_desc_t *out);

#endif
