/* What an output's pixels are, and frames of them. */
#ifndef GB_VIDEO_PIXELS_H
#define GB_VIDEO_PIXELS_H

#include <libavutil/frame.h>
#include <stdbool.h>

#include "core/status.h"

typedef struct gb_pixels {
    enum AVPixelFormat format;
    enum AVColorSpace matrix; /* what conversions use */
    bool full_range;
    /* As the stream says, for the output's tags; may be unspecified. */
    enum AVColorSpace said_matrix;
    enum AVColorRange said_range;
    enum AVColorPrimaries primaries;
    enum AVColorTransferCharacteristic transfer;
    enum AVChromaLocation chroma_location;
} gb_pixels;

/* The deprecated yuvj formats are their plain ones with full range. */
enum AVPixelFormat gb_pixels_plain(enum AVPixelFormat format, bool *full_range);

/* What a decoded frame's pixels are. Streams that do not say follow custom, as gb_frame_scaler does: BT.709 from 720
 * lines on, else BT.601; limited range. */
gb_pixels gb_pixels_of(const AVFrame *frame);
/* The same in `format`. RGB that becomes YUV is limited range and tagged as what it was converted by. */
gb_pixels gb_pixels_in(const gb_pixels *source, enum AVPixelFormat format, int height);

bool gb_pixels_is_rgb(enum AVPixelFormat format);
void gb_pixels_grain(enum AVPixelFormat format, int *x, int *y); /* pixels that share a chroma sample */

/* A frame with buffers of its own and the tags set; NULL when memory is short. */
AVFrame *gb_pixels_frame(const gb_pixels *pixels, int width, int height);

#endif
