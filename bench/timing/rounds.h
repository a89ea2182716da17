/* Timing that can be compared with another day's: every generator in turn, several times over, in slices beside a
 * yardstick (machine/yardstick.h) that tells which of them had the machine for themselves. Those that had not say what
 * else the machine did, not how fast the generator is, and are left out. */
#ifndef GB_TIMING_ROUNDS_H
#define GB_TIMING_ROUNDS_H

#include "selection/selection.h"
#include "timing/timing.h"

#define GB_ROUNDS_TOLERANCE 0.04 /* the yardstick's work may take so much more than on an undisturbed core */
#define GB_ROUNDS_THREADS 1      /* one core that is left alone is enough to tell whether a program became slower */

/* Fills the rounds of the run's generating rows whose contenders are open; those on random weights have none. Each
 * round opens its worker anew, so that where memory happens to lie differs. Nine undisturbed ones are wanted; more are
 * tried where some are disturbed, and fewer are there of what takes long or on a machine that is busy all the time.
 * `plan` as in the pass before; its limits on time are not used. */
gb_status gb_rounds_time(const gb_selection *selection, const gb_timing_plan *plan, gb_run *run, gb_error *err)
    GB_MUST_CHECK;

/* The same of one open contender alone: fills the rounds of `row`. */
gb_status gb_rounds_time_one(const gb_contender *contender, const gb_timing_plan *plan, gb_run_throughput *row,
                             gb_error *err) GB_MUST_CHECK;

#endif
