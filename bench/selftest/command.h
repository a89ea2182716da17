/* `gate --self-test` as the command line has it. */
#ifndef GB_SELFTEST_COMMAND_H
#define GB_SELFTEST_COMMAND_H

#include "cli/cli.h"

/* Measures, prints, writes what was asked for (--json, --summary); GB_E_WORSE when the gate errs more often than it
 * may. */
gb_status gb_selftest_command(const gb_options *options, gb_error *err) GB_MUST_CHECK;

#endif
