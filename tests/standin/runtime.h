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
};

namespace standin
{

// One thing on a stream; `wait` (may be null) has to have happened `times` times before.
struct Piece {
    std::function<void()> run;
    const CUevent_st *wait = nullptr;
    uint64_t times = 0;
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
    long fail_at = 0;
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

bool is_ready(const CUstream_st *stream);

// Runs what is queued until `done` says so, a random stream's first piece at a time: only what waits for another may
// rely on an order.
template <class Done>
void drain_until(Done done)
{
    Runtime &r = state();
    protect(PROT_READ | PROT_WRITE);
    while (!done()) {
        std::vector<CUstream_st *> ready;
        for (CUstream_st *s : r.streams)
            if (is_ready(s)) ready.push_back(s);
        for (CUstream_st &s : r.standard)
            if (is_ready(&s)) ready.push_back(&s);
        if (ready.empty()) {
            standin_violation("something is waited for that never happens");
            break;
        }
        CUstream_st *const s = ready[r.random() % ready.size()];
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
