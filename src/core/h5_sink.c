#include "core/h5_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "core/h5_guard.h"
#include "core/memory.h"

#define MOST_BEYOND (1u << 20) /* bytes */

/* What HDF5 passes on from the access list to the open file. */
typedef struct sink_info {
    int *why;
} sink_info;

typedef struct sink {
    H5FD_t head; /* first: HDF5's own */
    int fd;
    bool written;
    int *why, own_why;
    haddr_t end, allocated; /* of what was written; of what HDF5 has given out */
    size_t room, count;     /* while a chunk is read: the most that its bytes may be, what they are; else room is 0 */
    bool *closed;           /* becomes true, when not NULL */
    gb_h5_guard guard;
} sink;

static void note(sink *s)
{
    if (!*s->why) *s->why = errno ? errno : EIO;
}

static H5FD_t *sink_open(const char *path, unsigned flags, hid_t access, haddr_t most)
{
    (void)most;
    const sink_info *info = H5Pget_driver_info(access);
    struct stat found;
    sink *s = info ? gb_alloc(1, sizeof *s) : NULL;
    if (!s) return NULL;
    s->why = info->why;
    s->written = flags & H5F_ACC_RDWR;
    s->fd = open(path, (flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY) | (flags & H5F_ACC_TRUNC ? O_TRUNC : 0) |
                           (flags & H5F_ACC_CREAT ? O_CREAT : 0) | (flags & H5F_ACC_EXCL ? O_EXCL : 0) | O_CLOEXEC,
                 0666);
    if (s->fd >= 0 && fstat(s->fd, &found) == 0) {
        s->end = (haddr_t)found.st_size;
        s->guard.fd = s->fd;
        s->guard.end = s->end;
        return &s->head;
    }
    note(s);
    if (s->fd >= 0) close(s->fd);
    free(s);
    return NULL;
}

static herr_t sink_close(H5FD_t *file)
{
    sink *s = (sink *)file;
    if (s->closed) *s->closed = true;
    if (close(s->fd) != 0) note(s);
    free(s);
    return 0;
}

/* What HDF5's own driver for files can do, so that the bytes are the same; but when a file is only read, each block of
 * metadata is read by itself. */
static herr_t sink_query(const H5FD_t *file, unsigned long *flags)
{
    const sink *s = (const sink *)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE | (!s || s->written ? H5FD_FEAT_ACCUMULATE_METADATA : 0);
    return 0;
}

/* Where HDF5 reads before it knows how much there is, headers and local heaps, it stops at the end, and then believes
 * that it has enough. So no end is in sight there, and what lies beyond it is refused (core/h5_guard.h). */
static haddr_t sink_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
    const sink *s = (const sink *)file;
    const bool guesses = !s->written && (type == H5FD_MEM_OHDR || type == H5FD_MEM_LHEAP);
    return guesses ? INT64_MAX : s->allocated;
}

static herr_t sink_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((sink *)file)->allocated = address;
    return 0;
}

static haddr_t sink_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
    (void)type;
    return ((const sink *)file)->end;
}

/* What HDF5 takes for damage, whatever it expects: no signature, no version, no size of a message, no list; zeros would
 * be messages of nothing. A text ends. */
static void spoil(uint8_t *bytes, size_t size)
{
    memset(bytes, 255, size);
    if (size) bytes[size - 1] = 0;
}

static gb_h5_kind kind_of(H5FD_mem_t type)
{
    return type == H5FD_MEM_OHDR ? GB_H5_HEADER : type == H5FD_MEM_LHEAP ? GB_H5_NAMES : GB_H5_OTHER;
}

/* Beyond the end there are zeros; to claim many of them in a file that is only read is damage. Of a block that cannot
 * be believed nothing is left. */
static herr_t sink_read(H5FD_t *file, H5FD_mem_t type, hid_t how, haddr_t address, size_t size, void *bytes)
{
    (void)how;
    sink *s = (sink *)file;
    size_t used = 0;
    if (s->room && type == H5FD_MEM_DRAW) {
        if (size > s->room) return -1;
        s->count = size;
    }
    while (used < size && address < s->end && used < s->end - address) {
        const ssize_t got = pread(s->fd, (char *)bytes + used, size - used, (off_t)(address + used));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) note(s);
        if (got <= 0) break;
        used += (size_t)got;
    }
    if (!s->written && size - used > MOST_BEYOND) return -1;
    memset((char *)bytes + used, 0, size - used);
    if (!s->written && type != H5FD_MEM_DRAW && !gb_h5_guard_passes(&s->guard, kind_of(type), address, bytes, size))
        spoil(bytes, size);
    return 0;
}

