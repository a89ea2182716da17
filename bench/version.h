/* What this program is, and the libraries that it runs with. */
#ifndef GB_BENCH_VERSION_H
#define GB_BENCH_VERSION_H

#include <cjson/cJSON.h>

#define GB_VERSION "0.1.0"

const char *gb_version_commit(void);   /* as git describe says, "-dirty" with uncommitted changes */
const char *gb_version_compiler(void); /* compiler and flags */
cJSON *gb_version_libraries(void);     /* {"hdf5": "1.10.8", …}; NULL when memory is short */

#endif
