/* The parts of a run (--shard) that are to be merged: whether they are what they say, all there and of one run. */
#ifndef GB_RUN_PARTS_H
#define GB_RUN_PARTS_H

#include "report/run.h"
#include "run/job.h"

typedef struct gb_parts {
    gb_job *job;          /* of the first one given: how all were started */
    const char **folder;  /* [count]: by number, NULL where one is missing; borrowed from the arguments */
    int count;
} gb_parts;

/* `folders` are runs' folders in any order. One line names what is no part, is unfinished, there twice, missing (unless
 * `allow_missing`) or of another run (GB_E_UNLIKE). */
gb_status gb_parts_read(const char *const *folders, int count, bool allow_missing, gb_parts *out, gb_error *err)
    GB_MUST_CHECK;
void gb_parts_free(gb_parts *parts);

/* What was timed, with the machine and the part that it was timed in: rows of several machines stand beside each other.
 * The environment gets "parts", one object each. */
gb_status gb_parts_take_times(const char *const *folder, int count, gb_run *run, gb_error *err) GB_MUST_CHECK;

#endif
