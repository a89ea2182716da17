#include "image/planes.h"

#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define SLACK 64 /* swscale may write a little beyond the last pixel */

/* swscale halves chroma by pairs, so an odd row's last pixel is paired with what follows it: zeros, as in FFmpeg's
 * frames. */
static size_t row_size(int width)
{
    return 3 * (size_t)width + SLACK;
}

gb_status gb_planes_new(int width, int height, bool yuv420, gb_planes *out, gb_error *err)
{
    gb_planes planes = {.scaler = NULL};
    gb_status status = GB_OK;
    for (int p = 0; p < 3; p++) {
        const int divide = yuv420 && p > 0 ? 2 : 1;
        planes.width[p] = (width + divide - 1) / divide;
        planes.height[p] = (height + divide - 1) / divide;
        const size_t size = (size_t)planes.width[p] * (size_t)planes.height[p] + SLACK;
        planes.plane[p] = gb_alloc_aligned(size, 1);
        if (!planes.plane[p]) GB_GO(gb_fail_memory(err, "planes", size));
    }
    if (yuv420) {
        planes.padded = gb_alloc(row_size(width) * (size_t)height, 1);
        if (!planes.padded) GB_GO(gb_fail_memory(err, "planes", row_size(width) * (size_t)height));
        planes.scaler = sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P,
                                       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
        if (!planes.scaler)
            GB_GO(gb_fail(err, GB_E_UNSUPPORTED, "no conversion of %dx%d pixels to yuv420p", width, height));
    }
    *out = planes;
done:
    if (status != GB_OK) gb_planes_free(&planes);
    return status;
}

void gb_planes_free(gb_planes *planes)
{
    for (int p = 0; p < 3; p++) free(planes->plane[p]);
    free(planes->padded);
    sws_freeContext(planes->scaler);
    *planes = (gb_planes){.scaler = NULL};
}

gb_status gb_planes_fill(gb_planes *planes, const gb_image *image, gb_error *err)
{
    if (image->width != planes->width[0] || image->height != planes->height[0])
        return gb_fail(err, GB_E_MISMATCH, "planes: a frame is %dx%d, expected %dx%d", image->width, image->height,
                       planes->width[0], planes->height[0]);
    if (planes->scaler) {
        const size_t row = 3 * (size_t)image->width, padded = row_size(image->width);
        for (size_t y = 0; y < (size_t)image->height; y++)
            memcpy(planes->padded + y * padded, image->rgb + y * row, row);
        const uint8_t *const from[4] = {planes->padded};
        const int from_stride[4] = {(int)padded};
        const int to_stride[4] = {planes->width[0], planes->width[1], planes->width[2]};
        uint8_t *const to[4] = {planes->plane[0], planes->plane[1], planes->plane[2]};
        if (sws_scale(planes->scaler, from, from_stride, 0, image->height, to, to_stride) == image->height)
            return GB_OK;
        return gb_fail(err, GB_E_UNSUPPORTED, "planes: the conversion to yuv420p failed");
    }
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++)
        for (size_t p = 0; p < 3; p++) planes->plane[p][i] = image->rgb[3 * i + p];
    return GB_OK;
}
