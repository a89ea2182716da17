#include "api/picture.h"

#include <string.h>

gb_status gb_picture_check(const gb_picture *picture, const char *what, int width, int height, gb_error *err)
{
    if (!picture || !picture->rgb || picture->width < 1 || picture->height < 1 ||
        picture->width > GB_IMAGE_MAX_SIDE || picture->height > GB_IMAGE_MAX_SIDE)
        return gb_fail(err, GB_E_ARG, "%s: expected a picture of 1 to %d pixels a side, found none", what,
                       GB_IMAGE_MAX_SIDE);
    if (picture->stride < (size_t)picture->width * 3)
        return gb_fail(err, GB_E_ARG, "%s: expected at least %d bytes a row, found a stride of %zu", what,
                       picture->width * 3, picture->stride);
    if (picture->width != width || picture->height != height)
        return gb_fail(err, GB_E_MISMATCH, "%s: expected %dx%d pixels, found %dx%d", what, width, height,
                       picture->width, picture->height);
    return GB_OK;
}

void gb_picture_load(const gb_picture *picture, gb_image *out, int column)
{
    for (int y = 0; y < picture->height; y++)
        memcpy(out->rgb + ((size_t)y * out->width + column) * 3, picture->rgb + (size_t)y * picture->stride,
               (size_t)picture->width * 3);
}

void gb_picture_store(const gb_image *from, const gb_picture *picture)
{
    for (int y = 0; y < picture->height; y++)
        memcpy(picture->rgb + (size_t)y * picture->stride, from->rgb + (size_t)y * from->width * 3,
               (size_t)picture->width * 3);
}

gb_status gb_picture_read(const char *path, gb_picture *out, gb_error *err)
{
    gb_image image = {0};
    if (!path || !out) return gb_fail(err, GB_E_ARG, "gb_picture_read: expected a path and a place for the picture");
    GB_TRY(gb_image_read(path, &image, err));
    *out = (gb_picture){.width = image.width, .height = image.height, .stride = (size_t)image.width * 3,
                        .rgb = image.rgb};
    return GB_OK;
}

void gb_picture_free(gb_picture *picture)
{
    if (!picture) return;
    gb_image image = {.width = picture->width, .height = picture->height, .rgb = picture->rgb};
    gb_image_free(&image);
    *picture = (gb_picture){0};
}

gb_status gb_picture_write_png(const char *path, const gb_picture *picture, gb_error *err)
{
    gb_image image = {0};
    gb_status status = GB_OK;
    if (!path || !picture) return gb_fail(err, GB_E_ARG, "gb_picture_write_png: expected a path and a picture");
    GB_GO(gb_picture_check(picture, path, picture->width, picture->height, err));
    GB_GO(gb_image_new(picture->width, picture->height, &image, err));
    gb_picture_load(picture, &image, 0);
    GB_GO(gb_image_write_png(path, &image, err));
done:
    gb_image_free(&image);
    return status;
}
