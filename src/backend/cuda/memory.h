/* Device memory as the rest of the program sees it (backend/scoring.h). */
#ifndef GB_BACKEND_CUDA_MEMORY_H
#define GB_BACKEND_CUDA_MEMORY_H

#include "backend/cuda/check.h"
#include "backend/scoring.h"

/* When what was put there last has arrived. Who puts something after another waits for it, so that the last arrival is
 * that of all. */
typedef struct gb_cuda_arrival {
    cudaEvent_t event;
    cudaStream_t from; /* it was queued here, so that what follows there need not wait; NULL: nothing was put there */
} gb_cuda_arrival;

struct gb_memory {
    int card;
    char *address;
    size_t bytes;
    gb_cuda_arrival *arrival; /* NULL: nothing is put there */
};

gb_status gb_cuda_memory_new(int card, size_t bytes, gb_memory **out, gb_error *err) GB_MUST_CHECK;
void gb_cuda_memory_free(gb_memory *memory);

/* The address of `bytes` at the place; GB_E_ARG where they are not within its memory on that card. What follows on
 * `stream` waits for what was put there. */
gb_status gb_cuda_locate(gb_place place, int card, size_t bytes, cudaStream_t stream, void *out,
                         gb_error *err) GB_MUST_CHECK;

/* The same of each of `count` places, into `count` pointers. */
gb_status gb_cuda_locate_all(const gb_place *place, int count, int card, size_t bytes, cudaStream_t stream, void *out,
                             gb_error *err) GB_MUST_CHECK;

/* Something that was queued on `stream` is what arrives there last; the stream has waited for what was put before. */
gb_status gb_cuda_arrives(const gb_memory *memory, cudaStream_t stream, gb_error *err) GB_MUST_CHECK;

#endif
