/* A first look at a video: how many frames it holds, whether it is whole, where its picture lies. */
#ifndef GB_VIDEO_SCAN_H
#define GB_VIDEO_SCAN_H

#include "image/image.h"
#include "video/layout.h"

/* Packets of the picture stream, read without decoding: the number of frames but for odd codecs. A file that ends
 * before its container says is GB_E_FORMAT, unless `end` frames (0: all are wanted) come before that. */
gb_status gb_scan_video(const char *path, long end, long *packets, gb_error *err) GB_MUST_CHECK;

/* Black bars, from samples over the whole clip: for each column and line the brightest value seen. */
typedef struct gb_bars {
    int width, height;
    uint8_t *column, *line;
} gb_bars;
gb_status gb_bars_add(gb_bars *bars, const gb_image *picture, gb_error *err) GB_MUST_CHECK; /* all of one size */
void gb_bars_free(gb_bars *bars);
/* The picture between the bars: columns or lines at two opposite edges that are black (at most GB_BARS_BLACK in each
 * channel) in every sample, at least 2 % and equally wide to within 1 %; and without the black columns at either side,
 * at most 2.5 %, that DVDs and tapes have beside the picture: strips would grow from them. What the picture has bled
 * into black columns or lines, less than 1 % (or three) that is never half as bright as what follows, is left out with
 * them. Without such: the whole. */
#define GB_BARS_BLACK 24
gb_rect gb_bars_picture(const gb_bars *bars);

/* Adds about `samples` frames spread over the video, at its stored size. Frames that cannot be read are passed over. */
gb_status gb_bars_add_video(gb_bars *bars, const char *path, int samples, gb_error *err) GB_MUST_CHECK;

#endif
