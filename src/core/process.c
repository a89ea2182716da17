#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/clock.h"
#include "core/memory.h"

#define PIPE_BYTES (1 << 20) /* asked for; the kernel may refuse */
#define LOOK_MS 100          /* how often a silent process is looked after */
#define MAX_EXPECT 4096

/* The shell's first act: something that sees this program's end (of pipe 9) and then takes the whole group along; a
 * program that hangs would not notice. It holds none of the other pipes. Then the shell becomes the user's command. */
#define WITH_WATCHER                                                                           \
    "( exec </dev/null >/dev/null 2>&1 3<&- 4>&-; read -r end <&9; kill -9 0 ) & exec 9<&-; " \
    "exec /bin/sh -c \"$1\""

struct gb_process {
    pid_t pid;                /* 0 once reaped */
    int in, out, errors, life; /* our ends; -1 when closed */
    int state;                /* of waitpid */
    bool killed;              /* by us, while it was still running */
    char last[240];           /* last line on stderr that is not empty */
    char line[240];           /* the one being read */
    size_t line_size;
};

/* The child's ends, and how it gets them. */
typedef struct child_ends {
    int in, out, errors, life;
    bool in_by_path, out_by_path;
} child_ends;

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* `command` with its places filled in; the caller frees. */
static char *fill_places(const char *command, child_ends *ends)
{
    gb_buffer text;
    gb_error ignored;
    gb_buffer_init(&text, (size_t)1 << 20);
    for (const char *at = command; *at;) {
        const bool in = !strncmp(at, "{in}", 4), out = !strncmp(at, "{out}", 5);
        ends->in_by_path = ends->in_by_path || in;
        ends->out_by_path = ends->out_by_path || out;
        if (in || out)
            gb_buffer_text(&text, in ? "/dev/fd/3" : "/dev/fd/4");
        else
            gb_buffer_append(&text, at, 1);
        at += in ? 4 : out ? 5 : 1;
    }
    if (gb_buffer_status(&text, &ignored) == GB_OK && text.data) return text.data;
    gb_buffer_free(&text);
    return NULL;
}

