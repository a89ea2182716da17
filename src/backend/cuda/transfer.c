#include "backend/cuda/transfer.h"

#include <string.h>

void gb_cuda_transfer_free(gb_cuda_transfer *t)
{
    for (int i = 0; i < 2; i++) {
        if (t->staging[i].copied) (void)cudaEventDestroy(t->staging[i].copied);
        (void)cudaFreeHost(t->staging[i].host);
    }
    *t = (gb_cuda_transfer){0};
}

static gb_status await_copy(gb_cuda_staging *at, gb_error *err)
{
    if (!at->away) return GB_OK;
    at->away = false;
    return gb_cuda_check(cudaEventSynchronize(at->copied), "finish a copy", err);
}

/* The next piece in turn, once nothing is copied from it any more, with room for so much. */
static gb_status take_turn(gb_cuda_transfer *t, size_t bytes, gb_cuda_staging **out, gb_error *err)
{
    gb_cuda_staging *const at = *out = &t->staging[t->turn];
    t->turn = 1 - t->turn;
    GB_TRY(await_copy(at, err));
    if (!at->copied)
        GB_TRY(gb_cuda_check(cudaEventCreateWithFlags(&at->copied, cudaEventDisableTiming), "make an event", err));
    if (bytes <= at->bytes) return GB_OK;
    (void)cudaFreeHost(at->host);
    *at = (gb_cuda_staging){.copied = at->copied};
    GB_TRY(gb_cuda_check(cudaMallocHost((void **)&at->host, bytes), "allocate host memory", err));
    at->bytes = bytes;
    return GB_OK;
}

gb_status gb_cuda_transfer_put(gb_cuda_transfer *t, cudaStream_t stream, gb_place to, int card, const void *data,
                               size_t bytes, gb_error *err)
{
    char *address;
    gb_cuda_staging *at;
    GB_TRY(gb_cuda_locate(to, card, bytes, stream, &address, err));
    GB_TRY(take_turn(t, bytes, &at, err));
    memcpy(at->host, data, bytes);
    GB_TRY(gb_cuda_check(cudaMemcpyAsync(address, at->host, bytes, cudaMemcpyHostToDevice, stream),
                         "copy a frame to the card", err));
    GB_TRY(gb_cuda_check(cudaEventRecord(at->copied, stream), "record an event", err));
    at->away = true;
    return gb_cuda_arrives(to.memory, stream, err);
}

gb_status gb_cuda_transfer_get(gb_cuda_transfer *t, cudaStream_t stream, gb_place from, int card, void *data,
                               size_t bytes, gb_error *err)
{
    char *address;
    gb_cuda_staging *at;
    GB_TRY(gb_cuda_locate(from, card, bytes, stream, &address, err));
    GB_TRY(take_turn(t, bytes, &at, err));
    GB_TRY(gb_cuda_check(cudaMemcpyAsync(at->host, address, bytes, cudaMemcpyDeviceToHost, stream),
                         "copy a frame from the card", err));
    GB_TRY(gb_cuda_check(cudaStreamSynchronize(stream), "finish a copy", err));
    for (int i = 0; i < 2; i++) t->staging[i].away = false;
    memcpy(data, at->host, bytes);
    return GB_OK;
}
