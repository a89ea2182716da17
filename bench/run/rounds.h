/* Timing that can be compared with another day's: every generator in turn, several times over, each beside a yardstick,
 * so that what the machine does at the moment falls on all of them and on both sides of each ratio. */
#ifndef GB_RUN_ROUNDS_H
#define GB_RUN_ROUNDS_H

#include "run/selection.h"
#include "run/timing.h"

/* Fills the rounds of the run's generating rows whose contenders are open; those on random weights have none. One that
 * takes long gets fewer rounds. `plan` as in the pass before; its limits on time are not used. */
gb_status gb_rounds_time(const gb_selection *selection, const gb_timing_plan *plan, gb_run *run, gb_error *err)
    GB_MUST_CHECK;

#endif
