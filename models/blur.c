/* What television does: behind the picture lies the picture itself, enlarged to the frame's width (its top and bottom
 * fall outside) and strongly blurred.
 *
 * Exactly: the centre (cw x H) is box-blurred three times in each direction with radius max(1, H / 20), edges repeated,
 * each pass rounding half up. Strip pixel (x, y) is the blurred centre at
 *     u = (2x + 1) * cw / W - 1,  v = (H - 1) + (2y + 1 - H) * cw / W     (in half pixels)
 * rounded down to 1/256 pixel, interpolated bilinearly, rounding half up. Integers throughout. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "models/baseline.h"
#include "models/generator.h"

#define PASSES 3

/* `count` pixels `step` bytes apart, from `in` to `out`: one box of 2 * radius + 1. */
static void box(const uint8_t *in, uint8_t *out, int count, size_t step, int radius)
{
    const uint32_t size = 2 * (uint32_t)radius + 1;
    uint32_t sum[3] = {0};
    for (int i = -radius; i <= radius; i++) {
        const int at = i < 0 ? 0 : i < count ? i : count - 1;
        for (int c = 0; c < 3; c++) sum[c] += in[(size_t)at * step + (size_t)c];
    }
    for (int i = 0; i < count; i++) {
        const int next = i + radius + 1 < count ? i + radius + 1 : count - 1;
        const int last = i - radius > 0 ? i - radius : 0;
        for (int c = 0; c < 3; c++) {
            out[(size_t)i * step + (size_t)c] = (uint8_t)((sum[c] + size / 2) / size);
            sum[c] += in[(size_t)next * step + (size_t)c];
            sum[c] -= in[(size_t)last * step + (size_t)c];
        }
    }
}

/* Blurs `picture` (width x height), with `spare` as large; the result is in `picture`. */
static void blur(uint8_t *picture, uint8_t *spare, int width, int height, int radius)
{
    const size_t pitch = (size_t)width * 3;
    for (int pass = 0; pass < PASSES; pass++) {
        for (int y = 0; y < height; y++) box(picture + (size_t)y * pitch, spare + (size_t)y * pitch, width, 3, radius);
        for (int x = 0; x < width; x++) box(spare + (size_t)x * 3, picture + (size_t)x * 3, height, pitch, radius);
    }
}

/* A coordinate in 1/256 pixel, kept inside [0, count - 1], as a pixel and the weight of the next one. */
typedef struct sample {
    int at, next;
    uint32_t weight;
} sample;

static sample sample_at(int64_t position, int count)
{
    const int64_t last = (int64_t)(count - 1) * 256;
    position = position < 0 ? 0 : position < last ? position : last;
    const int at = (int)(position / 256);
    return (sample){at, at + 1 < count ? at + 1 : at, (uint32_t)(position % 256)};
}

static void paint_pixel(const uint8_t *picture, int width, sample u, sample v, uint8_t *out)
{
    const uint8_t *top = picture + (size_t)v.at * (size_t)width * 3;
    const uint8_t *bottom = picture + (size_t)v.next * (size_t)width * 3;
    const size_t left = (size_t)u.at * 3, right = (size_t)u.next * 3;
    for (size_t c = 0; c < 3; c++) {
        const uint32_t above = top[left + c] * (256 - u.weight) + top[right + c] * u.weight;
        const uint32_t below = bottom[left + c] * (256 - u.weight) + bottom[right + c] * u.weight;
        out[c] = (uint8_t)((above * (256 - v.weight) + below * v.weight + 32768) >> 16);
    }
}

static void paint_strip(gb_image *frame, const uint8_t *picture, int centre, int from, int to)
{
    const int64_t w = frame->width, h = frame->height;
    for (int y = 0; y < h; y++) {
        const sample v = sample_at(((h - 1) * w + (2 * y + 1 - h) * centre) * 128 / w, (int)h);
        uint8_t *row = frame->rgb + (size_t)y * (size_t)w * 3;
        for (int x = from; x < to; x++) {
            const sample u = sample_at(((2 * (int64_t)x + 1) * centre - w) * 128 / w, centre);
            paint_pixel(picture, centre, u, v, row + (size_t)x * 3);
        }
    }
}

static gb_status paint(gb_image *frame, int side, gb_error *err)
{
    GB_TRY(gb_baseline_check(frame, side, err));
    const int centre = frame->width - 2 * side, height = frame->height;
    const int radius = height / 20 > 1 ? height / 20 : 1;
    const size_t pitch = (size_t)centre * 3, size = pitch * (size_t)height;
    uint8_t *picture = gb_alloc(2, size);
    if (!picture) return gb_fail_memory(err, "a blurred picture", 2 * size);
    for (int y = 0; y < height; y++)
        memcpy(picture + (size_t)y * pitch, frame->rgb + ((size_t)y * (size_t)frame->width + (size_t)side) * 3, pitch);
    blur(picture, picture + size, centre, height, radius);
    paint_strip(frame, picture, centre, 0, side);
    paint_strip(frame, picture, centre, side + centre, frame->width);
    free(picture);
    return GB_OK;
}

const gb_generator gb_generator_blur = {
    .id = "blur",
    .title = "pillarbox blur",
    .summary = "the picture enlarged and strongly blurred behind itself, as television does",
    .source = "baseline",
    .paint = paint,
};
