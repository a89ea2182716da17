/* The two file formats behind gb_image_decode; `bytes` begins with the format's signature. */
#ifndef GB_IMAGE_CODEC_H
#define GB_IMAGE_CODEC_H

#include "image/image.h"

gb_status gb_png_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
    GB_MUST_CHECK;
gb_status gb_jpeg_decode(const uint8_t *bytes, size_t size, const char *what, gb_image *out, gb_error *err)
    GB_MUST_CHECK;

#endif
