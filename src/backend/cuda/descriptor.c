#include "backend/cuda/descriptor.h"

#include <string.h>

void gb_descriptor_free(gb_descriptor descriptor)
{
    if (descriptor) (void)cudnnBackendDestroyDescriptor(descriptor);
}

gb_status gb_descriptor_new(cudnnBackendDescriptorType_t type, gb_descriptor *out, gb_error *err)
{
    return gb_cudnn_check(cudnnBackendCreateDescriptor(type, out), "make a descriptor", err);
}

gb_status gb_descriptor_make(cudnnBackendDescriptorType_t type, const gb_attribute *attribute, size_t count,
                             const char *what, gb_descriptor *out, gb_error *err)
{
    gb_descriptor made = NULL;
    gb_status status;
    GB_GO(gb_descriptor_new(type, &made, err));
    for (size_t i = 0; i < count; i++)
        GB_GO(gb_cudnn_check(cudnnBackendSetAttribute(made, attribute[i].name, attribute[i].type, attribute[i].count,
                                                      attribute[i].value),
                             what, err));
    GB_GO(gb_cudnn_check(cudnnBackendFinalize(made), what, err));
    *out = made;
    made = NULL;
done:
    gb_descriptor_free(made);
    return status;
}

gb_status gb_descriptor_tensor(int64_t id, cudnnDataType_t type, const int64_t size[4], bool is_virtual,
                               gb_descriptor *out, gb_error *err)
{
    const int64_t alignment = 16;
    const int64_t stride[4] = {size[1] * size[2] * size[3], 1, size[1] * size[3], size[1]};
    const gb_attribute attribute[] = {
        {CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type},
        {CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, size},
        {CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, stride},
        {CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id},
        {CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment},
        {CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual},
    };
    return gb_descriptor_make(CUDNN_BACKEND_TENSOR_DESCRIPTOR, attribute, sizeof attribute / sizeof attribute[0],
                              "describe a tensor", out, err);
}

gb_status gb_descriptor_device(const char *json, gb_descriptor *out, gb_error *err)
{
    const gb_attribute attribute = {CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, (int64_t)strlen(json),
                                    json};
    return gb_descriptor_make(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &attribute, 1, "understand the device", out, err);
}

gb_status gb_descriptor_get(gb_descriptor descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendAttributeType_t type, int64_t room, int64_t *count, void *value, gb_error *err)
{
    return gb_cudnn_check(cudnnBackendGetAttribute(descriptor, name, type, room, count, value), "read a descriptor",
                          err);
}
