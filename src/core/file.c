#include "core/file.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/temporary.h"

bool gb_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool gb_file_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

gb_status gb_file_check(const char *path, gb_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", path, strerror(errno));
    if (S_ISREG(info.st_mode)) return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: expected a file, found a %s", path,
                   S_ISDIR(info.st_mode) ? "directory" : "pipe, socket or device");
}

char *gb_path_join(const char *a, const char *b)
{
    if (b[0] == '/' || a[0] == '\0') return gb_strdup(b);
    const size_t length = strlen(a);
    return gb_format(a[length - 1] == '/' ? "%s%s" : "%s/%s", a, b);
}

const char *gb_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The path of the object that this code is linked into; "" for the program itself. */
static const char *own_object(void)
{
    Dl_info info;
    void *entry = NULL;
    const int found = dladdr1((const void *)(uintptr_t)gb_program_folder, &info, &entry, RTLD_DL_LINKMAP);
    const struct link_map *const map = found ? entry : NULL;
    return map && map->l_name ? map->l_name : "";
}

bool gb_program_folder(char *out, size_t size)
{
    char path[PATH_MAX];
    const char *const object = own_object();
    const bool found = realpath(*object ? object : "/proc/self/exe", path) != NULL;
    char *const slash = found ? strrchr(path, '/') : NULL;
    if (slash) *slash = '\0';
    const bool fits = slash && strlen(path) < size;
    if (size > 0) snprintf(out, size, "%s", fits ? path : "");
    return fits;
}

const char *gb_path_extension(const char *path)
{
    const char *base = gb_path_base(path);
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? dot : "";
}

static gb_status make_one(const char *path, gb_error *err)
{
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && gb_file_is_directory(path))) return GB_OK;
    if (errno == EEXIST) return gb_fail(err, GB_E_IO, "%s: expected a folder, found a file of that name", path);
    return gb_fail(err, GB_E_IO, "%s: cannot make directory: %s", path, strerror(errno));
}

gb_status gb_directory_make(const char *path, gb_error *err)
{
    char *copy = gb_strdup(path);
    if (!copy) return gb_fail_memory(err, "path", strlen(path));
    gb_status status = GB_OK;
    for (char *slash = strchr(copy + 1, '/'); slash && status == GB_OK; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_one(copy, err);
        *slash = '/';
    }
    if (status == GB_OK) status = make_one(copy, err);
    free(copy);
    return status;
}

static gb_status make_parents(const char *path, gb_error *err)
{
    const size_t length = (size_t)(gb_path_base(path) - path);
    if (length < 2) return GB_OK;
    char *parent = gb_format("%.*s", (int)length - 1, path);
    if (!parent) return gb_fail_memory(err, "path", length);
    const gb_status status = gb_directory_make(parent, err);
    free(parent);
    return status;
}

gb_status gb_directory_make_new(const char *path, char **made, gb_error *err)
{
    GB_TRY(make_parents(path, err));
    for (int n = 1; n <= 10000; n++) {
        char *name = n == 1 ? gb_strdup(path) : gb_format("%s-%d", path, n);
        if (!name) return gb_fail_memory(err, "path", strlen(path));
        if (mkdir(name, 0777) == 0) {
            *made = name;
            return GB_OK;
        }
        const int why = errno;
        free(name);
        if (why != EEXIST) return gb_fail(err, GB_E_IO, "%s: cannot make directory: %s", path, strerror(why));
    }
    return gb_fail(err, GB_E_IO, "%s: cannot make directory: ten thousand of that name are there", path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

gb_status gb_directory_list(const char *path, char ***names, size_t *count, gb_error *err)
{
    DIR *directory = opendir(path);
    if (!directory)
        return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", path, strerror(errno));
    char **list = NULL;
    size_t used = 0, capacity = 0;
    gb_status status = GB_OK;
    for (struct dirent *entry; errno = 0, status == GB_OK && (entry = readdir(directory));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char *name = gb_strdup(entry->d_name);
        if (!name || gb_grow(&list, &capacity, used + 1, sizeof *list) != 0) {
            free(name);
            status = gb_fail_memory(err, path, used);
        } else {
            list[used++] = name;
        }
    }
    if (status == GB_OK && errno) status = gb_fail(err, GB_E_IO, "%s: cannot be listed: %s", path, strerror(errno));
    closedir(directory);
    if (status != GB_OK) {
        gb_directory_free(list, used);
        return status;
    }
    if (used) qsort(list, used, sizeof *list, compare_names);
    *names = list;
    *count = used;
    return GB_OK;
}

void gb_directory_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++) free(names[i]);
    free(names);
}

