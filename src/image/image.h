/* 8-bit RGB pictures: packed, row-major, 3 bytes a pixel, sRGB values as stored. */
#ifndef GB_IMAGE_IMAGE_H
#define GB_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#define GB_IMAGE_MAX_SIDE 16384 /* pixels; larger claims are refused before allocation */

typedef struct gb_image {
    int width, height;
    uint8_t *rgb; /* width * height * 3; owned */
} gb_image;

/* Allocates; contents undefined. `*out` must be zeroed or freed before. */
gb_status gb_image_new(int width, int height, gb_image *out, gb_error *err) GB_MUST_CHECK;
/* As gb_image_new, unless `image` is of this size already. An empty (zeroed) image is fine. */
gb_status gb_image_reserve(gb_image *image, int width, int height, gb_error *err) GB_MUST_CHECK;
void gb_image_free(gb_image *image); /* and zeroes it; NULL and empty are fine */
gb_status gb_image_copy(const gb_image *from, gb_image *out, gb_error *err) GB_MUST_CHECK; /* `out` as reserved */

/* Whether two pictures are of one size and the same but for `side` columns, less than half of them, at either edge. */
bool gb_image_same_centre(const gb_image *a, const gb_image *b, int side);

/* PNG or JPEG by content. Palette, grey, 16-bit and alpha PNGs become 8-bit RGB as libpng does (alpha is dropped, grey
 * repeated, 16 bits rounded down); truncated or damaged files are GB_E_FORMAT. */
gb_status gb_image_read(const char *path, gb_image *out, gb_error *err) GB_MUST_CHECK;
bool gb_image_is_name(const char *name); /* .png, .jpg, .jpeg, in any case; not hidden */
gb_status gb_image_write_png(const char *path, const gb_image *image, gb_error *err) GB_MUST_CHECK;
gb_status gb_image_put_png(const char *path, const gb_image *image, gb_error *err) GB_MUST_CHECK; /* by gb_file_put */

/* In memory; the caller frees *bytes. JPEG: baseline, 4:2:0, quality 1..100 (95 is OpenCV's default). */
gb_status gb_image_encode_png(const gb_image *image, uint8_t **bytes, size_t *size, gb_error *err) GB_MUST_CHECK;
gb_status gb_image_encode_jpeg(const gb_image *image, int quality, uint8_t **bytes, size_t *size, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_image_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
    GB_MUST_CHECK;

/* The one resampler: libswscale, bicubic, bit-exact (no CPU-dependent rounding), each channel by itself. */
gb_status gb_image_resize(const gb_image *from, int width, int height, gb_image *out, gb_error *err) GB_MUST_CHECK;

#endif
