/* Which loss matters, metric by metric: the gate's one config file. limits.json beside this is the built-in one.
 *
 *   {"schema": "ganime-bench/limits/1",
 *    "metrics": {ID: {"least": NUMBER or {"full": NUMBER, "sides": NUMBER, "seam": NUMBER}, "target": NUMBER}},
 *    "speed": {"least": FRACTION}}
 *
 * `least` is the least effect of interest in the metric's own unit; a region that is null or not named, and a metric
 * that is not named, are shown but not judged. Which way is better is the metric's own affair; `target` is for metrics
 * that are best at a value (flicker_excess: as lively as the truth, 1) and counts the distance from it. */
#ifndef GB_REPORT_LIMITS_H
#define GB_REPORT_LIMITS_H

#include "image/region.h"
#include "stats/decide.h"

#define GB_LIMITS_SCHEMA "ganime-bench/limits/1"

typedef struct gb_limits gb_limits;

/* `path` NULL: the built-in ones. Members that have no meaning here are refused, so that no slip switches a limit off;
 * so is a metric that is not one of `known` (NULL: not checked). */
gb_status gb_limits_read(const char *path, const char *const *known, size_t known_count, gb_limits **out,
                         gb_error *err) GB_MUST_CHECK;
void gb_limits_free(gb_limits *limits);

/* What is judged of a metric whose own direction is "higher", "lower" or "informative" (gb_run_metric). `better` is
 * GB_BETTER_UNSAID where nothing is. */
gb_effect gb_limits_effect(const gb_limits *limits, const char *metric, const char *direction, gb_region region);

/* Least slow-down of interest: 0.05 is 5 %. */
double gb_limits_speed(const gb_limits *limits);

#endif
