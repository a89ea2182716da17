#include "metrics/region_sums.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

_Static_assert(GB_REGION_GROUPS <= GB_SCORING_GROUPS, "every region is a group");

gb_column_grid gb_pixel_grid(gb_geometry geometry)
{
    return (gb_column_grid){.count = geometry.width, .channels = 3, .first = 0.5, .step = 1.0};
}

static bool has(gb_geometry geometry, int group, double x)
{
    if (group == GB_REGION_CENTRE) return x > geometry.side && x < geometry.width - geometry.side;
    return gb_region_has(geometry, (gb_region)group, x);
}

gb_status gb_region_sums_open(const gb_metric_env *env, gb_scorer *scorer, gb_column_grid grid, gb_region_sums *out,
                              gb_error *err)
{
    const size_t bytes = (size_t)grid.count;
    gb_status status;
    *out = (gb_region_sums){.scoring = env->scoring};
    uint8_t *member = gb_alloc(bytes, 1);
    if (!member) return gb_fail_memory(err, "regions", bytes);
    for (int i = 0; i < grid.count; i++)
        for (int g = 0; g < GB_REGION_GROUPS; g++) {
            if (!has(env->geometry, g, grid.first + i * grid.step)) continue;
            member[i] = (uint8_t)(member[i] | 1u << g);
            out->columns[g]++;
        }
    GB_GO(env->scoring->memory_new(env->backend->ordinal, bytes, &out->memory, err));
    out->groups = (gb_column_groups){.member = {.memory = out->memory}, .columns = grid.count,
                                     .channels = grid.channels, .groups = GB_REGION_GROUPS};
    GB_GO(env->scoring->put(scorer, out->groups.member, member, bytes, err));
done:
    free(member);
    if (status != GB_OK) gb_region_sums_close(out);
    return status;
}

void gb_region_sums_close(gb_region_sums *sums)
{
    if (sums->memory) sums->scoring->memory_free(sums->memory);
    sums->memory = NULL;
}

void gb_device_worker_close(void *handle)
{
    gb_device_worker *const worker = handle;
    if (!worker) return;
    gb_region_sums_close(&worker->sums);
    free(worker);
}

gb_status gb_device_worker_open(const char *metric, const gb_metric_env *env, gb_column_grid grid, size_t size,
                                void *out, gb_error *err)
{
    gb_device_worker *const worker = gb_alloc(1, size);
    if (!worker) return gb_fail_memory(err, metric, size);
    worker->env = *env;
    const gb_status status = gb_region_sums_open(env, env->scorer, grid, &worker->sums, err);
    if (status != GB_OK) gb_device_worker_close(worker);
    else memcpy(out, &worker, sizeof worker);
    return status;
}
