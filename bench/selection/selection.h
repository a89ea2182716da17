/* What a run is about, resolved from the command line: every name is known, every weight file is there. */
#ifndef GB_SELECTION_SELECTION_H
#define GB_SELECTION_SELECTION_H

#include "cli/cli.h"
#include "contenders/contender.h"
#include "metrics/metric.h"
#include "protocol/protocol.h"

#define GB_MAX_METRICS 32

typedef struct gb_selection {
    const gb_backend *backend;
    gb_device_info device;                     /* its precision: of metrics' nets */
    gb_precision precision;                    /* of generators' nets */
    gb_protocol protocol;
    gb_contenders contenders;
    const gb_metric *metrics[GB_MAX_METRICS];  /* those that can be computed here */
    int metric_count;
    const gb_metric *skipped[GB_MAX_METRICS];  /* those that cannot, and why */
    char skipped_why[GB_MAX_METRICS][512];
    int skipped_count;
    const char *dataset[GB_MAX_LIST];
    int dataset_count;
    bool all_datasets;                         /* none was named: those not fetched are passed over */
    const char *split;
    int threads, batch;
    long limit;
} gb_selection;

/* An unknown name is GB_E_USAGE, with the nearest known one; a named device, metric or file that is not there is an
 * error, and `out` is left as it was. Strings are borrowed from the options. */
gb_status gb_selection_resolve(const gb_options *options, gb_selection *out, gb_error *err) GB_MUST_CHECK;
/* What generators' nets compute in, as rows and the fingerprint have it: the device's own name where it is strict. */
const char *gb_selection_net_precision(const gb_selection *selection);

void gb_selection_free(gb_selection *selection);

#endif
