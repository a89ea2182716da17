/* What moves as one while a frame is drawn. A part is a frame of reference in which what is drawn keeps its shape: a
 * layer, a held drawing of an actor, a cloud. A second drawing of the frame, with every colour replaced by the number
 * of the part it belongs to, says which part each pixel shows; two such drawings and the parts' places at both times
 * give the exact flow between two frames. */
#ifndef GB_TOON_MOTION_H
#define GB_TOON_MOTION_H

#include <cairo.h>
#include <stdbool.h>

#include "image/flow.h"

#define GB_PARTS 256 /* numbers that fit a byte; 0: nothing is known of its motion */
#define GB_LABELS 2  /* labels a pixel on each axis */

typedef struct gb_part {
    cairo_matrix_t place; /* from the part's own coordinates to pixels */
    int phase;            /* its shape is the same at two frames when this is */
    bool floor;           /* seen in perspective: see floors.c */
    double floor_top, camera_x;
    bool actor;           /* as are all parts begun while such a one is drawn */
} gb_part;

/* Parts are numbered in the order of drawing, which is the same in every frame of a shot. */
typedef struct gb_parts {
    int count; /* in use: 1..count; more than GB_PARTS - 1: the rest is lost, as nothing is known of it */
    gb_part part[GB_PARTS];
} gb_parts;

/* One frame as labels: GB_LABELS * width by GB_LABELS * height part numbers. */
typedef struct gb_labels {
    int width, height; /* of the frame, in pixels */
    uint8_t *label;    /* owned */
    gb_parts parts;
} gb_labels;

gb_status gb_labels_reserve(gb_labels *labels, int width, int height, gb_error *err) GB_MUST_CHECK;
void gb_labels_free(gb_labels *labels);

/* From the frame of `now` to that of `next`; sizes must agree (GB_E_ARG). */
gb_status gb_motion_flow(const gb_labels *now, const gb_labels *next, gb_flow *out, gb_error *err) GB_MUST_CHECK;

#endif