static herr_t sink_write(H5FD_t *file, H5FD_mem_t type, hid_t how, haddr_t address, size_t size, const void *bytes)
{
    (void)type, (void)how;
    sink *s = (sink *)file;
    for (size_t used = 0; used < size && !*s->why;) {
        const ssize_t put = pwrite(s->fd, (const char *)bytes + used, size - used, (off_t)(address + used));
        if (put < 0 && errno != EINTR) note(s);
        if (put > 0) used += (size_t)put;
    }
    if (address + size > s->end) s->end = address + size;
    return 0;
}

static herr_t sink_get_handle(H5FD_t *file, hid_t access, void **handle)
{
    (void)access;
    *handle = file;
    return 0;
}

static herr_t sink_truncate(H5FD_t *file, hid_t how, hbool_t closing)
{
    (void)how, (void)closing;
    sink *s = (sink *)file;
    if (s->allocated == s->end) return 0;
    if (!*s->why && ftruncate(s->fd, (off_t)s->allocated) != 0) note(s);
    s->end = s->allocated;
    return 0;
}

static const H5FD_class_t sink_class = {
#ifdef H5FD_CLASS_VERSION
                                        .version = H5FD_CLASS_VERSION,
                                        .value = 256, /* of those that nobody has asked for */
#endif
                                        .name = "ganime-sink",
                                        .maxaddr = INT64_MAX,
                                        .fc_degree = H5F_CLOSE_WEAK,
                                        .fapl_size = sizeof(sink_info),
                                        .open = sink_open,
                                        .close = sink_close,
                                        .query = sink_query,
                                        .get_eoa = sink_get_eoa,
                                        .set_eoa = sink_set_eoa,
                                        .get_eof = sink_get_eof,
                                        .get_handle = sink_get_handle,
                                        .read = sink_read,
                                        .write = sink_write,
                                        .truncate = sink_truncate,
                                        .fl_map = H5FD_FLMAP_DICHOTOMY};

herr_t gb_h5_sink_set(hid_t access, int *why)
{
    const sink_info info = {.why = why};
    *why = 0;
    const hid_t driver = H5FDregister(&sink_class);
    if (driver < 0) return -1;
    const herr_t result = H5Pset_driver(access, driver, &info);
    H5FDunregister(driver); /* the list has its own hold on it */
    return result;
}

hid_t gb_h5_sink_open(const char *path, int *why)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    const hid_t file = gb_h5_sink_set(access, why) < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

/* HDF5 1.10 cannot close a file whose metadata refer to what is not there, and keeps what it had made of it. */
static void abandon(sink *s)
{
    close(s->fd);
    s->fd = -1;
    s->why = &s->own_why;
    s->closed = NULL;
}

herr_t gb_h5_sink_close(hid_t file)
{
    const hid_t access = H5Fget_access_plist(file); /* holds the driver */
    void *found = NULL;
    bool closed = false;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &found) >= 0 && found) ((sink *)found)->closed = &closed;
    const herr_t result = H5Fclose(file);
    if (found && !closed) abandon(found);
    if (access >= 0 && closed) H5Pclose(access);
    return result;
}

/* NULL for a file that was opened without it, by HDF5's own driver. */
static sink *sink_of(hid_t dataset)
{
    void *found = NULL;
    const hid_t file = H5Iget_file_id(dataset), access = file < 0 ? -1 : H5Fget_access_plist(file);
    if (access >= 0 && H5Pget_driver(access) != H5FD_SEC2) H5Fget_vfd_handle(file, H5P_DEFAULT, &found);
    if (access >= 0) H5Pclose(access);
    if (file >= 0) H5Fclose(file);
    return found;
}

herr_t gb_h5_sink_read_chunk(hid_t dataset, const hsize_t *offset, void *bytes, size_t room, size_t *count,
                             uint32_t *skipped)
{
    sink *s = sink_of(dataset);
    if (!s) return -1;
    s->room = room;
    s->count = 0;
    const herr_t result = H5Dread_chunk(dataset, H5P_DEFAULT, offset, skipped, bytes);
    s->room = 0;
    *count = s->count;
    return result;
}

hid_t gb_h5_open_own(hid_t file, const char *name)
{
    H5L_info_t link;
    if (H5Lget_info(file, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) return -1;
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t creation = dataset < 0 ? -1 : H5Dget_create_plist(dataset);
    const bool own = creation >= 0 && H5Pget_external_count(creation) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL;
    if (creation >= 0) H5Pclose(creation);
    if (own || dataset < 0) return dataset;
    H5Dclose(dataset);
    return -1;
}
