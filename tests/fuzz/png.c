#include "fuzz/targets.h"
#include "image/codec.h"

int fuzz_png(const uint8_t *data, size_t size)
{
    gb_image image = {0};
    gb_error err;
    if (size < 8 || gb_png_decode(data, size, "fuzz", &image, &err) != GB_OK) return 0;
    gb_image_free(&image);
    return 0;
}
