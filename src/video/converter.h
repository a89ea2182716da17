/* One rectangle of pixels into another format and size by swscale: bicubic, bit-exact, matrix and range as given. */
#ifndef GB_VIDEO_CONVERTER_H
#define GB_VIDEO_CONVERTER_H

#include "video/pixels.h"

typedef struct gb_converter_end {
    enum AVPixelFormat format;
    int width, height;
    enum AVColorSpace matrix; /* of YUV; RGB has none */
    bool full_range;
} gb_converter_end;

typedef struct gb_converter gb_converter;
gb_status gb_converter_new(const gb_converter_end *from, const gb_converter_end *to, gb_converter **out, gb_error *err)
    GB_MUST_CHECK;
void gb_converter_free(gb_converter *converter);
gb_status gb_converter_run(gb_converter *converter, const uint8_t *const from[4], const int from_stride[4],
                           uint8_t *const to[4], const int to_stride[4], gb_error *err) GB_MUST_CHECK;

/* Pointers to pixel (x, y) of each plane; x and y are whole chroma samples. */
void gb_converter_at(const AVFrame *frame, int x, int y, uint8_t *plane[4]);

#endif
