/* Paths and whole files. */
#ifndef GB_CORE_FILE_H
#define GB_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

bool gb_file_exists(const char *path);       /* anything of that name, links followed */
bool gb_file_is_directory(const char *path); /* links followed */

/* GB_OK when there is a file of bytes: what waits for a writer (a pipe) or never ends (a device) is refused. */
gb_status gb_file_check(const char *path, gb_error *err) GB_MUST_CHECK;

/* `a/b`, or `b` when b is absolute; the caller frees; NULL when memory is short. */
char *gb_path_join(const char *a, const char *b);
const char *gb_path_base(const char *path);      /* the part after the last '/'; borrowed */
const char *gb_path_extension(const char *path); /* ".png" of the base, or ""; borrowed */

/* The folder that this code lies in, without a slash at its end: the running program's, or the shared library's when it
 * is linked into that. False, and an empty text, when the system does not tell or `size` is too small. */
bool gb_program_folder(char *out, size_t size);

/* Makes a directory and its parents; an existing directory is fine. */
gb_status gb_directory_make(const char *path, gb_error *err) GB_MUST_CHECK;

/* Makes a directory that was not there, and its parents: `path`, or path-2, path-3 and on where that is taken. `*made`
 * is its path; the caller frees. */
gb_status gb_directory_make_new(const char *path, char **made, gb_error *err) GB_MUST_CHECK;

/* Names (not paths) in a directory, sorted bytewise, without "." and ".."; free with gb_directory_free. */
gb_status gb_directory_list(const char *path, char ***names, size_t *count, gb_error *err) GB_MUST_CHECK;
void gb_directory_free(char **names, size_t count);

/* The whole file, NUL-terminated beyond `*size`; refused when larger than `max`. The caller frees. */
gb_status gb_file_read(const char *path, size_t max, char **data, size_t *size, gb_error *err) GB_MUST_CHECK;

/* Writes beside `path`, fsyncs, renames: readers see the old file or the whole new one. */
gb_status gb_file_write(const char *path, const void *data, size_t size, gb_error *err) GB_MUST_CHECK;
/* The same without waiting for the disk, for many files of one folder, or where a checksum tells: a machine that goes
 * down before gb_directory_sync may leave a file of that name that is not whole. */
gb_status gb_file_put(const char *path, const void *data, size_t size, gb_error *err) GB_MUST_CHECK;
/* Waits until all files in a folder are on the disk. GB_E_IO names the one that is not. */
gb_status gb_directory_sync(const char *path, gb_error *err) GB_MUST_CHECK;

/* Where downloads and built packs live: $GANIME_CACHE, else $XDG_CACHE_HOME/ganime-bench, else ~/.cache/ganime-bench.
 * Joined with `leaf` (may be NULL); not created. The caller frees. */
gb_status gb_cache_path(const char *leaf, char **path, gb_error *err) GB_MUST_CHECK;

#endif
