/* Some frames with their truths on a device, and a metric's worker that scores them there: what is timed where metrics
 * are computed on the device (metrics/on_device.h). */
#ifndef GB_TIMING_SEAT_H
#define GB_TIMING_SEAT_H

#include "metrics/on_device.h"

/* How many frames a call scores. */
int gb_seat_frames(int frame_count);

typedef struct gb_seat gb_seat;

/* Takes the first gb_seat_frames(count) frames there; `shared` is the state of metric->on_device, `env` has scoring.
 * The pictures must outlive it. */
gb_status gb_seat_open(const gb_metric *metric, const void *shared, const gb_metric_env *env, const gb_image *truths,
                       const gb_image *frames, int count, gb_seat **out, gb_error *err) GB_MUST_CHECK;
void gb_seat_close(gb_seat *seat);

/* Scores all of them, as pairs with the next one where the metric is temporal; with the truth's part, or with that of
 * the last call that did it. */
gb_status gb_seat_score(gb_seat *seat, bool truth, gb_error *err) GB_MUST_CHECK;

#endif