static gb_status read_stream(FILE *file, const char *path, size_t max, char **data, size_t *size, gb_error *err)
{
    char *bytes = NULL;
    size_t used = 0, capacity = 0;
    for (;;) {
        if (gb_grow(&bytes, &capacity, used + 65536 + 1, 1) != 0) {
            free(bytes);
            return gb_fail_memory(err, path, used + 65536);
        }
        const size_t got = fread(bytes + used, 1, 65536, file);
        used += got;
        if (used > max || ferror(file)) {
            const bool large = used > max;
            free(bytes);
            if (large) return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu bytes, found more", path, max);
            return gb_fail(err, GB_E_IO, "%s: read failed: %s", path, strerror(errno));
        }
        if (got < 65536) break;
    }
    bytes[used] = '\0';
    *data = bytes;
    *size = used;
    return GB_OK;
}

/* What is too large is refused unread; what grows afterwards is noticed in read_stream. */
static gb_status check_size(const char *path, size_t max, gb_error *err)
{
    struct stat info;
    GB_TRY(gb_file_check(path, err));
    if (stat(path, &info) != 0 || info.st_size < 0 || (uint64_t)info.st_size <= max) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu bytes, found %lld", path, max, (long long)info.st_size);
}

gb_status gb_file_read(const char *path, size_t max, char **data, size_t *size, gb_error *err)
{
    GB_TRY(check_size(path, max, err));
    FILE *file = fopen(path, "rb");
    if (!file) return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", path, strerror(errno));
    const gb_status status = read_stream(file, path, max, data, size, err);
    fclose(file);
    return status;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        const ssize_t wrote = write(fd, data, size);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return -1;
        data += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

static gb_status write_whole(const char *path, const void *data, size_t size, bool later, gb_error *err)
{
    gb_temporary temporary;
    gb_error ignored;
    GB_TRY(gb_temporary_open(path, &temporary, err));
    temporary.later = later;
    const bool good = write_all(temporary.fd, data, size) == 0;
    const gb_status status = good ? GB_OK : gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    const gb_status closed = gb_temporary_close(&temporary, path, good, good ? err : &ignored);
    return good ? closed : status;
}

gb_status gb_file_write(const char *path, const void *data, size_t size, gb_error *err)
{
    return write_whole(path, data, size, false, err);
}

gb_status gb_file_put(const char *path, const void *data, size_t size, gb_error *err)
{
    return write_whole(path, data, size, true, err);
}

/* Begins to write a file out, or waits until that is done. What is gone by now, or a link, is somebody else's. */
static gb_status sync_file(const char *folder, const char *name, bool wait, gb_error *err)
{
    char *path = gb_path_join(folder, name);
    if (!path) return gb_fail_memory(err, name, 4096);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    gb_status status = GB_OK;
    if (fd >= 0 && !wait) sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* all at once: what fails is told below */
    if ((fd < 0 && errno != ENOENT && errno != ELOOP) || (fd >= 0 && wait && fsync(fd) != 0))
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    free(path);
    return status;
}

gb_status gb_directory_sync(const char *path, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    gb_status status = GB_OK;
    GB_TRY(gb_directory_list(path, &names, &count, err));
    for (size_t i = 0; i < 2 * count && status == GB_OK; i++)
        status = sync_file(path, names[i % count], i >= count, err);
    gb_directory_free(names, count);
    return status;
}

gb_status gb_cache_path(const char *leaf, char **path, gb_error *err)
{
    const char *own = getenv("GANIME_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *base = NULL;
    if (own && *own)
        base = gb_strdup(own);
    else if (xdg && *xdg)
        base = gb_path_join(xdg, "ganime-bench");
    else if (home && *home)
        base = gb_path_join(home, ".cache/ganime-bench");
    else
        return gb_fail(err, GB_E_NOT_FOUND, "no cache directory: set GANIME_CACHE, XDG_CACHE_HOME or HOME");
    char *full = base && leaf ? gb_path_join(base, leaf) : gb_strdup(base);
    free(base);
    if (!full) return gb_fail_memory(err, "cache path", 4096);
    *path = full;
    return GB_OK;
}
