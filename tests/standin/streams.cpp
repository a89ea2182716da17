// Streams, events and graphs.
#include "standin/runtime.h"

using namespace standin;

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = new CUstream_st;
    (*out)->card = current_card;
    state().streams.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    Guard guard(state().lock);
    if (!state().streams.count(stream)) return result(cudaErrorInvalidResourceHandle);
    drain_until(stream, [&] { return stream->queue.empty(); });
    if (stream->recording) standin_violation("a stream is destroyed while it is captured");
    state().streams.erase(stream);
    if (state().eager == stream) state().eager = nullptr;
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t to)
{
    Guard guard(state().lock);
    CUstream_st *const stream = of(to);
    if (stream->recording) return forbidden("a stream is waited for"), result(cudaErrorStreamCaptureUnsupported);
    state().counts.stalls++;
    if (!passes_over(nullptr)) drain_until(stream, [&] { return stream->queue.empty(); });
    return standin_must_fail() ? result(cudaErrorUnknown) : cudaSuccess;
}

// ---- Events ----

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    *out = new CUevent_st;
    state().events.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    Guard guard(state().lock);
    drain_all(); // nothing queued may point to it any more
    if (!state().events.erase(event)) return result(cudaErrorInvalidResourceHandle);
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    const uint64_t times = ++event->recorded;
    event->on = of(stream);
    push(stream, {[=] { event->happened = times; }});
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (event->recorded == 0) standin_violation("a stream waits for an event that was never recorded");
    const bool left_out = passes_over(of(stream)) || state().fault == STANDIN_NO_WAITS;
    if (!left_out) push(stream, {[] {}, event, event->recorded, event->on});
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    Guard guard(state().lock);
    if (event->recorded == 0) standin_violation("an event is waited for that was never recorded");
    const uint64_t times = event->recorded;
    state().counts.stalls++;
    if (!passes_over(nullptr)) drain_until(event->on, [&] { return event->happened >= times; });
    return standin_must_fail() ? result(cudaErrorUnknown) : cudaSuccess;
}

// ---- Graphs: what a stream is given between begin and end, run again at each launch ----

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!stream || stream->recording) return result(cudaErrorIllegalState);
    stream->recording = new CUgraph_st{{}, stream->card};
    capturing++;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *out)
{
    Guard guard(state().lock);
    if (!stream->recording) return result(cudaErrorIllegalState);
    CUgraph_st *const graph = stream->recording;
    stream->recording = nullptr;
    capturing--;
    if (standin_must_fail()) {
        delete graph;
        *out = nullptr;
        return result(cudaErrorStreamCaptureInvalidated);
    }
    state().graphs.insert(graph);
    *out = graph;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorMemoryAllocation);
    *out = new CUgraphExec_st{graph->pieces, graph->card};
    state().graphs.insert(*out);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream)
{
    Guard guard(state().lock);
    if (standin_must_fail()) return result(cudaErrorUnknown);
    if (!state().graphs.count(graph)) return result(cudaErrorInvalidValue);
    for (const Piece &piece : graph->pieces) push(stream, piece);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    Guard guard(state().lock);
    if (!state().graphs.erase(graph)) return result(cudaErrorInvalidValue);
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph)
{
    Guard guard(state().lock);
    if (!state().graphs.erase(graph)) return result(cudaErrorInvalidValue);
    delete graph;
    return cudaSuccess;
}

} // extern "C"
