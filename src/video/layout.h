/* Where the known picture lies in the wide one. Pure arithmetic on sizes.
 *
 * The output keeps the input's stored lines, columns and sample aspect: the centre is never resampled. A picture
 * narrower than 16:9 gets two strips of equal width, as near to 16:9 as whole chroma samples allow. A 16:9 picture
 * keeps its size: an eighth of its width is cut from either side and invented again, as in scoring. Where colour
 * is stored for more than one pixel at a time, the last odd column or line is left out. */
#ifndef GB_VIDEO_LAYOUT_H
#define GB_VIDEO_LAYOUT_H

#include <stdbool.h>

#include "image/region.h"

typedef struct gb_layout_ask {
    gb_rect picture;      /* what is kept of the stored frame */
    int sar_num, sar_den; /* of the samples; 0/1: not said, taken as square */
    int grain_x, grain_y; /* pixels that share one chroma sample; 1 for RGB */
    int work_height;      /* lines that generators see; 0 or more than the picture has: the picture's own */
} gb_layout_ask;

typedef struct gb_layout {
    gb_rect centre;    /* of the stored frame: goes unchanged into the output at (side, 0) */
    int side;          /* stored columns of each strip */
    int width, height; /* of the output; width = centre.width + 2 * side, height = centre.height */
    bool was_wide;     /* the input was 16:9 */
    bool trimmed;      /* an odd column or line was left out */
    gb_geometry work;  /* square pixels: what generators see */
} gb_layout;

/* GB_E_UNSUPPORTED for shapes that are neither 16:9 (1.70 to 1.86) nor between 1:1 and it; `what` names the input. */
gb_status gb_layout_plan(const gb_layout_ask *ask, const char *what, gb_layout *out, gb_error *err) GB_MUST_CHECK;

#endif
