#include "image/region.h"

#include <math.h>
#include <string.h>

#include "image/image.h"

static const char *const region_names[GB_REGION_COUNT] = {
    [GB_REGION_FULL] = "full", [GB_REGION_SIDES] = "sides", [GB_REGION_SEAM] = "seam"};

const char *gb_region_name(gb_region region)
{
    return (unsigned)region < GB_REGION_COUNT ? region_names[region] : "unknown";
}

bool gb_region_parse(const char *name, gb_region *out)
{
    for (int i = 0; i < GB_REGION_COUNT; i++) {
        if (strcmp(name, region_names[i]) != 0) continue;
        *out = (gb_region)i;
        return true;
    }
    return false;
}

bool gb_region_has(gb_geometry geometry, gb_region region, double x)
{
    if (!(x > 0 && x < geometry.width)) return false;
    if (region == GB_REGION_FULL) return true;
    if (geometry.side == 0) return false;
    const double left = geometry.side, right = geometry.width - geometry.side;
    if (region == GB_REGION_SIDES) return x < left || x > right;
    return fabs(x - left) < GB_SEAM_HALF || fabs(x - right) < GB_SEAM_HALF;
}

int gb_region_columns(gb_geometry geometry, gb_region region, gb_columns out[2])
{
    const int width = geometry.width, side = geometry.side;
    if (region == GB_REGION_FULL) {
        out[0] = (gb_columns){0, width};
        return 1;
    }
    if (side == 0) return 0;
    if (region == GB_REGION_SIDES) {
        out[0] = (gb_columns){0, side};
        out[1] = (gb_columns){width - side, width};
        return 2;
    }
    const int from = side > GB_SEAM_HALF ? side - GB_SEAM_HALF : 0, to = side + GB_SEAM_HALF;
    if (to >= width - to) { /* the two seams meet */
        out[0] = (gb_columns){from, width - from};
        return 1;
    }
    out[0] = (gb_columns){from, to};
    out[1] = (gb_columns){width - to, width - from};
    return 2;
}

gb_status gb_geometry_check(gb_geometry geometry, gb_error *err)
{
    const int width = geometry.width, height = geometry.height, side = geometry.side;
    if (width < 1 || height < 1 || width > GB_IMAGE_MAX_SIDE || height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_ARG, "geometry: expected 1..%d pixels a side, found %dx%d", GB_IMAGE_MAX_SIDE, width,
                       height);
    if (side < 0 || side > (width - 1) / 2)
        return gb_fail(err, GB_E_ARG, "geometry: expected strips of 0..%d pixels for width %d, found %d",
                       (width - 1) / 2, width, side);
    return GB_OK;
}

int gb_geometry_default_side(int width, int height)
{
    const long long off = 9LL * width - 16LL * height; /* nine times the distance from 16:9 in columns */
    if (width < 1 || height < 1 || off > 9 || off < -9) return 0;
    const long long side = (3LL * width - 4LL * height) / 6;
    return side > 0 ? (int)side : 0;
}
