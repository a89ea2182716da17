/* Frames of a show drawn ahead by several threads and handed out in order. */
#ifndef GB_TOON_DRAWERS_H
#define GB_TOON_DRAWERS_H

#include "datasets/toon/toon.h"

typedef struct gb_drawers gb_drawers;

typedef struct gb_drawing {
    int shot, frame;
    int next; /* the frame that its flow leads to; -1: no flow is wanted */
} gb_drawing;

/* Starts to draw `list` (borrowed, as `show` is, until gb_drawers_stop); threads 0: one a core. At most a few frames
 * a thread are drawn ahead, so memory does not grow with the list. */
gb_status gb_drawers_start(const gb_toon_show *show, const gb_drawing *list, size_t count, int width, int height,
                           int threads, gb_drawers **out, gb_error *err) GB_MUST_CHECK;

/* The next frame of the list and its flow (when it has one); they stay as they are until the next call. Not to be
 * called more often than the list is long. */
gb_status gb_drawers_next(gb_drawers *drawers, const gb_image **image, const gb_flow **flow, gb_error *err)
    GB_MUST_CHECK;

void gb_drawers_stop(gb_drawers *drawers);

#endif
