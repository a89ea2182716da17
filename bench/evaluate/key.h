/* What a cell's scores depend on, as its keys have it (bench/cells/README.md). */
#ifndef GB_EVALUATE_KEY_H
#define GB_EVALUATE_KEY_H

#include "evaluate/state.h"

/* sha256 of a frame as it was read; `flow` NULL: it has none. */
gb_status gb_evaluate_hash(const evaluation_state *s, const gb_image *truth, const gb_image *input, const gb_flow *flow,
                           char hex[GB_SHA256_HEX], gb_error *err) GB_MUST_CHECK;
/* Adds frame `pick` to what a cell's frames are. */
void gb_evaluate_hash_add(const evaluation_state *s, gb_sha256 *sha, int pick, const char hex[GB_SHA256_HEX]);
/* Reads a cell's frames, and those before them that count, for cell->frames alone. */
gb_status gb_evaluate_hash_cell(evaluation_state *s, cell_place *cell, gb_error *err) GB_MUST_CHECK;
/* cell->frames as the cell's file says: parts of another run, and cells of a team, name their frames themselves,
 * because who computed them has looked. */
void gb_evaluate_take_frames(const gb_kept *kept, cell_place *cell);

/* Before anything is computed: what the keys of contenders that hold go by. Reads all frames once, where there are
 * such contenders and a store. */
gb_status gb_evaluate_learn_history(evaluation_state *s, gb_error *err) GB_MUST_CHECK;

/* Whether a key says all that the contender's frames depend on; s->contenders is the truth. What a process does may
 * have changed behind the same command. */
bool gb_evaluate_is_known(const evaluation_state *s, int contender);
/* The key of one contender's part of a cell whose frames are known. */
gb_status gb_evaluate_key(evaluation_state *s, int contender, const cell_place *cell, gb_cell_key *out, gb_error *err)
    GB_MUST_CHECK;

#endif
