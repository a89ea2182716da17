#include "pipeline/pipeline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/memory.h"

typedef enum slot_state {
    SLOT_EMPTY,
    SLOT_DECODED,
    SLOT_WORKING,
    SLOT_WORKED,
    SLOT_CHAINED, /* from here on in the hands of one worker until it is finished */
    SLOT_FINISHED,
    SLOT_LINKING,
    SLOT_DONE
} slot_state;

typedef struct slot_record {
    slot_state state;
    gb_status status; /* of the stages so far */
    gb_error err;
} slot_record;

typedef struct machine {
    const gb_pipeline *pipeline;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    slot_record *record;
    long next_work, next_chain, next_after, next_collect;
    long units; /* of the pipeline, until the end is known */
    bool chaining, collecting, stop;
    gb_status status;
    gb_error err;
} machine;

typedef struct worker_start {
    machine *machine;
    int index;
} worker_start;

static int ring(const machine *m, long unit)
{
    return (int)(unit % m->pipeline->slots);
}

static void *decode_main(void *argument)
{
    machine *m = argument;
    const gb_pipeline *p = m->pipeline;
    for (long unit = 0; unit < p->units; unit++) {
        slot_record *record = &m->record[ring(m, unit)];
        pthread_mutex_lock(&m->lock);
        while (!m->stop && record->state != SLOT_EMPTY) pthread_cond_wait(&m->changed, &m->lock);
        const bool stop = m->stop;
        pthread_mutex_unlock(&m->lock);
        if (stop) break;
        gb_error err = {0};
        const gb_status status = p->decode(p->user, unit, p->slot[ring(m, unit)], &err);
        const bool end = status == GB_OK && p->at_end && p->at_end(p->user, p->slot[ring(m, unit)]);
        pthread_mutex_lock(&m->lock);
        if (end) {
            m->units = unit;
            if (m->next_collect == unit) m->stop = true;
            pthread_cond_broadcast(&m->changed);
            pthread_mutex_unlock(&m->lock);
            break;
        }
        record->status = status;
        record->err = err;
        record->state = SLOT_DECODED;
        pthread_cond_broadcast(&m->changed);
        pthread_mutex_unlock(&m->lock);
        if (status != GB_OK) break; /* later units are never collected */
    }
    return NULL;
}

/* With the lock held: a collected slot is free again, unless the next unit is still to be linked to it. */
static void release(machine *m, long unit)
{
    if (!m->pipeline->link)
        m->record[ring(m, unit)].state = SLOT_EMPTY;
    else if (unit > 0)
        m->record[ring(m, unit - 1)].state = SLOT_EMPTY;
}

/* With the lock held, which is let go for as long as a stage lasts: what came of it is the record's. */
#define RUN_STAGE(m, record, call)                \
    do {                                          \
        gb_error own = {0}, *const err = &own;    \
        pthread_mutex_unlock(&(m)->lock);         \
        const gb_status came_of_it = (call);      \
        pthread_mutex_lock(&(m)->lock);           \
        (record)->status = came_of_it;            \
        (record)->err = own;                      \
    } while (0)

/* With the lock held: takes every unit that is next in order and worked on through `chain`. One thread does this at a
 * time. A unit after one that failed is never collected, so that its chain does not matter. */
static void chain_ready(machine *m)
{
    const gb_pipeline *p = m->pipeline;
    if (m->chaining) return;
    m->chaining = true;
    while (!m->stop && m->next_chain < m->units) {
        const long unit = m->next_chain;
        slot_record *record = &m->record[ring(m, unit)];
        if (record->state != SLOT_WORKED) break;
        if (p->chain && record->status == GB_OK)
            RUN_STAGE(m, record, p->chain(p->user, unit, p->slot[ring(m, unit)], err));
        record->state = SLOT_CHAINED;
        m->next_chain++;
        pthread_cond_broadcast(&m->changed);
    }
    m->chaining = false;
}

/* With the lock held: links the unit to the one before it if both are finished. */
static void link_ready(machine *m, int worker, long unit)
{
    const gb_pipeline *p = m->pipeline;
    if (unit >= m->units) return;
    slot_record *record = &m->record[ring(m, unit)];
    if (record->state != SLOT_FINISHED) return;
    const slot_record *before = unit > 0 && p->link ? &m->record[ring(m, unit - 1)] : NULL;
    if (before && before->state < SLOT_FINISHED) return;
    /* A unit whose predecessor failed is never collected. */
    if (before && record->status == GB_OK && before->status == GB_OK) {
        record->state = SLOT_LINKING;
        RUN_STAGE(m, record, p->link(p->user, worker, unit, p->slot[ring(m, unit)], p->slot[ring(m, unit - 1)], err));
    }
    record->state = SLOT_DONE;
}

