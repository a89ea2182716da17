/* Which cells have to be computed: those that are not kept under today's keys. */
#ifndef GB_EVALUATE_SURVEY_H
#define GB_EVALUATE_SURVEY_H

#include "evaluate/state.h"

/* Sets s->feed to the next cell that has to be computed; *found false when there is none. */
gb_status gb_evaluate_next_cell(evaluation_state *s, bool *found, gb_error *err) GB_MUST_CHECK;
/* Says to the team, where there is one, that the cell is kept. */
void gb_evaluate_done(evaluation_state *s, int cell);

#endif
