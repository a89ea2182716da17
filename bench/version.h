/* What this program is, and the libraries that it runs with. */
#ifndef GB_BENCH_VERSION_H
#define GB_BENCH_VERSION_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/status.h"

#define GB_RELEASED "2026-11-28" /* the day of GB_VERSION, for the manual page */

const char *gb_version_commit(void);   /* as git describe says, "-dirty" with uncommitted changes */
const char *gb_version_compiler(void); /* compiler and flags */

/* {"hdf5": "1.10.8", …}: what is loaded now where the library tells, else what it was compiled against. A library that
 * is not there (OpenCV) is left out. Without those that nets run on: backends tell theirs. NULL when memory is
 * short. */
cJSON *gb_version_libraries(void);

/* What `--version` shows, as lines or as {"version", "commit", "compiler", "libraries"}; with the libraries of every
 * backend that can be used here. */
gb_status gb_version_print(FILE *out, bool json, gb_error *err) GB_MUST_CHECK;

#endif
