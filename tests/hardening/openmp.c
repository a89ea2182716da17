/* OpenMP on plain threads, as much of it as oneDNN asks for: ThreadSanitizer does not see what GNU's own runtime does
 * and would take every hand-over in it for a race. Linked into the program by `make tsan` in its place. */
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct crew {
    void (*work)(void *data);
    void *data;
    int size;
    pthread_barrier_t barrier;
} crew;

typedef struct member {
    pthread_t thread;
    crew *crew;
    int number;
} member;

static __thread const member *self;
static __thread int most = 1;

void GOMP_parallel(void (*work)(void *), void *data, unsigned threads, unsigned flags);
void GOMP_barrier(void);

static void *serve(void *user)
{
    member *m = user;
    self = m;
    m->crew->work(m->crew->data);
    self = NULL;
    return NULL;
}

void GOMP_parallel(void (*work)(void *), void *data, unsigned threads, unsigned flags)
{
    (void)flags;
    const member *const before = self;
    const int size = before ? 1 : threads ? (int)threads : most;
    crew c = {.work = work, .data = data, .size = size};
    member *all = calloc((size_t)size, sizeof *all);
    if (!all || pthread_barrier_init(&c.barrier, NULL, (unsigned)size) != 0) abort();
    for (int i = 0; i < size; i++) all[i] = (member){.crew = &c, .number = i};
    for (int i = 1; i < size; i++)
        if (pthread_create(&all[i].thread, NULL, serve, &all[i]) != 0) abort();
    serve(&all[0]);
    for (int i = 1; i < size; i++) pthread_join(all[i].thread, NULL);
    self = before;
    pthread_barrier_destroy(&c.barrier);
    free(all);
}

void GOMP_barrier(void)
{
    if (self) pthread_barrier_wait(&self->crew->barrier);
}

int omp_get_thread_num(void) { return self ? self->number : 0; }
int omp_get_num_threads(void) { return self ? self->crew->size : 1; }
int omp_get_max_threads(void) { return most; }
int omp_in_parallel(void) { return self && self->crew->size > 1; }
void omp_set_num_threads(int threads) { most = threads < 1 ? 1 : threads; }
