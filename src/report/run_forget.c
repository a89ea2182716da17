#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/run.h"

static gb_status forget(const char *directory, const char *name, gb_error *err)
{
    char *path = gb_path_join(directory, name);
    if (!path) return gb_fail_memory(err, name, strlen(name));
    const bool gone = unlink(path) == 0 || errno == ENOENT;
    const gb_status status = gone ? GB_OK : gb_fail(err, GB_E_IO, "%s: cannot be removed: %s", path, strerror(errno));
    free(path);
    return status;
}

/* Only what lies where pictures are written: run.json may have been changed by hand. */
static gb_status forget_picture(const char *directory, const char *path, gb_error *err)
{
    static const char place[] = "panels/";
    const bool ours = path && !strncmp(path, place, strlen(place)) && !strchr(path + strlen(place), '/');
    return ours ? forget(directory, path, err) : GB_OK;
}

static gb_status forget_pictures(const gb_run *run, gb_error *err)
{
    for (size_t p = 0; p < run->panel_count; p++)
        for (int i = 0; i < run->panels[p].picture_count; i++) {
            GB_TRY(forget_picture(run->directory, run->panels[p].pictures[i].path, err));
            GB_TRY(forget_picture(run->directory, run->panels[p].pictures[i].heat, err));
        }
    for (size_t s = 0; s < run->slice_count; s++) GB_TRY(forget_picture(run->directory, run->slices[s].path, err));
    return GB_OK;
}

/* The registry begins with run.json. */
static gb_status forget_reports(const char *directory, gb_error *err)
{
    size_t count;
    const gb_report *const *reports = gb_reports(&count);
    for (size_t i = 0; i < count; i++)
        if (!reports[i]->on_request) GB_TRY(forget(directory, reports[i]->file, err));
    return GB_OK;
}

gb_status gb_run_forget(const char *directory, gb_error *err)
{
    gb_run *run = NULL;
    gb_error why; /* what cannot be read names no pictures */
    gb_status status = gb_run_read(directory, &run, &why);
    if (status == GB_E_NOT_FOUND) return GB_OK;
    if (status == GB_E_NOMEM) {
        if (err) *err = why;
        return status;
    }
    status = forget_reports(directory, err);
    if (status == GB_OK && run) status = forget_pictures(run, err);
    gb_run_free(run);
    return status;
}
