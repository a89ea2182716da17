/* The name beside a file under which it is written until it is whole. It is the same each time, PATH.tmp, so that what
 * a writer that was killed left there is taken over by the next; a lock keeps two writers of one file apart, of which
 * the second gets another name. */
#ifndef GB_CORE_TEMPORARY_H
#define GB_CORE_TEMPORARY_H

#include <stdbool.h>

#include "core/status.h"

typedef struct gb_temporary {
    char *name; /* may be opened a second time, by who writes through a library */
    int fd;     /* open for writing, at the beginning of an empty file; holds the lock */
    bool later; /* the caller's to set: it is not synced by gb_temporary_close */
} gb_temporary;

/* GB_E_IO names `path`. */
gb_status gb_temporary_open(const char *path, gb_temporary *out, gb_error *err) GB_MUST_CHECK;

/* When all was written well (`good`): synced (not `later`), closed and renamed to `path`. Else, or when that fails,
 * removed; GB_OK stands for "not good" then, as the caller knows why. `temporary` is empty afterwards; an empty one is
 * left alone. */
gb_status gb_temporary_close(gb_temporary *temporary, const char *path, bool good, gb_error *err) GB_MUST_CHECK;

#endif
