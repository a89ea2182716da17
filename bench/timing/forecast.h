/* What nets cost by their graphs, and the least time that such work takes at the roof of cards and of this machine: a
 * measured time can be judged against it. Nothing is run. */
#ifndef GB_TIMING_FORECAST_H
#define GB_TIMING_FORECAST_H

#include <stdio.h>

#include "selection/selection.h"

/* One line a net of the selection, and LPIPS' network; with `json` an object instead. At `precision`. */
gb_status gb_forecast_print(FILE *out, const gb_contenders *contenders, gb_geometry geometry, gb_precision precision,
                            int threads, bool json, gb_error *err) GB_MUST_CHECK;

#endif
