/* What the machine does to a program at the moment, told by two pieces of work that never change. A core is often
 * shared: with other processes, and in a virtual machine with other guests, which nothing here shows by name.
 *
 *   clock   one long chain of dependent additions and multiplications: it waits for itself, so sharing the core hardly
 *           slows it; it tells how fast the clock is
 *   work    a product of matrices in cache: it keeps the core's load, store and arithmetic units busy, so sharing slows
 *           it as it slows a net (on the machine measured, times of a net correlate with it by 0.8 to 0.9, with plain
 *           multiply-adds in registers by 0.1: see results/gate-self-test.md)
 *
 * work / clock is what is left of the core; both depend on the processor and on how this was compiled. */
#ifndef GB_MACHINE_YARDSTICK_H
#define GB_MACHINE_YARDSTICK_H

#include <stdint.h>

#include "core/status.h"

typedef struct gb_yardstick gb_yardstick; /* of one thread */
gb_status gb_yardstick_new(gb_yardstick **out, gb_error *err) GB_MUST_CHECK;
void gb_yardstick_free(gb_yardstick *yardstick);

typedef struct gb_yardstick_times {
    double clock_ms, work_ms;
} gb_yardstick_times;

/* Takes some 0.7 ms. */
gb_yardstick_times gb_yardstick_take(gb_yardstick *yardstick);

/* How long the calling thread has been ready in its life, but another had the core (Linux:
 * /proc/thread-self/schedstat); 0 where the system does not tell. */
uint64_t gb_yardstick_waited_ns(void);

#endif
