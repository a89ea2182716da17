/* A labelled comparison: wide frames side by side, each under its name. */
#ifndef GB_EXTEND_BOARD_H
#define GB_EXTEND_BOARD_H

#include "video/pixels.h"

#define GB_BOARD_MAX 9

typedef struct gb_board_spec {
    const char *label[GB_BOARD_MAX]; /* borrowed for as long as boards are made */
    int count;
    int frame_width, frame_height;   /* of the wide frames, RGB24 */
    int panel_width, panel_height;   /* even */
    gb_pixels pixels;                /* of the board */
} gb_board_spec;

typedef struct gb_board gb_board; /* one thread each */
gb_status gb_board_new(const gb_board_spec *spec, gb_board **out, gb_error *err) GB_MUST_CHECK;
void gb_board_free(gb_board *board);
void gb_board_size(const gb_board_spec *spec, int *width, int *height); /* both even */

/* `frames`: spec.count of them. `*out` becomes a new frame of the board's pixels. */
gb_status gb_board_draw(gb_board *board, AVFrame *const *frames, AVFrame **out, gb_error *err) GB_MUST_CHECK;

#endif
