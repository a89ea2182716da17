/* Ordered parallel work: one thread decodes units in order, any worker works on them, results are collected one at
 * a time in order. What depends on all units before (a recursive filter) is done in `chain`, one unit at a time in
 * order, and what comes after it in `after`, by any worker. Work that needs the unit before as well (change from frame
 * to frame) is done in `link`, by any worker too. Memory is constant: a fixed ring of slots goes round. What is
 * collected does not depend on the number of workers. */
#ifndef GB_PIPELINE_PIPELINE_H
#define GB_PIPELINE_PIPELINE_H

#include <stdbool.h>

#include "core/status.h"

typedef struct gb_pipeline {
    long units;          /* or the most there can be, where `at_end` tells */
    int workers, slots;  /* slots > workers keeps decoding ahead; with `link` at least 2, and one more is taken up */
    void **slot;         /* `slots` of them, the caller's own */
    void *user;
    gb_status (*decode)(void *user, long unit, void *slot, gb_error *err);           /* in order, one thread */
    bool (*at_end)(void *user, void *slot); /* optional, asked after each decode: this is no unit, and no more come */
    gb_status (*work)(void *user, int worker, long unit, void *slot, gb_error *err); /* any order, `workers` at once */
    gb_status (*chain)(void *user, long unit, void *slot, gb_error *err);  /* NULL, or in order, after `work` */
    gb_status (*after)(void *user, int worker, long unit, void *slot, gb_error *err); /* NULL, or any order, then */
    /* NULL, or done once all of that is done to both units, not for the first; `before` may only be read. */
    gb_status (*link)(void *user, int worker, long unit, void *slot, const void *before, gb_error *err);
    gb_status (*collect)(void *user, long unit, void *slot, gb_error *err);          /* in order, one at a time */
} gb_pipeline;

/* Runs to the end or to the first unit that fails (in order): all units before it have been collected then. */
gb_status gb_pipeline_run(const gb_pipeline *pipeline, gb_error *err) GB_MUST_CHECK;

#endif
