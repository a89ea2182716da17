/* Adds up a dataset's scores, shot by shot, and turns them into summary rows with intervals. */
#ifndef GB_FINDINGS_TALLY_H
#define GB_FINDINGS_TALLY_H

#include "metrics/metric.h"
#include "report/run.h"
#include "stats/stats.h"

#define GB_BOOTSTRAP_DRAWS 2000
#define GB_BOOTSTRAP_SEED 20261124u

typedef struct gb_tally gb_tally;

/* For `generators` x `metrics` x regions, with `shots` the number of shots of the pack. */
gb_status gb_tally_new(int generators, int metrics, int shots, gb_tally **out, gb_error *err) GB_MUST_CHECK;
void gb_tally_free(gb_tally *tally);

/* One frame's (or pair's) value. A score without a value is counted as undefined; its num still counts towards a ratio
 * of sums when its den is 0 (movement where the truth stands still). */
void gb_tally_add(gb_tally *tally, int generator, int metric, int region, int shot, const gb_score *score);
/* One frame that failed. */
void gb_tally_fail(gb_tally *tally, int generator, int metric, int region, const char *why);

/* Fills everything but the names of `out`. With any failed frame the state is FAILED, without any value UNDEFINED. */
gb_status gb_tally_summarise(const gb_tally *tally, int generator, int metric, int region, gb_run_summary *out,
                             gb_error *err) GB_MUST_CHECK;

/* What stands behind a mean: the sums of each shot of the pack, and how many values they are of. Borrowed. */
typedef struct gb_tally_shots {
    const gb_cluster *sums;
    const int *frames;
    int count;
} gb_tally_shots;
gb_tally_shots gb_tally_get(const gb_tally *tally, int generator, int metric, int region);

/* Mean so far, NaN without values; for choosing pictures. */
double gb_tally_mean(const gb_tally *tally, int generator, int metric, int region);

#endif
