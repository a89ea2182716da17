/* The image pairs of golden/lpips.json: scores by the authors' LPIPS code and by scikit-image. */
#ifndef GB_TESTS_SUPPORT_GOLDEN_PAIRS_H
#define GB_TESTS_SUPPORT_GOLDEN_PAIRS_H

#include <cjson/cJSON.h>

#include "image/image.h"
#include "metrics/metric.h"

typedef struct golden_pair {
    const cJSON *record; /* its object in the file */
    const char *ref_name, *test_name;
    gb_image ref, test;
    gb_geometry geometry; /* no strips */
} golden_pair;

/* Calls `visit` for every pair; skips the test, visibly, where the shared facts are not. */
void golden_for_each_pair(void (*visit)(const golden_pair *pair, void *user), void *user);

/* Reads one picture of golden/lpips; false where the shared facts are not. */
bool golden_read_image(const char *name, gb_image *out);

/* A number of the record; NaN when it is null. */
double golden_number(const golden_pair *pair, const char *key);

/* One worker of a metric that needs no shared state, or whose state is given: reference, compare, close. */
gb_scores golden_measure(const gb_metric *metric, const void *state, const gb_metric_env *env, const gb_image *ref,
                         const gb_image *test);

#endif
