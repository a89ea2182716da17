/* The geometry of a widened frame and the regions that are scored apart. */
#ifndef GB_IMAGE_REGION_H
#define GB_IMAGE_REGION_H

#include <stdbool.h>

#include "core/status.h"

#define GB_SEAM_HALF 16 /* pixels on either side of a seam */

typedef struct gb_geometry {
    int width, height; /* of the wide frame */
    int side;          /* width of each invented strip; 0: nothing was invented, only `full` exists */
} gb_geometry;

typedef struct gb_rect {
    int x, y, width, height;
} gb_rect;

typedef enum gb_region {
    GB_REGION_FULL,  /* the whole frame: the study's rule */
    GB_REGION_SIDES, /* the two strips */
    GB_REGION_SEAM,  /* columns within GB_SEAM_HALF of a seam */
    GB_REGION_COUNT
} gb_region;

const char *gb_region_name(gb_region region); /* "full", "sides", "seam" */
bool gb_region_parse(const char *name, gb_region *out);

/* Whether the column whose centre is at x (0 = left edge, pixel i has its centre at i + 0.5) belongs to the region. */
bool gb_region_has(gb_geometry geometry, gb_region region, double x);

/* Half-open column ranges [from, to), at most two, increasing and disjoint; returns how many (0: empty region). */
typedef struct gb_columns {
    int from, to;
} gb_columns;
int gb_region_columns(gb_geometry geometry, gb_region region, gb_columns out[2]);

/* 0 < 2*side < width, or side 0. */
gb_status gb_geometry_check(gb_geometry geometry, gb_error *err) GB_MUST_CHECK;

/* The strip width when a frame of this size is what a 4:3 picture of the same height was widened to, i.e.
 * (width - 4/3 height) / 2 rounded down when width:height is 16:9 within one pixel; else 0. */
int gb_geometry_default_side(int width, int height);

#endif
