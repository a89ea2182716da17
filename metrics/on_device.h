/* The other way to compute a metric: where the frames are. A device that keeps the frames that it makes
 * (backend/scoring.h) scores them there, up to GB_SCORING_FRAMES at a time, and only totals come back. What a metric is
 * (its regions, its constants, what is divided by what) is the same code for both ways. */
#ifndef GB_METRICS_ON_DEVICE_H
#define GB_METRICS_ON_DEVICE_H

#include "metrics/metric.h"

/* Frames of one contender; truth[i] is the place, among the frames given to `reference` last, of frame i's truth. */
typedef struct gb_device_frames {
    int count;
    gb_place frame[GB_SCORING_FRAMES];
    int truth[GB_SCORING_FRAMES];
} gb_device_frames;

/* Pairs of consecutive frames: frame[0][i], then frame[1][i]; truth[i] as above, of pairs; kept[k][i]: what the metric
 * that is shared with kept of frame[k][i]; picture[i], of truths alone: the same here. */
typedef struct gb_device_pairs {
    int count;
    gb_frame_pair picture[GB_SCORING_FRAMES];
    gb_place frame[2][GB_SCORING_FRAMES], kept[2][GB_SCORING_FRAMES];
    int truth[GB_SCORING_FRAMES];
} gb_device_pairs;

/* As the members of gb_metric that have the same names, but for several frames; `out` has one for each of them. An env
 * here has scoring, frames and, for workers, a scorer. */
struct gb_metric_on_device {
    gb_status (*open)(const gb_metric_env *env, void **state, gb_error *err); /* NULL: no shared state */
    void (*close)(void *state);
    gb_status (*worker_open)(const void *state, const gb_metric_env *env, void **worker, gb_error *err);
    void (*worker_close)(void *worker);
    gb_status (*reference)(void *worker, const gb_device_frames *truth, gb_error *err);
    gb_status (*compare)(void *worker, const gb_device_frames *test, gb_scores *out, gb_error *err);
    /* Keeps something of the frames given last, frame i's at out[i]; those without memory are passed over. */
    size_t (*kept_size)(const void *state);
    gb_status (*keep)(void *worker, const gb_place *out, gb_error *err);
    gb_status (*pair_reference)(void *worker, const gb_device_pairs *truth, gb_error *err);
    gb_status (*pair)(void *worker, const gb_device_pairs *test, gb_scores *out, gb_error *err);
};

#endif
