/* What a run keeps beside its results while it is being made: <run>/cells/ with one file a finished cell, job.json (how
 * the run was started) and a lock. A run that was killed goes on from there; a part of a run (--shard) leaves it for
 * `merge`; a whole run removes it at its end. */
#ifndef GB_CELLS_FOLDER_H
#define GB_CELLS_FOLDER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "core/status.h"

typedef struct gb_cell_folder gb_cell_folder;

typedef enum gb_cell_access {
    GB_CELLS_ALONE,  /* GB_E_IO when another process is at it */
    GB_CELLS_SHARED, /* with others that share too */
    GB_CELLS_READ    /* no lock, nothing is made */
} gb_cell_access;

/* `run` is the run's folder. */
gb_status gb_cell_folder_open(const char *run, gb_cell_access access, gb_cell_folder **out, gb_error *err)
    GB_MUST_CHECK;
void gb_cell_folder_close(gb_cell_folder *folder); /* NULL is fine */
const char *gb_cell_folder_path(const gb_cell_folder *folder);

/* A file by its name without ".cell". GB_E_NOT_FOUND when there is none. Writing replaces it whole or not at all. */
gb_status gb_cell_folder_read(const gb_cell_folder *folder, const char *name, char **data, size_t *size, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_cell_folder_write(const gb_cell_folder *folder, const char *name, const void *data, size_t size,
                               gb_error *err) GB_MUST_CHECK;

/* How the run was started. */
gb_status gb_cell_folder_write_job(const gb_cell_folder *folder, const cJSON *job, gb_error *err) GB_MUST_CHECK;
/* GB_E_NOT_FOUND when `run` is no run that can be gone on with. */
gb_status gb_cell_folder_read_job(const char *run, cJSON **out, gb_error *err) GB_MUST_CHECK;

/* Removes what teams agreed by. */
void gb_cell_folder_end_teams(const gb_cell_folder *folder);
/* Removes all of it, job.json last. Where it is shared, one that comes late may keep the folder itself. */
gb_status gb_cell_folder_clear(const gb_cell_folder *folder, gb_error *err) GB_MUST_CHECK;

#endif
