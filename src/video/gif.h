/* Animated GIFs from segments of lossless RGB (FFV1): one palette of 255 colours for the whole clip (FFmpeg's
 * palettegen), ordered dither, which lies still where the picture does (paletteuse), each frame at its own time to a
 * hundredth of a second. Reads the segments twice; no more than a few frames are held. */
#ifndef GB_VIDEO_GIF_H
#define GB_VIDEO_GIF_H

#include "video/join.h"

gb_status gb_gif_write(const gb_join_spec *spec, const char *out, gb_error *err) GB_MUST_CHECK;

#endif
