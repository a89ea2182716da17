#include <stdlib.h>

#include "backend/cuda/session.h"
#include "core/memory.h"

typedef gb_cuda_slot slot;
typedef gb_cuda_session session;

/* Of what goes in or out. */
static size_t bytes_of(const session *s, gb_value value)
{
    return gb_shape_size(s->plan->step[value].node.shape) * sizeof(float);
}

/* ---- Opening ---------------------------------------------------------------------------------------------------- */

static gb_status open_streams(session *s, gb_error *err)
{
    cudaStream_t *const stream[] = {&s->upload, &s->compute, &s->download};
    for (size_t i = 0; i < sizeof stream / sizeof stream[0]; i++)
        GB_TRY(gb_cuda_check(cudaStreamCreateWithFlags(stream[i], cudaStreamNonBlocking), "make a stream", err));
    GB_TRY(gb_cudnn_check(cudnnCreate(&s->cudnn), "start", err));
    return gb_cudnn_check(cudnnSetStream(s->cudnn, s->compute), "take a stream", err);
}

static gb_status open_events(slot *at, gb_error *err)
{
    cudaEvent_t *const event[] = {&at->uploaded, &at->computed, &at->downloaded};
    for (size_t i = 0; i < sizeof event / sizeof event[0]; i++)
        GB_TRY(gb_cuda_check(cudaEventCreateWithFlags(event[i], cudaEventDisableTiming), "make an event", err));
    return GB_OK;
}

static gb_status open_slot(const session *s, slot *at, gb_error *err)
{
    const gb_cuda_plan *const p = s->plan;
    at->value = gb_alloc(p->count, sizeof *at->value);
    if (!at->value) return gb_fail_memory(err, "a session", p->count * sizeof *at->value);
    GB_TRY(gb_cuda_check(cudaMallocHost((void **)&at->host, p->ends), "allocate host memory", err));
    GB_TRY(gb_cuda_check(cudaMalloc((void **)&at->card, p->ends), "allocate frames", err));
    at->ends = (gb_memory){.card = p->card, .address = at->card, .bytes = p->ends};
    for (size_t i = 0; i < p->count; i++) at->value[i] = s->arena + p->arena.offset[i];
    for (size_t i = 0; i < p->inputs + p->outputs; i++)
        at->value[p->end[i].value] = at->card + p->end[i].offset;
    return open_events(at, err);
}

gb_status gb_cuda_session_new(void *plan, void **out, gb_error *err)
{
    const gb_cuda_plan *const p = plan;
    gb_status status;
    session *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "a session", sizeof *s);
    s->plan = p;
    GB_GO(gb_cuda_check(cudaSetDevice(p->card), "use the card", err));
    GB_GO(open_streams(s, err));
    GB_GO(gb_cuda_check(cudaMalloc((void **)&s->arena, p->arena.bytes), "allocate activations", err));
    if (p->scratch > 0) GB_GO(gb_cuda_check(cudaMalloc(&s->scratch, p->scratch), "allocate workspace", err));
    for (int i = 0; i < GB_PLUGIN_SLOTS; i++) GB_GO(open_slot(s, &s->slot[i], err));
    *out = s;
    s = NULL;
done:
    gb_cuda_session_free(s);
    return status;
}

/* An error here is that of a run, which was told of it, or is nobody's any more. */
static void wait_for_all(const session *s)
{
    if (s->upload) (void)cudaStreamSynchronize(s->upload);
    if (s->compute) (void)cudaStreamSynchronize(s->compute);
    if (s->download) (void)cudaStreamSynchronize(s->download);
    (void)cudaGetLastError();
}

static void close_slot(slot *at)
{
    gb_cuda_recording_free(&at->recording);
    if (at->downloaded) (void)cudaEventDestroy(at->downloaded);
    if (at->computed) (void)cudaEventDestroy(at->computed);
    if (at->uploaded) (void)cudaEventDestroy(at->uploaded);
    (void)cudaFreeHost(at->host_infinite);
    (void)cudaFree(at->infinite);
    (void)cudaFree(at->card);
    (void)cudaFreeHost(at->host);
    free(at->value);
}

void gb_cuda_session_free(void *state)
{
    session *const s = state;
    if (!s) return;
    (void)cudaSetDevice(s->plan->card);
    wait_for_all(s); /* a run that nobody collected must not outlive its memory */
    for (int i = GB_PLUGIN_SLOTS; i-- > 0;) close_slot(&s->slot[i]);
    (void)cudaFree(s->level);
    (void)cudaFree(s->scratch);
    (void)cudaFree(s->arena);
    if (s->cudnn) (void)cudnnDestroy(s->cudnn);
    if (s->download) (void)cudaStreamDestroy(s->download);
    if (s->compute) (void)cudaStreamDestroy(s->compute);
    if (s->upload) (void)cudaStreamDestroy(s->upload);
    (void)cudaGetLastError(); /* what a release says is not the next launch's error */
    free(s);
}

