/* Where a run was made: machine, program, libraries. Goes into run.json; not part of the fingerprint. */
#ifndef GB_MACHINE_ENVIRONMENT_H
#define GB_MACHINE_ENVIRONMENT_H

#include <cjson/cJSON.h>

#include "backend/backend.h"
#include "machine/roof.h"

/* `roof` may be NULL. The caller frees with cJSON_Delete; NULL when memory is short. */
cJSON *gb_environment_describe(const gb_backend *backend, const gb_device_info *device, int threads,
                               const gb_roof *roof);

#endif
