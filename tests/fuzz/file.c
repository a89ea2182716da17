#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/targets.h"

const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) != 0) return NULL;
    for (size_t used = 0; used < size;) {
        const ssize_t put = pwrite(fd, data + used, size - used, (off_t)used);
        if (put <= 0) return NULL;
        used += (size_t)put;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}
