/* Where the truth's pixels go, estimated, and which of them can be followed: what e_warp compares by, and what a pack
 * can keep of it. Masks after Ruder, Dosovitskiy & Brox 2016. */
#ifndef GB_FLOW_FOLLOW_H
#define GB_FLOW_FOLLOW_H

#include <stddef.h>

#include "core/status.h"
#include "image/image.h"

/* One per thread. */
typedef struct gb_follower gb_follower;

/* `what` (static) is named in messages. Frames smaller than 16x16, or no OpenCV: GB_E_UNSUPPORTED. */
gb_status gb_follower_new(const char *what, int width, int height, gb_follower **out, gb_error *err) GB_MUST_CHECK;
void gb_follower_free(gb_follower *follower);

/* Where each pixel of the first frame is in the second (height x width x 2: u, v in pixels), and 1 where it can be
 * followed there (height x width, else 0): it stays in the frame, it comes back to where it was,
 * |F_f + w(F_b)|² <= .01 (|F_f|² + |w(F_b)|²) + .5, and no border between motions is beside it,
 * |grad u|² + |grad v|² <= .01 |F_f|² + .002. Frames of another size are GB_E_MISMATCH. */
gb_status gb_follow(gb_follower *follower, const gb_image *const frame[2], float *uv, unsigned char *followed,
                    gb_error *err) GB_MUST_CHECK;

/* What makes the flow, with its version, for a pack's record: "estimated by DIS of OpenCV 4.6.0, ..."; "" without
 * OpenCV. */
void gb_follow_describe(char *out, size_t size);

#endif
