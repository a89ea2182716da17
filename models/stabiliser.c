#include "models/stabiliser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/border_motion.h"

enum { BANDS = 9, ONE = 256 /* a whole weight */ };

#define HOLD_LIMIT 1.0      /* levels: repeats of a drawing in compressed cartoons measure 0.25 to 0.8 */
#define HOLD_BAND_LIMIT 4.0 /* of a single band while all of them are below HOLD_LIMIT */
#define RESIDUAL 4.0        /* levels that the motion leaves unexplained at which the weight has fallen to 1/e */
#define DISAGREEMENT 24.0   /* the same for what the generator makes of a pixel */
#define INVENTED 0.8        /* weight of what was invented, where the generator agrees */

const char gb_stabiliser_recipe[] =
    "hold 1: strips by 9 bands of rows; kept bit for bit while the centre beside the seam (as wide as the strip) "
    "differs by less than 1 level (mean, RGB) from when they were drawn; else the last frame, moved in whole pixels "
    "(the rest carried) as the centre beside the seam moves (luma, block matching), blended with weight "
    "exp(-(r/4)^2) (c + (1-c) 0.8 exp(-(d/24)^2)), r: levels the motion leaves unexplained, d: largest difference from "
    "the generator's pixel, c: 1 for what has left the known centre, times exp(-(r/4)^2) each frame; begins anew with "
    "each shot";

struct gb_stabiliser {
    int width, height, side;
    bool running;
    gb_image last;         /* as delivered */
    gb_border_matcher *matcher;
    uint8_t *anchor;       /* [border][row][side x RGB]: the centre beside the seam when the strip was drawn */
    uint8_t *known, *next; /* [border][row][side]: how far a pixel comes from the known centre, 255: wholly */
    gb_motion carry[2];    /* displacement still to be made */
    int *hold, *gate;      /* [row]: weights of keeping and of moving */
    int agreement[256];    /* weight by disagreement in levels */
};

void gb_stabiliser_free(gb_stabiliser *stabiliser)
{
    if (!stabiliser) return;
    gb_image_free(&stabiliser->last);
    gb_border_matcher_free(stabiliser->matcher);
    free(stabiliser->anchor);
    free(stabiliser->known);
    free(stabiliser->next);
    free(stabiliser->hold);
    free(stabiliser->gate);
    free(stabiliser);
}

static size_t strip_pixels(const gb_stabiliser *s)
{
    return (size_t)s->side * (size_t)s->height;
}

gb_status gb_stabiliser_new(int width, int height, int side, gb_stabiliser **out, gb_error *err)
{
    gb_status status = GB_OK;
    if (width < 1 || height < 1 || side < 1 || side > (width - 1) / 2)
        return gb_fail(err, GB_E_ARG, "expected strips that leave a centre, found side %d in a frame of %dx%d", side,
                       width, height);
    gb_stabiliser *s = gb_alloc(1, sizeof *s);
    if (!s) return gb_fail_memory(err, "stabiliser", sizeof *s);
    s->width = width;
    s->height = height;
    s->side = side;
    s->anchor = gb_alloc(2 * strip_pixels(s), 3);
    s->known = gb_alloc(2 * strip_pixels(s), 1);
    s->next = gb_alloc(2 * strip_pixels(s), 1);
    s->hold = gb_alloc((size_t)height, sizeof *s->hold);
    s->gate = gb_alloc((size_t)height, sizeof *s->gate);
    if (!s->anchor || !s->known || !s->next || !s->hold || !s->gate)
        GB_GO(gb_fail_memory(err, "stabiliser", 10 * strip_pixels(s)));
    for (int d = 0; d < 256; d++)
        s->agreement[d] = (int)lround(ONE * INVENTED * exp(-(d / DISAGREEMENT) * (d / DISAGREEMENT)));
    GB_GO(gb_image_new(width, height, &s->last, err));
    GB_GO(gb_border_matcher_new(width, height, side, &s->matcher, err));
    *out = s;
done:
    if (status != GB_OK) gb_stabiliser_free(s);
    return status;
}

const gb_image *gb_stabiliser_last(const gb_stabiliser *stabiliser)
{
    return stabiliser->running ? &stabiliser->last : NULL;
}

/* The first column of a border's strip, and of as many columns of the centre beside it (fewer where it is narrow). */
static int strip_column(const gb_stabiliser *s, gb_border border)
{
    return border == GB_BORDER_LEFT ? 0 : s->width - s->side;
}

static int zone_columns(const gb_stabiliser *s)
{
    const int centre = s->width - 2 * s->side;
    return s->side < centre ? s->side : centre;
}

static const uint8_t *zone_row(const gb_stabiliser *s, const gb_image *frame, gb_border border, int y)
{
    const int column = border == GB_BORDER_LEFT ? s->side : s->width - s->side - zone_columns(s);
    return frame->rgb + ((size_t)y * (size_t)s->width + (size_t)column) * 3;
}

