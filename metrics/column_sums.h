/* Sums kept per column, from which every region's value comes: one pass over a frame serves all regions. */
#ifndef GB_METRICS_COLUMN_SUMS_H
#define GB_METRICS_COLUMN_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"
#include "image/region.h"

/* GB_E_MISMATCH, naming metric and sizes, unless the image has the geometry's size. */
gb_status gb_metric_check_frame(const char *metric, gb_geometry geometry, const gb_image *image, gb_error *err)
    GB_MUST_CHECK;

/* Pixel columns: `sums` has 3 entries (R, G, B) for each of geometry.width columns. Sets the exact total over the
 * region and how many samples (columns * height * 3) went into it; false when the region does not exist. */
bool gb_column_total_pixels(const uint32_t *sums, gb_geometry geometry, gb_region region, double *total,
                            double *samples);

/* Columns of positions on a coarser or narrower grid: column i has its centre at x = first + i * step (pixels). */
typedef struct gb_column_grid {
    int count, channels;
    double first, step;
} gb_column_grid;

/* `sums` has grid.channels entries a column. Sets the total over the columns whose centre lies in the region and
 * returns how many these are. */
int gb_column_total_grid(const double *sums, gb_column_grid grid, gb_geometry geometry, gb_region region,
                         double *total);

/* Whether the region exists in this geometry at all. */
bool gb_region_exists(gb_geometry geometry, gb_region region);

#endif
