#include "flow/follow.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/clones.h"
#include "core/memory.h"
#include "flow/pair_motion.h"
#include "flow/pixels.h"

struct gb_follower {
    int width, height;
    gb_pair_motion *motion;
};

gb_status gb_follower_new(const char *what, int width, int height, gb_follower **out, gb_error *err)
{
    gb_follower *follower = gb_alloc(1, sizeof *follower);
    if (!follower) return gb_fail_memory(err, what, sizeof *follower);
    follower->width = width;
    follower->height = height;
    const gb_status status =
        gb_pair_motion_new(what, GB_FLOW_DIS, GB_FLOW_DIS_ROUGH, width, height, &follower->motion, err);
    if (status == GB_OK)
        *out = follower;
    else
        gb_follower_free(follower);
    return status;
}

void gb_follower_free(gb_follower *follower)
{
    if (!follower) return;
    gb_pair_motion_free(follower->motion);
    free(follower);
}

/* |F_f + w(F_b)|² > .01 (|F_f|² + |w(F_b)|²) + .5 */
GB_EACH_PIXEL int is_occluded(float f0, float f1, float b0, float b1)
{
    const float u = f0 + b0, v = f1 + b1;
    const float sizes = f0 * f0 + f1 * f1 + b0 * b0 + b1 * b1;
    return u * u + v * v > 0.01f * sizes + 0.5f;
}

/* |grad u|² + |grad v|² > .01 |F_f|² + .002, forward differences, 0 at the last column and row. */
GB_EACH_PIXEL int is_boundary(const float *here, const float *right, const float *below)
{
    const float ux = right[0] - here[0], uy = below[0] - here[0], vx = right[1] - here[1], vy = below[1] - here[1];
    const float sum = (ux * ux + uy * uy) + (vx * vx + vy * vy);
    return sum > 0.01f * (here[0] * here[0] + here[1] * here[1]) + 0.002f;
}

/* Sets 1 where row y goes to what comes back. `f`: the row; `b`: all of the flow backwards. */
GB_CLONES static void follow_row(const float *f, const float *b, int y, int width, int height,
                                 unsigned char *restrict followed)
{
    for (int x = 0; x < width; x++) {
        const float f0 = f[2 * x], f1 = f[2 * x + 1], to_x = (float)x + f0, to_y = (float)y + f1;
        const int inside = gb_is_inside(width, height, to_x, to_y);
        const gb_around at = gb_around_of(gb_where(inside, to_x), gb_where(inside, to_y), width, height);
        const float b0 = gb_between(b[2 * at.upper_left], b[2 * at.upper_right], b[2 * at.lower_left],
                                    b[2 * at.lower_right], at);
        const float b1 = gb_between(b[2 * at.upper_left + 1], b[2 * at.upper_right + 1], b[2 * at.lower_left + 1],
                                    b[2 * at.lower_right + 1], at);
        followed[x] = (unsigned char)(inside & ~is_occluded(f0, f1, b0, b1));
    }
}

/* Takes the boundaries out of a row; `below`: the next one. */
GB_CLONES static void drop_boundaries(const float *f, const float *below, int width, unsigned char *restrict followed)
{
    const int last = width - 1;
    for (int x = 0; x < last; x++)
        followed[x] &= (unsigned char)~is_boundary(f + 2 * x, f + 2 * (x + 1), below + 2 * x);
    followed[last] &= (unsigned char)~is_boundary(f + 2 * last, f + 2 * last, below + 2 * last);
}

gb_status gb_follow(gb_follower *follower, const gb_image *const frame[2], float *uv, unsigned char *followed,
                    gb_error *err)
{
    const int width = follower->width, height = follower->height;
    float *const back = gb_pair_motion_flow(follower->motion, 1);
    GB_TRY(gb_pair_motion_measure(follower->motion, frame, uv, back, err));
    for (int y = 0; y < height; y++) {
        const size_t first = (size_t)y * (size_t)width;
        const float *const row = uv + 2 * first;
        follow_row(row, back, y, width, height, followed + first);
        drop_boundaries(row, y + 1 < height ? row + 2 * (size_t)width : row, width, followed + first);
    }
    return GB_OK;
}

void gb_follow_describe(char *out, size_t size)
{
    const char *const version = gb_flow_library();
    if (size) *out = '\0';
    if (version)
        snprintf(out, size, "estimated by DIS of OpenCV %s, preset medium, patches 5 apart, 8 steps, backwards 2 "
                 "refinements, as e_warp", version);
}
