/* Host memory to a card's. */
#ifndef GB_BACKEND_CUDA_UPLOAD_H
#define GB_BACKEND_CUDA_UPLOAD_H

#include <stddef.h>

#include "core/status.h"

/* Copies `count` floats to fresh memory of the current device and waits. `*out` is the caller's to cudaFree, also after
 * a copy that failed; left alone where there was no memory. */
gb_status gb_cuda_upload(const float *data, size_t count, float **out, gb_error *err) GB_MUST_CHECK;

#endif
