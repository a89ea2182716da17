#include "backend/cuda/epilogue.h"

#define WHAT "plan what follows a convolution"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static gb_status describe_mode(cudnnPointwiseMode_t mode, gb_descriptor *out, gb_error *err)
{
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnNanPropagation_t nan = CUDNN_PROPAGATE_NAN; /* a wish: not every engine is known to grant it (plan.c) */
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode},
        {CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &type},
        {CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_TYPE_NAN_PROPOGATION, 1, &nan},
    };
    const size_t count = COUNT(attribute) - (mode != CUDNN_POINTWISE_RELU_FWD);
    return gb_descriptor_make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR, attribute, count, WHAT, out, err);
}

/* From the last value to the next; `operand` may be NULL. */
static gb_status add_link(cudnnPointwiseMode_t mode, gb_descriptor operand, gb_cuda_chain *chain, gb_error *err)
{
    const int k = chain->links;
    GB_TRY(describe_mode(mode, &chain->mode[k], err));
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &chain->mode[k]},
        {CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &chain->value[k]},
        {CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &chain->value[k + 1]},
        {CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &operand},
    };
    chain->links++;
    return gb_descriptor_make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, attribute,
                              COUNT(attribute) - (operand == NULL), WHAT, &chain->operation[k], err);
}

static gb_status make_values(int links, cudnnDataType_t type, const int64_t y[4], gb_cuda_chain *chain, gb_error *err)
{
    for (int k = 0; k < links; k++)
        GB_TRY(gb_descriptor_tensor(GB_CUDA_BETWEEN + k, CUDNN_DATA_FLOAT, y, true, &chain->value[k], err));
    return gb_descriptor_tensor(GB_CUDA_Y, type, y, false, &chain->value[links], err);
}

gb_status gb_cuda_chain_make(const gb_cuda_epilogue *epilogue, cudnnDataType_t type, const int64_t y[4],
                             gb_cuda_chain *chain, gb_error *err)
{
    const int64_t channels[4] = {1, y[1], 1, 1};
    GB_TRY(make_values(epilogue->addend + epilogue->bias + epilogue->relu, type, y, chain, err));
    if (epilogue->addend) {
        GB_TRY(gb_descriptor_tensor(GB_CUDA_ADDEND, type, y, false, &chain->addend, err));
        GB_TRY(add_link(CUDNN_POINTWISE_ADD, chain->addend, chain, err));
    }
    if (epilogue->bias) {
        GB_TRY(gb_descriptor_tensor(GB_CUDA_BIAS, type, channels, false, &chain->bias, err));
        GB_TRY(add_link(CUDNN_POINTWISE_ADD, chain->bias, chain, err));
    }
    return epilogue->relu ? add_link(CUDNN_POINTWISE_RELU_FWD, NULL, chain, err) : GB_OK;
}

void gb_cuda_chain_free(gb_cuda_chain *chain)
{
    for (int k = GB_CUDA_LINKS; k-- > 0;) {
        gb_descriptor_free(chain->operation[k]);
        gb_descriptor_free(chain->mode[k]);
    }
    gb_descriptor_free(chain->bias);
    gb_descriptor_free(chain->addend);
    for (int k = GB_CUDA_LINKS + 1; k-- > 0;) gb_descriptor_free(chain->value[k]);
}
