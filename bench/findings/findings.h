/* What a run says beyond its means: how sure the order of the table is, what is lost outside the training domain, and
 * on which kinds of shots. All from the sums of each shot, so nothing is scored again. */
#ifndef GB_FINDINGS_FINDINGS_H
#define GB_FINDINGS_FINDINGS_H

#include "datasets/dataset.h"
#include "findings/tally.h"
#include "report/run.h"

/* A dataset after it was scored, kept until all are. */
typedef struct gb_scored {
    size_t dataset;        /* index in run->datasets */
    gb_tally *tally;       /* owned */
    int shots;             /* of the pack */
    char (*tags)[sizeof(((gb_shot *)0)->tags)]; /* of each shot; owned */
} gb_scored;

typedef struct gb_scored_list {
    gb_scored *item;
    size_t count, capacity;
} gb_scored_list;

/* Takes the tally over in any case. */
gb_status gb_scored_add(gb_scored_list *list, size_t dataset, gb_tally *tally, const gb_pack *pack, gb_error *err)
    GB_MUST_CHECK;
void gb_scored_free(gb_scored_list *list);

/* Fills run->differences, run->gaps and run->by_tag; the run's datasets, generators, metrics and summary are complete.
 * Generators and metrics of the tallies are the run's first ones, in its order. */
gb_status gb_findings_record(gb_run *run, const gb_scored_list *scored, int metrics, gb_error *err) GB_MUST_CHECK;

#endif
