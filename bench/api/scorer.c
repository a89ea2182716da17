#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/picture.h"
#include "backend/backend.h"
#include "core/memory.h"
#include "core/suggest.h"
#include "metrics/metric.h"

#define MAX_METRICS 32
#define DEFAULT_METRICS "lpips_alex_v0.1,psnr_rgb,ssim_gauss11_rgb"

typedef struct scored {
    const gb_metric *metric;
    void *state, *worker;
    gb_scores scores;
} scored;

struct gb_scorer {
    gb_metric_env env;
    char *weights;
    scored item[MAX_METRICS];
    int count;
    bool compared; /* the scores are there */
    gb_image truth, test;
};

static gb_status unknown_metric(const char *id, gb_error *err)
{
    const char *known[2 * MAX_METRICS];
    size_t count;
    const gb_metric *const *metrics = gb_metrics(&count);
    if (count > 2 * MAX_METRICS) count = 2 * MAX_METRICS;
    for (size_t i = 0; i < count; i++) known[i] = metrics[i]->id;
    const char *const near = gb_suggest(id, known, count);
    return gb_fail(err, GB_E_NOT_FOUND, "unknown metric '%s'%s%s%s", id, near ? ": did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

static gb_status add_metric(gb_scorer *scorer, const char *id, gb_error *err)
{
    const gb_metric *const metric = gb_metric_find(id);
    if (!metric) return unknown_metric(id, err);
    if (metric->temporal)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s compares consecutive frames: expected metrics of single ones", id);
    for (int i = 0; i < scorer->count; i++)
        if (scorer->item[i].metric == metric) return gb_fail(err, GB_E_ARG, "metric %s is named twice", id);
    if (scorer->count == MAX_METRICS) return gb_fail(err, GB_E_ARG, "expected at most %d metrics", MAX_METRICS);
    scored *const item = &scorer->item[scorer->count++];
    item->metric = metric;
    if (metric->ready) GB_TRY(metric->ready(&scorer->env, err));
    if (metric->open) GB_TRY(metric->open(&scorer->env, &item->state, err));
    return metric->worker_open(item->state, &scorer->env, &item->worker, err);
}

static gb_status add_metrics(gb_scorer *scorer, const char *ids, gb_error *err)
{
    char *const copy = gb_strdup(ids);
    if (!copy) return gb_fail_memory(err, "metrics", strlen(ids));
    gb_status status = GB_OK;
    for (char *rest = copy, *id; status == GB_OK && (id = strsep(&rest, ","));) status = add_metric(scorer, id, err);
    free(copy);
    return status;
}

static gb_status open_scorer(gb_scorer *scorer, const char *metrics, const char *weights, const char *device,
                             gb_error *err)
{
    const gb_geometry g = scorer->env.geometry;
    GB_TRY(gb_geometry_check(g, err));
    GB_TRY(gb_image_new(g.width, g.height, &scorer->truth, err));
    GB_TRY(gb_image_new(g.width, g.height, &scorer->test, err));
    if (weights) {
        scorer->weights = gb_strdup(weights);
        if (!scorer->weights) return gb_fail_memory(err, weights, strlen(weights));
        scorer->env.weights_dir = scorer->weights;
    }
    GB_TRY(gb_backend_select(device ? device : "auto", &scorer->env.backend, NULL, err));
    return add_metrics(scorer, metrics ? metrics : DEFAULT_METRICS, err);
}

gb_status gb_scorer_new(const char *metrics, const char *weights, const char *device, int width, int height, int side,
                        gb_scorer **out, gb_error *err)
{
    if (!out) return gb_fail(err, GB_E_ARG, "gb_scorer_new: expected a place for the scorer");
    gb_scorer *const scorer = gb_alloc(1, sizeof *scorer);
    if (!scorer) return gb_fail_memory(err, "a scorer", sizeof *scorer);
    scorer->env.geometry = (gb_geometry){.width = width, .height = height, .side = side};
    const gb_status status = open_scorer(scorer, metrics, weights, device, err);
    if (status == GB_OK)
        *out = scorer;
    else
        gb_scorer_free(scorer);
    return status;
}

void gb_scorer_free(gb_scorer *scorer)
{
    if (!scorer) return;
    for (int i = 0; i < scorer->count; i++) {
        const scored *const item = &scorer->item[i];
        if (item->worker) item->metric->worker_close(item->worker);
        if (item->state) item->metric->close(item->state);
    }
    gb_image_free(&scorer->truth);
    gb_image_free(&scorer->test);
    free(scorer->weights);
    free(scorer);
}

gb_status gb_scorer_compare(gb_scorer *scorer, const gb_picture *truth, const gb_picture *test, gb_error *err)
{
    if (!scorer) return gb_fail(err, GB_E_ARG, "gb_scorer_compare: expected a scorer, found none");
    const gb_geometry g = scorer->env.geometry;
    scorer->compared = false;
    GB_TRY(gb_picture_check(truth, "truth", g.width, g.height, err));
    GB_TRY(gb_picture_check(test, "test", g.width, g.height, err));
    gb_picture_load(truth, &scorer->truth, 0);
    gb_picture_load(test, &scorer->test, 0);
    for (int i = 0; i < scorer->count; i++) {
        scored *const item = &scorer->item[i];
        item->scores = (gb_scores){0};
        GB_TRY(item->metric->reference(item->worker, &scorer->truth, err));
        GB_TRY(item->metric->compare(item->worker, &scorer->test, &item->scores, err));
    }
    scorer->compared = true;
    return GB_OK;
}

/* The metric's score in the region; NULL when the scorer has no such metric. */
static const gb_score *find_score(const gb_scorer *scorer, const char *metric, gb_region region)
{
    for (int i = 0; i < scorer->count; i++)
        if (!strcmp(scorer->item[i].metric->id, metric)) return &scorer->item[i].scores.region[region];
    return NULL;
}

gb_status gb_scorer_value(const gb_scorer *scorer, const char *metric, const char *region, double *value, gb_error *err)
{
    gb_region where;
    if (!scorer || !metric || !region || !value)
        return gb_fail(err, GB_E_ARG, "gb_scorer_value: expected a scorer, a metric, a region and a place to put it");
    if (!scorer->compared) return gb_fail(err, GB_E_ARG, "gb_scorer_value: nothing has been compared");
    if (!gb_region_parse(region, &where))
        return gb_fail(err, GB_E_NOT_FOUND, "unknown region '%s': expected full, sides or seam", region);
    const gb_score *const score = find_score(scorer, metric, where);
    if (!score) return gb_fail(err, GB_E_NOT_FOUND, "%s: the scorer was not made for this metric", metric);
    if (!score->present) return gb_fail(err, GB_E_NOT_FOUND, "%s: the frame has no region %s", metric, region);
    if (score->undefined) return gb_fail(err, GB_E_NUMERIC, "%s has no value: %s", metric, score->undefined);
    *value = score->num / score->den;
    return GB_OK;
}
