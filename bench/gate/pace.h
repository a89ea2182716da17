/* Is a generator slower than it was? The decision behind the gate's speed rows and its self-test. */
#ifndef GB_GATE_PACE_H
#define GB_GATE_PACE_H

#include "report/run.h"
#include "stats/decide.h"

#define GB_PACE_TIMINGS 4 /* the run's own, and at most three that are made to decide */

/* One row while it is being decided. Timings are borrowed. */
typedef struct gb_pace {
    const gb_run_throughput *base, *timing[GB_PACE_TIMINGS];
    int timings;
    gb_decision decision; /* of logarithms, see gb_decide_times */
    bool confirmed;       /* slower by all timings so far, and by the last one alone */
    double confirmed_by;  /* that one's difference */
    bool hopeless;        /* too few of the baseline's rounds can be used: no timing of the run will decide */
    char note[160];       /* why too few rounds could be used, or "" */
} gb_pace;

/* The first look. A round counts when the machine left as much of its cores to it as to the best round of both sides
 * (GB_ROUNDS_TOLERANCE): a machine that was busy all the time of one timing is not taken for a slow program. Times are
 * relative to the clock beside them. Rounds without a positive time are GB_E_NUMERIC. */
gb_status gb_pace_open(const gb_run_throughput *base, const gb_run_throughput *run, double least, gb_pace *out,
                       gb_error *err) GB_MUST_CHECK;

/* Whether another timing is wanted: what is slower has to be so a second time, by that timing alone; what is undecided
 * is decided anew by all timings together. */
bool gb_pace_wants_more(const gb_pace *pace);
gb_status gb_pace_add(gb_pace *pace, const gb_run_throughput *timing, double least, gb_error *err) GB_MUST_CHECK;

#endif
