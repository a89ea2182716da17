#include "metrics/warp_mask.h"

#include <stdlib.h>
#include <string.h>

#include "core/clones.h"
#include "core/memory.h"
#include "flow/follow.h"
#include "flow/pixels.h"
#include "metrics/column_sums.h"

_Static_assert(GB_WARP_PARTS <= 8, "a pixel's parts fit a byte");

struct gb_warp_mask {
    gb_geometry geometry;
    gb_follower *follower;
    float *forward;            /* of the truth: the dataset's where it has it, else estimated */
    unsigned char *member;     /* as gb_warp_mask_member has it */
    int *column;               /* regions of each column, a bit for each */
    unsigned char *sees_strip; /* as gb_warp_mask_sees_strip has it */
    uint64_t used[GB_REGION_COUNT];
};

void gb_warp_mask_free(gb_warp_mask *mask)
{
    if (!mask) return;
    gb_follower_free(mask->follower);
    free(mask->forward);
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
    mask->forward = gb_alloc_aligned(2 * pixels, sizeof *mask->forward);
    mask->member = gb_alloc_aligned(pixels, 1);
    mask->column = gb_alloc((size_t)g.width, sizeof *mask->column);
    mask->sees_strip = gb_alloc((size_t)g.width, 1);
    if (!mask->forward || !mask->member || !mask->column || !mask->sees_strip)
        GB_GO(gb_fail_memory(err, GB_WARP_ID, pixels));
    for (int r = 0; r < GB_REGION_COUNT; r++)
        for (int x = 0; x < g.width; x++)
            if (gb_region_has(g, (gb_region)r, x + 0.5)) mask->column[x] |= 1 << r;
    GB_GO(gb_follower_new(GB_WARP_ID, g.width, g.height, &mask->follower, err));
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

/* Sets 1 where row y goes to a place in the frame and the dataset's flow is valid; `f`: the row. */
GB_CLONES static void follow_known(const float *f, const unsigned char *valid, int y, int width, int height,
                                   unsigned char *restrict followed)
{
    for (int x = 0; x < width; x++)
        followed[x] = (unsigned char)(gb_is_inside(width, height, (float)x + f[2 * x], (float)y + f[2 * x + 1]) &
                                      (valid[x] != 0));
}

/* Turns the ones of a row into the parts that pixels count for. A pixel sees a strip when it or one of those between
 * which it ends, of columns `to` and the next, lies there. */
GB_CLONES static void set_parts(const float *row, int width, const int *restrict column, unsigned char *restrict mask,
                                unsigned char *restrict sees_strip)
{
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

/* From ones where pixels can be followed to the parts that they count for. */
static void mark_pixels(gb_warp_mask *mask)
{
    const gb_geometry g = mask->geometry;
    memset(mask->sees_strip, 0, (size_t)g.width);
    for (int y = 0; y < g.height; y++) {
        const size_t first = (size_t)y * (size_t)g.width;
        set_parts(mask->forward + 2 * first, g.width, mask->column, mask->member + first, mask->sees_strip);
    }
    for (int r = 0; r < GB_REGION_COUNT; r++)
        mask->used[r] = count_parts(mask->member, (size_t)g.width * (size_t)g.height,
                                    1 << (GB_WARP_STRIP + r) | 1 << (GB_WARP_REST + r));
}

static gb_status take_known(gb_warp_mask *mask, const gb_flow *flow, gb_error *err)
{
    const int width = mask->geometry.width, height = mask->geometry.height;
    if (flow->width != width || flow->height != height)
        return gb_fail(err, GB_E_MISMATCH, GB_WARP_ID ": the dataset's flow is %dx%d, expected %dx%d", flow->width,
                       flow->height, width, height);
    memcpy(mask->forward, flow->uv, 2 * sizeof(float) * (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++) {
        const size_t first = (size_t)y * (size_t)width;
        follow_known(mask->forward + 2 * first, flow->valid + first, y, width, height, mask->member + first);
    }
    return GB_OK;
}

gb_status gb_warp_mask_measure(gb_warp_mask *mask, const gb_frame_pair *truth, gb_error *err)
{
    const gb_geometry g = mask->geometry;
    for (int i = 0; i < 2; i++) GB_TRY(gb_metric_check_frame(GB_WARP_ID, g, truth->frame[i], err));
    if (truth->flow)
        GB_TRY(take_known(mask, truth->flow, err));
    else
        GB_TRY(gb_follow(mask->follower, truth->frame, mask->forward, mask->member, err));
    mark_pixels(mask);
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
