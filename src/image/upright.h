/* How a stored picture is to be shown, as a stream's display matrix says it: phones store what they saw and say which
 * way is up. */
#ifndef GB_IMAGE_UPRIGHT_H
#define GB_IMAGE_UPRIGHT_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "image/region.h"

/* In this order: columns become rows; then left and right, top and bottom change places. */
typedef struct gb_upright {
    bool transpose, flip_x, flip_y;
} gb_upright;

/* GB_E_UNSUPPORTED naming `path` for what is no quarter turn and no mirror image. */
gb_status gb_upright_of(const AVStream *stream, const char *path, gb_upright *out, gb_error *err) GB_MUST_CHECK;

/* In libavfilter's language; "" when nothing is needed. */
#define GB_UPRIGHT_TEXT 64
void gb_upright_describe(gb_upright upright, char text[GB_UPRIGHT_TEXT]);
/* Where a rectangle of a stored picture of width x height lies once it is upright. */
gb_rect gb_upright_rect(gb_upright upright, gb_rect rect, int width, int height);

#endif