/* In the child, between fork and exec: only calls that are safe there. */
static void become(const char *command, const child_ends *ends)
{
    sigset_t none;
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    /* Out of the way of the numbers that they are to have. */
    const int in = fcntl(ends->in, F_DUPFD, 16), out = fcntl(ends->out, F_DUPFD, 16);
    const int errors = fcntl(ends->errors, F_DUPFD, 16), life = fcntl(ends->life, F_DUPFD, 16);
    const int null = open("/dev/null", O_RDWR);
    if (in < 0 || out < 0 || errors < 0 || life < 0 || null < 0) _exit(127);
    dup2(ends->in_by_path ? null : in, STDIN_FILENO);
    dup2(ends->out_by_path ? errors : out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close_range(3, 15, 0);
    if (ends->in_by_path) dup2(in, 3);
    if (ends->out_by_path) dup2(out, 4);
    dup2(life, 9);
    close_range(10, ~0U, 0);
    execl("/bin/sh", "sh", "-c", WITH_WATCHER, "sh", command, (char *)NULL);
    _exit(127);
}

/* A pipe whose end `ours` (0 or 1) does not block; `wide` ones are for frames. */
static int make_pipe(int end[2], int ours, bool wide)
{
    if (pipe2(end, O_CLOEXEC) != 0) {
        end[0] = end[1] = -1;
        return -1;
    }
    if (wide) fcntl(end[ours], F_SETPIPE_SZ, PIPE_BYTES);
    return fcntl(end[ours], F_SETFL, O_NONBLOCK);
}

static int launch(gb_process *p, const char *command, child_ends *ends)
{
    int in[2], out[2] = {-1, -1}, errors[2] = {-1, -1}, life[2] = {-1, -1};
    int why = 0;
    if (make_pipe(in, 1, true) != 0 || make_pipe(out, 0, true) != 0 || make_pipe(errors, 0, false) != 0 ||
        make_pipe(life, 1, false) != 0)
        why = errno;
    ends->in = in[0];
    ends->out = out[1];
    ends->errors = errors[1];
    ends->life = life[0];
    p->in = in[1];
    p->out = out[0];
    p->errors = errors[0];
    p->life = life[1];
    const pid_t pid = why ? -1 : fork();
    if (pid == 0) become(command, ends);
    if (!why && pid < 0) why = errno;
    close_fd(&ends->in);
    close_fd(&ends->out);
    close_fd(&ends->errors);
    close_fd(&ends->life);
    if (pid < 0) return why;
    setpgid(pid, pid); /* whichever of the two comes first; it has failed when the child has exec'd already */
    p->pid = pid;
    return 0;
}

gb_status gb_process_start(const char *command, gb_process **out, gb_error *err)
{
    child_ends ends = {.in = -1, .out = -1, .errors = -1, .life = -1};
    gb_process *p = gb_alloc(1, sizeof *p);
    char *filled = fill_places(command, &ends);
    if (!p || !filled) {
        free(p);
        free(filled);
        return gb_fail_memory(err, "process", strlen(command));
    }
    p->in = p->out = p->errors = p->life = -1;
    const int why = launch(p, filled, &ends);
    free(filled);
    if (!why) {
        *out = p;
        return GB_OK;
    }
    gb_process_end(p, 0.0);
    return gb_fail(err, GB_E_IO, "%s: cannot be started: %s", command, strerror(why));
}

/* write() to a pipe that may have no reader, without SIGPIPE, whatever the program does with that signal. */
static ssize_t write_quietly(int fd, const void *bytes, size_t size)
{
    sigset_t pipe_signal, before, pending;
    const struct timespec now = {0};
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    const ssize_t wrote = write(fd, bytes, size);
    const int why = errno;
    if (wrote < 0 && why == EPIPE && !sigismember(&pending, SIGPIPE)) sigtimedwait(&pipe_signal, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return wrote;
}

static void keep_line(gb_process *p)
{
    p->line[p->line_size] = '\0';
    if (p->line_size) memcpy(p->last, p->line, sizeof p->last);
    p->line_size = 0;
}

/* Takes what is there on stderr. */
static void drain_errors(gb_process *p)
{
    char bytes[4096];
    ssize_t got = 1;
    while (p->errors >= 0 && got > 0) {
        got = read(p->errors, bytes, sizeof bytes);
        for (ssize_t i = 0; i < got; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r')
                keep_line(p);
            else if (p->line_size < sizeof p->line - 1)
                p->line[p->line_size++] = bytes[i];
        }
        if (got == 0) close_fd(&p->errors);
    }
}

static bool has_ended(const gb_process *p)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == p->pid;
}

/* Reads and drops; returns how much. */
static size_t drain_out(gb_process *p)
{
    char bytes[4096];
    size_t total = 0;
    ssize_t got = 1;
    while (p->out >= 0 && got > 0) {
        got = read(p->out, bytes, sizeof bytes);
        if (got > 0) total += (size_t)got;
        if (got == 0) close_fd(&p->out);
    }
    return total;
}

/* The group goes before its leader is reaped: until then nobody else can have that number. */
static size_t stop(gb_process *p, double grace_s)
{
    const uint64_t until = gb_clock_ns() + (uint64_t)(grace_s * 1e9);
    const struct timespec moment = {.tv_nsec = 2000000};
    size_t surplus = 0;
    if (p->pid) {
        while (!has_ended(p) && gb_clock_ns() < until) {
            surplus += drain_out(p);
            drain_errors(p);
            nanosleep(&moment, NULL);
        }
        p->killed = !has_ended(p);
        kill(-p->pid, SIGKILL);
        kill(p->pid, SIGKILL); /* should it not have its group yet */
        while (waitpid(p->pid, &p->state, 0) < 0 && errno == EINTR) {
        }
        p->pid = 0;
    }
    surplus += drain_out(p);
    drain_errors(p);
    keep_line(p);
    close_fd(&p->in);
    close_fd(&p->out);
    close_fd(&p->errors);
    close_fd(&p->life);
    return surplus;
}

size_t gb_process_end(gb_process *process, double grace_s)
{
    if (!process) return 0;
    close_fd(&process->in);
    const size_t surplus = stop(process, grace_s);
    free(process);
    return surplus;
}

/* How far an exchange is. */
typedef struct transfer {
    const gb_exchange *e;
    size_t sent, received, send_total, receive_total;
    char head[MAX_EXPECT + 1];
    bool in_closed, out_closed, other_beginning;
} transfer;

static void send_some(gb_process *p, transfer *t)
{
    const int part = t->sent >= t->e->send_size[0];
    const size_t at = part ? t->sent - t->e->send_size[0] : t->sent;
    const ssize_t wrote =
        write_quietly(p->in, (const char *)t->e->send[part] + at, t->e->send_size[part] - at);
    if (wrote > 0)
        t->sent += (size_t)wrote;
    else if (wrote < 0 && errno != EAGAIN && errno != EINTR)
        t->in_closed = true;
}

static void receive_some(gb_process *p, transfer *t)
{
    const size_t head = t->e->expect_size;
    const bool in_head = t->received < head;
    char *to = in_head ? t->head + t->received : (char *)t->e->receive + (t->received - head);
    const ssize_t got = read(p->out, to, (in_head ? head : t->receive_total) - t->received);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) t->out_closed = true;
    if (got <= 0) return;
    t->received += (size_t)got;
    const size_t known = t->received < head ? t->received : head;
    if (in_head && memcmp(t->head, t->e->expect, known) != 0) t->other_beginning = true;
}

