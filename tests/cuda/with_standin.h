/* Starts a test program again with the stand-in's libraries before the real ones; at the head of main. */
#ifndef TESTS_CUDA_WITH_STANDIN_H
#define TESTS_CUDA_WITH_STANDIN_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void with_standin(char **argv)
{
    char program[PATH_MAX], folder[PATH_MAX], path[2 * PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (getenv("GANIME_STANDIN") || length <= 0) return;
    program[length] = '\0';
    snprintf(folder, sizeof folder, "%s", program);
    for (int up = 0; up < 3; up++) *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/standin", folder);
    setenv("LD_LIBRARY_PATH", path, 1);
    setenv("GANIME_PLUGINS", folder, 1);
    setenv("GANIME_STANDIN", "1", 1);
    setenv("GANIME_CUDA_PLANS", "0", 1); /* the user's own plans are of no use, and left alone */
    execv(program, argv);
}

#endif
