#include "datasets/toon/drawers.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"

#define AHEAD 4 /* frames a thread: evens out what frames cost */
#define MOST_THREADS 256

typedef struct slot {
    gb_image image;
    gb_flow flow;
    gb_status status;
    gb_error err;
    bool drawn;
} slot;

struct gb_drawers {
    const gb_toon_show *show;
    const gb_drawing *list;
    size_t count, begun, given; /* begun: taken by a thread; given: handed out, the last one still being looked at */
    int width, height, threads;
    slot *ring;
    size_t slots;
    bool stop;
    pthread_t thread[MOST_THREADS];
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static bool may_begin(const gb_drawers *d)
{
    const size_t free_from = d->given ? d->given - 1 : 0;
    return d->begun < d->count && d->begun < free_from + d->slots;
}

static void draw_slot(const gb_drawers *d, gb_drawing what, slot *own)
{
    own->status = gb_toon_draw(d->show, what.shot, what.frame, d->width, d->height, &own->image, &own->err);
    if (own->status != GB_OK || what.next < 0) return;
    own->status = gb_toon_flow(d->show, what.shot, what.frame, what.next, d->width, d->height, &own->flow, &own->err);
}

static void *draw_main(void *argument)
{
    gb_drawers *d = argument;
    pthread_mutex_lock(&d->lock);
    while (!d->stop) {
        if (!may_begin(d)) {
            pthread_cond_wait(&d->changed, &d->lock);
            continue;
        }
        const gb_drawing drawing = d->list[d->begun];
        slot *own = &d->ring[d->begun++ % d->slots];
        own->drawn = false;
        pthread_mutex_unlock(&d->lock);
        draw_slot(d, drawing, own);
        pthread_mutex_lock(&d->lock);
        own->drawn = true;
        pthread_cond_broadcast(&d->changed);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

gb_status gb_drawers_start(const gb_toon_show *show, const gb_drawing *list, size_t count, int width, int height,
                           int threads, gb_drawers **out, gb_error *err)
{
    if (threads < 1) threads = gb_parallel_cores();
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    gb_drawers *d = gb_alloc(1, sizeof *d);
    if (!d) return gb_fail_memory(err, "drawing", sizeof *d);
    d->show = show;
    d->list = list;
    d->count = count;
    d->width = width;
    d->height = height;
    d->slots = (size_t)threads * AHEAD + 1;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    d->ring = gb_alloc(d->slots, sizeof *d->ring);
    while (d->ring && d->threads < threads && !pthread_create(&d->thread[d->threads], NULL, draw_main, d)) d->threads++;
    if (d->threads) {
        *out = d;
        return GB_OK;
    }
    gb_drawers_stop(d);
    return gb_fail_memory(err, "drawing ahead", (size_t)threads * AHEAD * sizeof(slot));
}

gb_status gb_drawers_next(gb_drawers *d, const gb_image **image, const gb_flow **flow, gb_error *err)
{
    pthread_mutex_lock(&d->lock);
    slot *own = &d->ring[d->given % d->slots];
    while (d->begun <= d->given || !own->drawn) pthread_cond_wait(&d->changed, &d->lock);
    d->given++;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
    if (own->status != GB_OK && err) *err = own->err;
    *image = &own->image;
    *flow = &own->flow;
    return own->status;
}

void gb_drawers_stop(gb_drawers *d)
{
    if (!d) return;
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
    for (int i = 0; i < d->threads; i++) pthread_join(d->thread[i], NULL);
    for (size_t i = 0; d->ring && i < d->slots; i++) {
        gb_image_free(&d->ring[i].image);
        gb_flow_free(&d->ring[i].flow);
    }
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    free(d->ring);
    free(d);
}