/* ---- Running ---------------------------------------------------------------------------------------------------- */

float *gb_cuda_slot_input(void *state, int index, size_t input)
{
    const session *const s = state;
    return (float *)(void *)(s->slot[index].host + s->plan->end[input].offset);
}

const float *gb_cuda_slot_output(void *state, int index, size_t output)
{
    const session *const s = state;
    return (const float *)(void *)(s->slot[index].host + s->plan->end[s->plan->inputs + output].offset);
}

static gb_status run_steps(session *s, const slot *at, gb_error *err)
{
    for (size_t i = 0; i < s->plan->count; i++) {
        const gb_cuda_step *const step = &s->plan->step[i];
        gb_cuda_call call = {.out = at->value[i], .scratch = s->scratch, .cudnn = s->cudnn, .stream = s->compute};
        for (int k = 0; k < 3; k++)
            if (step->node.in[k] >= 0) call.in[k] = at->value[step->node.in[k]];
        if (step->run) GB_TRY(step->run(step, &call, err));
    }
    return GB_OK;
}

/* The first run of a slot starts each kernel; from the second on they are started all at once, as recorded. */
gb_status gb_cuda_session_compute(session *s, slot *at, gb_error *err)
{
    gb_cuda_recording *const r = &at->recording;
    if (gb_cuda_recording_wanted(r)) {
        GB_TRY(gb_cuda_recording_begin(r, s->compute, err));
        const gb_status recorded = run_steps(s, at, err);
        GB_TRY(gb_cuda_recording_end(r, s->compute, recorded, err));
    }
    return gb_cuda_recording_ready(r) ? gb_cuda_recording_play(r, s->compute, err) : run_steps(s, at, err);
}

/* What follows on `stream` waits for what is queued on `before`. */
static gb_status order(cudaStream_t before, cudaEvent_t event, cudaStream_t stream, gb_error *err)
{
    GB_TRY(gb_cuda_check(cudaEventRecord(event, before), "record an event", err));
    return stream ? gb_cuda_check(cudaStreamWaitEvent(stream, event, 0), "wait for an event", err) : GB_OK;
}

static gb_status copy_ends(const session *s, const slot *at, size_t first, size_t end, gb_error *err)
{
    const bool in = first == 0;
    for (size_t i = first; i < end; i++) {
        const size_t offset = s->plan->end[i].offset, bytes = bytes_of(s, s->plan->end[i].value);
        void *const value = at->value[s->plan->end[i].value];
        GB_TRY(in ? gb_cuda_check(cudaMemcpyAsync(value, at->host + offset, bytes, cudaMemcpyHostToDevice, s->upload),
                                  "copy a frame to the card", err)
                  : gb_cuda_check(cudaMemcpyAsync(at->host + offset, value, bytes, cudaMemcpyDeviceToHost,
                                                  s->download),
                                  "copy a frame from the card", err));
    }
    return GB_OK;
}

static gb_status enqueue(session *s, slot *at, gb_error *err)
{
    const size_t inputs = s->plan->inputs;
    GB_TRY(copy_ends(s, at, 0, inputs, err));
    GB_TRY(order(s->upload, at->uploaded, s->compute, err));
    GB_TRY(gb_cuda_session_compute(s, at, err));
    GB_TRY(order(s->compute, at->computed, s->download, err));
    GB_TRY(copy_ends(s, at, inputs, inputs + s->plan->outputs, err));
    return order(s->download, at->downloaded, NULL, err);
}

gb_status gb_cuda_session_settle(const session *s, gb_status status)
{
    wait_for_all(s);
    return status;
}

/* What was queued before a failure still runs: it is waited for, so that memory may be released or used again. */
gb_status gb_cuda_slot_submit(void *state, int index, gb_error *err)
{
    session *const s = state;
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err)); /* a property of the calling thread */
    const gb_status status = enqueue(s, &s->slot[index], err);
    return status == GB_OK ? GB_OK : gb_cuda_session_settle(s, status);
}

gb_status gb_cuda_slot_collect(void *state, int index, gb_error *err)
{
    session *const s = state;
    GB_TRY(gb_cuda_check(cudaSetDevice(s->plan->card), "use the card", err));
    return gb_cuda_check(cudaEventSynchronize(s->slot[index].downloaded), "finish a run", err);
}
