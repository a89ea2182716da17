/* Changes that must change nothing, made for real: the same frames through the program's own evaluation with another
 * batch size, another number of threads, the shots in another order. */
#ifndef GB_SELFTEST_RERUN_H
#define GB_SELFTEST_RERUN_H

#include "report/row.h"
#include "selftest/pool.h"

typedef struct gb_rerun_way {
    const char *what;
    int workers, batch;
    bool reversed; /* the last shot comes first */
} gb_rerun_way;

/* The first is the one that the others are compared with. */
const gb_rerun_way *gb_rerun_ways(size_t *count);

/* One row of a run, named by what it is of: the same whatever the order of the shots. */
typedef struct gb_rerun_row {
    int generator, shot, frame, metric; /* frame of the shot; metric of the plan */
    gb_region region;
    gb_state state;
    double num, den;
} gb_rerun_row;

typedef struct gb_rerun_rows {
    gb_rerun_row *row; /* sorted by generator, shot, frame, metric, region */
    size_t count;
} gb_rerun_rows;

/* Runs a baseline and a net (fourier-lite, on random weights where it has none) over the plan's first `shots` shots and
 * reads the rows back from the run's frames.jsonl, one list for each way. The caller frees each list's `row`. */
gb_status gb_rerun(const gb_pool_plan *plan, int shots, gb_rerun_rows *out, gb_error *err) GB_MUST_CHECK;

/* Whether two lists hold the same rows with the same bits. `difference` (may be NULL) gets a line that says where they
 * do not. */
bool gb_rerun_same(const gb_rerun_rows *a, const gb_rerun_rows *b, char *difference, size_t size);

#endif
