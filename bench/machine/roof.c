#include "machine/roof.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"

#define TRIALS 5
#define FMA_ROUNDS 200000
#define CHAINS 12 /* independent chains: enough to hide the latency of two multiply-add pipes */
#define READ_BYTES (96u << 20)

/* The same loop for each vector width; the compiler keeps the chains in registers. Returns FLOP done. */
#define FMA_LOOP(lanes)                                                                    \
    typedef float vec __attribute__((vector_size(sizeof(float) * (lanes))));               \
    vec chain[CHAINS];                                                                     \
    const vec a = (vec){0} + seed, b = (vec){0} + 1e-3f;                                   \
    for (int c = 0; c < CHAINS; c++) chain[c] = b * (float)c; /* alike, they would be one */ \
    for (int i = 0; i < FMA_ROUNDS; i++) {                                                 \
        _Pragma("GCC unroll 12") for (int c = 0; c < CHAINS; c++) chain[c] = chain[c] * a + b; \
    }                                                                                      \
    vec sum = (vec){0};                                                                    \
    for (int c = 0; c < CHAINS; c++) sum += chain[c];                                      \
    float total = 0.0f;                                                                    \
    for (int l = 0; l < (lanes); l++) total += sum[l];                                     \
    *sink = total;                                                                         \
    return 2.0 * (lanes) * CHAINS * FMA_ROUNDS

static double fma_plain(float seed, float *sink) { FMA_LOOP(4); }

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static double fma_avx2(float seed, float *sink) { FMA_LOOP(8); }
__attribute__((target("avx512f,prefer-vector-width=512"))) static double fma_avx512(float seed, float *sink)
{
    FMA_LOOP(16);
}

static double fma_best(float seed, float *sink)
{
    if (__builtin_cpu_supports("avx512f")) return fma_avx512(seed, sink);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma_avx2(seed, sink);
    return fma_plain(seed, sink);
}
#else
static double fma_best(float seed, float *sink) { return fma_plain(seed, sink); }
#endif

/* Threads wait at the gate until all have been started, or leave when one could not be. */
typedef struct start_gate {
    pthread_mutex_t lock;
    pthread_barrier_t barrier;
    int abandoned;
} start_gate;

typedef struct trial {
    start_gate *gate;
    uint64_t *buffer;     /* READ_BYTES of this thread */
    double flop, fma_seconds, read_seconds;
    float sink;
    uint64_t read_sink;
} trial;

static uint64_t read_all(const uint64_t *buffer)
{
    uint64_t sum[8] = {0};
    for (size_t i = 0; i < READ_BYTES / sizeof *buffer; i += 8)
        for (int k = 0; k < 8; k++) sum[k] += buffer[i + (size_t)k];
    return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

static void *trial_main(void *argument)
{
    trial *t = argument;
    pthread_mutex_lock(&t->gate->lock);
    const int abandoned = t->gate->abandoned;
    pthread_mutex_unlock(&t->gate->lock);
    if (abandoned) return NULL;
    memset(t->buffer, 1, READ_BYTES);
    t->fma_seconds = t->read_seconds = 1e9;
    for (int i = 0; i < TRIALS; i++) {
        pthread_barrier_wait(&t->gate->barrier);
        uint64_t start = gb_clock_ns();
        t->flop = fma_best(0.999f, &t->sink);
        pthread_barrier_wait(&t->gate->barrier); /* all threads' work counts, so the slowest one's time does */
        const double fma = (double)(gb_clock_ns() - start) * 1e-9;
        start = gb_clock_ns();
        t->read_sink += read_all(t->buffer);
        pthread_barrier_wait(&t->gate->barrier);
        const double read = (double)(gb_clock_ns() - start) * 1e-9;
        if (fma < t->fma_seconds) t->fma_seconds = fma;
        if (read < t->read_seconds) t->read_seconds = read;
    }
    return NULL;
}

static gb_status run_trials(trial *trials, pthread_t *thread, int threads, gb_error *err)
{
    for (int i = 0; i < threads; i++) {
        trials[i].buffer = gb_alloc_aligned(READ_BYTES, 1);
        if (!trials[i].buffer) return gb_fail_memory(err, "bandwidth test", READ_BYTES);
    }
    start_gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_barrier_init(&gate.barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) trials[i].gate = &gate;
    pthread_mutex_lock(&gate.lock);
    int started = 0; /* the calling thread is the last one */
    while (started < threads - 1 && pthread_create(&thread[started], NULL, trial_main, &trials[started]) == 0)
        started++;
    gate.abandoned = started < threads - 1;
    pthread_mutex_unlock(&gate.lock);
    if (!gate.abandoned) trial_main(&trials[threads - 1]);
    for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&gate.barrier);
    return gate.abandoned ? gb_fail(err, GB_E_NOMEM, "cannot start %d threads", threads) : GB_OK;
}

gb_status gb_roof_of(const gb_backend *backend, gb_precision precision, int threads, gb_roof *out, gb_error *err)
{
    gb_device_roof card;
    if (!backend->roof) return gb_roof_measure(threads, out, err);
    GB_TRY(backend->roof(backend->ordinal, precision, &card, err));
    *out = (gb_roof){.flops = card.flops, .bytes = card.bytes};
    return GB_OK;
}

gb_status gb_roof_measure(int threads, gb_roof *out, gb_error *err)
{
    trial *trials = gb_alloc((size_t)threads, sizeof *trials);
    pthread_t *thread = gb_alloc((size_t)threads, sizeof *thread);
    gb_status status = trials && thread ? run_trials(trials, thread, threads, err)
                                        : gb_fail_memory(err, "roof", (size_t)threads * sizeof *trials);
    if (status == GB_OK) {
        const trial *last = &trials[threads - 1];
        *out = (gb_roof){.flops = last->flop * threads / last->fma_seconds,
                         .bytes = (double)READ_BYTES * threads / last->read_seconds};
    }
    for (int i = 0; trials && i < threads; i++) free(trials[i].buffer);
    free(trials);
    free(thread);
    return status;
}

double gb_roof_seconds(const gb_roof *roof, double flops, double bytes)
{
    const double compute = flops / roof->flops, memory = bytes / roof->bytes;
    return compute > memory ? compute : memory;
}
