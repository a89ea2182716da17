/* `run --exec`: a process that widens frames. The stream is described in models/README.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contenders/foreign_kind.h"
#include "core/memory.h"
#include "core/process.h"

#define MAX_TIMEOUTS 3  /* of all workers together; after that no more is waited for */
#define END_SECONDS 5.0 /* to end by itself after the last frame */

typedef struct exec_worker {
    gb_process *process; /* NULL: started for the next frame */
    bool greeted;
} exec_worker;

static gb_status worker_open(gb_foreign *foreign, void **out, gb_error *err)
{
    exec_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, foreign->id, sizeof *worker);
    *out = worker;
    return GB_OK;
}

static void worker_close(gb_foreign *foreign, void *at)
{
    exec_worker *worker = at;
    const size_t surplus = gb_process_end(worker->process, END_SECONDS);
    if (surplus) {
        char text[256];
        snprintf(text, sizeof text, "%s: expected one answer a frame, found %zu bytes more after the last", foreign->id,
                 surplus);
        gb_foreign_complain(foreign, text);
    }
    free(worker);
}

static int timeouts(gb_foreign *foreign, int more)
{
    pthread_mutex_lock(&foreign->lock);
    foreign->timeouts += more;
    const int count = foreign->timeouts;
    pthread_mutex_unlock(&foreign->lock);
    return count;
}

static gb_status exchange(gb_foreign *foreign, exec_worker *worker, const char *name, const gb_image *input,
                          gb_image *output, gb_error *err)
{
    const gb_geometry g = foreign->env.geometry;
    const size_t bytes = (size_t)g.width * (size_t)g.height * 3;
    char head[256 + GB_FRAME_NAME];
    size_t greeting = 0;
    if (!worker->process) {
        GB_TRY(gb_process_start(foreign->place, &worker->process, err));
        worker->greeted = false;
    }
    if (!worker->greeted)
        greeting = (size_t)snprintf(head, sizeof head, "GANIME-FRAMES 1 pixels rgb24 width %d height %d side %d\n",
                                    g.width, g.height, g.side);
    const size_t line = (size_t)snprintf(head + greeting, sizeof head - greeting, "FRAME %s\n", name);
    const gb_exchange e = {.send = {head, input->rgb}, .send_size = {greeting + line, bytes},
                           .expect = head + greeting, .expect_size = line, .receive = output->rgb,
                           .receive_size = bytes, .timeout_s = foreign->timeout_s};
    worker->greeted = true;
    return gb_process_exchange(worker->process, &e, err);
}

/* A process that failed is gone; the next frame gets a new one, so that what fails does not depend on who shares a
 * process with whom. */
static gb_status frame(gb_foreign *foreign, void *at, int pick, const gb_image *input, gb_image *output, gb_error *err)
{
    exec_worker *worker = at;
    char name[GB_FRAME_NAME];
    gb_frame_name(foreign->env.dataset, foreign->env.picks->pick[pick].frame, name);
    if (timeouts(foreign, 0) >= MAX_TIMEOUTS)
        return gb_fail(err, GB_E_DEVICE, "%s: not asked for: %s gave no answer in %g seconds %d times", name,
                       foreign->id, foreign->timeout_s, MAX_TIMEOUTS);
    const gb_status status = exchange(foreign, worker, name, input, output, err);
    if (status == GB_OK) return GB_OK;
    if (status == GB_E_DEVICE) timeouts(foreign, 1);
    gb_process_end(worker->process, 0.0);
    worker->process = NULL;
    return gb_fail_in(err, "%s: %s", name, foreign->id);
}

const gb_foreign_kind gb_foreign_exec = {
    .id = "exec",
    .option = "--exec",
    .expected = "'COMMAND'",
    .summary = "frames made by a process",
    .timed = true,
    .worker_open = worker_open,
    .worker_close = worker_close,
    .frame = frame,
};
