#include "image/detail.h"

#include <math.h>

static double luma(const gb_image *image, int x, int y)
{
    const uint8_t *p = image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

static double fine(const gb_image *image, int x, int y)
{
    double sum = 0;
    int count = 0;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            if (v >= 0 && v < image->height && u >= 0 && u < image->width) sum += luma(image, u, v), count++;
    return fabs(luma(image, x, y) - sum / count);
}

gb_status gb_image_detail(const gb_image *image, gb_geometry geometry, gb_region region, double *out, gb_error *err)
{
    gb_columns columns[2];
    if (image->width != geometry.width || image->height != geometry.height)
        return gb_fail(err, GB_E_ARG, "detail: expected a picture of %d x %d, found %d x %d", geometry.width,
                       geometry.height, image->width, image->height);
    const int ranges = gb_region_columns(geometry, region, columns);
    double sum = 0;
    size_t count = 0;
    for (int r = 0; r < ranges; r++)
        for (int y = 0; y < image->height; y++)
            for (int x = columns[r].from; x < columns[r].to; x++, count++) sum += fine(image, x, y);
    if (!count) return gb_fail(err, GB_E_ARG, "detail: the picture has no region '%s'", gb_region_name(region));
    *out = sum / (double)count;
    return GB_OK;
}
