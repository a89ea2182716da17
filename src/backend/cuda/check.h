/* Errors of CUDA and cuDNN as gb_status, in one line. */
#ifndef GB_BACKEND_CUDA_CHECK_H
#define GB_BACKEND_CUDA_CHECK_H

#include <cuda_runtime_api.h>
#include <cudnn.h>

#include "core/status.h"

/* GB_OK, GB_E_NOMEM for want of device memory, else GB_E_DEVICE: "cannot <what>: <CUDA's words>". Takes the error off
 * CUDA's own record, so that the next call does not report it again. */
gb_status gb_cuda_check(cudaError_t code, const char *what, gb_error *err) GB_MUST_CHECK;

/* The same for cuDNN, with its last error's text where it has one. */
gb_status gb_cudnn_check(cudnnStatus_t code, const char *what, gb_error *err) GB_MUST_CHECK;

#endif
