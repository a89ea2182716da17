/* Copies between here and a card that the caller need not wait for: through page-locked memory, two pieces in turn, so
 * that one is filled while the other is on its way. */
#ifndef GB_BACKEND_CUDA_TRANSFER_H
#define GB_BACKEND_CUDA_TRANSFER_H

#include "backend/cuda/memory.h"

typedef struct gb_cuda_staging {
    char *host;
    size_t bytes;
    cudaEvent_t copied; /* NULL before the first copy */
    bool away;          /* a copy from it was queued, and nobody has waited for it */
} gb_cuda_staging;

/* Of one queue; all zero before the first copy. */
typedef struct gb_cuda_transfer {
    gb_cuda_staging staging[2];
    int turn;
} gb_cuda_transfer;

/* What was queued must have been waited for. */
void gb_cuda_transfer_free(gb_cuda_transfer *transfer);

/* Queues a copy to the place; `data` may be used again once this returns. The place's memory knows of it, so that
 * whoever uses it next waits there. After a failure the stream must be waited for. */
gb_status gb_cuda_transfer_put(gb_cuda_transfer *transfer, cudaStream_t stream, gb_place to, int card,
                               const void *data, size_t bytes, gb_error *err) GB_MUST_CHECK;

/* Copies from the place, and waits for it. After a failure the stream must be waited for. */
gb_status gb_cuda_transfer_get(gb_cuda_transfer *transfer, cudaStream_t stream, gb_place from, int card, void *data,
                               size_t bytes, gb_error *err) GB_MUST_CHECK;

#endif