static uint8_t *anchor_row(const gb_stabiliser *s, gb_border border, int y)
{
    return s->anchor + ((size_t)border * strip_pixels(s) + (size_t)y * (size_t)s->side) * 3;
}

static void set_anchor(gb_stabiliser *s, const gb_image *frame, gb_border border, int from, int to)
{
    for (int y = from; y < to; y++)
        memcpy(anchor_row(s, border, y), zone_row(s, frame, border, y), (size_t)zone_columns(s) * 3);
}

static int band_start(const gb_stabiliser *s, int band)
{
    return (int)((long)band * s->height / BANDS);
}

static uint32_t sum_differences(const uint8_t *restrict a, const uint8_t *restrict b, int count)
{
    uint32_t sum = 0;
    for (int i = 0; i < count; i++) sum += (uint32_t)abs(a[i] - b[i]);
    return sum;
}

/* Which bands are still as they were when the strip was drawn; true when all are. */
static bool find_held(const gb_stabiliser *s, const gb_image *frame, gb_border border, bool held[BANDS])
{
    double mean[BANDS], all = 0.0;
    bool whole = true;
    const int samples = 3 * zone_columns(s);
    for (int b = 0; b < BANDS; b++) {
        const int from = band_start(s, b), to = band_start(s, b + 1);
        uint64_t sum = 0;
        for (int y = from; y < to; y++)
            sum += sum_differences(anchor_row(s, border, y), zone_row(s, frame, border, y), samples);
        mean[b] = to > from ? (double)sum / ((double)samples * (to - from)) : 0.0;
        all += (double)sum / ((double)samples * s->height);
    }
    for (int b = 0; b < BANDS; b++) {
        held[b] = mean[b] < HOLD_LIMIT || (all < HOLD_LIMIT && mean[b] < HOLD_BAND_LIMIT);
        whole = whole && held[b];
    }
    return whole;
}

/* Values at the middle of each band, drawn out in straight lines to all rows. */
static void spread_over_rows(const gb_stabiliser *s, const int value[BANDS], int *row)
{
    for (int y = 0; y < s->height; y++) {
        const double at = (y + 0.5) * BANDS / s->height - 0.5;
        const int above = at < 0 ? 0 : at > BANDS - 1 ? BANDS - 1 : (int)at;
        const int below = above + 1 < BANDS ? above + 1 : above;
        const double share = at < above ? 0.0 : at - above;
        row[y] = (int)lround(value[above] + share * (value[below] - value[above]));
    }
}

static int gate_of(double unexplained)
{
    return (int)lround(ONE * exp(-(unexplained / RESIDUAL) * (unexplained / RESIDUAL)));
}

/* Weights of each row from the bands that are held and from how well `motion` explains the others. */
static void weigh_rows(gb_stabiliser *s, const bool held[BANDS], gb_motion motion)
{
    int hold[BANDS], gate[BANDS];
    for (int b = 0; b < BANDS; b++) {
        hold[b] = held[b] ? ONE : 0;
        gate[b] = gate_of(gb_border_mismatch(s->matcher, motion, band_start(s, b), band_start(s, b + 1)));
    }
    spread_over_rows(s, hold, s->hold);
    spread_over_rows(s, gate, s->gate);
}

/* Rounded to whole pixels; what is left goes into the carry. */
static int take_whole(int *carry)
{
    const int half = *carry >= 0 ? GB_MOTION_UNIT / 2 : -(GB_MOTION_UNIT / 2);
    const int whole = (*carry + half) / GB_MOTION_UNIT;
    *carry -= whole * GB_MOTION_UNIT;
    return whole;
}

static int largest_difference(const uint8_t *a, const uint8_t *b)
{
    int largest = 0;
    for (int c = 0; c < 3; c++) {
        const int difference = abs(a[c] - b[c]);
        if (difference > largest) largest = difference;
    }
    return largest;
}

static int mix(int a, int b, int weight_of_b)
{
    return (a * (ONE - weight_of_b) + b * weight_of_b + ONE / 2) / ONE;
}

/* How far the pixel at (x, y) of the last frame comes from the known centre, 0..255. */
static int known_at(const gb_stabiliser *s, gb_border border, int x, int y)
{
    const int column = x - strip_column(s, border);
    if (column < 0 || column >= s->side) return x >= s->side && x < s->width - s->side ? 255 : 0;
    return s->known[(size_t)border * strip_pixels(s) + (size_t)y * (size_t)s->side + (size_t)column];
}

/* One pixel of the strip: the generator's, blended with that of the last frame `move` away, then with the one that
 * stood here as far as the row is held. Returns how far it is known. */
