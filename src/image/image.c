#include "image/image.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static size_t image_bytes(int width, int height)
{
    return (size_t)width * (size_t)height * 3;
}

gb_status gb_image_new(int width, int height, gb_image *out, gb_error *err)
{
    if (width < 1 || height < 1 || width > GB_IMAGE_MAX_SIDE || height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_ARG, "image: expected 1..%d pixels a side, found %dx%d", GB_IMAGE_MAX_SIDE, width,
                       height);
    /* swscale's vector code may write a little beyond the last pixel. */
    uint8_t *rgb = gb_alloc_aligned(image_bytes(width, height) + GB_ALIGNMENT, 1);
    if (!rgb) return gb_fail_memory(err, "image", image_bytes(width, height));
    *out = (gb_image){.width = width, .height = height, .rgb = rgb};
    return GB_OK;
}

gb_status gb_image_reserve(gb_image *image, int width, int height, gb_error *err)
{
    if (image->rgb && image->width == width && image->height == height) return GB_OK;
    gb_image fresh = {0};
    GB_TRY(gb_image_new(width, height, &fresh, err));
    gb_image_free(image);
    *image = fresh;
    return GB_OK;
}

void gb_image_free(gb_image *image)
{
    if (!image) return;
    free(image->rgb);
    *image = (gb_image){0};
}

gb_status gb_image_copy(const gb_image *from, gb_image *out, gb_error *err)
{
    GB_TRY(gb_image_reserve(out, from->width, from->height, err));
    memcpy(out->rgb, from->rgb, image_bytes(from->width, from->height));
    return GB_OK;
}

bool gb_image_same_centre(const gb_image *a, const gb_image *b, int side)
{
    if (a->width != b->width || a->height != b->height) return false;
    const size_t row = 3 * (size_t)a->width, skip = 3 * (size_t)side;
    for (size_t at = skip; at < row * (size_t)a->height; at += row)
        if (memcmp(a->rgb + at, b->rgb + at, row - 2 * skip)) return false;
    return true;
}
