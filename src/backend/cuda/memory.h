/* Device memory as the rest of the program sees it (backend/scoring.h). */
#ifndef GB_BACKEND_CUDA_MEMORY_H
#define GB_BACKEND_CUDA_MEMORY_H

#include "backend/cuda/check.h"
#include "backend/scoring.h"

struct gb_memory {
    int card;
    char *address;
    size_t bytes;
};

gb_status gb_cuda_memory_new(int card, size_t bytes, gb_memory **out, gb_error *err) GB_MUST_CHECK;
void gb_cuda_memory_free(gb_memory *memory);

/* The address of `bytes` at the place; GB_E_ARG where they are not within its memory on that card. */
gb_status gb_cuda_locate(gb_place place, int card, size_t bytes, void *out, gb_error *err) GB_MUST_CHECK;

/* The same of each of `count` places, into `count` pointers. */
gb_status gb_cuda_locate_all(const gb_place *place, int count, int card, size_t bytes, void *out,
                             gb_error *err) GB_MUST_CHECK;

#endif
