/* JSON for scripts, in the one form that every --json has: indented, one newline at the end. */
#ifndef GB_CLI_PRINT_JSON_H
#define GB_CLI_PRINT_JSON_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "core/status.h"

/* Takes `value` (NULL: memory was short when it was made) and frees it. */
gb_status gb_print_json(FILE *out, cJSON *value, gb_error *err) GB_MUST_CHECK;

#endif
