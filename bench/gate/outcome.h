/* The end of `compare` and `gate`: every output that was asked for, and the exit code's status. */
#ifndef GB_GATE_OUTCOME_H
#define GB_GATE_OUTCOME_H

#include "cli/cli.h"
#include "gate/gate.h"

/* Reads --limits (or the built-in ones); metrics that this program does not know are refused. */
gb_status gb_gate_limits(const gb_options *options, gb_limits **out, gb_error *err) GB_MUST_CHECK;

/* Prints and writes all that can be, then returns gb_gate_status; the first output that could not be written goes
 * before it. */
gb_status gb_gate_finish(const gb_options *options, const gb_gate *gate, gb_error *err) GB_MUST_CHECK;

#endif
