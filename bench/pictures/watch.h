/* What looks at frames themselves, one after the other: change against distance, time slices. Of each dataset's longest
 * sequences, the same ones in every run. Frames are taken as they are scored; those of a contender whose scores were
 * there already are made once more. */
#ifndef GB_PICTURES_WATCH_H
#define GB_PICTURES_WATCH_H

#include "evaluate/evaluate.h"

#define GB_WATCH_SEQUENCES 4
#define GB_WATCH_FRAMES 48 /* of each: twice the longest distance */

typedef struct gb_watch gb_watch;

/* The longest sequences (the first of equals); everything is borrowed. */
gb_status gb_watch_new(const gb_evaluation *evaluation, gb_watch **out, gb_error *err) GB_MUST_CHECK;
void gb_watch_free(gb_watch *watch);

/* Through which the evaluation shows its frames; what is not watched is passed over. */
gb_frame_viewer gb_watch_viewer(gb_watch *watch);

/* Completes what was not shown, then records it; `pictures`: also time slices. */
gb_status gb_watch_record(gb_watch *watch, gb_run *run, bool pictures, gb_error *err) GB_MUST_CHECK;

#endif
