/* Times every contender (nets without weights too, on random ones, marked so). */
#ifndef GB_RUN_TIMING_PASS_H
#define GB_RUN_TIMING_PASS_H

#include "datasets/dataset.h"
#include "protocol/audit.h"
#include "protocol/frames.h"
#include "report/run.h"
#include "selection/selection.h"

/* Appends throughput and audit rows to `run` (`audit` knows what was scored) and sets its environment (with the
 * machine's measured roof). Contenders must be open for the pack's geometry. One that cannot be timed is left out with
 * a note on stderr, never a made-up row; one whose timed outputs are not those that were scored has a failed audit row
 * and no throughput. */
gb_status gb_timing_pass(gb_selection *selection, gb_pack *pack, const gb_picks *picks, gb_audit *audit,
                         const gb_options *options, gb_run *run, gb_error *err) GB_MUST_CHECK;

#endif
