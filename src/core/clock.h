/* Monotonic wall time. */
#ifndef GB_CORE_CLOCK_H
#define GB_CORE_CLOCK_H

#include <stdint.h>

uint64_t gb_clock_ns(void); /* since some moment in the past */

/* "2026-11-24T01:02:03Z" */
void gb_clock_utc(char text[21]);

#endif
