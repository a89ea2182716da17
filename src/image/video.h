/* Reads a video's frames in order, as 8-bit RGB, through FFmpeg's libraries. One thread; constant memory. */
#ifndef GB_IMAGE_VIDEO_H
#define GB_IMAGE_VIDEO_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"

typedef struct gb_video gb_video;

typedef struct gb_video_info {
    int width, height;       /* as displayed: upright, sample aspect ratio applied to width */
    double fps;              /* average; 0 when unknown */
    int64_t frames;          /* as the container claims; 0 when unknown */
    char codec[32], pixel_format[32];
} gb_video_info;

/* A video marked as turned is turned upright first. `crop_w` 0: no crop; else the rectangle (in upright source pixels,
 * rounded down to whole chroma samples as FFmpeg's crop filter does) that is kept before scaling to width x height (0:
 * as displayed). Colour by the stream's matrix and range (BT.709 assumed from 720 lines on, else BT.601), swscale
 * bicubic, bit-exact. */
typedef struct gb_video_options {
    int crop_w, crop_h, crop_x, crop_y;
    int width, height;
    bool as_stored; /* a video marked as turned is given as it is stored, for who turns it */
    bool piped;     /* from standard input, whatever `path` calls it: it cannot be read twice or out of order */
} gb_video_options;

/* FFmpeg's log is set to quiet, which holds for the process. */
gb_status gb_video_open(const char *path, const gb_video_options *options, gb_video **out, gb_error *err) GB_MUST_CHECK;
gb_video_info gb_video_get_info(const gb_video *video);
/* The next frame into `out` (allocated when empty, reused when of the right size); *end is set after the last one.
 * Damage in the stream, or a file that ends before its container says, is GB_E_FORMAT naming the file and the index of
 * the first frame that is missing; all frames before it are given first. */
gb_status gb_video_next(gb_video *video, gb_image *out, bool *end, gb_error *err) GB_MUST_CHECK;
/* The same without a picture: passes over one frame. */
gb_status gb_video_skip(gb_video *video, bool *end, gb_error *err) GB_MUST_CHECK;
void gb_video_close(gb_video *video);

#endif
