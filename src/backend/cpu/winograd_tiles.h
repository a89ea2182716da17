/* The matrix products of a convolution's tiles, for all columns of the picture or some of them. */
#ifndef GB_BACKEND_CPU_WINOGRAD_TILES_H
#define GB_BACKEND_CPU_WINOGRAD_TILES_H

#include "backend/cpu/plan.h"
#include "backend/cpu/winograd_axis.h"

/* What one pass computes of a part: rows x columns of tiles, in blocks of as many rows of a product. */
typedef struct gb_winograd_tiles {
    const gb_tile_origin *column;
    int columns;
    size_t block;     /* tiles at once */
    size_t primitive; /* of the step */
} gb_winograd_tiles;

/* Those of the axis' tiles that make a marked column; returns how many. */
int gb_winograd_pick(const gb_winograd_axis *axis, const uint8_t *mark, gb_tile_origin *out);

/* Adds the products of `tiles` tiles to the step and sets block and primitive. `all` is how many the whole picture has:
 * a tile's numbers must not depend on how many others there are, which is tried; where they would, as many rows are
 * multiplied as for the whole picture. products->rows is not read. */
gb_status gb_winograd_add_products(dnnl_engine_t engine, gb_cpu_step *step, const gb_products *products, size_t tiles,
                                   size_t all, gb_winograd_tiles *out, gb_error *err) GB_MUST_CHECK;

#endif
