/* A picture that moves: stripes, a disc, and a held second frame in every pair. */
#ifndef GB_TESTS_MOVING_H
#define GB_TESTS_MOVING_H

#include "core/status.h"

/* Frame `index` of the clip as a PNG. */
gb_status moving_frame_write(const char *path, int width, int height, int index, gb_error *err) GB_MUST_CHECK;

#endif
