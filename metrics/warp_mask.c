#include "metrics/warp_mask.h"

#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/pair_motion.h"
#include "metrics/warp_pixels.h"

_Static_assert(GB_WARP_PARTS <= 8, "a pixel's parts fit a byte");

struct gb_warp_mask {
    gb_geometry geometry;
    gb_pair_motion *motion;
    float *forward, *backward; /* of the truth, in `motion`; `forward` is the exact one where that is known */
    unsigned char *member;     /* as gb_warp_mask_member has it */
    int *column;               /* regions of each column, a bit for each */
    unsigned char *sees_strip; /* as gb_warp_mask_sees_strip has it */
    uint64_t used[GB_REGION_COUNT];
};

void gb_warp_mask_free(gb_warp_mask *mask)
{
    if (!mask) return;
    gb_pair_motion_free(mask->motion);
    free(mask->member);
    free(mask->column);
    free(mask->sees_strip);
    free(mask);
}

gb_status gb_warp_mask_new(gb_geometry g, gb_warp_mask **out, gb_error *err)
{
    gb_status status = GB_OK;
    const size_t pixels = (size_t)g.width * (size_t)g.height;
    GB_TRY(gb_geometry_check(g, err));
    gb_warp_mask *mask = gb_alloc(1, sizeof *mask);
    if (!mask) return gb_fail_memory(err, GB_WARP_ID, sizeof *mask);
    mask->geometry = g;
    mask->member = gb_alloc_aligned(pixels, 1);
    mask->column = gb_alloc((size_t)g.width, sizeof *mask->column);
    mask->sees_strip = gb_alloc((size_t)g.width, 1);
    if (!mask->member || !mask->column || !mask->sees_strip) GB_GO(gb_fail_memory(err, GB_WARP_ID, pixels));
    for (int r = 0; r < GB_REGION_COUNT; r++)
        for (int x = 0; x < g.width; x++)
            if (gb_region_has(g, (gb_region)r, x + 0.5)) mask->column[x] |= 1 << r;
    GB_GO(gb_pair_motion_new(GB_WARP_ID, GB_FLOW_DIS, GB_FLOW_DIS_ROUGH, g, &mask->motion, err));
    mask->forward = gb_pair_motion_flow(mask->motion, 0);
    mask->backward = gb_pair_motion_flow(mask->motion, 1);
    *out = mask;
    mask = NULL;
done:
    gb_warp_mask_free(mask);
    return status;
}

const float *gb_warp_mask_flow(const gb_warp_mask *mask)
{
    return mask->forward;
}

const unsigned char *gb_warp_mask_member(const gb_warp_mask *mask)
{
    return mask->member;
}

const unsigned char *gb_warp_mask_sees_strip(const gb_warp_mask *mask)
{
    return mask->sees_strip;
}

const uint64_t *gb_warp_mask_used(const gb_warp_mask *mask)
{
    return mask->used;
}

/* ---- Where to look ---- */

GB_EACH_PIXEL int is_inside(int width, int height, float x, float y)
{
    return (x >= 0.0f) & (y >= 0.0f) & (x <= (float)(width - 1)) & (y <= (float)(height - 1));
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

/* What makes a pixel one that can be followed. */
typedef struct motion {
    const float *forward, *backward;
    const unsigned char *valid; /* of exact flow; else NULL */
    int width, height;
} motion;

/* Sets 1 in `mask` where row y goes to what comes back, by estimated flow. */
GB_CLONES static void follow_row(const motion *m, int y, unsigned char *restrict mask)
{
    const int width = m->width, height = m->height;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width, *const b = m->backward;
    for (int x = 0; x < width; x++) {
        const float f0 = row[2 * x], f1 = row[2 * x + 1], to_x = (float)x + f0, to_y = (float)y + f1;
        const int inside = is_inside(width, height, to_x, to_y);
        const gb_around at = gb_around_of(gb_where(inside, to_x), gb_where(inside, to_y), width, height);
        const float b0 = gb_between(b[2 * at.upper_left], b[2 * at.upper_right], b[2 * at.lower_left],
                                    b[2 * at.lower_right], at);
        const float b1 = gb_between(b[2 * at.upper_left + 1], b[2 * at.upper_right + 1], b[2 * at.lower_left + 1],
                                    b[2 * at.lower_right + 1], at);
        mask[x] = (unsigned char)(inside & ~is_occluded(f0, f1, b0, b1));
    }
}

/* Takes the boundaries out of row y. */
GB_CLONES static void drop_boundaries(const motion *m, int y, unsigned char *restrict mask)
{
    const int last = m->width - 1;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)m->width;
    const float *const below = y + 1 < m->height ? row + 2 * m->width : row;
    for (int x = 0; x < last; x++)
        mask[x] &= (unsigned char)~is_boundary(row + 2 * x, row + 2 * (x + 1), below + 2 * x);
    mask[last] &= (unsigned char)~is_boundary(row + 2 * last, row + 2 * last, below + 2 * last);
}

