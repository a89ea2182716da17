/* The cases of speed: one net is timed many times over, each time as `run` times a generator (timing/rounds.h). Any two
 * of these timings are a baseline and a run of the same thing; a slow-down is laid on the run's, and they are judged as
 * the gate judges them, with further timings where it would make them (gate/pace.h). */
#ifndef GB_SELFTEST_SPEED_H
#define GB_SELFTEST_SPEED_H

#include "report/run.h"
#include "selftest/cases.h"

typedef struct gb_speed_plan {
    const gb_backend *backend;
    int timings;  /* 0: no case of speed; else GB_SPEED_LEAST_TIMINGS or more */
    double least; /* slow-down of interest: 0.1 is 10 % */
} gb_speed_plan;

#define GB_SPEED_LEAST_TIMINGS 5 /* a baseline's, a run's, and three that the gate may add */

typedef struct gb_speed_timings {
    gb_run_throughput *row; /* rounds alone */
    int count, room;
    double least;
} gb_speed_timings;
void gb_speed_timings_free(gb_speed_timings *timings);

/* Appends up to `count` timings, one after the other, each on workers of its own: fewer, but GB_SPEED_LEAST_TIMINGS,
 * where a machine is so busy that they take more than a minute. */
gb_status gb_speed_measure(const gb_speed_plan *plan, int count, gb_speed_timings *timings, gb_error *err)
    GB_MUST_CHECK;

/* Slow-downs by 5, 10 and 20 %, by the least effect, and none. `timings` is borrowed until the cases were tried. */
gb_status gb_cases_of_speed(const gb_speed_timings *timings, gb_case_list *list, gb_error *err) GB_MUST_CHECK;

/* As gb_case_try, for such a case: draws timings of which the first `rounds` rounds are used. Slower counts as worse
 * when it was confirmed, else as undecided. */
gb_status gb_speed_try(const gb_case *one, int rounds, int resamples, gb_outcome *out, gb_error *err) GB_MUST_CHECK;

#endif
