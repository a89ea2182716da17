/* The way from the strict protocol to another, one step at a time: what each difference contributes to a number.
 * Steps, each with all before it: strict; + batch statistics; + truncation; + JPEG; + the first frames alone. The last
 * one is the run's own protocol, so its numbers are those of the run's summary. */
#ifndef GB_RUN_LADDER_H
#define GB_RUN_LADDER_H

#include "cells/store.h"
#include "evaluate/metric_states.h"
#include "report/run.h"
#include "selection/selection.h"

typedef struct gb_ladder {
    gb_selection *selection; /* its protocol is where it leads; its contenders are opened anew and left closed */
    gb_pack *pack;
    const char *dataset;     /* id; the run's summary has its rows already */
    bool quiet;
    gb_cell_store *store;    /* the run's; may be NULL */
    gb_metric_states *states; /* the run's */
    int index;               /* of the dataset in the run */
} gb_ladder;

/* Not for a strict protocol, even when --batchnorm changes it: that is one number, asked for as it is. */
bool gb_ladder_has_steps(const gb_protocol *protocol);

/* Appends rows to run->ladder: frame metrics, whole frame, every contender with numbers but those from outside the
 * program, which no protocol makes generate differently. */
gb_status gb_ladder_climb(const gb_ladder *ladder, gb_run *run, gb_error *err) GB_MUST_CHECK;

#endif
