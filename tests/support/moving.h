/* A picture that moves: stripes, a disc, and a held second frame in every pair. */
#ifndef GB_TESTS_MOVING_H
#define GB_TESTS_MOVING_H

#include "core/status.h"

/* FOLDER/f000.png and on: the first `frames` of the clip, in a folder of the test's scratch that is made. */
gb_status moving_clip_write(const char *folder, int width, int height, int frames, gb_error *err) GB_MUST_CHECK;

#endif
