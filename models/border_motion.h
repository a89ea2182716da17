/* How the known centre moves beside a seam: one displacement, by block matching from coarse to fine. What lies in the
 * strip is taken to go along with it; the strip itself is never looked at. */
#ifndef GB_MODELS_BORDER_MOTION_H
#define GB_MODELS_BORDER_MOTION_H

#include "image/image.h"

typedef enum gb_border { GB_BORDER_LEFT, GB_BORDER_RIGHT } gb_border;

#define GB_MOTION_UNIT 256 /* units a pixel */

/* Displacement from one frame to the next: what is at (x, y) was at (x - dx, y - dy). Units of 1/256 pixel. */
typedef struct gb_motion {
    int dx, dy;
} gb_motion;

typedef struct gb_border_matcher gb_border_matcher; /* one thread each */

/* For frames of `width` x `height` whose outer `side` columns are strips. */
gb_status gb_border_matcher_new(int width, int height, int side, gb_border_matcher **out, gb_error *err) GB_MUST_CHECK;
void gb_border_matcher_free(gb_border_matcher *matcher);

/* The displacement that makes `before` most like `now` (mean absolute difference of luma) in the columns of the centre
 * beside the seam, twice as many as the strip has where the centre is that wide; at most 1/9 of the height in either
 * direction. Of displacements that fit almost as well, none (0, 0) is taken. */
gb_motion gb_border_match(gb_border_matcher *matcher, const gb_image *before, const gb_image *now, gb_border border);

/* How well a displacement explains rows [from, to) of the pair matched last: mean absolute difference of luma in 8-bit
 * levels, `before` interpolated bilinearly; 255 where nothing overlaps. */
double gb_border_mismatch(const gb_border_matcher *matcher, gb_motion motion, int from, int to);

#endif
