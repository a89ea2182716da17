/* Small videos for tests, made on the spot: raw ones written by hand, compressed ones by libavcodec. */
#ifndef GB_TESTS_VIDEO_FILE_H
#define GB_TESTS_VIDEO_FILE_H

#include <stdint.h>

/* One flat colour a frame, as Y, Cb, Cr of limited range. */
typedef struct video_colour {
    uint8_t y, u, v;
} video_colour;

/* YUV4MPEG2, 4:2:0; width and height even. Returns 0 on success. */
int write_y4m(const char *path, int width, int height, const video_colour *colours, int count);

/* MPEG-4 part 2 in MP4 with the index in front; frame i is a grey ramp moved by i. `rotate` in degrees
 * goes into the stream's display matrix, 0: none. Returns 0 on success. */
int write_mp4(const char *path, int width, int height, int count, int rotate);

#endif
