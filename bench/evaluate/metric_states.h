/* What metrics share between workers (weights, planned nets), opened once for all evaluations of frames of one size. */
#ifndef GB_EVALUATE_METRIC_STATES_H
#define GB_EVALUATE_METRIC_STATES_H

#include "metrics/metric.h"

typedef struct gb_metric_states {
    const gb_metric *const *metrics; /* borrowed */
    int count;
    gb_metric_env env;               /* what they are open for */
    void **state;                    /* [metric]; NULL: nothing is open */
} gb_metric_states;

/* Opens every metric for `env`, unless that is done already: where it has scoring, as metrics/on_device.h has it those
 * that have a way there. After a failure nothing is open. */
gb_status gb_metric_states_open(gb_metric_states *states, const gb_metric_env *env, gb_error *err) GB_MUST_CHECK;
void gb_metric_states_close(gb_metric_states *states); /* after all workers */

#endif
