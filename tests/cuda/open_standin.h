/* The stand-in as tests see it, once they run on it (with_standin.h). */
#ifndef TESTS_CUDA_OPEN_STANDIN_H
#define TESTS_CUDA_OPEN_STANDIN_H

#include "support/support.h"

#include <dlfcn.h>
#include <string.h>

#include "backend/backend.h"
#include "standin/standin.h"

/* The stand-in's functions: it is opened by the plugin, not linked. */
typedef struct standin {
    void (*get)(standin_counts *);
    void (*reset)(long);
    void (*break_kernel)(const char *);
    void (*set_fault)(standin_fault);
    void (*hesitate)(long);
    const standin_kernel *(*kernels)(int *);
    cudaError_t (*allocate)(void **, size_t), (*release)(void *);
    cudaError_t (*copy)(void *, const void *, size_t, enum cudaMemcpyKind);
    cudaError_t (*copy_async)(void *, const void *, size_t, enum cudaMemcpyKind, cudaStream_t);
} standin;

static inline const gb_backend *backend(const char *id)
{
    gb_error err;
    const gb_backend *found = NULL;
    assert_ok(gb_backend_select(id, &found, NULL, &err), &err);
    return found;
}

static inline void find(void *library, const char *name, void *out)
{
    void *const symbol = dlsym(library, name);
    if (!symbol) fail_msg("%s: %s", name, dlerror());
    memcpy(out, &symbol, sizeof symbol);
}

/* Without the CUDA toolkit there is no plugin to run: said, and passed over. */
static inline standin standin_open(void)
{
    gb_error err;
    gb_device_info info;
    const gb_backend *cuda = NULL;
    standin s;
    if (gb_backend_select("cuda", &cuda, &info, &err) != GB_OK) skip_because("cuda: %s", err.text);
    void *const library = dlopen("libcudart.so.13", RTLD_NOW);
    if (!library) fail_msg("%s", dlerror());
    find(library, "standin_get", &s.get);
    find(library, "standin_reset", &s.reset);
    find(library, "standin_break_kernel", &s.break_kernel);
    find(library, "standin_set_fault", &s.set_fault);
    find(library, "standin_hesitate", &s.hesitate);
    find(library, "standin_kernels", &s.kernels);
    find(library, "cudaMalloc", &s.allocate);
    find(library, "cudaFree", &s.release);
    find(library, "cudaMemcpy", &s.copy);
    find(library, "cudaMemcpyAsync", &s.copy_async);
    s.reset(0);
    s.break_kernel(NULL);
    s.set_fault(STANDIN_SOUND);
    s.hesitate(-1);
    return s;
}

static inline standin_counts counts(const standin *s)
{
    standin_counts c;
    s->get(&c);
    return c;
}

static inline void assert_clean(const standin *s, const char *when)
{
    const standin_counts c = counts(s);
    if (c.violations) fail_msg("%s: %ld violations, first: %s", when, c.violations, c.first);
    if (c.allocations || c.streams || c.events || c.graphs || c.handles || c.descriptors)
        fail_msg("%s: left behind: %ld allocations, %ld streams, %ld events, %ld graphs, %ld handles, %ld descriptors",
                 when, c.allocations, c.streams, c.events, c.graphs, c.handles, c.descriptors);
}

#endif
