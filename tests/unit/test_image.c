/* Pictures: PNG kinds, JPEG, damage at every length, resampling. The PNGs of other kinds are written by libpng here. */
#include "support/support.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "image/flow.h"
#include "image/image.h"

/* Smooth with a little noise: compresses, yet no two rows are alike. */
static gb_image make_image(int width, int height)
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    gb_random random = {7};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.rgb[3 * (y * width + x) + c] =
                    (uint8_t)(20 + (x * (c + 1) * 100 / width + y * (3 - c) * 30 / height) % 200 +
                              (int)gb_random_below(&random, 4));
    return image;
}

static void assert_same(const gb_image *a, const gb_image *b)
{
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->rgb, b->rgb, (size_t)a->width * (size_t)a->height * 3);
}

static void test_png_round_trip(void **state)
{
    (void)state;
    gb_error err = {0};
    const int sizes[][2] = {{1, 1}, {3, 2}, {64, 36}, {511, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        gb_image image = make_image(sizes[i][0], sizes[i][1]), back = {0};
        const char *path = test_scratch("round.png");
        assert_ok(gb_image_write_png(path, &image, &err), &err);
        assert_ok(gb_image_read(path, &back, &err), &err);
        assert_same(&image, &back);
        gb_image_free(&image);
        gb_image_free(&back);
        assert_null(back.rgb);
    }
    gb_image_free(NULL);
}

/* A 4x2 PNG of any kind from raw rows. */
static void write_kind(const char *path, int kind, int depth, int interlace, const uint8_t *rows, size_t row_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, 4, 2, depth, kind, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_gAMA(png, info, 0.3); /* must not be applied */
    if (kind == PNG_COLOR_TYPE_PALETTE) {
        const png_color palette[4] = {{1, 2, 3}, {40, 50, 60}, {70, 80, 90}, {255, 0, 128}};
        const png_byte alpha[4] = {0, 10, 255, 128};
        png_set_PLTE(png, info, palette, 4);
        png_set_tRNS(png, info, alpha, 4, NULL);
    }
    png_write_info(png, info);
    png_bytep pointers[2] = {(png_bytep)rows, (png_bytep)rows + row_bytes};
    png_write_image(png, pointers);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

static void expect_pixels(const char *path, const uint8_t expected[24])
{
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_read(path, &image, &err), &err);
    assert_int_equal(image.width, 4);
    assert_int_equal(image.height, 2);
    assert_memory_equal(image.rgb, expected, 24);
    gb_image_free(&image);
}

static void test_png_palette_grey_16_bit_alpha(void **state)
{
    (void)state;
    const char *path = test_scratch("kind.png");
    const uint8_t indexed[2] = {0x1b, 0xe4}; /* 0 1 2 3 / 3 2 1 0 in two bits each */
    const uint8_t colours[24] = {1, 2, 3, 40, 50, 60, 70, 80, 90, 255, 0, 128,
                                 255, 0, 128, 70, 80, 90, 40, 50, 60, 1, 2, 3};
    write_kind(path, PNG_COLOR_TYPE_PALETTE, 2, PNG_INTERLACE_NONE, indexed, 1);
    expect_pixels(path, colours);

    const uint8_t one_bit[2] = {0x50, 0xa0};
    uint8_t expected[24];
    for (int i = 0; i < 24; i++) expected[i] = ((i / 3) % 2 == 1) == (i < 12) ? 255 : 0;
    write_kind(path, PNG_COLOR_TYPE_GRAY, 1, PNG_INTERLACE_NONE, one_bit, 1);
    expect_pixels(path, expected);

    uint8_t grey_alpha[16], wide[48], rgba[32];
    for (int i = 0; i < 8; i++) {
        grey_alpha[2 * i] = (uint8_t)(10 * i);
        grey_alpha[2 * i + 1] = (uint8_t)(i % 2 ? 0 : 99); /* colours under full transparency are kept */
        for (int c = 0; c < 3; c++) {
            expected[3 * i + c] = (uint8_t)(10 * i);
            wide[6 * i + 2 * c] = (uint8_t)(10 * i);
            wide[6 * i + 2 * c + 1] = 0xff; /* rounding to nearest would give 10i + 1 */
            rgba[4 * i + c] = (uint8_t)(10 * i);
        }
        rgba[4 * i + 3] = (uint8_t)(17 * i);
    }
    write_kind(path, PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, grey_alpha, 8);
    expect_pixels(path, expected);
    write_kind(path, PNG_COLOR_TYPE_RGB, 16, PNG_INTERLACE_ADAM7, wide, 24);
    expect_pixels(path, expected);
    write_kind(path, PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_ADAM7, rgba, 16);
    expect_pixels(path, expected);
}

static double mean_difference(const gb_image *a, const gb_image *b)
{
    const size_t bytes = (size_t)a->width * (size_t)a->height * 3;
    long sum = 0;
    for (size_t i = 0; i < bytes; i++) sum += labs((long)a->rgb[i] - b->rgb[i]);
    return (double)sum / (double)bytes;
}

static void test_jpeg_quality(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = make_image(160, 90), back = {0};
    size_t before = 0;
    double worse = 1e9;
    for (int quality = 25; quality <= 95; quality += 35) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        assert_ok(gb_image_encode_jpeg(&image, quality, &bytes, &size, &err), &err);
        assert_ok(gb_image_decode(bytes, size, "memory", &back, &err), &err);
        assert_int_equal(back.width, 160);
        assert_int_equal(back.height, 90);
        const double difference = mean_difference(&image, &back);
        assert_true(size > before && difference < worse);
        before = size;
        worse = difference;
        free(bytes);
        gb_image_free(&back);
    }
    assert_true(worse > 0 && worse < 3); /* the noise alone spreads over four values */
    uint8_t *none = NULL;
    assert_fails(gb_image_encode_jpeg(&image, 0, &none, &before, &err), GB_E_ARG, &err, "found 0");
    assert_fails(gb_image_encode_jpeg(&image, 101, &none, &before, &err), GB_E_ARG, &err, "found 101");
    gb_image_free(&image);
}

