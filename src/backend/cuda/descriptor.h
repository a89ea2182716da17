/* cuDNN's backend descriptors: made, set and closed with one check each. */
#ifndef GB_BACKEND_CUDA_DESCRIPTOR_H
#define GB_BACKEND_CUDA_DESCRIPTOR_H

#include <stdbool.h>

#include "backend/cuda/check.h"

typedef cudnnBackendDescriptor_t gb_descriptor;

/* NULL is allowed. */
void gb_descriptor_free(gb_descriptor descriptor);
gb_status gb_descriptor_new(cudnnBackendDescriptorType_t type, gb_descriptor *out, gb_error *err) GB_MUST_CHECK;

/* One attribute; `what` goes into the error line. */
typedef struct gb_attribute {
    cudnnBackendAttributeName_t name;
    cudnnBackendAttributeType_t type;
    int64_t count;
    const void *value;
} gb_attribute;

/* A descriptor with its attributes, finalized. */
gb_status gb_descriptor_make(cudnnBackendDescriptorType_t type, const gb_attribute *attribute, size_t count,
                             const char *what, gb_descriptor *out, gb_error *err) GB_MUST_CHECK;

/* A tensor n,c,h,w with channels last; a virtual one is between two operations of a graph, and never in memory. */
gb_status gb_descriptor_tensor(int64_t id, cudnnDataType_t type, const int64_t size[4], bool is_virtual,
                               gb_descriptor *out, gb_error *err) GB_MUST_CHECK;

/* A card that is described (JSON, as cuDNN's device properties). */
gb_status gb_descriptor_device(const char *json, gb_descriptor *out, gb_error *err) GB_MUST_CHECK;

/* How many values `name` has, at most `room` of them copied to `value`. */
gb_status gb_descriptor_get(gb_descriptor descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendAttributeType_t type, int64_t room, int64_t *count, void *value,
                            gb_error *err) GB_MUST_CHECK;

#endif
