#include "datasets/toon/motion.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "datasets/toon/sets.h"

/* Motions that differ by less are the same: the border between them hardly shows. */
#define SAME_MOTION 0.125f
#define MIXED 0xFF /* around a pixel: more than one part (a part of this number counts as mixed, too) */

gb_status gb_labels_reserve(gb_labels *labels, int width, int height, gb_error *err)
{
    if (labels->label && labels->width == width && labels->height == height) return GB_OK;
    free(labels->label);
    const size_t size = (size_t)width * (size_t)height * GB_LABELS * GB_LABELS;
    labels->label = gb_alloc(size, 1);
    if (!labels->label) return gb_fail_memory(err, "labels", size);
    labels->width = width;
    labels->height = height;
    return GB_OK;
}

void gb_labels_free(gb_labels *labels)
{
    free(labels->label);
    labels->label = NULL;
    labels->width = labels->height = 0;
}

typedef struct motion {
    float u, v; /* in pixels */
} motion;

/* A part's way from one frame to the next: pixels to its coordinates, and from there to pixels again. */
typedef struct way {
    bool known, floor;
    double top, camera_now, camera_next;
    cairo_matrix_t back, forth;
    float ux, uy, u, vx, vy, v; /* the motion of a part that is no floor: u = ux x + uy y + u, v alike */
} way;

static void find_way(const gb_part *now, const gb_part *next, way *out)
{
    *out = (way){.known = now->phase == next->phase && now->floor == next->floor, .floor = now->floor,
                 .top = now->floor_top, .camera_now = now->camera_x, .camera_next = next->camera_x,
                 .back = now->place, .forth = next->place};
    if (cairo_matrix_invert(&out->back) != CAIRO_STATUS_SUCCESS) out->known = false;
    cairo_matrix_t whole;
    cairo_matrix_multiply(&whole, &out->back, &out->forth);
    out->ux = (float)(whole.xx - 1);
    out->uy = (float)whole.xy;
    out->u = (float)(whole.x0 / GB_LABELS + 0.5 * (whole.xx - 1 + whole.xy));
    out->vx = (float)whole.yx;
    out->vy = (float)(whole.yy - 1);
    out->v = (float)(whole.y0 / GB_LABELS + 0.5 * (whole.yx + whole.yy - 1));
}

static void find_ways(const gb_parts *now, const gb_parts *next, way out[GB_PARTS])
{
    memset(out, 0, GB_PARTS * sizeof *out);
    if (now->count != next->count) return; /* numbers do not mean the same */
    for (int i = 1; i <= now->count && i < MIXED; i++) find_way(&now->part[i], &next->part[i], &out[i]);
}

/* Along a floor: its depth is another in every row. */
static motion floor_motion(const way *w, int x, int y)
{
    const double px = (x + 0.5) * GB_LABELS, py = (y + 0.5) * GB_LABELS;
    double qx = px, qy = py;
    cairo_matrix_transform_point(&w->back, &qx, &qy);
    const double scale = gb_floor_scale(qy, w->top);
    qx = w->camera_next + ((qx - w->camera_now) / scale + w->camera_now - w->camera_next) * scale;
    cairo_matrix_transform_point(&w->forth, &qx, &qy);
    return (motion){(float)((qx - px) / GB_LABELS), (float)((qy - py) / GB_LABELS)};
}

/* Of what is at pixel (x, y), if it belongs to the part. */
static motion motion_at(const way *w, int x, int y)
{
    if (w->floor) return floor_motion(w, x, y);
    return (motion){w->ux * (float)x + w->uy * (float)y + w->u, w->vx * (float)x + w->vy * (float)y + w->v};
}

static bool same(motion a, motion b)
{
    return fabsf(a.u - b.u) < SAME_MOTION && fabsf(a.v - b.v) < SAME_MOTION;
}

_Static_assert(GB_LABELS == 2, "find_pure reads the four labels of a window's row as one word");

/* Labels of the pixel and of half a pixel around it. */
typedef struct window {
    int left, top, right, bottom; /* inclusive */
} window;

static window window_of(const gb_labels *labels, int x, int y)
{
    const int most_x = labels->width * GB_LABELS - 1, most_y = labels->height * GB_LABELS - 1;
    window w = {x * GB_LABELS - 1, y * GB_LABELS - 1, x * GB_LABELS + GB_LABELS, y * GB_LABELS + GB_LABELS};
    if (w.left < 0) w.left = 0;
    if (w.top < 0) w.top = 0;
    if (w.right > most_x) w.right = most_x;
    if (w.bottom > most_y) w.bottom = most_y;
    return w;
}

