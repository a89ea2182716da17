/* The cases of speed: one net timed twice in interleaved rounds, so that the two differ by the host's jitter alone, and
 * a slow-down laid on one of them. */
#ifndef GB_SELFTEST_SPEED_H
#define GB_SELFTEST_SPEED_H

#include "selftest/cases.h"

typedef struct gb_speed_plan {
    gb_geometry geometry;
    const gb_backend *backend;
    int rounds; /* each times one block of either, the first one in turn */
    int calls;  /* a block; its time is the median call's */
    gb_effect effect; /* of run / base; lower is better */
} gb_speed_plan;

/* One pair a round: the two blocks' milliseconds as num. */
gb_status gb_speed_measure(const gb_speed_plan *plan, gb_series *out, gb_error *err) GB_MUST_CHECK;

/* Slow-downs by 5, 10 and 20 %, by the least effect, and none. `measured` is copied. */
gb_status gb_cases_of_speed(const gb_series *measured, gb_case_list *list, gb_error *err) GB_MUST_CHECK;

#endif
