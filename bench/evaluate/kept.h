/* Finished cells on their way to where they are kept, and back. */
#ifndef GB_EVALUATE_KEPT_H
#define GB_EVALUATE_KEPT_H

#include "evaluate/state.h"

/* Keeps the cell that was computed, where there is a place for it. */
gb_status gb_evaluate_keep(evaluation_state *s, int cell, gb_error *err) GB_MUST_CHECK;
/* Reads into s->building what is kept of the contenders that were not computed. */
gb_status gb_evaluate_read_kept(evaluation_state *s, int cell, gb_error *err) GB_MUST_CHECK;

#endif
