#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/targets.h"

/* Memory with a name, where the system has it: HDF5 looks up where a path leads, so that a memfd does not do. */
static char path[64];

static void remove_file(void)
{
    unlink(path);
}

static int make_file(void)
{
    static const char *const folders[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/ganime-fuzz-XXXXXX", folders[i]);
        const int fd = mkostemp(path, O_CLOEXEC);
        if (fd < 0) continue;
        atexit(remove_file);
        return fd;
    }
    return -1;
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0) fd = make_file();
    if (fd < 0 || ftruncate(fd, 0) != 0) return NULL;
    for (size_t used = 0; used < size;) {
        const ssize_t put = pwrite(fd, data + used, size - used, (off_t)used);
        if (put <= 0) return NULL;
        used += (size_t)put;
    }
    return path;
}
