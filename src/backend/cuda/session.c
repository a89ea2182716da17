#include <stdlib.h>

#include "backend/cuda/plan.h"
#include "core/memory.h"

/* One stream, its memory on the card, and page-locked memory here for what goes in and out. */
typedef struct session {
    const gb_cuda_plan *plan;
    cudaStream_t stream;
    cudnnHandle_t cudnn;
    char *arena;
    void *scratch;
    float **input, **output;
} session;

static size_t bytes_of(const session *s, gb_value value)
{
    return gb_shape_size(s->plan->step[value].node.shape) * sizeof(float);
}

static gb_status lock_pages(const session *s, const gb_value *value, size_t count, float ***out, gb_error *err)
{
    *out = gb_alloc(count, sizeof **out);
    if (!*out) return gb_fail_memory(err, "a session", count * sizeof **out);
    for (size_t i = 0; i < count; i++)
        GB_TRY(gb_cuda_check(cudaMallocHost((void **)&(*out)[i], bytes_of(s, value[i])), "allocate host memory", err));
    return GB_OK;
}

static void unlock_pages(float **memory, size_t count)
{
    for (size_t i = 0; memory && i < count; i++) (void)cudaFreeHost(memory[i]);
    free(memory);
}

gb_status gb_cuda_session_new(void *plan, void **out, gb_error *err)
{
    const gb_cuda_plan *const p = plan;
    gb_status status;
    session *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a session", sizeof *s);
    s->plan = p;
    GB_GO(gb_cuda_check(cudaSetDevice(p->card), "use the card", err));
    GB_GO(gb_cuda_check(cudaStreamCreateWithFlags(&s->stream, cudaStreamNonBlocking), "make a stream", err));
    GB_GO(gb_cudnn_check(cudnnCreate(&s->cudnn), "start", err));
    GB_GO(gb_cudnn_check(cudnnSetStream(s->cudnn, s->stream), "take a stream", err));
    GB_GO(gb_cuda_check(cudaMalloc((void **)&s->arena, p->arena.bytes), "allocate activations", err));
    if (p->scratch > 0) GB_GO(gb_cuda_check(cudaMalloc(&s->scratch, p->scratch), "allocate workspace", err));
    GB_GO(lock_pages(s, p->input, p->inputs, &s->input, err));
    GB_GO(lock_pages(s, p->output, p->outputs, &s->output, err));
    *out = s;
    s = NULL;
done:
    gb_cuda_session_free(s);
    return status;
}

void gb_cuda_session_free(void *state)
{
    session *const s = state;
    if (!s) return;
    unlock_pages(s->output, s->plan->outputs);
    unlock_pages(s->input, s->plan->inputs);
    (void)cudaFree(s->scratch);
    (void)cudaFree(s->arena);
    if (s->cudnn) (void)cudnnDestroy(s->cudnn);
    if (s->stream) (void)cudaStreamDestroy(s->stream);
    free(s);
}

float *gb_cuda_session_input(void *state, size_t index)
{
    const session *const s = state;
    return s->input[index];
}

const float *gb_cuda_session_output(void *state, size_t index)
{
    const session *const s = state;
    return s->output[index];
}

static float *value(const session *s, gb_value x)
{
    return x < 0 ? NULL : (float *)(void *)(s->arena + s->plan->arena.offset[x]);
}

static gb_status run_steps(session *s, gb_error *err)
{
    for (size_t i = 0; i < s->plan->count; i++) {
        const gb_cuda_step *const step = &s->plan->step[i];
        gb_cuda_call call = {
            .out = value(s, (gb_value)i), .scratch = s->scratch, .cudnn = s->cudnn, .stream = s->stream};
        for (int k = 0; k < 3; k++) call.in[k] = value(s, step->node.in[k]);
        if (step->run) GB_TRY(step->run(step, &call, err));
    }
    return GB_OK;
}

static gb_status enqueue(session *s, gb_error *err)
{
    const gb_cuda_plan *const p = s->plan;
    for (size_t i = 0; i < p->inputs; i++)
        GB_TRY(gb_cuda_check(cudaMemcpyAsync(value(s, p->input[i]), s->input[i], bytes_of(s, p->input[i]),
                                             cudaMemcpyHostToDevice, s->stream),
                             "copy a frame to the card", err));
    GB_TRY(run_steps(s, err));
    for (size_t i = 0; i < p->outputs; i++)
        GB_TRY(gb_cuda_check(cudaMemcpyAsync(s->output[i], value(s, p->output[i]), bytes_of(s, p->output[i]),
                                             cudaMemcpyDeviceToHost, s->stream),
                             "copy a frame from the card", err));
    return GB_OK;
}

/* What was queued before a failure still runs: it is waited for in either case, so that memory may be released. */
gb_status gb_cuda_session_run(void *state, gb_error *err)
{
    session *const s = state;
    gb_error late;
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err)); /* a property of the calling thread */
    const gb_status queued = enqueue(s, err);
    const gb_status done =
        gb_cuda_check(cudaStreamSynchronize(s->stream), "finish a run", queued == GB_OK ? err : &late);
    return queued == GB_OK ? done : queued;
}
