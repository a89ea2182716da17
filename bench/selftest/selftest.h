/* `gate --self-test`: does the gate find what is there and only that? Known changes are made to a generator's output on
 * drawn shots, scored once, and judged by the gate's own decision on many samples of shots; how often it passes what it
 * should not, and how often it complains of nothing, are measured. See bench/selftest/README.md. */
#ifndef GB_SELFTEST_SELFTEST_H
#define GB_SELFTEST_SELFTEST_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "selftest/cases.h"
#include "selftest/speed.h"

#define GB_SELFTEST_MISSES 0.05       /* at most, of changes whose loss is the least effect or more */
#define GB_SELFTEST_FALSE_ALARMS 0.01 /* at most, of changes that are none */
#define GB_SELFTEST_SAMPLES 2         /* sizes of a sample that are tried */

typedef struct gb_selftest_plan {
    gb_pool_plan pool;              /* tried with its generator, then with the soft truth */
    int resamples;                  /* a case and size of sample */
    int shots[GB_SELFTEST_SAMPLES]; /* in a sample of quality */
    int rerun_shots;                /* run for real for the exact nulls; 0: none */
    gb_effects effects;
    gb_judge judge;
    gb_speed_plan speed;
    int rounds[GB_SELFTEST_SAMPLES]; /* of a timing that are used */
} gb_selftest_plan;

typedef enum gb_selftest_group {
    GB_GROUP_AT_LIMIT,  /* misses where the loss is the least effect */
    GB_GROUP_ABOVE,     /* misses where an injected change costs more */
    GB_GROUP_NULL,      /* false alarms where chance alone differs */
    GB_GROUP_EXACT,     /* anything but a pass where nothing differs */
    GB_GROUP_BELOW,     /* injected changes that cost something, but too little: whatever is said is right */
    GB_GROUP_COUNT
} gb_selftest_group;

/* One group with one size of sample. */
typedef struct gb_selftest_line {
    gb_selftest_group group;
    bool speed;
    int units;
    int cases;
    long errors, trials;
    gb_rate rate;
    double limit;            /* NaN: none */
    bool holds;              /* the rate is within the limit, and no case is over it beyond chance */
    const char *over;        /* a case that is, or NULL */
} gb_selftest_line;

typedef struct gb_selftest {
    gb_case_list cases;
    gb_speed_timings timings;
    gb_outcome *outcome;     /* [case][GB_SELFTEST_SAMPLES] */
    gb_selftest_line line[2 * GB_GROUP_COUNT * GB_SELFTEST_SAMPLES];
    int lines;
    bool passed;             /* every line holds */
    int shots, frames;       /* of the pool */
    int resamples;
    gb_geometry geometry;
    const char *show;
    double seconds;
} gb_selftest;

/* The same on every machine and for every number of threads, cases of speed aside. The caller frees. */
gb_status gb_selftest_run(const gb_selftest_plan *plan, gb_selftest **out, gb_error *err) GB_MUST_CHECK;
void gb_selftest_free(gb_selftest *test);

/* GB_OK when it passed, else GB_E_WORSE with the first rate that is above its limit. */
gb_status gb_selftest_status(const gb_selftest *test, gb_error *err) GB_MUST_CHECK;

gb_selftest_group gb_selftest_group_of(const gb_case *one, const gb_outcome *outcome);
const char *gb_selftest_group_name(gb_selftest_group group);
const char *gb_case_kind_name(gb_case_kind kind);
/* How many samples of a case were judged wrongly. */
long gb_selftest_errors(const gb_case *one, const gb_outcome *outcome);

void gb_selftest_print(FILE *out, const gb_selftest *test);
cJSON *gb_selftest_json(const gb_selftest *test);
/* Markdown, written atomically. */
gb_status gb_selftest_write(const gb_selftest *test, const char *command, const char *path, gb_error *err)
    GB_MUST_CHECK;

#endif
