#include "backend/cuda/check.h"

#include <string.h>

gb_status gb_cuda_check(cudaError_t code, const char *what, gb_error *err)
{
    if (code == cudaSuccess) return GB_OK;
    (void)cudaGetLastError();
    return gb_fail(err, code == cudaErrorMemoryAllocation ? GB_E_NOMEM : GB_E_DEVICE, "CUDA cannot %s: %s", what,
                   cudaGetErrorString(code));
}

gb_status gb_cudnn_check(cudnnStatus_t code, const char *what, gb_error *err)
{
    char detail[512] = "";
    if (code == CUDNN_STATUS_SUCCESS) return GB_OK;
    cudnnGetLastErrorString(detail, sizeof detail);
    detail[strcspn(detail, "\r\n")] = '\0';
    return gb_fail(err, GB_E_DEVICE, "cuDNN cannot %s: %s%s%s", what, cudnnGetErrorString(code), *detail ? ": " : "",
                   detail);
}
