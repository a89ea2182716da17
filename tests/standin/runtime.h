// What the stand-in runtime is made of, for its own files alone: see cudart.cpp.
#ifndef TESTS_STANDIN_RUNTIME_H
#define TESTS_STANDIN_RUNTIME_H

#include "standin/standin.h"

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <sys/mman.h>
#include <vector>

namespace standin
{

constexpr int cards = 2;

struct Block {
    char *pages;
    size_t mapped, size;
    int card;
};

} // namespace standin

struct CUevent_st {
    uint64_t recorded = 0, happened = 0;
    CUstream_st *on = nullptr; // where it was recorded last
};

namespace standin
{

// One thing on a stream; `wait` (may be null) has to have happened `times` times before.
struct Piece {
    std::function<void()> run;
    const CUevent_st *wait = nullptr;
    uint64_t times = 0;
    CUstream_st *by = nullptr; // the stream on which that is to happen
};

} // namespace standin

struct CUgraph_st {
    std::vector<standin::Piece> pieces;
    int card;
};

struct CUgraphExec_st {
    std::vector<standin::Piece> pieces;
    int card;
};

struct CUstream_st {
    int card = 0;
    std::deque<standin::Piece> queue;
    CUgraph_st *recording = nullptr; // while it is captured
};

namespace standin
{

struct Runtime {
    std::recursive_mutex lock;
    std::map<uintptr_t, Block> device;
    std::map<uintptr_t, size_t> host;
    std::set<CUstream_st *> streams;
    std::set<CUevent_st *> events;
    std::set<void *> graphs;
    CUstream_st standard[cards]; // what a stream of NULL stands for
    std::map<const void *, const standin_kernel *> kernels;
    std::mt19937 random{1};
    std::string broken;
    standin_counts counts = {};
    long fail_at = 0, skip = -1; // skip: standin_hesitate's
    CUstream_st *eager = nullptr; // its wait was passed over
    standin_fault fault = STANDIN_SOUND;
    cudaError_t last = cudaSuccess;
    uintptr_t next = 0x200000000000; // addresses are never given twice
};

using Guard = std::lock_guard<std::recursive_mutex>;

Runtime &state();

extern thread_local int current_card, capturing; // capturing: streams, by this thread

// Keeps a failure for cudaGetLastError.
cudaError_t result(cudaError_t code);

const Block *find_device(uintptr_t address);

// Of all device memory.
void protect(int protection);

// Whether the wait that comes now, of `stream` or (null) of the program, is passed over.
bool passes_over(CUstream_st *stream);

// The stream whose turn it is, or null: nothing can happen. `goal` (may be null) is the one that is waited for.
CUstream_st *next_stream(CUstream_st *goal);

// Runs what is queued until `done` says so, a random stream's first piece at a time: only what waits for another may
// rely on an order.
template <class Done>
void drain_until(CUstream_st *goal, Done done)
{
    protect(PROT_READ | PROT_WRITE);
    while (!done()) {
        CUstream_st *const s = next_stream(goal);
        if (!s) {
            standin_violation("something is waited for that never happens");
            break;
        }
        const Piece piece = s->queue.front();
        s->queue.pop_front();
        piece.run();
    }
    protect(PROT_NONE);
}

void drain_all();

// NULL is the current card's own stream.
CUstream_st *of(cudaStream_t stream);

// Queues, or records.
void push(cudaStream_t to, Piece piece);

// What a real runtime refuses while a stream is captured.
bool forbidden(const char *what);

} // namespace standin

#endif
