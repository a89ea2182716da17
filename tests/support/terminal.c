#include "support/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/clock.h"
#include "support/support.h"

#define PATIENCE 120000000000u /* ns */

static void become(const char *command, int slave)
{
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* What has come within a tenth of a second. */
static void take(int master, char *output, size_t size, size_t *used)
{
    struct pollfd poll_for = {.fd = master, .events = POLLIN};
    char bytes[4096];
    while (poll(&poll_for, 1, 100) == 1 && (poll_for.revents & POLLIN)) {
        const ssize_t got = read(master, bytes, sizeof bytes);
        if (got <= 0) return;
        const size_t room = size - 1 - *used, kept = (size_t)got < room ? (size_t)got : room;
        memcpy(output + *used, bytes, kept);
        *used += kept;
        output[*used] = '\0';
    }
}

static bool same_settings(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
           a->c_lflag == b->c_lflag && !memcmp(a->c_cc, b->c_cc, sizeof a->c_cc);
}

static void watch(const terminal_case *one, pid_t child, int master, char *output, size_t size, int *state)
{
    const uint64_t start = gb_clock_ns();
    size_t used = 0;
    const char *press = one->press;
    output[0] = '\0';
    while (waitpid(child, state, WNOHANG) == 0) {
        take(master, output, size, &used);
        if (press && access(one->when, F_OK) == 0) {
            assert_int_equal(write(master, press, strlen(press)), (long)strlen(press));
            press = NULL;
        }
        if (gb_clock_ns() - start < PATIENCE) continue;
        kill(child, SIGKILL);
        waitpid(child, state, 0);
        fail_msg("%s: does not end: %s", one->command, output);
    }
    take(master, output, size, &used);
}

/* Both ends of a new pseudo-terminal; the test is skipped where there is none to be had. */
static void open_both(int *master, int *slave)
{
    *slave = -1;
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0)
        *slave = open(ptsname(*master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave >= 0) return;
    const int why = errno;
    if (*master >= 0) close(*master);
    skip_because("no pseudo-terminal here (/dev/ptmx): %s", strerror(why));
}

terminal_end terminal_run(const terminal_case *one, char *output, size_t size)
{
    struct termios before, after;
    const struct winsize window = {.ws_row = 24, .ws_col = (unsigned short)one->columns};
    int master, slave, state = 0;
    open_both(&master, &slave);
    assert_true(tcgetattr(slave, &before) == 0 && ioctl(slave, TIOCSWINSZ, &window) == 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) become(one->command, slave);
    watch(one, child, master, output, size, &state);
    assert_int_equal(tcgetattr(slave, &after), 0);
    close(slave);
    close(master);
    return (terminal_end){.code = WIFEXITED(state) ? WEXITSTATUS(state) : -1,
                          .signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0,
                          .same_state = same_settings(&before, &after)};
}
