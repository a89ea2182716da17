/* Is the run worse than the baseline? The decision behind `gate` and `compare`, as a pure function of paired sums.
 *
 * Frames are paired, because what one frame of a shot scores says most about what another generator will score on it;
 * shots are the independent draws, because frames of a shot are alike. What is estimated is the difference of the two
 * means that the tables show, sum(num) / sum(den) of the run less that of the baseline.
 *
 * Spread: the jackknife over shots (Tukey 1958), which holds for ratios and for shots of unlike length. Degrees of
 * freedom: the effective number of shots (sum w)^2 / sum w^2 (Kish 1965), w = a shot's den, less one, because a few
 * long shots tell less than their count. Each bound is the farther of Student's t and of Hall's transformation of it
 * for skewed values (JRSS B 54, 1992), and p the larger. A bootstrap of few shots, BCa too, is narrower than the truth
 * allows: with 6 normally distributed shots its nominal 95 % held 86 % of the time; these hold what they say
 * (tests/unit/test_decide.c measures both), need no random numbers and are the same everywhere. No method sees what
 * no shot shows: a fault in one shot of fifty is missed when that shot is not among the drawn ones.
 */
#ifndef GB_STATS_DECIDE_H
#define GB_STATS_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

/* One frame (or pair of frames) that both have. den may be 0 (see metrics/README.md). */
typedef struct gb_pair {
    int shot;
    double base_num, base_den, run_num, run_den;
} gb_pair;

typedef enum gb_better {
    GB_BETTER_UNSAID, /* informative: nothing is decided */
    GB_BETTER_LOWER,
    GB_BETTER_HIGHER,
    GB_BETTER_NEAR    /* nearer to `target` */
} gb_better;

typedef struct gb_effect {
    gb_better better;
    double target; /* of GB_BETTER_NEAR */
    double least;  /* least effect of interest, in the metric's unit, from 0: a smaller loss is none */
} gb_effect;

typedef enum gb_verdict {
    GB_VERDICT_PASS,        /* equal, or not worse by the least effect or more */
    GB_VERDICT_BETTER,      /* shown to be better */
    GB_VERDICT_WORSE,       /* shown to be worse */
    GB_VERDICT_UNDECIDED,   /* too few shots to say either */
    GB_VERDICT_MISSING,     /* a number that the baseline has is not there (never from gb_decide) */
    GB_VERDICT_UNCONFIRMED, /* slower in one timing, which a second has not confirmed (never from gb_decide) */
    GB_VERDICT_INFORMATIVE, /* no better or worse is defined */
    GB_VERDICT_COUNT
} gb_verdict;

const char *gb_verdict_name(gb_verdict verdict); /* "pass", "better", ... */

typedef struct gb_decision {
    double base, run;         /* the two means; NaN without values */
    double difference;        /* run - base; for GB_BETTER_NEAR |run - target| - |base - target| */
    double lo, hi;            /* its 95 % interval; NaN with fewer than GB_DECIDE_LEAST_SHOTS shots */
    double error;             /* its standard error; NaN likewise */
    double p_worse, p_better; /* one-sided; 1 where nothing can be said */
    bool exact;               /* all pairs are equal, bit for bit */
    int frames, shots;        /* that were paired and have a value */
    int shots_needed;         /* of an undecided one: about so many would decide; 0: cannot be said */
    gb_effect effect;
    gb_verdict verdict;
} gb_decision;

#define GB_DECIDE_LEAST_SHOTS 3
#define GB_DECIDE_LEAST_TESTED 7 /* below, nothing is shown to be worse or better: were it chance alone on which side a
                                  * shot falls, six would fall to one side in 1.6 %, seven in 0.8 % of cases */
#define GB_DECIDE_ALPHA 0.01 /* chance of any false `worse` in a family (and of any false `better`) */

/* Decides one row by itself, as a family of one:
 *   pass       all pairs are equal, or the 95 % interval's bad end is less than the least effect
 *   better     as pass, and the difference is in the good direction with p <= GB_DECIDE_ALPHA, on
 *              GB_DECIDE_LEAST_TESTED shots or more
 *   worse      the difference is in the bad direction, likewise, and the interval does not show it to be less than the
 *              least effect
 *   undecided  else. shots_needed is the number at which, were mean and spread as here, a decision falls four times
 *              out of five.
 * The order of the pairs changes at most the last digits of the sums. Sums that are not finite and negative den are
 * GB_E_NUMERIC; a `least` below 0 is GB_E_ARG. */
gb_status gb_decide(const gb_pair *pairs, size_t count, const gb_effect *effect, gb_decision *out, gb_error *err)
    GB_MUST_CHECK;

/* Is the run slower? Two timings of the same thing, each as the logarithms of its rounds' times, which are not paired;
 * `least` is the slow-down of interest, 0.1 for 10 %, and all of `out` is of logarithms. The run's rounds may come from
 * several `timings`, from 1.
 *
 * What else a machine does can only slow a round down, so a timing's value is the lower quartile of its rounds. Its
 * error: that of the quartile, (2 (median - quartile))^2 / n (as of a normal distribution whose lower half these
 * rounds show), and GB_DECIDE_WAVER^2, because rounds that follow each other are alike in more than what is timed (in
 * where memory lies, in what neighbours leave of a cache) and do not show how much another timing would differ.
 * Degrees of freedom: Welch and Satterthwaite's (Biometrika 34, 1947). `frames` are the rounds of both sides, `shots`
 * those of the side that has fewer. Values that are not finite are GB_E_NUMERIC, a `least` not above 0 is GB_E_ARG. */
gb_status gb_decide_times(const double *base, size_t base_count, const double *run, size_t run_count, int timings,
                          double least, gb_decision *out, gb_error *err) GB_MUST_CHECK;

/* Standard deviation of a timing's logarithm that its rounds do not show. Between timings of one program it was
 * measured as 0.002 to 0.0125 (results/gate-self-test.md); the rest is for days and machines that were not. */
#define GB_DECIDE_WAVER 0.02

/* Verdicts again, for rows that are judged together: p is held against GB_DECIDE_ALPHA by Holm's procedure (Scand. J.
 * Statistics 6, 1979) over all rows that have a direction. Others, MISSING and UNCONFIRMED rows are left
 * as they are. */
gb_status gb_decide_family(gb_decision *const *rows, size_t count, gb_error *err) GB_MUST_CHECK;

#endif
