/* What tests ask of the stand-in CUDA runtime and cuDNN, and what its two libraries ask of each other. The functions
 * are exported by the stand-in's libcudart.so.13 alone: their absence says that the real library is loaded. */
#ifndef TESTS_STANDIN_H
#define TESTS_STANDIN_H

#include <cuda_runtime_api.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct standin_counts {
    long calls;       /* that may fail, since the last standin_reset */
    long allocations; /* live: device and page-locked */
    long streams, events, graphs, handles, descriptors;
    long launches; /* kernels run and plans executed, since the last standin_reset */
    long waits, stalls; /* of streams and of the program, and of the program alone, since then */
    long queued;   /* what is on streams and has not happened yet */
    long violations; /* rules broken, all told */
    char first[256]; /* the first of them */
} standin_counts;

void standin_get(standin_counts *out);
/* Sets what is counted since then to zero. The `fail_at`-th call that may fail then does (0: none). */
void standin_reset(long fail_at);
/* From now on nothing happens before it must: streams move only as far as something that is waited for needs. The
 * `skip`-th wait (0: none), of a stream for an event or of the program for an event or a stream, is passed over; such a
 * stream then hurries.
 * -1: streams take turns by lot again. Waits are counted from zero. */
void standin_hesitate(long skip);
/* One thread of each launch of this kernel does nothing, if its name contains `kernel`; NULL: all work. */
void standin_break_kernel(const char *kernel);
/* Faults on purpose, to show that a test notices them. */
typedef enum standin_fault {
    STANDIN_SOUND,
    STANDIN_NO_WAITS,     /* streams do not wait for events */
    STANDIN_NO_SETTINGS,  /* cuDNN's engines are set as it likes for each graph, not as they are asked to be */
    STANDIN_NO_BIAS,      /* a layer's graph that adds a bias does not */
    STANDIN_RELU_FIRST,   /* ... and applies its ReLU to the sums instead of to the result */
    STANDIN_NAN_HIDDEN,   /* ... and its ReLU makes a zero of a NaN, as a real engine may */
    STANDIN_OTHER_CARD,   /* memory is another card's than the one that is in use */
} standin_fault;
void standin_set_fault(standin_fault fault);
standin_fault standin_get_fault(void);

/* ---- Between the two libraries ---- */
/* True when this call is the one that has to fail. */
int standin_must_fail(void);
void standin_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* True when [pointer, pointer + bytes) is within one live device allocation. */
int standin_is_device(const void *pointer, size_t bytes);
/* The same, of card `card`'s memory. */
int standin_is_on_card(const void *pointer, size_t bytes, int card);
int standin_current_card(void);
/* `run` happens on the stream when something waits for it, with the `size` bytes that `argument` has now; again and
 * again where it is recorded. */
void standin_enqueue(cudaStream_t stream, void (*run)(const void *argument), const void *argument, size_t size);
void standin_count_handle(int change);
void standin_count_descriptor(int change);

/* ---- From the kernels compiled for the host ---- */
typedef struct standin_kernel {
    const char *name; /* as registered by the shared object */
    int arguments, scores; /* scores: of those that frames are scored by */
    size_t size[8];
    void (*call)(void **argument); /* one thread */
} standin_kernel;
const standin_kernel *standin_kernels(int *count);
/* Where the running thread is, read by blockIdx and the like. */
typedef struct standin_place {
    dim3 grid, block_size;
    uint3 block, thread;
} standin_place;
standin_place *standin_here(void);

#ifdef __cplusplus
}
#endif

#endif