/* Every proper prefix is refused, in one line that names the source. A copy of exactly that size lets ASan see reads
 * beyond it. */
static void refuse_prefixes(const uint8_t *bytes, size_t size, size_t step)
{
    for (size_t keep = 0; keep < size; keep += step) {
        gb_error err = {0};
        gb_image image = {0};
        uint8_t *prefix = malloc(keep ? keep : 1);
        memcpy(prefix, bytes, keep);
        assert_fails(gb_image_decode(prefix, keep, "cut.img", &image, &err), GB_E_FORMAT, &err, "cut.img");
        assert_null(image.rgb);
        free(prefix);
    }
}

static void test_truncation_is_refused(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = make_image(40, 30);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_ok(gb_image_encode_png(&image, &bytes, &size, &err), &err);
    refuse_prefixes(bytes, size, 1);
    free(bytes);
    assert_ok(gb_image_encode_jpeg(&image, 90, &bytes, &size, &err), &err);
    refuse_prefixes(bytes, size, 1);
    free(bytes);
    gb_image_free(&image);
}

static void test_damage_is_refused_or_harmless(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = make_image(40, 30), out = {0};
    uint8_t *bytes[2];
    size_t size[2];
    assert_ok(gb_image_encode_png(&image, &bytes[0], &size[0], &err), &err);
    assert_ok(gb_image_encode_jpeg(&image, 90, &bytes[1], &size[1], &err), &err);
    for (int kind = 0; kind < 2; kind++) {
        for (size_t at = 0; at < size[kind]; at++) {
            bytes[kind][at] ^= 0x55;
            const gb_status status = gb_image_decode(bytes[kind], size[kind], "bent", &out, &err);
            /* PNG guards every byte that decides pixels with a checksum: what still decodes is the same picture. */
            if (status == GB_OK && kind == 0) assert_same(&image, &out);
            if (status != GB_OK) assert_null(out.rgb);
            gb_image_free(&out);
            bytes[kind][at] ^= 0x55;
        }
        free(bytes[kind]);
    }
    gb_image_free(&image);
}

static void test_claims_are_checked_before_allocation(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image out = {0};
    /* IHDR of 16383 x 16383 RGB with its checksum, then an empty IDAT: 45 bytes that ask for 805 megabytes. */
    const uint8_t header[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R',
                              0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff, 8, 2, 0, 0, 0, 0x54, 0xd3, 0xfd, 0xfc,
                              0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, 0xaf, 0x06, 0x1e};
    assert_fails(gb_image_decode(header, sizeof header, "huge", &out, &err), GB_E_FORMAT, &err,
                 "cannot hold the 16383x16383 pixels");
    assert_fails(gb_image_new(GB_IMAGE_MAX_SIDE + 1, 1, &out, &err), GB_E_ARG, &err, "16385x1");
    assert_fails(gb_image_new(0, 5, &out, &err), GB_E_ARG, &err, "0x5");
    assert_fails(gb_image_decode((const uint8_t *)"GIF89a..", 8, "a.gif", &out, &err), GB_E_FORMAT, &err,
                 "a.gif: expected a PNG or JPEG");
    assert_fails(gb_image_read(test_scratch("none.png"), &out, &err), GB_E_NOT_FOUND, &err, "none.png");
}

