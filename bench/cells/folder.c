#include "cells/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cells/block.h"
#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"

#define MAX_JOB (1 << 20)
#define JOB "job.json"
#define LOCK "lock"

struct gb_cell_folder {
    char *path;
    gb_cell_access access;
    int lock; /* -1: none */
};

static gb_status take_lock(gb_cell_folder *folder, gb_cell_access access, gb_error *err)
{
    char *path = gb_path_join(folder->path, LOCK);
    if (!path) return gb_fail_memory(err, folder->path, 4096);
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    const int why = errno;
    free(path);
    if (folder->lock < 0) return gb_fail(err, GB_E_IO, "%s: cannot write: %s", folder->path, strerror(why));
    if (flock(folder->lock, (access == GB_CELLS_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return GB_OK;
    if (errno != EWOULDBLOCK) return GB_OK; /* a file system without locks: nothing is lost but this check */
    return gb_fail(err, GB_E_IO, "%s: another process is working on this run", folder->path);
}

gb_status gb_cell_folder_open(const char *run, gb_cell_access access, gb_cell_folder **out, gb_error *err)
{
    gb_status status = GB_OK;
    gb_cell_folder *folder = gb_alloc(1, sizeof *folder);
    if (!folder) return gb_fail_memory(err, run, sizeof *folder);
    folder->lock = -1;
    folder->access = access;
    folder->path = gb_path_join(run, "cells");
    if (!folder->path) GB_GO(gb_fail_memory(err, run, 4096));
    if (access != GB_CELLS_READ) {
        GB_GO(gb_directory_make(folder->path, err));
        GB_GO(take_lock(folder, access, err));
    }
done:
    if (status == GB_OK)
        *out = folder;
    else
        gb_cell_folder_close(folder);
    return status;
}

void gb_cell_folder_close(gb_cell_folder *folder)
{
    if (!folder) return;
    if (folder->lock >= 0) close(folder->lock);
    free(folder->path);
    free(folder);
}

const char *gb_cell_folder_path(const gb_cell_folder *folder)
{
    return folder->path;
}

gb_status gb_cell_folder_read(const gb_cell_folder *folder, const char *name, char **data, size_t *size, gb_error *err)
{
    char *path = gb_format("%s/%s.cell", folder->path, name);
    if (!path) return gb_fail_memory(err, name, 4096);
    const gb_status status = gb_file_read(path, GB_BLOCK_FILE_MAX, data, size, err);
    free(path);
    return status;
}

gb_status gb_cell_folder_write(const gb_cell_folder *folder, const char *name, const void *data, size_t size,
                               gb_error *err)
{
    char *path = gb_format("%s/%s.cell", folder->path, name);
    if (!path) return gb_fail_memory(err, name, 4096);
    const gb_status status = gb_file_put(path, data, size, err); /* its blocks have checksums */
    free(path);
    return status;
}

gb_status gb_cell_folder_write_job(const gb_cell_folder *folder, const cJSON *job, gb_error *err)
{
    char *path = gb_path_join(folder->path, JOB);
    if (!path) return gb_fail_memory(err, JOB, 4096);
    const gb_status status = gb_json_write(path, job, err);
    free(path);
    return status;
}

gb_status gb_cell_folder_read_job(const char *run, cJSON **out, gb_error *err)
{
    char *path = gb_format("%s/cells/" JOB, run);
    if (!path) return gb_fail_memory(err, JOB, 4096);
    const gb_status status = gb_json_read(path, MAX_JOB, out, err);
    free(path);
    return status;
}

static void remove_file(const char *folder, const char *name)
{
    char *path = gb_path_join(folder, name);
    if (path) unlink(path);
    free(path);
}

/* What a team agreed by. One that was given up may still write there. */
static void remove_folder(const char *folder, const char *name)
{
    gb_error ignored;
    char **names = NULL, *path = gb_path_join(folder, name);
    size_t count = 0;
    for (int tries = 0; path && tries < 5; tries++) {
        if (gb_directory_list(path, &names, &count, &ignored) != GB_OK) break;
        for (size_t i = 0; i < count; i++) remove_file(path, names[i]);
        gb_directory_free(names, count);
        if (rmdir(path) == 0) break;
    }
    free(path);
}

void gb_cell_folder_end_teams(const gb_cell_folder *folder)
{
    gb_error ignored;
    char **names = NULL;
    size_t count = 0;
    if (gb_directory_list(folder->path, &names, &count, &ignored) != GB_OK) return;
    for (size_t i = 0; i < count; i++)
        if (!strncmp(names[i], "team-", 5)) remove_folder(folder->path, names[i]);
    gb_directory_free(names, count);
}

gb_status gb_cell_folder_clear(const gb_cell_folder *folder, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    gb_cell_folder_end_teams(folder);
    GB_TRY(gb_directory_list(folder->path, &names, &count, err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], JOB) != 0 && strcmp(names[i], LOCK) != 0)
            remove_file(folder->path, names[i]);
    gb_directory_free(names, count);
    remove_file(folder->path, JOB);
    remove_file(folder->path, LOCK);
    if (rmdir(folder->path) == 0) return GB_OK;
    if (folder->access == GB_CELLS_SHARED && errno == ENOTEMPTY) return GB_OK; /* a late one came */
    return gb_fail(err, GB_E_IO, "%s: cannot remove: %s", folder->path, strerror(errno));
}