static bool is_pure(const gb_labels *labels, int x, int y, uint8_t first)
{
    const size_t row = (size_t)labels->width * GB_LABELS;
    const window w = window_of(labels, x, y);
    for (int j = w.top; j <= w.bottom; j++)
        for (int i = w.left; i <= w.right; i++)
            if (labels->label[(size_t)j * row + (size_t)i] != first) return false;
    return true;
}

/* For each pixel the one label of its window, or MIXED. */
static void find_pure(const gb_labels *labels, uint8_t *out)
{
    const size_t row = (size_t)labels->width * GB_LABELS;
    for (int y = 0; y < labels->height; y++)
        for (int x = 0; x < labels->width; x++) {
            const uint8_t *own = labels->label + (size_t)y * GB_LABELS * row + (size_t)x * GB_LABELS;
            const bool inside = x > 0 && y > 0 && x < labels->width - 1 && y < labels->height - 1;
            bool pure = inside;
            for (int j = -1; inside && j <= GB_LABELS; j++) { /* the window's rows, four labels at once */
                uint32_t four;
                memcpy(&four, own + j * (ptrdiff_t)row - 1, sizeof four);
                pure &= four == *own * 0x01010101u;
            }
            if (!inside) pure = is_pure(labels, x, y, *own);
            *out++ = pure ? *own : MIXED;
        }
}

typedef struct scene {
    const gb_labels *labels[2];
    uint8_t *pure[2];
    way ways[GB_PARTS];
} scene;

/* Whether all that shows around pixel (wx, wy) of frame `which` moves by `m`, seen from pixel (x, y) of the first. */
static bool agrees(const scene *s, int which, int wx, int wy, int x, int y, motion m)
{
    const gb_labels *labels = s->labels[which];
    const uint8_t pure = s->pure[which][(size_t)wy * (size_t)labels->width + (size_t)wx];
    if (pure != MIXED) return s->ways[pure].known && same(m, motion_at(&s->ways[pure], x, y));
    const window w = window_of(labels, wx, wy);
    int seen = -1;
    for (int j = w.top; j <= w.bottom; j++)
        for (int i = w.left; i <= w.right; i++) {
            const int label = labels->label[(size_t)j * (size_t)labels->width * GB_LABELS + (size_t)i];
            if (label == seen) continue;
            seen = label;
            if (!s->ways[label].known || !same(m, motion_at(&s->ways[label], x, y))) return false;
        }
    return true;
}

static bool follow(const scene *s, int x, int y, motion *out)
{
    const gb_labels *now = s->labels[0];
    const size_t row = (size_t)now->width * GB_LABELS;
    const uint8_t label = now->label[(size_t)(y * GB_LABELS) * row + (size_t)(x * GB_LABELS)];
    if (!s->ways[label].known) return false;
    const motion m = motion_at(&s->ways[label], x, y);
    if (s->pure[0][(size_t)y * (size_t)now->width + (size_t)x] == MIXED && !agrees(s, 0, x, y, x, y, m)) return false;
    const float there_x = (float)x + m.u, there_y = (float)y + m.v;
    const float slack = 1.0f / 512; /* of arithmetic: a still border pixel does not leave the picture */
    if (!(there_x > -slack && there_y > -slack && there_x < (float)(now->width - 1) + slack &&
          there_y < (float)(now->height - 1) + slack))
        return false;
    const int x0 = (int)floorf(there_x + slack), y0 = (int)floorf(there_y + slack);
    const int x1 = there_x - (float)x0 > slack ? x0 + 1 : x0, y1 = there_y - (float)y0 > slack ? y0 + 1 : y0;
    for (int j = y0; j <= y1; j++)
        for (int i = x0; i <= x1; i++)
            if (!agrees(s, 1, i, j, x, y, m)) return false;
    *out = m;
    return true;
}

gb_status gb_motion_flow(const gb_labels *now, const gb_labels *next, gb_flow *out, gb_error *err)
{
    if (now->width != next->width || now->height != next->height)
        return gb_fail(err, GB_E_ARG, "flow: expected frames of one size, found %dx%d and %dx%d", now->width,
                       now->height, next->width, next->height);
    GB_TRY(gb_flow_reserve(out, now->width, now->height, err));
    const size_t pixels = (size_t)now->width * (size_t)now->height;
    scene s = {.labels = {now, next}};
    uint8_t *pure = gb_alloc(pixels, 2);
    if (!pure) return gb_fail_memory(err, "flow", 2 * pixels);
    for (int i = 0; i < 2; i++) find_pure(s.labels[i], s.pure[i] = pure + (size_t)i * pixels);
    find_ways(&now->parts, &next->parts, s.ways);
    size_t at = 0;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++, at++) {
            motion m = {0, 0};
            out->valid[at] = follow(&s, x, y, &m);
            out->uv[2 * at] = m.u;
            out->uv[2 * at + 1] = m.v;
        }
    free(pure);
    return GB_OK;
}
