/* A made-up run with everything that a report has to survive: markup, quotes, commas, newlines and broken UTF-8 in
 * names, a generator without weights, one that failed, undefined and skipped rows, ratios with a denominator of 0. */
#ifndef GB_TESTS_SAMPLE_RUN_H
#define GB_TESTS_SAMPLE_RUN_H

#include "report/run.h"

#define SAMPLE_NASTY "<script>window.hurt=1</script>\"q\" 'a', b\n\xe5\x90\x8d | `x` \xff&amp;"

typedef struct sample_size {
    int shots, frames; /* of each dataset; frames of each shot */
    int panels;        /* of each dataset */
    bool untimed;
} sample_size;

/* Makes the folder with frames.jsonl and the panels' pictures, and the record of the run. */
gb_status sample_run_make(const char *directory, sample_size size, gb_run **out, gb_error *err) GB_MUST_CHECK;

#endif
