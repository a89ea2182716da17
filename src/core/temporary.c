#include "core/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/memory.h"

/* Whether nobody else writes there, and it is still the file of that name: who was here before may have renamed it.
 * What has a second name is somebody's file. */
static bool take(int fd, const char *name)
{
    struct stat own, there;
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &own) == 0 && lstat(name, &there) == 0 &&
           own.st_ino == there.st_ino && own.st_dev == there.st_dev && S_ISREG(own.st_mode) && own.st_nlink == 1;
}

static int open_usual(const char *name)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) return -1;
    const bool taken = take(fd, name);
    if (taken && ftruncate(fd, 0) == 0) return fd;
    if (taken) unlink(name);
    close(fd);
    return -1;
}

gb_status gb_temporary_open(const char *path, gb_temporary *out, gb_error *err)
{
    *out = (gb_temporary){.name = gb_format("%s.tmp", path), .fd = -1};
    if (!out->name) return gb_fail_memory(err, path, strlen(path));
    out->fd = open_usual(out->name);
    if (out->fd >= 0) return GB_OK;
    free(out->name);
    /* Machines that share a folder may have processes of the same number. */
    out->name = gb_format("%s.%ld-%llx.tmp", path, (long)gettid(), (unsigned long long)gb_clock_ns());
    if (!out->name) return gb_fail_memory(err, path, strlen(path));
    out->fd = open(out->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (out->fd >= 0) return GB_OK;
    free(out->name);
    out->name = NULL;
    return gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
}

/* Some file systems tell only then that they had no room. The lock is kept by `held` until it has its name. */
static bool keep(gb_temporary *t, int held, const char *path)
{
    const bool synced = t->later || fsync(t->fd) == 0, closed = held >= 0 && close(t->fd) == 0;
    if (held >= 0) t->fd = held;
    return synced && closed && rename(t->name, path) == 0;
}

gb_status gb_temporary_close(gb_temporary *t, const char *path, bool good, gb_error *err)
{
    if (!t->name) return GB_OK;
    errno = 0;
    const bool kept = good && keep(t, dup(t->fd), path);
    const int why = errno;
    if (!kept) unlink(t->name);
    close(t->fd);
    free(t->name);
    *t = (gb_temporary){.fd = -1};
    return kept || !good ? GB_OK : gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(why));
}
