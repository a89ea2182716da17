/* A worker's feature maps of one picture after another. Where a picture's centre is that of the picture before, bit for
 * bit, only the columns that see a strip are computed: the result is the same, which is checked on some pictures. */
#ifndef GB_METRICS_LPIPS_TRUNK_H
#define GB_METRICS_LPIPS_TRUNK_H

#include "backend/backend.h"
#include "image/image.h"
#include "image/region.h"

typedef struct gb_lpips_trunk gb_lpips_trunk;

/* Of the plan's graph, on `backend`; both are borrowed. `levels`: the net's input for each channel's 8-bit value. */
gb_status gb_lpips_trunk_new(const gb_plan *plan, const gb_backend *backend, gb_geometry geometry,
                             const float (*levels)[256], gb_lpips_trunk **out, gb_error *err) GB_MUST_CHECK;
void gb_lpips_trunk_free(gb_lpips_trunk *trunk);

/* The columns of the geometry's frames that differ from generator to generator. */
gb_graph_use gb_lpips_trunk_use(gb_geometry geometry);

/* Computes the maps of a picture of the geometry's size. GB_E_NUMERIC when a check finds that they are not, bit for
 * bit, those that are computed whole. Checked are the first of a trunk that is not computed whole, and of the others
 * one in GB_LPIPS_CHECKED, chosen by a seed and what is in the strips, so that it does not depend on threads. */
#define GB_LPIPS_CHECKED 32
gb_status gb_lpips_trunk_run(gb_lpips_trunk *trunk, const gb_image *image, gb_error *err) GB_MUST_CHECK;
const float *gb_lpips_trunk_map(const gb_lpips_trunk *trunk, int tap); /* valid until the next run */

#endif
