#include "pictures/heat.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

struct gb_heat {
    const gb_metric *metric;
    void *worker;
    int width, height;
    float *cell;
    gb_image image;
};

void gb_heat_close(gb_heat *heat)
{
    if (!heat) return;
    if (heat->worker) heat->metric->worker_close(heat->worker);
    gb_image_free(&heat->image);
    free(heat->cell);
    free(heat);
}

gb_status gb_heat_open(const gb_evaluation *evaluation, gb_heat **out, gb_error *err)
{
    const gb_metric *metric = evaluation->headline >= 0 ? evaluation->metrics[evaluation->headline] : NULL;
    const gb_geometry geometry = evaluation->env.geometry;
    *out = NULL;
    if (!metric || !metric->map) return GB_OK;
    gb_status status = GB_OK;
    gb_heat *heat = gb_alloc(1, sizeof *heat);
    if (!heat) return gb_fail_memory(err, "heat", sizeof *heat);
    heat->metric = metric;
    heat->width = geometry.width < GB_HEAT_WIDTH ? geometry.width : GB_HEAT_WIDTH;
    heat->height = (int)lround((double)heat->width * geometry.height / geometry.width);
    if (heat->height < 1) heat->height = 1;
    heat->cell = gb_alloc((size_t)heat->width * (size_t)heat->height, sizeof *heat->cell);
    if (!heat->cell) GB_GO(gb_fail_memory(err, "heat", (size_t)heat->width * (size_t)heat->height));
    GB_GO(gb_image_new(heat->width, heat->height, &heat->image, err));
    GB_GO(gb_metric_states_open(evaluation->states, &evaluation->env, err));
    GB_GO(metric->worker_open(evaluation->states->state[evaluation->headline], &evaluation->env, &heat->worker, err));
    *out = heat;
    heat = NULL;
done:
    gb_heat_close(heat);
    return status;
}

gb_status gb_heat_truth(gb_heat *heat, const gb_image *truth, gb_error *err)
{
    return heat->metric->reference(heat->worker, truth, err);
}

/* Five colours of matplotlib's "inferno" (Smith & van der Walt 2015), mixed between: lightness grows evenly, so that
 * it reads in grey and for colour-blind readers. */
static void colour_of(double value, uint8_t rgb[3])
{
    static const double stop[5][3] = {{0, 0, 4}, {87, 16, 110}, {188, 55, 84}, {249, 142, 9}, {252, 255, 164}};
    const double at = 4.0 * fmin(fmax(value / GB_HEAT_TOP, 0.0), 1.0);
    const int lower = at < 4.0 ? (int)at : 3;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lround(stop[lower][c] + (at - lower) * (stop[lower + 1][c] - stop[lower][c]));
}

gb_status gb_heat_write(gb_heat *heat, const gb_image *test, const char *path, gb_error *err)
{
    gb_scores scores;
    GB_TRY(heat->metric->compare(heat->worker, test, &scores, err));
    GB_TRY(heat->metric->map(heat->worker, heat->width, heat->height, heat->cell, err));
    for (int i = 0; i < heat->width * heat->height; i++) colour_of(heat->cell[i], &heat->image.rgb[3 * i]);
    return gb_image_put_png(path, &heat->image, err);
}
