/* The shots that the self-test draws from: every variant of a generator's output, scored once with every metric. */
#ifndef GB_SELFTEST_POOL_H
#define GB_SELFTEST_POOL_H

#include "metrics/metric.h"
#include "models/generator.h"
#include "selftest/injection.h"

typedef struct gb_pool_plan {
    const gb_generator *generator;       /* a baseline: it paints the strips. NULL: a generator that knows the truth and
                                          * is a little soft (the mean of 3x3 pixels), to see what a good one loses */
    const char *show;                    /* the drawn show, "toon" */
    gb_geometry geometry;
    int shots;                           /* of its test split, from the first on */
    int frames;                          /* the first of each shot, consecutive; at most GB_POOL_MAX_FRAMES */
    const gb_metric *const *metrics;     /* with the one that another shares with */
    int metric_count;
    const gb_backend *backend;
    int threads;
    void (*progress)(void *user, long done); /* after each shot, counted from `before`; may be NULL */
    long before;
    void *user;
} gb_pool_plan;

#define GB_POOL_MAX_FRAMES 20

typedef struct gb_pool gb_pool;

/* The same pool for any number of threads. */
const char *gb_pool_base(const gb_pool_plan *plan); /* "mirror", or "near" for the soft truth */
gb_status gb_pool_score(const gb_pool_plan *plan, gb_pool **out, gb_error *err) GB_MUST_CHECK;
void gb_pool_free(gb_pool *pool);

int gb_pool_shots(const gb_pool *pool);
int gb_pool_frames(const gb_pool *pool);
int gb_pool_metrics(const gb_pool *pool);
/* As a run would hold it. A temporal metric's score stands at the second frame of the pair; nothing is present for a
 * shot's first. */
gb_score gb_pool_score_of(const gb_pool *pool, int variant, int shot, int frame, int metric, gb_region region);

#endif
