#include "backend/cuda/memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

gb_status gb_cuda_memory_new(int card, size_t bytes, gb_memory **out, gb_error *err)
{
    gb_memory *memory = gb_alloc(1, sizeof *memory);
    gb_status status;
    if (!memory) return gb_fail_memory(err, "device memory", sizeof *memory);
    *memory = (gb_memory){.card = card, .bytes = bytes, .arrival = gb_alloc(1, sizeof *memory->arrival)};
    if (!memory->arrival) GB_GO(gb_fail_memory(err, "device memory", sizeof *memory->arrival));
    GB_GO(gb_cuda_check(cudaSetDevice(card), "use the card", err));
    GB_GO(gb_cuda_check(cudaMalloc((void **)&memory->address, bytes), "allocate frames", err));
    *out = memory;
    memory = NULL;
done:
    gb_cuda_memory_free(memory);
    return status;
}

void gb_cuda_memory_free(gb_memory *memory)
{
    if (!memory) return;
    (void)cudaSetDevice(memory->card);
    if (memory->arrival && memory->arrival->from) (void)cudaEventSynchronize(memory->arrival->event);
    if (memory->arrival && memory->arrival->event) (void)cudaEventDestroy(memory->arrival->event);
    (void)cudaFree(memory->address);
    (void)cudaGetLastError(); /* nobody is told, and the next launch is not to blame */
    free(memory->arrival);
    free(memory);
}

static gb_status await(const gb_memory *memory, cudaStream_t stream, gb_error *err)
{
    const gb_cuda_arrival *const last = memory->arrival;
    if (!last || !last->from || last->from == stream) return GB_OK;
    return gb_cuda_check(cudaStreamWaitEvent(stream, last->event, 0), "wait for an event", err);
}

gb_status gb_cuda_arrives(const gb_memory *memory, cudaStream_t stream, gb_error *err)
{
    gb_cuda_arrival *const last = memory->arrival;
    if (!last) return gb_fail(err, GB_E_ARG, "nothing can be put into a session's memory");
    if (!last->event)
        GB_TRY(gb_cuda_check(cudaEventCreateWithFlags(&last->event, cudaEventDisableTiming), "make an event", err));
    GB_TRY(gb_cuda_check(cudaEventRecord(last->event, stream), "record an event", err));
    last->from = stream;
    return GB_OK;
}

static gb_status find(gb_place place, int card, size_t bytes, void *out, gb_error *err)
{
    const gb_memory *const memory = place.memory;
    if (!memory || memory->card != card || place.offset > memory->bytes || bytes > memory->bytes - place.offset)
        return gb_fail(err, GB_E_ARG, "%zu bytes at %zu are not within memory of card %d", bytes, place.offset, card);
    char *const address = memory->address + place.offset;
    memcpy(out, &address, sizeof address);
    return GB_OK;
}

gb_status gb_cuda_locate(gb_place place, int card, size_t bytes, cudaStream_t stream, void *out, gb_error *err)
{
    GB_TRY(find(place, card, bytes, out, err));
    return await(place.memory, stream, err);
}

gb_status gb_cuda_locate_all(const gb_place *place, int count, int card, size_t bytes, cudaStream_t stream, void *out,
                             gb_error *err)
{
    char *const pointers = out;
    if (count < 1 || count > GB_SCORING_FRAMES)
        return gb_fail(err, GB_E_ARG, "expected 1 to %d frames, found %d", GB_SCORING_FRAMES, count);
    for (int i = 0; i < count; i++) {
        GB_TRY(find(place[i], card, bytes, pointers + (size_t)i * sizeof(void *), err));
        if (i == 0 || place[i].memory != place[i - 1].memory) GB_TRY(await(place[i].memory, stream, err));
    }
    return GB_OK;
}
