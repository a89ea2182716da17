/* A whole run: what the user selected, carried out dataset by dataset, then timed, recorded and reported. */
#ifndef GB_RUN_CAMPAIGN_H
#define GB_RUN_CAMPAIGN_H

#include "cli/cli.h"
#include "report/run.h"

/* Returns GB_OK when all that was selected was computed; otherwise what went wrong first, after everything that
 * could be computed has been written. `*run` is set (the caller frees) whenever the run got as far as a record. */
gb_status gb_campaign_run(const gb_options *options, gb_run **run, gb_error *err) GB_MUST_CHECK;

#endif