/* With the lock held: collects every finished unit that is next in order. One thread does this at a time. */
static void collect_ready(machine *m)
{
    const gb_pipeline *p = m->pipeline;
    if (m->collecting) return;
    m->collecting = true;
    while (!m->stop && m->next_collect < m->units) {
        slot_record *record = &m->record[ring(m, m->next_collect)];
        if (record->state != SLOT_DONE) break;
        gb_status status = record->status;
        gb_error err = record->err;
        if (status == GB_OK) {
            const long unit = m->next_collect;
            pthread_mutex_unlock(&m->lock);
            status = p->collect(p->user, unit, p->slot[ring(m, unit)], &err);
            pthread_mutex_lock(&m->lock);
        }
        release(m, m->next_collect++);
        if (status != GB_OK) {
            m->status = status;
            m->err = err;
            m->stop = true;
        }
    }
    m->collecting = false;
    if (m->next_collect == m->units) m->stop = true;
    pthread_cond_broadcast(&m->changed);
}

/* With the lock held: the next unit's work. */
static void work_on(machine *m, int worker)
{
    const gb_pipeline *p = m->pipeline;
    const long unit = m->next_work++;
    slot_record *record = &m->record[ring(m, unit)];
    record->state = SLOT_WORKING;
    if (record->status == GB_OK) RUN_STAGE(m, record, p->work(p->user, worker, unit, p->slot[ring(m, unit)], err));
    record->state = SLOT_WORKED;
    chain_ready(m);
}

/* With the lock held: all that is left to do of the next chained unit. */
static void finish(machine *m, int worker)
{
    const gb_pipeline *p = m->pipeline;
    const long unit = m->next_after++;
    slot_record *record = &m->record[ring(m, unit)];
    if (p->after && record->status == GB_OK)
        RUN_STAGE(m, record, p->after(p->user, worker, unit, p->slot[ring(m, unit)], err));
    record->state = SLOT_FINISHED;
    link_ready(m, worker, unit);
    link_ready(m, worker, unit + 1);
    collect_ready(m);
}

static bool has_work(const machine *m)
{
    return m->next_work < m->units && m->record[ring(m, m->next_work)].state == SLOT_DECODED;
}

/* What is begun is finished first. */
static void *work_main(void *argument)
{
    const worker_start *start = argument;
    machine *m = start->machine;
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (!m->stop && m->next_after == m->next_chain && !has_work(m)) pthread_cond_wait(&m->changed, &m->lock);
        if (m->stop) break;
        if (m->next_after < m->next_chain) finish(m, start->index);
        else work_on(m, start->index);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

static void stop_all(machine *m, gb_status status, const char *what)
{
    pthread_mutex_lock(&m->lock);
    m->stop = true;
    m->status = gb_fail(&m->err, status, "cannot start %s thread", what);
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

static void run_threads(machine *m, pthread_t *thread, worker_start *start)
{
    const int workers = m->pipeline->workers;
    pthread_t decoder;
    const bool decoding = pthread_create(&decoder, NULL, decode_main, m) == 0;
    if (!decoding) stop_all(m, GB_E_NOMEM, "the decoding");
    int running = 0;
    for (; decoding && running < workers; running++) {
        start[running] = (worker_start){.machine = m, .index = running};
        if (pthread_create(&thread[running], NULL, work_main, &start[running]) != 0) {
            stop_all(m, GB_E_NOMEM, "a worker");
            break;
        }
    }
    for (int i = 0; i < running; i++) pthread_join(thread[i], NULL);
    if (decoding) pthread_join(decoder, NULL);
}

gb_status gb_pipeline_run(const gb_pipeline *pipeline, gb_error *err)
{
    if (pipeline->units == 0) return GB_OK;
    machine m = {.pipeline = pipeline, .units = pipeline->units};
    pthread_t *thread = gb_alloc((size_t)pipeline->workers, sizeof *thread);
    worker_start *start = gb_alloc((size_t)pipeline->workers, sizeof *start);
    m.record = gb_alloc((size_t)pipeline->slots, sizeof *m.record);
    if (!thread || !start || !m.record) {
        free(thread);
        free(start);
        free(m.record);
        return gb_fail_memory(err, "pipeline", (size_t)pipeline->slots);
    }
    pthread_mutex_init(&m.lock, NULL);
    pthread_cond_init(&m.changed, NULL);
    run_threads(&m, thread, start);
    pthread_cond_destroy(&m.changed);
    pthread_mutex_destroy(&m.lock);
    free(thread);
    free(start);
    free(m.record);
    if (m.status != GB_OK && err) *err = m.err;
    return m.status;
}
