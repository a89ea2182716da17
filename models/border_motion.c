#include "models/border_motion.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

enum {
    COARSE = 4,   /* pixels a side of a coarse one */
    FINE = 3,     /* pixels either way of the coarse estimate */
    FINE_ROWS = 4 /* of so many rows one is looked at for parts of a pixel */
};

/* How much better than standing still a displacement must fit: noise alone always finds one that is a little better. */
#define WORTH_MOVING 0.9
#define LEAST_GAIN 0.25 /* 8-bit levels */
/* The same for parts of a pixel: interpolation takes away noise, and fits better for that alone. */
#define WORTH_HALF 0.85
#define WORTH_QUARTER 0.95

/* One luma plane of a zone: the centre's columns beside a seam. */
typedef struct plane {
    int width, height;
    uint8_t *pixel;
} plane;

struct gb_border_matcher {
    int width, height, side, zone; /* `zone`: columns that are matched */
    plane fine[2], coarse[2];      /* before, now */
};

static gb_status new_plane(int width, int height, plane *out, gb_error *err)
{
    *out = (plane){width, height, gb_alloc((size_t)width * (size_t)height, 1)};
    return out->pixel ? GB_OK : gb_fail_memory(err, "motion", (size_t)width * (size_t)height);
}

void gb_border_matcher_free(gb_border_matcher *matcher)
{
    if (!matcher) return;
    for (int i = 0; i < 2; i++) {
        free(matcher->fine[i].pixel);
        free(matcher->coarse[i].pixel);
    }
    free(matcher);
}

gb_status gb_border_matcher_new(int width, int height, int side, gb_border_matcher **out, gb_error *err)
{
    gb_status status = GB_OK;
    const int centre = width - 2 * side;
    gb_border_matcher *m = gb_alloc(1, sizeof *m);
    if (!m) return gb_fail_memory(err, "motion", sizeof *m);
    m->width = width;
    m->height = height;
    m->side = side;
    m->zone = 2 * side < centre ? 2 * side : centre;
    const int coarse_width = (m->zone + COARSE - 1) / COARSE, coarse_height = (height + COARSE - 1) / COARSE;
    for (int i = 0; i < 2; i++) {
        GB_GO(new_plane(m->zone, height, &m->fine[i], err));
        GB_GO(new_plane(coarse_width, coarse_height, &m->coarse[i], err));
    }
    *out = m;
done:
    if (status != GB_OK) gb_border_matcher_free(m);
    return status;
}

static void take_luma(const gb_border_matcher *m, const gb_image *image, gb_border border, const plane *out)
{
    const int first = border == GB_BORDER_LEFT ? m->side : m->width - m->side - m->zone;
    for (int y = 0; y < out->height; y++) {
        const uint8_t *from = image->rgb + ((size_t)y * (size_t)m->width + (size_t)first) * 3;
        uint8_t *to = out->pixel + (size_t)y * (size_t)out->width;
        for (int x = 0; x < out->width; x++, from += 3) to[x] = (uint8_t)((from[0] + 2 * from[1] + from[2]) >> 2);
    }
}

static void reduce(const plane *from, const plane *to)
{
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++) {
            const int x1 = COARSE * (x + 1) < from->width ? COARSE * (x + 1) : from->width;
            const int y1 = COARSE * (y + 1) < from->height ? COARSE * (y + 1) : from->height;
            int sum = 0, count = 0;
            for (int v = COARSE * y; v < y1; v++)
                for (int u = COARSE * x; u < x1; u++, count++) sum += from->pixel[v * from->width + u];
            to->pixel[y * to->width + x] = (uint8_t)((sum + count / 2) / count);
        }
}

static uint32_t sum_differences(const uint8_t *restrict a, const uint8_t *restrict b, int count)
{
    uint32_t sum = 0;
    for (int i = 0; i < count; i++) sum += (uint32_t)abs(a[i] - b[i]);
    return sum;
}

/* Mean absolute difference where both planes have pixels; infinite when that is less than half of the plane. */
static double mismatch(const plane *before, const plane *now, int dx, int dy)
{
    const int x0 = dx > 0 ? dx : 0, x1 = now->width + (dx < 0 ? dx : 0);
    const int y0 = dy > 0 ? dy : 0, y1 = now->height + (dy < 0 ? dy : 0);
    if (2 * (x1 - x0) < now->width || 2 * (y1 - y0) < now->height) return INFINITY;
    uint64_t sum = 0;
    for (int y = y0; y < y1; y++)
        sum += sum_differences(now->pixel + y * now->width + x0, before->pixel + (y - dy) * before->width + x0 - dx,
                               x1 - x0);
    return (double)sum / ((double)(x1 - x0) * (y1 - y0));
}

