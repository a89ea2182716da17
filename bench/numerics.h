/* What numbers come from besides their inputs: the program's own code and what runs it. */
#ifndef GB_BENCH_NUMERICS_H
#define GB_BENCH_NUMERICS_H

#include "backend/backend.h"

/* sha256 of the sources that numbers come from (all below bench/ but reports and wide clips, and bench/run with
 * bench/cells), of the compiler and its flags. Not the commit: notes, reports and tests may change. */
const char *gb_numerics_code(void);

/* Device, its library, precision, and the versions of the other libraries; the caller frees; NULL when memory is
 * short. */
char *gb_numerics_engine(const gb_backend *backend, const gb_device_info *device, const char *precision);

#endif
