/* `ganime-bench extend` tried from the outside, and what came of it compared with what went in. */
#ifndef GB_TESTS_WIDE_CLIP_H
#define GB_TESTS_WIDE_CLIP_H

#include <stdbool.h>

#include "image/video_native.h"
#include "video/layout.h"

#define EXTEND "$BENCH extend '%s' '%s' --generator mirror "

/* A scratch path that stays valid for the next eleven calls. */
char *scratch(const char *name);

/* Extends IN to OUT with further options: it must succeed, or end with this code and one line of error that holds
 * `part`, and no OUT. */
void must_run(const char *in, const char *out, const char *options);
void must_fail(const char *in, const char *out, const char *options, int code, const char *part);

bool same_file(const char *a, const char *b);

/* Whether rectangle `from` of a and the one at (x, y) of b hold the same samples. */
bool same_samples(const AVFrame *a, gb_rect from, const AVFrame *b, int x, int y);
double seconds(const AVFrame *frame, const AVStream *stream);

typedef struct expectation {
    gb_rect kept;   /* of the input */
    int side, width, height, frames;
} expectation;

/* Every frame's centre, time, matrix and range are those of the input. */
void check_centre(const char *in, const char *out, const expectation *e);

/* The next frame, which stays the video's own; false at the end. */
bool next_luma(gb_video *video, const AVFrame **frame);

#endif
