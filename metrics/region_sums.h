/* Which columns of a map belong to which region, where a device can read it: its totals over groups of columns are then
 * the regions' (gb_column_total_grid gives the same on the processor). */
#ifndef GB_METRICS_REGION_SUMS_H
#define GB_METRICS_REGION_SUMS_H

#include "metrics/column_sums.h"
#include "metrics/metric.h"

#define GB_REGION_CENTRE GB_REGION_COUNT /* one group more: the columns that no strip covers */
#define GB_REGION_GROUPS (GB_REGION_COUNT + 1)

typedef struct gb_region_sums {
    const gb_scoring *scoring;
    gb_memory *memory;
    gb_column_groups groups;
    int columns[GB_REGION_GROUPS]; /* of each region */
} gb_region_sums;

/* Of the env's geometry; `scorer` copies. */
gb_status gb_region_sums_open(const gb_metric_env *env, gb_scorer *scorer, gb_column_grid grid, gb_region_sums *out,
                              gb_error *err) GB_MUST_CHECK;
void gb_region_sums_close(gb_region_sums *sums);

/* What a metric's worker on a device begins with. */
typedef struct gb_device_worker {
    gb_metric_env env;
    gb_region_sums sums;
} gb_device_worker;

/* A worker of `size` bytes that begins with that, the rest zero; `metric` is named in messages. */
gb_status gb_device_worker_open(const char *metric, const gb_metric_env *env, gb_column_grid grid, size_t size,
                                void *out, gb_error *err) GB_MUST_CHECK;
void gb_device_worker_close(void *worker); /* NULL: nothing to do */

/* The frames' own columns. */
gb_column_grid gb_pixel_grid(gb_geometry geometry);

#endif
