/* Between a caller's pictures, whose rows may be apart, and the library's own, whose rows are not. */
#ifndef GB_API_PICTURE_H
#define GB_API_PICTURE_H

#include "ganime.h"
#include "image/image.h"

/* GB_E_ARG unless the picture has pixels, sides within GB_IMAGE_MAX_SIDE and rows that do not overlap; GB_E_MISMATCH
 * unless it is `width` x `height`. `what` names it in the message. */
gb_status gb_picture_check(const gb_picture *picture, const char *what, int width, int height, gb_error *err)
    GB_MUST_CHECK;

/* Rows of the picture into the columns of `out` that begin at `column`, and of those `from` into the picture; sizes
 * must fit. */
void gb_picture_load(const gb_picture *picture, gb_image *out, int column);
void gb_picture_store(const gb_image *from, const gb_picture *picture);

#endif
