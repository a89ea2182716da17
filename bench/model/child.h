/* Runs another program and waits for it. */
#ifndef GB_MODEL_CHILD_H
#define GB_MODEL_CHILD_H

#include <stddef.h>

#include "core/status.h"

/* `command` is NULL-ended and looked up in PATH; no shell. `*code` is its exit code (128 + n when signal n ended it),
 * `last` the last line that it wrote to stderr; its stdout is dropped. GB_E_NOT_FOUND when there is no such program. */
gb_status gb_child_run(const char *const *command, int *code, char *last, size_t size, gb_error *err) GB_MUST_CHECK;

#endif