/* The same by exact flow. */
GB_CLONES static void follow_exactly(const motion *m, int y, unsigned char *restrict mask)
{
    const int width = m->width;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width;
    const unsigned char *const valid = m->valid + (size_t)y * (size_t)width;
    for (int x = 0; x < width; x++)
        mask[x] = (unsigned char)(is_inside(width, m->height, (float)x + row[2 * x], (float)y + row[2 * x + 1]) &
                                  (valid[x] != 0));
}

/* Turns the ones of a row into the parts that pixels count for. A pixel sees a strip when it or one of those between
 * which it ends, of columns `to` and the next, lies there. */
GB_CLONES static void set_parts(const motion *m, int y, const int *restrict column, unsigned char *restrict mask,
                                unsigned char *restrict sees_strip)
{
    const int width = m->width;
    const float *const row = m->forward + 2 * (size_t)y * (size_t)width;
    for (int x = 0; x < width; x++) {
        const int used = mask[x];
        const float to_x = gb_where(used, (float)x + row[2 * x]);
        const int to = (int)to_x, next = to + (to + 1 < width);
        const int strip = -((column[x] | column[to] | column[next]) >> GB_REGION_SIDES & 1);
        const int regions = (column[x] | column[(int)(to_x + 0.5f)]) & -used;
        mask[x] = (unsigned char)((regions << GB_WARP_STRIP & strip) | (regions << GB_WARP_REST & ~strip));
        sees_strip[x] |= (unsigned char)(strip & used);
    }
}

GB_CLONES static uint64_t count_parts(const unsigned char *mask, size_t pixels, int parts)
{
    uint64_t count = 0;
    for (size_t i = 0; i < pixels; i++) count += (mask[i] & parts) != 0;
    return count;
}

static void mark_pixels(gb_warp_mask *mask, const gb_flow *exact)
{
    const gb_geometry g = mask->geometry;
    const motion m = {mask->forward, mask->backward, exact ? exact->valid : NULL, g.width, g.height};
    memset(mask->sees_strip, 0, (size_t)g.width);
    for (int y = 0; y < g.height; y++) {
        unsigned char *const row = mask->member + (size_t)y * (size_t)g.width;
        if (exact) {
            follow_exactly(&m, y, row);
        } else {
            follow_row(&m, y, row);
            drop_boundaries(&m, y, row);
        }
        set_parts(&m, y, mask->column, row, mask->sees_strip);
    }
    for (int r = 0; r < GB_REGION_COUNT; r++)
        mask->used[r] = count_parts(mask->member, (size_t)g.width * (size_t)g.height,
                                    1 << (GB_WARP_STRIP + r) | 1 << (GB_WARP_REST + r));
}

gb_status gb_warp_mask_measure(gb_warp_mask *mask, const gb_frame_pair *truth, gb_error *err)
{
    const gb_geometry g = mask->geometry;
    for (int i = 0; i < 2; i++) GB_TRY(gb_metric_check_frame(GB_WARP_ID, g, truth->frame[i], err));
    if (truth->flow && (truth->flow->width != g.width || truth->flow->height != g.height))
        return gb_fail(err, GB_E_MISMATCH, GB_WARP_ID ": the exact flow is %dx%d, expected %dx%d", truth->flow->width,
                       truth->flow->height, g.width, g.height);
    if (truth->flow)
        memcpy(mask->forward, truth->flow->uv, 2 * sizeof(float) * (size_t)g.width * (size_t)g.height);
    else
        GB_TRY(gb_pair_motion_measure(mask->motion, truth, mask->forward, mask->backward, err));
    mark_pixels(mask, truth->flow);
    return GB_OK;
}

void gb_warp_score(gb_geometry g, const uint64_t used[GB_REGION_COUNT], const double sum[GB_WARP_PARTS],
                   gb_scores *out)
{
    *out = (gb_scores){0};
    for (int r = 0; r < GB_REGION_COUNT; r++) {
        gb_score *const score = &out->region[r];
        score->present = gb_region_exists(g, (gb_region)r);
        score->den = 1.0;
        if (used[r] > 0)
            score->num = (sum[GB_WARP_STRIP + r] + sum[GB_WARP_REST + r]) / (255.0 * 255.0 * (double)used[r]);
        else
            score->undefined = "no pixel's motion can be followed";
    }
}
