/* Fills the run record that every report is made from. All strings are copied. */
#ifndef GB_FINDINGS_RECORD_H
#define GB_FINDINGS_RECORD_H

#include "contenders/contender.h"
#include "findings/tally.h"
#include "metrics/metric.h"
#include "report/run.h"

/* One more zeroed element at the end of the list at `array`; NULL and nothing changed when memory is short. */
void *gb_record_append(void *array, size_t *count, size_t size);

/* Each appends a zeroed element (with id etc. filled in) and returns it, or NULL when memory is short. */
gb_run_dataset *gb_record_dataset(gb_run *run, const char *id);
gb_run_throughput *gb_record_throughput(gb_run *run);
gb_run_audit *gb_record_audit(gb_run *run, const char *generator, const char *dataset);
gb_run_step *gb_record_step(gb_run *run);

/* What took part: ids, titles, recipes, directions; of generators also state, weights, the centre's largest change. */
gb_status gb_record_metrics(gb_run *run, const gb_backend *backend, const gb_metric *const *metrics, int count,
                            gb_error *err) GB_MUST_CHECK;
gb_status gb_record_generators(gb_run *run, const gb_contenders *contenders, const int *centre_maxabs, gb_error *err)
    GB_MUST_CHECK;

/* Summary rows of one dataset: every contender x metric x region that exists. `failure` (may be NULL) marks all of them
 * as failed; contenders that did not take part carry their own state. */
gb_status gb_record_summary(gb_run *run, const char *dataset, const gb_contenders *contenders,
                            const gb_metric *const *metrics, int metric_count, const gb_tally *tally,
                            const char *failure, gb_error *err) GB_MUST_CHECK;

/* Rows for a metric that could not be computed at all. */
gb_status gb_record_skipped_metric(gb_run *run, const char *dataset, const gb_contenders *contenders,
                                   const gb_metric *metric, const char *why, gb_error *err) GB_MUST_CHECK;

#endif
