/* The cases of quality: which outputs are set against each other. */
#ifndef GB_SELFTEST_CASES_H
#define GB_SELFTEST_CASES_H

#include "selftest/pool.h"
#include "selftest/rerun.h"
#include "selftest/trial.h"

/* Which way a metric is better in a region, and how much matters. */
typedef struct gb_effects {
    gb_effect (*of)(const void *user, const gb_metric *metric, gb_region region);
    const void *user;
} gb_effects;

typedef struct gb_case_list {
    gb_case *item;
    int count, room;
} gb_case_list;
void gb_case_list_free(gb_case_list *list);
/* Appends a zeroed case with its name and `count` empty series; NULL when memory is short. */
gb_case *gb_case_list_add(gb_case_list *list, const char *id, double size, gb_case_kind kind, int series);

/* `base` names what widened the frames. Every injection at every size, at the limit, and the nulls made of them. */
gb_status gb_cases_of_pool(const gb_pool *pool, const char *base, const gb_metric *const *metrics,
                           const gb_effects *effects, gb_case_list *list, gb_error *err) GB_MUST_CHECK;

/* One null of `shots` shots from two lists of rows that should be equal. GB_E_MISMATCH when they are of different
 * things. */
gb_status gb_case_of_rerun(const gb_rerun_rows *base, const gb_rerun_rows *run, const char *what, int shots,
                           const gb_metric *const *metrics, const gb_effects *effects, gb_case_list *list,
                           gb_error *err) GB_MUST_CHECK;

#endif