static void test_resize(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = make_image(64, 36), same = {0}, large = {0}, back = {0};
    assert_ok(gb_image_resize(&image, 64, 36, &same, &err), &err);
    assert_same(&image, &same);
    assert_ok(gb_image_resize(&image, 256, 144, &large, &err), &err);
    assert_ok(gb_image_resize(&large, 64, 36, &back, &err), &err);
    assert_int_equal(large.width, 256);
    assert_true(mean_difference(&image, &back) < 1.0);
    /* Channels stay apart: pure red has no green or blue in it at any size. */
    for (size_t i = 0; i < 64 * 36; i++) image.rgb[3 * i + 1] = image.rgb[3 * i + 2] = 0;
    gb_image red = {0};
    assert_ok(gb_image_resize(&image, 101, 57, &red, &err), &err);
    for (size_t i = 0; i < 101 * 57; i++) assert_int_equal(red.rgb[3 * i + 1] + red.rgb[3 * i + 2], 0);
    assert_fails(gb_image_resize(&image, 0, 57, &red, &err), GB_E_ARG, &err, "0x57");
    gb_image_free(&image);
    gb_image_free(&same);
    gb_image_free(&large);
    gb_image_free(&back);
    gb_image_free(&red);
}

static void test_reserve_reuses(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = {0};
    assert_ok(gb_image_reserve(&image, 8, 4, &err), &err);
    const uint8_t *before = image.rgb;
    assert_ok(gb_image_reserve(&image, 8, 4, &err), &err);
    assert_ptr_equal(image.rgb, before);
    assert_ok(gb_image_reserve(&image, 4, 8, &err), &err);
    assert_int_equal(image.width, 4);
    assert_fails(gb_image_reserve(&image, -4, 8, &err), GB_E_ARG, &err, "-4x8");
    assert_int_equal(image.width, 4);
    gb_image_free(&image);
}

/* A picture moved by whole pixels is got back; halfway between two pixels is their mean; what is not valid stays. */
static void test_flow_warp(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_flow flow = {0};
    gb_image next = {0}, out = {0};
    assert_ok(gb_image_new(20, 10, &next, &err), &err);
    assert_ok(gb_flow_reserve(&flow, 20, 10, &err), &err);
    for (int i = 0; i < 20 * 10 * 3; i++) next.rgb[i] = (uint8_t)(i * 37);
    for (int i = 0; i < 20 * 10; i++) {
        flow.valid[i] = i != 45;
        flow.uv[2 * i] = i == 43 ? 0.5f : 2;
        flow.uv[2 * i + 1] = -1;
    }
    assert_ok(gb_flow_warp(&flow, &next, &out, &err), &err);
    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 20; x++) {
            const int at = 20 * y + x, row = y > 0 ? y - 1 : 0, column = x < 18 ? x + 2 : 19;
            if (at == 43) continue;
            const int from = at == 45 ? at : 20 * row + column;
            assert_memory_equal(out.rgb + 3 * at, next.rgb + 3 * from, 3);
        }
    assert_int_equal(out.rgb[3 * 43], (next.rgb[3 * 23] + next.rgb[3 * 24] + 1) / 2);
    flow.width = 19;
    assert_fails(gb_flow_warp(&flow, &next, &out, &err), GB_E_ARG, &err, "19x10");
    flow.width = 20;
    gb_flow_free(&flow);
    gb_image_free(&next);
    gb_image_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_round_trip),
        cmocka_unit_test(test_png_palette_grey_16_bit_alpha),
        cmocka_unit_test(test_jpeg_quality),
        cmocka_unit_test(test_truncation_is_refused),
        cmocka_unit_test(test_damage_is_refused_or_harmless),
        cmocka_unit_test(test_claims_are_checked_before_allocation),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_reserve_reuses),
        cmocka_unit_test(test_flow_warp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
