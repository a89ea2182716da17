/* How much fine line work a picture has: mean |Y - box3(Y)| over a region, in 8-bit levels.
 * Y = 0.299 R + 0.587 G + 0.114 B; box3 is the mean of the 3x3 pixels around (at the border, of those that exist). A
 * flat cel gives 0, a line one pixel wide two thirds of its contrast on it and a third on either side. */
#ifndef GB_IMAGE_DETAIL_H
#define GB_IMAGE_DETAIL_H

#include "image/image.h"
#include "image/region.h"

/* `geometry` is the picture's; another size, or a region that it does not have: GB_E_ARG. */
gb_status gb_image_detail(const gb_image *image, gb_geometry geometry, gb_region region, double *out, gb_error *err)
    GB_MUST_CHECK;

#endif
