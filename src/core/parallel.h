/* A loop whose turns do not depend on each other, by several threads. */
#ifndef GB_CORE_PARALLEL_H
#define GB_CORE_PARALLEL_H

#include <stddef.h>

#include "core/status.h"

/* Cores that this process may use, 1 or more. */
int gb_parallel_cores(void);

/* Turn `i`; of turns with the same `lane` one runs at a time, so that a lane may have memory of its own. */
typedef gb_status gb_parallel_fn(void *user, int lane, size_t i, gb_error *err);

/* Turns 0 to count - 1 in increasing order by `lanes` threads, 1 or more, of which the caller's is one: each takes the
 * next turn that is left. Returns once all are through. After a failure no turn is begun; what is returned is the
 * failure of the first turn, in their order, that failed: the same whatever the number of lanes. A thread that cannot
 * be started is no failure, the others take its turns. */
gb_status gb_parallel(int lanes, size_t count, gb_parallel_fn *turn, void *user, gb_error *err) GB_MUST_CHECK;

#endif
