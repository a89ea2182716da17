// A CUDA runtime without a card: device memory is memory that nothing but a kernel or a copy may touch, work on a
// stream happens when something waits for it and not before, streams take turns at random unless an event orders them,
// threads run one by one, blocks in shuffled order. There are two cards, and none reaches the other's memory.
#include "standin/runtime.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace standin
{

thread_local int current_card = 0, capturing = 0;

Runtime &state()
{
    static Runtime *const runtime = [] {
        Runtime *const made = new Runtime;
        for (int i = 0; i < cards; i++) made->standard[i].card = i;
        if (getenv("GANIME_STANDIN_LATE")) made->skip = 0; // of a whole program: as standin_hesitate(0)
        return made;
    }();
    return *runtime;
}

cudaError_t result(cudaError_t code)
{
    if (code != cudaSuccess) state().last = code;
    return code;
}

const Block *find_device(uintptr_t address)
{
    auto it = state().device.upper_bound(address);
    if (it == state().device.begin()) return nullptr;
    --it;
    return address <= it->first + it->second.size ? &it->second : nullptr;
}

void protect(int protection)
{
    for (auto &entry : state().device) mprotect(entry.second.pages, entry.second.mapped, protection);
}

bool is_ready(const CUstream_st *s)
{
    return !s->queue.empty() && (!s->queue.front().wait || s->queue.front().wait->happened >= s->queue.front().times);
}

bool passes_over(CUstream_st *stream)
{
    Runtime &r = state();
    if (++r.counts.waits != r.skip) return false;
    r.eager = stream;
    return true;
}

CUstream_st *next_stream(CUstream_st *goal)
{
    Runtime &r = state();
    if (r.eager && is_ready(r.eager)) return r.eager;
    while (goal && r.skip >= 0 && !goal->queue.empty() && !is_ready(goal)) goal = goal->queue.front().by;
    if (goal && r.skip >= 0 && is_ready(goal)) return goal;
    std::vector<CUstream_st *> ready;
    for (CUstream_st *s : r.streams)
        if (is_ready(s)) ready.push_back(s);
    for (CUstream_st &s : r.standard)
        if (is_ready(&s)) ready.push_back(&s);
    return ready.empty() ? nullptr : ready[r.random() % ready.size()];
}

void drain_all()
{
    Runtime &r = state();
    drain_until(nullptr, [&] {
        for (CUstream_st *s : r.streams)
            if (!s->queue.empty()) return false;
        for (CUstream_st &s : r.standard)
            if (!s.queue.empty()) return false;
        return true;
    });
}

// NULL is the current card's own stream.
CUstream_st *of(cudaStream_t stream)
{
    return stream ? stream : &state().standard[current_card];
}

void push(cudaStream_t to, Piece piece)
{
    CUstream_st *const stream = of(to);
    if (stream->card != current_card)
        standin_violation("work for card %d's stream while card %d is current", stream->card, current_card);
    if (stream->recording)
        stream->recording->pieces.push_back(std::move(piece));
    else
        stream->queue.push_back(std::move(piece));
}

// What a real runtime refuses while a stream is captured.
bool forbidden(const char *what)
{
    if (!capturing) return false;
    standin_violation("%s while a stream is captured", what);
    return true;
}

} // namespace standin

using namespace standin;

extern "C" {

void standin_get(standin_counts *out)
{
    Guard guard(state().lock);
    *out = state().counts;
    out->allocations = (long)(state().device.size() + state().host.size());
    out->streams = (long)state().streams.size();
    out->events = (long)state().events.size();
    out->graphs = (long)state().graphs.size();
    out->queued = 0;
    for (const CUstream_st *s : state().streams) out->queued += (long)s->queue.size();
}

void standin_reset(long fail_at)
{
    Guard guard(state().lock);
    state().counts.calls = state().counts.violations = state().counts.launches = 0;
    state().counts.waits = state().counts.stalls = 0;
    state().counts.first[0] = '\0';
    state().fail_at = fail_at;
}

void standin_hesitate(long skip)
{
    Guard guard(state().lock);
    state().skip = skip;
    state().eager = nullptr;
    state().counts.waits = state().counts.stalls = 0;
}

void standin_break_kernel(const char *kernel)
{
    Guard guard(state().lock);
    state().broken = kernel ? kernel : "";
}

void standin_set_fault(standin_fault fault)
{
    Guard guard(state().lock);
    state().fault = fault;
}

standin_fault standin_get_fault(void)
{
    Guard guard(state().lock);
    return state().fault;
}

int standin_must_fail(void)
{
    Guard guard(state().lock);
    return ++state().counts.calls == state().fail_at;
}

void standin_violation(const char *format, ...)
{
    Guard guard(state().lock);
    va_list arguments;
    va_start(arguments, format);
    if (state().counts.violations++ == 0)
        vsnprintf(state().counts.first, sizeof state().counts.first, format, arguments);
    va_end(arguments);
}

void standin_enqueue(cudaStream_t stream, void (*run)(const void *), const void *argument, size_t size)
{
    Guard guard(state().lock);
    const std::vector<char> kept((const char *)argument, (const char *)argument + size);
    push(stream, {[=] {
                      state().counts.launches++;
                      run(kept.data());
                  }});
}

void standin_count_handle(int change)
{
    Guard guard(state().lock);
    state().counts.handles += change;
}

void standin_count_descriptor(int change)
{
    Guard guard(state().lock);
    state().counts.descriptors += change;
}

} // extern "C"
