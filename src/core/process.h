/* Another program, spoken to over pipes: bytes in, an answer of a known size out, within a time. */
#ifndef GB_CORE_PROCESS_H
#define GB_CORE_PROCESS_H

#include <stddef.h>

#include "core/status.h"

typedef struct gb_process gb_process;

/* Starts `command` by /bin/sh, in a process group of its own that is killed when this program ends in any way. Each
 * "{in}" in it becomes the path of the pipe that the program reads from, each "{out}" that of the pipe it writes to
 * (/dev/fd/3 and /dev/fd/4: nothing that a shell would take apart); without "{in}" or "{out}" that pipe is its stdin or
 * stdout. What it writes to stderr (with "{out}": and to stdout) is kept for error messages, the last line of it. A
 * program that the shell cannot find shows at the first exchange. */
gb_status gb_process_start(const char *command, gb_process **out, gb_error *err) GB_MUST_CHECK;

/* One question and its answer. */
typedef struct gb_exchange {
    const void *send[2];      /* written one after the other; NULL: nothing */
    size_t send_size[2];
    const void *expect;       /* what the answer must begin with; compared as soon as it comes */
    size_t expect_size;       /* at most 4096 */
    void *receive;            /* what follows, `receive_size` bytes */
    size_t receive_size;
    double timeout_s;         /* for all of it */
} gb_exchange;

/* Writes and reads at the same time, so neither side waits for the other's full pipe; never raises SIGPIPE. On failure
 * the process is killed and reaped, and the error says in one line how far it got and what it last wrote to stderr:
 * GB_E_IO when it ended, GB_E_FORMAT for another beginning of the answer, GB_E_DEVICE when the time was up. */
gb_status gb_process_exchange(gb_process *process, const gb_exchange *exchange, gb_error *err) GB_MUST_CHECK;

/* Closes its input, gives it `grace_s` seconds to end, then kills its whole group; reaps and frees. NULL is fine.
 * Returns how many bytes it wrote that nobody had asked for. */
size_t gb_process_end(gb_process *process, double grace_s);

#endif