typedef struct match {
    int dx, dy;
    double cost;
} match;

/* The best displacement within `reach` of `about`; of equals the first, row by row. */
static match search(const plane planes[2], match about, int reach_x, int reach_y)
{
    match best = about;
    best.cost = mismatch(&planes[0], &planes[1], about.dx, about.dy);
    for (int dy = about.dy - reach_y; dy <= about.dy + reach_y; dy++)
        for (int dx = about.dx - reach_x; dx <= about.dx + reach_x; dx++) {
            const double cost = mismatch(&planes[0], &planes[1], dx, dy);
            if (cost < best.cost) best = (match){dx, dy, cost};
        }
    return best;
}

static int floor_units(int units)
{
    return units >= 0 ? units / GB_MOTION_UNIT : -((-units + GB_MOTION_UNIT - 1) / GB_MOTION_UNIT);
}

/* As gb_border_mismatch, of every `step`-th row. */
static double mismatch_between(const gb_border_matcher *matcher, gb_motion motion, int from, int to, int step)
{
    const plane *before = &matcher->fine[0], *now = &matcher->fine[1];
    const int left = floor_units(-motion.dx), up = floor_units(-motion.dy); /* whole pixels to the source's top left */
    const int fx = -motion.dx - left * GB_MOTION_UNIT, fy = -motion.dy - up * GB_MOTION_UNIT;
    const int right = fx ? 1 : 0, down = fy ? before->width : 0;
    uint64_t sum = 0, count = 0;
    for (int y = from; y < to; y += step) {
        if (y + up < 0 || y + up + (fy ? 1 : 0) >= before->height) continue;
        const uint8_t *row = before->pixel + (y + up) * before->width, *target = now->pixel + y * now->width;
        const int x0 = left < 0 ? -left : 0;
        const int x1 = now->width < before->width - left - right ? now->width : before->width - left - right;
        for (int x = x0; x < x1; x++) {
            const uint8_t *at = row + x + left;
            const int top = at[0] * (GB_MOTION_UNIT - fx) + at[right] * fx;
            const int bottom = at[down] * (GB_MOTION_UNIT - fx) + at[down + right] * fx;
            const int value = (top * (GB_MOTION_UNIT - fy) + bottom * fy) >> 16;
            sum += (uint64_t)abs(target[x] - value);
        }
        if (x1 > x0) count += (uint64_t)(x1 - x0);
    }
    return count ? (double)sum / (double)count : 255.0;
}

double gb_border_mismatch(const gb_border_matcher *matcher, gb_motion motion, int from, int to)
{
    return mismatch_between(matcher, motion, from, to, 1);
}

/* The best of the eight displacements `reach` units around, if it fits better by `factor`. */
static gb_motion refine(const gb_border_matcher *m, gb_motion about, int reach, double factor)
{
    gb_motion best = about;
    double least = factor * mismatch_between(m, about, 0, m->height, FINE_ROWS);
    for (int dy = -reach; dy <= reach; dy += reach)
        for (int dx = -reach; dx <= reach; dx += reach) {
            const gb_motion candidate = {about.dx + dx, about.dy + dy};
            const double cost = mismatch_between(m, candidate, 0, m->height, FINE_ROWS);
            if (cost >= least) continue;
            least = cost;
            best = candidate;
        }
    return best;
}

gb_motion gb_border_match(gb_border_matcher *matcher, const gb_image *before, const gb_image *now, gb_border border)
{
    gb_border_matcher *m = matcher;
    take_luma(m, before, border, &m->fine[0]);
    take_luma(m, now, border, &m->fine[1]);
    for (int i = 0; i < 2; i++) reduce(&m->fine[i], &m->coarse[i]);
    const int reach = m->coarse[0].height / 9;
    const match rough = search(m->coarse, (match){0, 0, 0.0}, reach, reach);
    const match best = search(m->fine, (match){COARSE * rough.dx, COARSE * rough.dy, 0.0}, FINE, FINE);
    const double still = mismatch(&m->fine[0], &m->fine[1], 0, 0);
    if (best.cost > WORTH_MOVING * still || best.cost > still - LEAST_GAIN) return (gb_motion){0, 0};
    const gb_motion whole = {best.dx * GB_MOTION_UNIT, best.dy * GB_MOTION_UNIT};
    const gb_motion half = refine(m, whole, GB_MOTION_UNIT / 2, WORTH_HALF);
    return refine(m, half, GB_MOTION_UNIT / 4, WORTH_QUARTER);
}
