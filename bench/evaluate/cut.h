/* Where the picks are cut into cells, and which of these are this run's. */
#ifndef GB_EVALUATE_CUT_H
#define GB_EVALUATE_CUT_H

#include "evaluate/state.h"

/* Allocates and fills s->cell, s->need and this run's part of them. */
gb_status gb_evaluate_cut(evaluation_state *s, gb_error *err) GB_MUST_CHECK;
/* How many frames before a cell's first one its numbers depend on; those of contenders that hold on all before. */
int gb_evaluate_run_up(const evaluation_state *s, int first);
/* A cell's file: "<name>-<first frame>". */
void gb_evaluate_cell_name(const evaluation_state *s, const cell_place *cell, char name[GB_FRAME_NAME]);

#endif
