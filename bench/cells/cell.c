#include "cells/cell.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

gb_status gb_cell_new(int contenders, int metrics, int room, gb_cell *out, gb_error *err)
{
    const size_t outcomes = (size_t)contenders * (size_t)room;
    *out = (gb_cell){.contenders = contenders, .metrics = metrics, .room = room};
    out->outcome = gb_alloc(outcomes, sizeof *out->outcome);
    out->truth_change = gb_alloc((size_t)room, sizeof *out->truth_change);
    out->truth_hold = gb_alloc((size_t)room, sizeof *out->truth_hold);
    bool whole = out->outcome && out->truth_change && out->truth_hold;
    for (size_t i = 0; whole && i < outcomes; i++) {
        out->outcome[i].scores = gb_alloc((size_t)metrics, sizeof(gb_scores));
        whole = out->outcome[i].scores != NULL;
    }
    return whole ? GB_OK : gb_fail_memory(err, "scores", outcomes * (size_t)metrics * sizeof(gb_scores));
}

void gb_cell_clear(gb_cell *cell)
{
    for (size_t i = 0; i < cell->texts; i++) free(cell->text[i]);
    cell->texts = 0;
    cell->frames = 0;
}

void gb_cell_free(gb_cell *cell)
{
    gb_cell_clear(cell);
    for (int i = 0; cell->outcome && i < cell->contenders * cell->room; i++) free(cell->outcome[i].scores);
    free(cell->outcome);
    free(cell->truth_change);
    free(cell->truth_hold);
    free(cell->text);
    *cell = (gb_cell){0};
}

gb_frame_outcome *gb_cell_at(const gb_cell *cell, int contender, int frame)
{
    return &cell->outcome[contender * cell->room + frame];
}

void gb_frame_outcome_copy(gb_frame_outcome *to, const gb_frame_outcome *from, int metrics)
{
    gb_scores *scores = to->scores;
    *to = *from;
    to->scores = scores;
    memcpy(scores, from->scores, (size_t)metrics * sizeof *scores);
}

bool gb_cell_failed(const gb_cell *cell, int contender)
{
    for (int f = 0; f < cell->frames; f++) {
        const gb_frame_outcome *outcome = gb_cell_at(cell, contender, f);
        if (outcome->status != GB_OK || outcome->pair_status != GB_OK) return true;
    }
    return false;
}
