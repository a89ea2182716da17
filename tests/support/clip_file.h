/* Clips with everything that a real file may have, made on the spot by FFmpeg's libraries. */
#ifndef GB_TESTS_CLIP_FILE_H
#define GB_TESTS_CLIP_FILE_H

#include <libavutil/pixfmt.h>
#include <stdbool.h>

typedef struct clip_spec {
    const char *encoder;          /* FFmpeg's name; NULL: ffv1 */
    enum AVPixelFormat format;    /* 0: yuv420p */
    int width, height, frames;
    int sar_num, sar_den;
    int bars;                     /* black columns at either side */
    bool flat;                    /* one colour instead of the pattern */
    bool varying;                 /* every third frame is shown twice as long */
    bool interlaced, full_range, bt709;
    bool sound;                   /* 16-bit PCM, 48 kHz, mono */
    bool extras;                  /* a subtitle, two chapters, a title */
} clip_spec;

/* A bright pattern that moves; 25 frames a second. Container by the extension. Returns 0 on success. */
int write_clip(const char *path, const clip_spec *spec);

#endif
