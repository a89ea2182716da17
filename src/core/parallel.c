#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/memory.h"

int gb_parallel_cores(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

typedef struct loop {
    gb_parallel_fn *turn;
    void *user;
    pthread_mutex_t lock;
    size_t next, count;
    size_t failed; /* the first turn that did; count: none */
    gb_status status;
    gb_error err;
} loop;

typedef struct lane {
    loop *loop;
    int index;
    pthread_t thread;
    bool started;
} lane;

static void *take_turns(void *argument)
{
    const lane *const l = argument;
    loop *const all = l->loop;
    pthread_mutex_lock(&all->lock);
    while (all->next < all->count && all->status == GB_OK) {
        const size_t i = all->next++;
        gb_error err = {0};
        pthread_mutex_unlock(&all->lock);
        const gb_status status = all->turn(all->user, l->index, i, &err);
        pthread_mutex_lock(&all->lock);
        if (status == GB_OK || i > all->failed) continue;
        all->failed = i;
        all->status = status;
        all->err = err;
    }
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

gb_status gb_parallel(int lanes, size_t count, gb_parallel_fn *turn, void *user, gb_error *err)
{
    loop all = {.turn = turn, .user = user, .count = count, .failed = count, .status = GB_OK};
    if ((size_t)lanes > count) lanes = (int)count;
    if (lanes < 1) return GB_OK;
    lane *const lane_of = gb_alloc((size_t)lanes, sizeof *lane_of);
    if (!lane_of) return gb_fail_memory(err, "threads", (size_t)lanes * sizeof *lane_of);
    pthread_mutex_init(&all.lock, NULL);
    for (int i = 0; i < lanes; i++) {
        lane_of[i].loop = &all;
        lane_of[i].index = i;
        lane_of[i].started = i > 0 && pthread_create(&lane_of[i].thread, NULL, take_turns, &lane_of[i]) == 0;
    }
    take_turns(&lane_of[0]);
    for (int i = 1; i < lanes; i++)
        if (lane_of[i].started) pthread_join(lane_of[i].thread, NULL);
    pthread_mutex_destroy(&all.lock);
    free(lane_of);
    if (all.status != GB_OK && err) *err = all.err;
    return all.status;
}
