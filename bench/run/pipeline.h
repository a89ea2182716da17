/* Ordered parallel work: one thread decodes units in order, any worker works on them, results are collected one at
 * a time in order. Work that needs the unit before as well (change from frame to frame) is done in `link`, by any
 * worker too. Memory is constant: a fixed ring of slots goes round. What is collected does not depend on the number
 * of workers. */
#ifndef GB_RUN_PIPELINE_H
#define GB_RUN_PIPELINE_H

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
    /* NULL, or done once both units have been worked on, not for the first; `before` may only be read. */
    gb_status (*link)(void *user, int worker, long unit, void *slot, const void *before, gb_error *err);
    gb_status (*collect)(void *user, long unit, void *slot, gb_error *err);          /* in order, one at a time */
} gb_pipeline;

/* Runs to the end or to the first unit that fails (in order): all units before it have been collected then. */
gb_status gb_pipeline_run(const gb_pipeline *pipeline, gb_error *err) GB_MUST_CHECK;

#endif
