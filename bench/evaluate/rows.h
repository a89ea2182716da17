/* Rows, sums and all else that a run adds up from cells, in order, by one thread at a time. */
#ifndef GB_EVALUATE_ROWS_H
#define GB_EVALUATE_ROWS_H

#include "evaluate/state.h"

/* The pipeline's last stage: takes a unit into its cell, and a cell that is whole into the run. */
gb_status gb_evaluate_collect(void *user, long unit, void *slot, gb_error *err) GB_MUST_CHECK;
/* Adds up the cells before `cell` that were not computed. */
gb_status gb_evaluate_gather_until(evaluation_state *s, int cell, gb_error *err) GB_MUST_CHECK;

#endif
