#include <libswscale/swscale.h>
#include <stdlib.h>

#include "core/memory.h"
#include "image/image.h"

/* swscale takes RGB through YUV when it scales, so each channel goes through alone as a grey plane, which it keeps. */
static void split_channel(const gb_image *image, int channel, uint8_t *plane)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++) plane[i] = image->rgb[3 * i + (size_t)channel];
}

static void join_channel(const uint8_t *plane, int channel, gb_image *image)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < pixels; i++) image->rgb[3 * i + (size_t)channel] = plane[i];
}

static int scale_channels(struct SwsContext *scaler, const gb_image *from, uint8_t *source, uint8_t *target,
                          gb_image *out)
{
    for (int channel = 0; channel < 3; channel++) {
        split_channel(from, channel, source);
        const uint8_t *const from_planes[4] = {source};
        uint8_t *const to_planes[4] = {target};
        const int from_stride[4] = {from->width}, to_stride[4] = {out->width};
        if (sws_scale(scaler, from_planes, from_stride, 0, from->height, to_planes, to_stride) != out->height)
            return -1;
        join_channel(target, channel, out);
    }
    return 0;
}

/* swscale may read and write a little beyond the last pixel of a plane. */
static uint8_t *new_plane(int width, int height)
{
    return gb_alloc_aligned((size_t)width * (size_t)height + 64, 1);
}

gb_status gb_image_resize(const gb_image *from, int width, int height, gb_image *out, gb_error *err)
{
    if (from->width == width && from->height == height) return gb_image_copy(from, out, err);
    gb_image scaled = {0};
    GB_TRY(gb_image_new(width, height, &scaled, err));
    gb_status status = GB_OK;
    const int flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT;
    struct SwsContext *scaler = sws_getContext(from->width, from->height, AV_PIX_FMT_GRAY8, width, height,
                                               AV_PIX_FMT_GRAY8, flags, NULL, NULL, NULL);
    uint8_t *source = new_plane(from->width, from->height), *target = new_plane(width, height);
    if (!source || !target)
        status = gb_fail_memory(err, "resize", (size_t)from->width * (size_t)from->height);
    else if (!scaler || scale_channels(scaler, from, source, target, &scaled) != 0)
        status = gb_fail(err, GB_E_UNSUPPORTED, "resize: %dx%d to %dx%d is not possible", from->width, from->height,
                         width, height);
    sws_freeContext(scaler);
    free(source);
    free(target);
    if (status == GB_OK)
        *out = scaled;
    else
        gb_image_free(&scaled);
    return status;
}
