/* Decoded frames (any pixel format of FFmpeg's) to 8-bit RGB of one size: crop, colour matrix and range, bicubic. */
#ifndef GB_IMAGE_FRAME_SCALER_H
#define GB_IMAGE_FRAME_SCALER_H

#include <libavutil/frame.h>

#include "image/image.h"

typedef struct gb_frame_crop {
    int width, height, x, y; /* source pixels; as FFmpeg's crop filter, rounded down to whole chroma samples */
} gb_frame_crop;

typedef struct gb_frame_scaler gb_frame_scaler;

gb_status gb_frame_scaler_new(gb_frame_crop crop, int width, int height, gb_frame_scaler **out, gb_error *err)
    GB_MUST_CHECK;
void gb_frame_scaler_free(gb_frame_scaler *scaler);
/* `out` is reserved to the scaler's size. The crop must lie inside the frame. */
gb_status gb_frame_scaler_run(gb_frame_scaler *scaler, const AVFrame *frame, gb_image *out, gb_error *err)
    GB_MUST_CHECK;

#endif