static bool is_done(const transfer *t)
{
    return t->received == t->receive_total && t->sent == t->send_total;
}

/* One wait for either side; false when nothing more will come. */
static bool step(gb_process *p, transfer *t, uint64_t now, uint64_t deadline)
{
    const uint64_t left_ms = (deadline - now) / 1000000 + 1;
    struct pollfd fd[3] = {{.fd = t->sent < t->send_total && !t->in_closed ? p->in : -1, .events = POLLOUT},
                           {.fd = t->received < t->receive_total ? p->out : -1, .events = POLLIN},
                           {.fd = p->errors, .events = POLLIN}};
    const int ready = poll(fd, 3, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS);
    if (ready > 0 && fd[2].revents) drain_errors(p);
    if (ready > 0 && fd[1].revents) receive_some(p, t);
    if (ready > 0 && fd[0].revents) send_some(p, t);
    if (t->out_closed || t->other_beginning) return false;
    if (t->in_closed && t->received == t->receive_total) return false; /* answered what it did not read */
    /* Silent and dead: something that it left behind still holds the pipe. */
    return ready > 0 || !has_ended(p);
}

static void say_end(const gb_process *p, char *text, size_t size)
{
    if (p->killed)
        snprintf(text, size, "closed its output");
    else if (WIFSIGNALED(p->state))
        snprintf(text, size, "was ended by signal %d (%s)", WTERMSIG(p->state), strsignal(WTERMSIG(p->state)));
    else
        snprintf(text, size, "ended with exit code %d", WEXITSTATUS(p->state));
}

/* How much of it goes into a message. */
static int first_line(const char *text)
{
    const size_t length = strcspn(text, "\n");
    return length < 60 ? (int)length : 60;
}

static gb_status explain(gb_process *p, const transfer *t, gb_error *err)
{
    const char *colon = p->last[0] ? "; it last said: " : "";
    char end[96];
    if (t->other_beginning)
        return gb_fail(err, GB_E_FORMAT, "expected an answer that begins '%.*s', found '%.*s'%s%s",
                       first_line(t->e->expect), (const char *)t->e->expect,
                       first_line(t->head), t->head, colon, p->last);
    if (t->received == t->receive_total)
        return gb_fail(err, GB_E_IO, "answered without reading all of its input: expected %zu bytes to be taken, "
                       "found %zu%s%s", t->send_total, t->sent, colon, p->last);
    say_end(p, end, sizeof end);
    return gb_fail(err, GB_E_IO, "%s: expected an answer of %zu bytes, found %zu%s%s", end, t->receive_total,
                   t->received, colon, p->last);
}

gb_status gb_process_exchange(gb_process *process, const gb_exchange *exchange, gb_error *err)
{
    gb_process *p = process;
    transfer t = {.e = exchange, .send_total = exchange->send_size[0] + exchange->send_size[1],
                  .receive_total = exchange->expect_size + exchange->receive_size};
    if (!p->pid) return gb_fail(err, GB_E_ARG, "the process has ended");
    if (exchange->expect_size > MAX_EXPECT) return gb_fail(err, GB_E_ARG, "expected at most %d bytes", MAX_EXPECT);
    const uint64_t deadline = gb_clock_ns() + (uint64_t)(exchange->timeout_s * 1e9);
    uint64_t now;
    while (!is_done(&t) && (now = gb_clock_ns()) < deadline)
        if (!step(p, &t, now, deadline)) break;
    if (is_done(&t) && !t.other_beginning) return GB_OK;
    const bool late = gb_clock_ns() >= deadline;
    const bool alive = late && !has_ended(p);
    stop(p, t.out_closed ? 1.0 : 0.0); /* one that closed its output is about to say why */
    if (!alive || t.other_beginning || t.out_closed) return explain(p, &t, err);
    return gb_fail(err, GB_E_DEVICE, "no answer in %g seconds: expected %zu bytes, found %zu%s%s",
                   exchange->timeout_s, t.receive_total, t.received, p->last[0] ? "; it last said: " : "", p->last);
}
