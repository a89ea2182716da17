/* A line on the terminal that says how far a long job is, at what rate, and how long it will still take. Silent when
 * stderr is not a terminal or the user asked for quiet. */
#ifndef GB_PIPELINE_PROGRESS_H
#define GB_PIPELINE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gb_progress {
    bool visible;
    char what[96], unit[16];
    long total;
    uint64_t start_ns, drawn_ns;
} gb_progress;

void gb_progress_start(gb_progress *progress, bool quiet, const char *what, const char *unit, long total);
void gb_progress_show(gb_progress *progress, long done); /* redraws at most ten times a second */
void gb_progress_end(gb_progress *progress);             /* clears the line */

/* gb_progress_fn of datasets/dataset.h; `user` is a gb_progress that was zeroed and given its `visible`. */
void gb_progress_build(void *user, const char *what, long done, long total);

#endif