static int filter_pixel(const gb_stabiliser *s, gb_border border, int x, int y, const int move[2], uint8_t *pixel)
{
    const size_t pitch = (size_t)s->width * 3;
    const uint8_t *here = s->last.rgb + (size_t)y * pitch + (size_t)x * 3;
    const int from_x = x - move[0], from_y = y - move[1], hold = s->hold[y];
    int known = 0;
    if (hold < ONE && from_x >= 0 && from_x < s->width && from_y >= 0 && from_y < s->height) {
        const uint8_t *moved = s->last.rgb + (size_t)from_y * pitch + (size_t)from_x * 3;
        const int trust = known_at(s, border, from_x, from_y), gate = s->gate[y];
        const int agreed = s->agreement[largest_difference(moved, pixel)];
        const int weight = gate * (agreed + (ONE - agreed) * trust / 255) / ONE;
        for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)mix(pixel[c], moved[c], weight);
        known = gate * trust / ONE;
    }
    for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)mix(pixel[c], here[c], hold);
    return mix(known, known_at(s, border, x, y), hold);
}

static void filter_strip(gb_stabiliser *s, gb_border border, const int move[2], gb_image *frame)
{
    const int first = strip_column(s, border);
    uint8_t *next = s->next + (size_t)border * strip_pixels(s);
    for (int y = 0; y < s->height; y++) {
        uint8_t *pixel = frame->rgb + ((size_t)y * (size_t)s->width + (size_t)first) * 3;
        for (int x = 0; x < s->side; x++, pixel += 3)
            *next++ = (uint8_t)filter_pixel(s, border, first + x, y, move, pixel);
    }
}

static void keep_strip(gb_stabiliser *s, gb_border border, gb_image *frame)
{
    const size_t column = (size_t)strip_column(s, border) * 3, pitch = (size_t)s->width * 3;
    for (size_t y = 0; y < (size_t)s->height; y++)
        memcpy(frame->rgb + y * pitch + column, s->last.rgb + y * pitch + column, (size_t)s->side * 3);
    memcpy(s->next + (size_t)border * strip_pixels(s), s->known + (size_t)border * strip_pixels(s), strip_pixels(s));
}

static void step_border(gb_stabiliser *s, gb_border border, gb_image *frame)
{
    bool held[BANDS];
    if (find_held(s, frame, border, held)) {
        s->carry[border] = (gb_motion){0, 0};
        keep_strip(s, border, frame);
        return;
    }
    gb_motion *carry = &s->carry[border];
    const gb_motion motion = gb_border_match(s->matcher, &s->last, frame, border);
    *carry = motion.dx || motion.dy ? (gb_motion){carry->dx + motion.dx, carry->dy + motion.dy} : (gb_motion){0, 0};
    const int move[2] = {take_whole(&carry->dx), take_whole(&carry->dy)};
    weigh_rows(s, held, motion);
    filter_strip(s, border, move, frame);
    for (int b = 0; b < BANDS; b++)
        if (!held[b]) set_anchor(s, frame, border, band_start(s, b), band_start(s, b + 1));
}

void gb_stabiliser_step(gb_stabiliser *stabiliser, bool follows, gb_image *frame)
{
    gb_stabiliser *s = stabiliser;
    if (!follows || !s->running) {
        for (int border = 0; border < 2; border++) set_anchor(s, frame, (gb_border)border, 0, s->height);
        memset(s->known, 0, 2 * strip_pixels(s));
        memset(s->carry, 0, sizeof s->carry);
        s->running = true;
    } else {
        for (int border = 0; border < 2; border++) step_border(s, (gb_border)border, frame);
        uint8_t *known = s->known;
        s->known = s->next;
        s->next = known;
    }
    memcpy(s->last.rgb, frame->rgb, (size_t)s->width * (size_t)s->height * 3);
}

/* The parts of the state, in the order in which they are stored. */
typedef struct part {
    void *at;
    size_t size;
} part;

enum { PARTS = 5 };

static void list_parts(const gb_stabiliser *s, part parts[PARTS])
{
    parts[0] = (part){s->last.rgb, (size_t)s->width * (size_t)s->height * 3};
    parts[1] = (part){s->anchor, 2 * strip_pixels(s) * 3};
    parts[2] = (part){s->known, 2 * strip_pixels(s)};
    parts[3] = (part){(void *)s->carry, sizeof s->carry};
    parts[4] = (part){(void *)&s->running, sizeof s->running};
}

size_t gb_stabiliser_state_size(const gb_stabiliser *stabiliser)
{
    part parts[PARTS];
    size_t size = 0;
    list_parts(stabiliser, parts);
    for (int p = 0; p < PARTS; p++) size += parts[p].size;
    return size;
}

void gb_stabiliser_save(const gb_stabiliser *stabiliser, uint8_t *out)
{
    part parts[PARTS];
    list_parts(stabiliser, parts);
    for (int p = 0; p < PARTS; out += parts[p++].size) memcpy(out, parts[p].at, parts[p].size);
}

void gb_stabiliser_load(gb_stabiliser *stabiliser, const uint8_t *state)
{
    part parts[PARTS];
    list_parts(stabiliser, parts);
    for (int p = 0; p < PARTS; state += parts[p++].size) memcpy(parts[p].at, state, parts[p].size);
}
