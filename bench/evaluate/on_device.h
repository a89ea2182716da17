/* Frames that stay on a device, and their scores there. Where the backend keeps none, or no metric can be computed so,
 * these do nothing, or say no. */
#ifndef GB_EVALUATE_ON_DEVICE_H
#define GB_EVALUATE_ON_DEVICE_H

#include "evaluate/state.h"

/* Decides which metrics are computed there: all that can be, where the backend keeps frames. */
gb_status gb_evaluate_choose_places(evaluation_state *s, gb_error *err) GB_MUST_CHECK;

/* What the thread that decodes sends frames by. */
gb_status gb_evaluate_device_open(evaluation_state *s, gb_error *err) GB_MUST_CHECK;
void gb_evaluate_device_close(evaluation_state *s);
gb_status gb_evaluate_device_slot(const evaluation_state *s, unit_slot *slot, gb_error *err) GB_MUST_CHECK;
void gb_evaluate_device_slot_close(const evaluation_state *s, unit_slot *slot);
gb_status gb_evaluate_device_worker(const evaluation_state *s, evaluation_worker *w, gb_error *err) GB_MUST_CHECK;
void gb_evaluate_device_worker_close(const evaluation_state *s, evaluation_worker *w);

/* Sends the unit's truths and inputs there, by the thread that decodes: they are on their way while units before are
 * worked on. A frame that cannot be sent counts as unread. */
void gb_evaluate_put(const evaluation_state *s, unit_slot *slot);
/* Whether the contender's frames are made there; then makes frames [first, first + count) of the slot. */
bool gb_evaluate_made_there(const evaluation_state *s, int contender);
gb_status gb_evaluate_generate_there(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot,
                                     int contender, int first, int count, gb_error *err) GB_MUST_CHECK;
/* Once frame f is what is scored: it is put there, where it is only here. */
gb_status gb_evaluate_finish_there(const evaluation_state *s, const evaluation_worker *w, unit_slot *slot,
                                   int contender, int f, gb_error *err) GB_MUST_CHECK;
/* gb_centre_maxabs of a frame that is only there. */
gb_status gb_evaluate_centre_there(const evaluation_state *s, const evaluation_worker *w, const unit_slot *slot,
                                   int contender, int f, int *out, gb_error *err) GB_MUST_CHECK;
/* Frame metrics of all frames, and temporal ones of `count` pairs. */
void gb_evaluate_score_there(evaluation_state *s, evaluation_worker *w, unit_slot *slot);
void gb_evaluate_pairs_there(evaluation_state *s, evaluation_worker *w, const pair_place *pair, int count);

#endif
