/* One contender's frames of a dataset once more, exactly as they were scored: with the frames that shared their batch
 * statistics, and through the temporal filter from the first frame of the sequence on. For pictures. */
#ifndef GB_PICTURES_REPLAY_H
#define GB_PICTURES_REPLAY_H

#include "evaluate/evaluate.h"

typedef struct gb_replay gb_replay;

/* The evaluation is borrowed. Nothing is started before the first frame is asked for. */
gb_status gb_replay_new(const gb_evaluation *evaluation, int contender, gb_replay **out, gb_error *err) GB_MUST_CHECK;
void gb_replay_free(gb_replay *replay);

/* The frame of a pick; borrowed until the next call. Quickest in increasing order. Fails as the frame did. */
gb_status gb_replay_frame(gb_replay *replay, int pick, const gb_image **out, gb_error *err) GB_MUST_CHECK;

#endif
