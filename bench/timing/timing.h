/* The performance pass, apart from the quality pass: how long one frame takes, how many frames a second all workers
 * make, and what share of the machine's roof that is. */
#ifndef GB_TIMING_TIMING_H
#define GB_TIMING_TIMING_H

#include "contenders/contender.h"
#include "machine/roof.h"
#include "metrics/metric.h"
#include "report/run.h"

typedef struct gb_timing_plan {
    int min_samples;        /* a thread takes at least so many, and for at least so long, but no longer than max */
    double min_seconds, max_seconds;
    const char *device, *precision, *net_precision; /* of metrics, and of generators */
    const gb_image *frames; /* inputs (black strips), taken in turn */
    const gb_image *truths; /* for metrics */
    const int *picks;       /* which of the run's picks they are; for foreign contenders */
    int frame_count, side;
    gb_rounding rounding;   /* as in the scored pass */
    uint64_t seed;          /* of which outputs are kept */
} gb_timing_plan;

/* Frames that were made while the clock ran: of each thread a few, chosen evenly among all its calls by a seed. */
#define GB_TIMING_KEPT 4
typedef struct gb_timing_samples {
    struct gb_timing_sample {
        int frame;          /* of the plan */
        gb_image image;
    } *item;
    int count;
} gb_timing_samples;
void gb_timing_samples_free(gb_timing_samples *samples);

/* A few calls in a row, and what the machine did right before and after them (machine/yardstick.h). */
typedef struct gb_timing_slice {
    double ms;       /* a frame */
    double clock_ms; /* the least that the thread has found */
    double work_ms;  /* the larger of before and after */
    bool waited;     /* others had the core for more than GB_TIMING_WAITED of it */
} gb_timing_slice;
#define GB_TIMING_WAITED 0.01

typedef struct gb_timing_slices {
    gb_timing_slice *item;
    int count;
} gb_timing_slices;

/* Whether a slice had the core for itself: nobody made it wait, and the work beside it took at most `quiet` clocks. */
bool gb_timing_is_undisturbed(const gb_timing_slice *slice, double quiet);

/* Times an open contender on `threads` workers at once; fills all of `out` but
 * `random_weights` and what the roof says. `samples` (may be NULL) gets some of what was made; copying them is not
 * timed. */
gb_status gb_timing_generator(const gb_contender *contender, const gb_timing_plan *plan, int threads,
                              gb_run_throughput *out, gb_timing_samples *samples, gb_error *err) GB_MUST_CHECK;

/* The same in slices beside a yardstick: every thread takes them until plan->min_samples were undisturbed or
 * plan->max_seconds are over, and one at least. The caller frees out->item. */
gb_status gb_timing_slices_take(const gb_contender *contender, const gb_timing_plan *plan, int threads, double quiet,
                                gb_timing_slices *out, gb_error *err) GB_MUST_CHECK;

/* Fills gflops and roof_fraction of a net's row from its cost and the roof of as many threads as were timed. */
void gb_timing_set_roof(const gb_contender *contender, const gb_roof *roof, gb_run_throughput *row);

/* Times a metric; stage "score": truth's part and the comparison. */
gb_status gb_timing_metric(const gb_metric *metric, const gb_metric_env *env, const gb_timing_plan *plan, int threads,
                           gb_run_throughput *out, gb_error *err) GB_MUST_CHECK;

/* Times a frame metric's comparison alone, truth's part done before; stage "score next": what one more generator costs.
 * The plan's frames should have the centre of its first truth. */
gb_status gb_timing_metric_next(const gb_metric *metric, const gb_metric_env *env, const gb_timing_plan *plan,
                                int threads, gb_run_throughput *out, gb_error *err) GB_MUST_CHECK;

#endif
