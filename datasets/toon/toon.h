/* The embedded shows: cartoons drawn here, frame by frame, from a seed. `toon` is inked and shaded as television cels
 * are; `toon_b` is another hand altogether (flat shapes, textures, hardly a line), for what lies out of the domain.
 *
 * Every frame is a pure function of (show, split, shot of the split, frame, size): any frame can be drawn at any time,
 * in any order, in any process. The same Cairo gives the same bytes; no font, file or clock of the machine is used. */
#ifndef GB_DATASETS_TOON_TOON_H
#define GB_DATASETS_TOON_TOON_H

#include "datasets/dataset.h"

/* Raised whenever a frame of a default pack changes. */
#define GB_TOON_REVISION 8

/* How many shots of each split. Shot i of a split is the same whatever the numbers are. */
typedef struct gb_toon_size {
    int train, val, test;
} gb_toon_size;

typedef struct gb_toon_show gb_toon_show;

typedef struct gb_toon_shot {
    char clip[64]; /* "test03-kitchen" */
    char split[8];
    int frames;
    int hold;      /* frames that a drawing of an actor stands (2 or 3) */
    bool still;    /* the camera does not move */
    bool talk;     /* a still one in which two mouths move, on alternate frames, and bodies hardly */
    double fps;
} gb_toon_shot;

/* `id`: "toon" or "toon_b", else GB_E_NOT_FOUND. `size` NULL: as in the default pack. Negative numbers, or more than a
 * million shots: GB_E_ARG. */
gb_status gb_toon_open(const char *id, const gb_toon_size *size, gb_toon_show **out, gb_error *err) GB_MUST_CHECK;
void gb_toon_close(gb_toon_show *show);

/* Shots are numbered train first, then val, then test. */
int gb_toon_shot_count(const gb_toon_show *show);
gb_status gb_toon_shot_get(const gb_toon_show *show, int shot, gb_toon_shot *out, gb_error *err) GB_MUST_CHECK;

/* What a shot shows, for gb_shot.tags: the place ("indoors", "outdoors" or "card"); "pattern" (what lies behind the
 * actors repeats: tiles, wallpaper, bricks, shelves, scales, windows) or "scenery"; "figures" when actors cover
 * GB_TOON_FIGURES or more of the strips (of the frame, without strips) on average over the shot, else "empty"; the
 * camera ("still", "pan", "zoom", "follow"); and "particles" where it snows, rains or the like. */
#define GB_TOON_FIGURES 0.15
gb_status gb_toon_tags(const gb_toon_show *show, int shot, gb_geometry geometry, char *tags, size_t size,
                       gb_error *err) GB_MUST_CHECK;

/* The frame, of any size from 16 to 4096 pixels a side: drawings scale with the height, the width shows more or less
 * of the place. `out` is allocated when empty and reused when of that size. Any number of threads may draw from one
 * show. */
gb_status gb_toon_draw(const gb_toon_show *show, int shot, int frame, int width, int height, gb_image *out,
                       gb_error *err) GB_MUST_CHECK;

/* Exact motion from one frame to another of the same shot (`next` may come before `frame`), see image/flow.h: where the
 * camera and the held drawings go is known from the drawing model; what changes its shape (a new drawing of an actor,
 * waves, flames) is not valid. Memory and threads as for gb_toon_draw. */
gb_status gb_toon_flow(const gb_toon_show *show, int shot, int frame, int next, int width, int height, gb_flow *out,
                       gb_error *err) GB_MUST_CHECK;

/* A pack of a show: the default one, which holds the flow, too, or options->shots shots of each split, without. Every
 * stride-th frame of them. Drawn by
 * options->threads threads; the bytes do not depend on how many. Options that are for footage: GB_E_USAGE. */
gb_status gb_toon_build(const char *id, const gb_build_options *options, const char *path, gb_error *err)
    GB_MUST_CHECK;

#endif
