/* How often the gate is right: a case is a pair of outputs whose difference is known, because it is that of a pool of
 * shots; samples of shots are drawn from the pool with replacement, each is judged as a run against its baseline, and
 * the verdicts are counted. */
#ifndef GB_SELFTEST_TRIAL_H
#define GB_SELFTEST_TRIAL_H

#include "image/region.h"
#include "stats/binomial.h"
#include "stats/decide.h"

/* The decision under test; a test may give a broken one. */
typedef struct gb_judge {
    gb_status (*decide)(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_decision *out, gb_error *err);
    gb_status (*decide_family)(gb_decision *const *rows, size_t count, gb_error *err);
} gb_judge;
extern const gb_judge gb_judge_of_gate;

/* One row of the gate: a metric in a region, over the pool's units, its shots. */
typedef struct gb_series {
    const char *metric, *region;
    gb_effect effect;
    int units;
    size_t *first;  /* units + 1 of them: unit u has the pairs [first[u], first[u + 1]) */
    gb_pair *pair;
} gb_series;

typedef enum gb_case_kind {
    GB_CASE_INJECTED, /* as it was made: a regression when its loss reaches the least effect, else too small */
    GB_CASE_AT_LIMIT, /* scaled so that the greatest loss is just the least effect of its row */
    GB_CASE_SWAPPED,  /* a null: which of the two is the run is tossed for each unit */
    GB_CASE_TWINS,    /* as swapped, of two outputs that chance alone has made unlike */
    GB_CASE_CENTRED,  /* a null: the mean loss is taken off, its spread and skewness stay */
    GB_CASE_EXACT     /* a null: nothing was changed */
} gb_case_kind;

typedef struct gb_case {
    char id[32];        /* "colour" */
    char what[96];
    char base[32];      /* what widened the frames: "mirror" */
    double size;        /* NaN where it has none */
    gb_case_kind kind;
    const struct gb_speed_timings *timings; /* of a case of speed (selftest/speed.h), which has no series; borrowed */
    double slower;      /* what is laid on the run's times: 0.1 is 10 % */
    bool unequal;       /* of GB_CASE_EXACT: some row differs, in whatever bit */
    bool harmless;      /* of GB_CASE_AT_LIMIT: to these metrics the change is no loss, whatever its size */
    gb_series *series;
    int series_count;
} gb_case;

typedef struct gb_outcome {
    double loss;        /* the pool's greatest loss (of speed: what was laid on), in least effects of its row */
    const gb_series *worst; /* that row; NULL when there is none with a direction */
    int units;          /* drawn a sample */
    long worse, undecided, passed; /* samples; better counts as passed */
} gb_outcome;

/* Makes a case what its kind says: scales or centres the run's sums in place. Once, before gb_case_try. */
void gb_case_prepare(gb_case *one);

/* Draws `resamples` samples of `units` and judges each; all rows are one family, and the sample is worse when one row
 * is, else undecided when one row is. A row without any value in the sample is none. Seeded by the case's name, size
 * and kind: the same on every machine. */
gb_status gb_case_try(const gb_case *one, int units, int resamples, const gb_judge *judge, gb_outcome *out,
                      gb_error *err) GB_MUST_CHECK;

void gb_case_free(gb_case *one); /* what it owns */

#endif
