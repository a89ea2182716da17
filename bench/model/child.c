#include "model/child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Keeps the last line that is not empty. */
static void read_last_line(FILE *from, char *last, size_t size)
{
    char line[1024];
    last[0] = '\0';
    while (fgets(line, sizeof line, from)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0]) snprintf(last, size, "%s", line);
    }
}

static int start(const char *const *command, int errors, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions)) return ENOMEM;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    const int failed = posix_spawnp(child, command[0], &actions, NULL, (char *const *)(size_t)command, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

gb_status gb_child_run(const char *const *command, int *code, char *last, size_t size, gb_error *err)
{
    int end[2], state;
    pid_t child;
    if (pipe2(end, O_CLOEXEC)) return gb_fail(err, GB_E_IO, "%s: cannot make a pipe: %s", command[0], strerror(errno));
    const int failed = start(command, end[1], &child);
    close(end[1]);
    FILE *errors = failed ? NULL : fdopen(end[0], "r");
    if (errors) read_last_line(errors, last, size);
    if (errors) fclose(errors);
    else close(end[0]);
    if (failed) return gb_fail(err, GB_E_NOT_FOUND, "%s: cannot be run: %s", command[0], strerror(failed));
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return gb_fail(err, GB_E_IO, "%s: lost: %s", command[0], strerror(errno));
    *code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return GB_OK;
}
