#include "metrics/column_sums.h"

gb_status gb_metric_check_frame(const char *metric, gb_geometry geometry, const gb_image *image, gb_error *err)
{
    if (image->width == geometry.width && image->height == geometry.height) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: a frame is %dx%d, expected %dx%d", metric, image->width, image->height,
                   geometry.width, geometry.height);
}

bool gb_column_total_pixels(const uint32_t *sums, gb_geometry geometry, gb_region region, double *total,
                            double *samples)
{
    gb_columns range[2];
    const int ranges = gb_region_columns(geometry, region, range);
    uint64_t sum = 0;
    long columns = 0;
    for (int r = 0; r < ranges; r++) {
        for (int i = 3 * range[r].from; i < 3 * range[r].to; i++) sum += sums[i];
        columns += range[r].to - range[r].from;
    }
    if (columns == 0) return false;
    *total = (double)sum;
    *samples = 3.0 * (double)columns * geometry.height;
    return true;
}

int gb_column_total_grid(const double *sums, gb_column_grid grid, gb_geometry geometry, gb_region region,
                         double *total)
{
    double sum = 0.0;
    int columns = 0;
    for (int i = 0; i < grid.count; i++) {
        if (!gb_region_has(geometry, region, grid.first + i * grid.step)) continue;
        for (int c = 0; c < grid.channels; c++) sum += sums[i * grid.channels + c];
        columns++;
    }
    *total = sum;
    return columns;
}

bool gb_region_exists(gb_geometry geometry, gb_region region)
{
    gb_columns range[2];
    return gb_region_columns(geometry, region, range) > 0;
}
