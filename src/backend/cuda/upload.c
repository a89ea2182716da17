#include "backend/cuda/upload.h"

#include "backend/cuda/check.h"

gb_status gb_cuda_upload(const float *data, size_t count, float **out, gb_error *err)
{
    void *memory = NULL;
    GB_TRY(gb_cuda_check(cudaMalloc(&memory, count * sizeof *data), "allocate weights", err));
    *out = memory;
    return gb_cuda_check(cudaMemcpy(memory, data, count * sizeof *data, cudaMemcpyHostToDevice), "copy weights", err);
}
