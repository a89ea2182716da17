#include "image/flow.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

gb_status gb_flow_reserve(gb_flow *flow, int width, int height, gb_error *err)
{
    if (flow->uv && flow->width == width && flow->height == height) return GB_OK;
    gb_flow_free(flow);
    if (width < 1 || height < 1 || width > GB_IMAGE_MAX_SIDE || height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_ARG, "flow: expected 1..%d pixels a side, found %dx%d", GB_IMAGE_MAX_SIDE, width,
                       height);
    const size_t pixels = (size_t)width * (size_t)height;
    flow->uv = gb_alloc(pixels, 2 * sizeof *flow->uv);
    flow->valid = gb_alloc(pixels, 1);
    if (!flow->uv || !flow->valid) {
        gb_flow_free(flow);
        return gb_fail_memory(err, "flow", pixels * (2 * sizeof *flow->uv + 1));
    }
    flow->width = width;
    flow->height = height;
    return GB_OK;
}

void gb_flow_free(gb_flow *flow)
{
    if (!flow) return;
    free(flow->uv);
    free(flow->valid);
    *flow = (gb_flow){0};
}

static int clamp(int value, int end)
{
    return value < 0 ? 0 : value >= end ? end - 1 : value;
}

static void sample(const gb_image *image, float x, float y, uint8_t out[3])
{
    const float left = floorf(x), top = floorf(y), fx = x - left, fy = y - top;
    const int x0 = clamp((int)left, image->width), x1 = clamp((int)left + 1, image->width);
    const int y0 = clamp((int)top, image->height), y1 = clamp((int)top + 1, image->height);
    const size_t row0 = (size_t)y0 * (size_t)image->width, row1 = (size_t)y1 * (size_t)image->width;
    const uint8_t *a = image->rgb + 3 * (row0 + (size_t)x0), *b = image->rgb + 3 * (row0 + (size_t)x1);
    const uint8_t *c = image->rgb + 3 * (row1 + (size_t)x0), *d = image->rgb + 3 * (row1 + (size_t)x1);
    for (int i = 0; i < 3; i++) {
        const float upper = (float)a[i] + fx * (float)(b[i] - a[i]), lower = (float)c[i] + fx * (float)(d[i] - c[i]);
        out[i] = (uint8_t)(upper + fy * (lower - upper) + 0.5f);
    }
}

gb_status gb_flow_warp(const gb_flow *flow, const gb_image *next, gb_image *out, gb_error *err)
{
    if (flow->width != next->width || flow->height != next->height)
        return gb_fail(err, GB_E_ARG, "flow: expected a frame of %dx%d, found %dx%d", flow->width, flow->height,
                       next->width, next->height);
    GB_TRY(gb_image_reserve(out, next->width, next->height, err));
    size_t at = 0;
    for (int y = 0; y < flow->height; y++)
        for (int x = 0; x < flow->width; x++, at++) {
            const float u = flow->valid[at] ? flow->uv[2 * at] : 0, v = flow->valid[at] ? flow->uv[2 * at + 1] : 0;
            sample(next, (float)x + u, (float)y + v, out->rgb + 3 * at);
        }
    return GB_OK;
}
