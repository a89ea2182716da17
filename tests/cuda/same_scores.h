/* Whether two ways of computing a metric gave the same bits. */
#ifndef TESTS_CUDA_SAME_SCORES_H
#define TESTS_CUDA_SAME_SCORES_H

#include <stdbool.h>
#include <string.h>

#include "metrics/metric.h"

static inline bool same_scores(const gb_scores *a, const gb_scores *b)
{
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        const gb_score *const x = &a->region[r], *const y = &b->region[r];
        if (x->present != y->present || !x->undefined != !y->undefined || memcmp(&x->num, &y->num, sizeof x->num) ||
            memcmp(&x->den, &y->den, sizeof x->den))
            return false;
    }
    return true;
}

#endif
