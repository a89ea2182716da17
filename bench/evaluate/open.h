/* Everything that an evaluation holds while it runs: metrics, filters, workers and slots. */
#ifndef GB_EVALUATE_OPEN_H
#define GB_EVALUATE_OPEN_H

#include "evaluate/state.h"

/* Sets up from s->e, s->contenders and s->batch what finds out which cells are to be computed; gb_evaluate_close also
 * after a failure. */
gb_status gb_evaluate_open(evaluation_state *s, gb_error *err) GB_MUST_CHECK;
/* Opens metrics, workers and slots, once there is something to compute; does nothing when that is done. */
gb_status gb_evaluate_start(evaluation_state *s, gb_error *err) GB_MUST_CHECK;
void gb_evaluate_close(evaluation_state *s);

#endif
