/* The cases of speed: one net timed in many rounds, each beside a yardstick, as run/rounds.h times a generator. Two
 * stretches of these rounds are two timings of the same thing; a slow-down is laid on one of them. */
#ifndef GB_SELFTEST_SPEED_H
#define GB_SELFTEST_SPEED_H

#include "selftest/cases.h"

typedef struct gb_speed_plan {
    gb_geometry geometry;
    const gb_backend *backend;
    int rounds;
    double seconds; /* a round takes, and one call at least; its time is the median call's */
    double least;   /* slow-down of interest: 0.05 is 5 % */
} gb_speed_plan;

/* One pair a round: base_num is the logarithm of its time over its yardstick's. */
gb_status gb_speed_measure(const gb_speed_plan *plan, gb_series *out, gb_error *err) GB_MUST_CHECK;

/* Slow-downs by 5, 10 and 20 %, by the least effect, and none. `measured` is copied. */
gb_status gb_cases_of_speed(const gb_series *measured, gb_case_list *list, gb_error *err) GB_MUST_CHECK;

#endif
