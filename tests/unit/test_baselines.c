/* Baselines: each by its definition, the centre untouched, and the study's peers' pictures where they are. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "models/generator.h"

static gb_image noise(int width, int height)
{
    gb_error err;
    gb_image image = {0};
    gb_random random = {7};
    assert_ok(gb_image_new(width, height, &image, &err), &err);
    for (size_t i = 0; i < (size_t)width * (size_t)height * 3; i++) image.rgb[i] = (uint8_t)gb_random_next(&random);
    return image;
}

static const uint8_t *pixel(const gb_image *image, int x, int y)
{
    return image->rgb + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
}

static void paint(const char *id, gb_image *image, int side)
{
    gb_error err;
    const gb_generator *generator = gb_generator_find(id);
    assert_non_null(generator);
    assert_null(generator->net);
    assert_ok(generator->paint(image, side, &err), &err);
}

/* `count` samples of `id` on noise: strip pixel (x, y) must be the input's pixel (from(x), y). */
static void check_copies(const char *id, int width, int height, int side, int (*from)(int x, int width, int side))
{
    gb_image input = noise(width, height), image = noise(width, height);
    paint(id, &image, side);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const bool strip = x < side || x >= width - side;
            const int source = strip ? from(x, width, side) : x;
            if (source < 0) assert_memory_equal(pixel(&image, x, y), "\0\0\0", 3);
            else assert_memory_equal(pixel(&image, x, y), pixel(&input, source, y), 3);
        }
    gb_image_free(&input);
    gb_image_free(&image);
}

static int nothing(int x, int width, int side)
{
    (void)x, (void)width, (void)side;
    return -1;
}

static int outermost(int x, int width, int side)
{
    return x < side ? side : width - side - 1;
}

/* Reflects until inside: written apart from the product's folding by modulus. */
static int reflected(int x, int width, int side)
{
    while (x < side || x >= width - side) x = x < side ? 2 * side - 1 - x : 2 * (width - side) - 1 - x;
    return x;
}

static void test_copies(void **state)
{
    (void)state;
    static const int size[][3] = {{40, 9, 5}, {3, 1, 1}, {64, 8, 30}, {41, 5, 20}};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        check_copies("black", size[i][0], size[i][1], size[i][2], nothing);
        check_copies("edge", size[i][0], size[i][1], size[i][2], outermost);
        check_copies("mirror", size[i][0], size[i][1], size[i][2], reflected);
    }
}

static void test_blur(void **state)
{
    (void)state;
    gb_image flat = noise(96, 40), input = noise(96, 40), image = noise(96, 40);
    memset(flat.rgb, 77, 96 * 40 * 3);
    paint("blur", &flat, 12);
    for (size_t i = 0; i < 96 * 40 * 3; i++) assert_int_equal(flat.rgb[i], 77);

    memset(image.rgb, 0, 96 * 40 * 3); /* what lies in the strips is not read */
    for (int y = 0; y < 40; y++) memcpy(image.rgb + (y * 96 + 12) * 3, input.rgb + (y * 96 + 12) * 3, (size_t)72 * 3);
    paint("blur", &image, 12);
    paint("blur", &input, 12);
    assert_memory_equal(image.rgb, input.rgb, 96 * 40 * 3);
    double sum = 0, square = 0;
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 12; x++) {
            const double v = *pixel(&image, x, y);
            sum += v;
            square += v * v;
        }
    const double mean = sum / 480, deviation2 = square / 480 - mean * mean;
    assert_true(mean > 107 && mean < 147);
    assert_true(deviation2 < 25 * 25); /* noise has 74 */
    gb_image_free(&flat);
    gb_image_free(&input);
    gb_image_free(&image);
}

/* Worked out by hand. Radius 1: three boxes of 3 turn a step 0 | 243 into 9 36 90 | 153 207 234. Strip pixel 5 of a
 * 24 px frame with 6 px sides is the centre's column 11 / 4 - 1 / 2 = 2.25. */
static void test_blur_values(void **state)
{
    (void)state;
    gb_image image = noise(24, 10);
    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 24; x++) memset(image.rgb + (y * 24 + x) * 3, x < 10 ? 0 : 243, 3);
    paint("blur", &image, 6); /* step at the centre's column 4 */
    assert_int_equal(*pixel(&image, 5, 5), 50); /* 36 * 3/4 + 90 / 4 = 49.5 */
    assert_int_equal(*pixel(&image, 0, 5), 0);
    assert_int_equal(*pixel(&image, 23, 5), 243);
    gb_image_free(&image);
}

static void test_bad_sides(void **state)
{
    (void)state;
    gb_error err;
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    gb_image image = noise(20, 4);
    for (size_t i = 0; i < count; i++) {
        if (generators[i]->net) continue;
        assert_fails(generators[i]->paint(&image, 0, &err), GB_E_ARG, &err, "side 0");
        assert_fails(generators[i]->paint(&image, 10, &err), GB_E_ARG, &err, "20x4");
        assert_fails(generators[i]->paint(&image, -1, &err), GB_E_ARG, &err, "side -1");
    }
    gb_image_free(&image);
}

static void test_registry(void **state)
{
    (void)state;
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    assert_true(count >= 9);
    for (size_t i = 0; i < count; i++) {
        const gb_generator *g = generators[i];
        assert_ptr_equal(gb_generator_find(g->id), g); /* ids are unique */
        assert_true((g->net != NULL) != (g->paint != NULL));
        assert_true(g->title && g->summary && g->source);
        if (g->net) assert_true(g->net->key && g->net->prefixes && g->net->ignore && g->net->infer && g->net->build);
    }
    assert_null(gb_generator_find("nothing"));
}

/* The pictures that LPIPS's golden values are of: 512x288, 64 px a side. */
static void test_golden_pictures(void **state)
{
    (void)state;
    static const char *const made[] = {"beach_black", "beach_edge",   "beach_mirror", "bunny_edge",  "bunny_mirror",
                                       "cake_black",  "cake_edge",    "cake_mirror",  "flower_edge", "flower_mirror"};
    if (!test_shared("golden/lpips/cake.png")) skip_because("no ../shared/golden/lpips");
    gb_error err;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        char name[64], truth[96], expected[96];
        snprintf(name, sizeof name, "%s", made[i]);
        char *id = strchr(name, '_');
        *id++ = '\0';
        snprintf(truth, sizeof truth, "golden/lpips/%s.png", name);
        snprintf(expected, sizeof expected, "golden/lpips/%s.png", made[i]);
        gb_image ours = {0}, theirs = {0};
        assert_ok(gb_image_read(test_shared(truth), &ours, &err), &err);
        assert_ok(gb_image_read(test_shared(expected), &theirs, &err), &err);
        paint(id, &ours, 64);
        assert_memory_equal(ours.rgb, theirs.rgb, 512 * 288 * 3);
        gb_image_free(&ours);
        gb_image_free(&theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),    cmocka_unit_test(test_blur),     cmocka_unit_test(test_blur_values),
        cmocka_unit_test(test_bad_sides), cmocka_unit_test(test_registry), cmocka_unit_test(test_golden_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
