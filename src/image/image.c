#include "image/image.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "image/codec.h"

#define MAX_FILE ((size_t)1 << 30)

static size_t image_bytes(int width, int height)
{
    return (size_t)width * (size_t)height * 3;
}

bool gb_image_is_name(const char *name)
{
    static const char *const known[] = {".png", ".jpg", ".jpeg"};
    const char *const extension = gb_path_extension(name);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (name[0] != '.' && strcasecmp(extension, known[i]) == 0) return true;
    return false;
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
    GB_TRY(gb_image_new(from->width, from->height, out, err));
    memcpy(out->rgb, from->rgb, image_bytes(from->width, from->height));
    return GB_OK;
}

gb_status gb_image_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[3] = {0xff, 0xd8, 0xff};
    if (size >= sizeof png && !memcmp(bytes, png, sizeof png)) return gb_png_decode(bytes, size, what, out, err);
    if (size >= sizeof jpeg && !memcmp(bytes, jpeg, sizeof jpeg)) return gb_jpeg_decode(bytes, size, what, out, err);
    if (size == 0) return gb_fail(err, GB_E_FORMAT, "%s: expected a PNG or JPEG, found an empty file", what);
    return gb_fail(err, GB_E_FORMAT, "%s: expected a PNG or JPEG, found other content", what);
}

gb_status gb_image_read(const char *path, gb_image *out, gb_error *err)
{
    char *bytes = NULL;
    size_t size = 0;
    GB_TRY(gb_file_read(path, MAX_FILE, &bytes, &size, err));
    const gb_status status = gb_image_decode((const uint8_t *)bytes, size, path, out, err);
    free(bytes);
    return status;
}

gb_status gb_image_write_png(const char *path, const gb_image *image, gb_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    GB_TRY(gb_image_encode_png(image, &bytes, &size, err));
    const gb_status status = gb_file_write(path, bytes, size, err);
    free(bytes);
    return status;
}
