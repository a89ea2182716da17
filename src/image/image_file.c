/* Pictures in files: which reader and writer is meant. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "image/codec.h"
#include "image/image.h"

#define MAX_FILE ((size_t)1 << 30)

bool gb_image_is_name(const char *name)
{
    static const char *const known[] = {".png", ".jpg", ".jpeg"};
    const char *const extension = gb_path_extension(name);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (name[0] != '.' && strcasecmp(extension, known[i]) == 0) return true;
    return false;
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

typedef gb_status write_fn(const char *path, const void *data, size_t size, gb_error *err);

static gb_status encode_to(const char *path, const gb_image *image, write_fn *write, gb_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    GB_TRY(gb_image_encode_png(image, &bytes, &size, err));
    const gb_status status = write(path, bytes, size, err);
    free(bytes);
    return status;
}

gb_status gb_image_write_png(const char *path, const gb_image *image, gb_error *err)
{
    return encode_to(path, image, gb_file_write, err);
}

gb_status gb_image_put_png(const char *path, const gb_image *image, gb_error *err)
{
    return encode_to(path, image, gb_file_put, err);
}
