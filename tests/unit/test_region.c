/* Regions of a frame: names, columns, that the columns agree with the rule for single positions; line work in them. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "image/detail.h"
#include "image/region.h"

static void test_names_go_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < GB_REGION_COUNT; i++) {
        gb_region back = GB_REGION_COUNT;
        assert_true(gb_region_parse(gb_region_name((gb_region)i), &back));
        assert_int_equal(back, i);
    }
    gb_region untouched = GB_REGION_SEAM;
    assert_false(gb_region_parse("side", &untouched));
    assert_int_equal(untouched, GB_REGION_SEAM);
}

static void test_columns_of_the_study(void **state)
{
    (void)state;
    const gb_geometry study = {512, 288, 64};
    gb_columns columns[2];
    assert_int_equal(gb_region_columns(study, GB_REGION_FULL, columns), 1);
    assert_int_equal(columns[0].to - columns[0].from, 512);
    assert_int_equal(gb_region_columns(study, GB_REGION_SIDES, columns), 2);
    assert_int_equal(columns[0].from, 0);
    assert_int_equal(columns[0].to, 64);
    assert_int_equal(columns[1].from, 448);
    assert_int_equal(columns[1].to, 512);
    assert_int_equal(gb_region_columns(study, GB_REGION_SEAM, columns), 2);
    assert_int_equal(columns[0].from, 48);
    assert_int_equal(columns[0].to, 80);
    assert_int_equal(columns[1].from, 432);
    assert_int_equal(columns[1].to, 464);
}

/* Small frames make the strips narrower than the seam's reach and the seams meet. */
static void test_columns_agree_with_positions(void **state)
{
    (void)state;
    for (int width = 1; width <= 140; width++)
        for (int side = 0; 2 * side < width; side++) {
            const gb_geometry geometry = {width, 10, side};
            for (int region = 0; region < GB_REGION_COUNT; region++) {
                gb_columns columns[2];
                const int count = gb_region_columns(geometry, (gb_region)region, columns);
                if (count == 2) assert_true(columns[0].to < columns[1].from);
                for (int i = 0; i < width; i++) {
                    bool in = false;
                    for (int k = 0; k < count; k++) in |= i >= columns[k].from && i < columns[k].to;
                    assert_int_equal(in, gb_region_has(geometry, (gb_region)region, i + 0.5));
                    assert_int_equal(in, gb_region_has(geometry, (gb_region)region, width - i - 0.5));
                }
            }
        }
}

static void test_without_strips_only_full_exists(void **state)
{
    (void)state;
    const gb_geometry geometry = {640, 360, 0};
    gb_columns columns[2];
    assert_int_equal(gb_region_columns(geometry, GB_REGION_FULL, columns), 1);
    assert_int_equal(gb_region_columns(geometry, GB_REGION_SIDES, columns), 0);
    assert_int_equal(gb_region_columns(geometry, GB_REGION_SEAM, columns), 0);
    assert_false(gb_region_has(geometry, GB_REGION_SIDES, 1));
    assert_false(gb_region_has(geometry, GB_REGION_FULL, -0.5));
    assert_false(gb_region_has(geometry, GB_REGION_FULL, 640.5));
}

static void test_geometry_is_checked(void **state)
{
    (void)state;
    gb_error err = {0};
    assert_ok(gb_geometry_check((gb_geometry){512, 288, 64}, &err), &err);
    assert_ok(gb_geometry_check((gb_geometry){1, 1, 0}, &err), &err);
    assert_ok(gb_geometry_check((gb_geometry){3, 1, 1}, &err), &err);
    assert_fails(gb_geometry_check((gb_geometry){512, 288, 256}, &err), GB_E_ARG, &err, "found 256");
    assert_fails(gb_geometry_check((gb_geometry){512, 288, -1}, &err), GB_E_ARG, &err, "found -1");
    assert_fails(gb_geometry_check((gb_geometry){0, 288, 0}, &err), GB_E_ARG, &err, "found 0x288");
    assert_fails(gb_geometry_check((gb_geometry){512, 99999, 0}, &err), GB_E_ARG, &err, "99999");
}

static void test_default_side(void **state)
{
    (void)state;
    assert_int_equal(gb_geometry_default_side(512, 288), 64);
    assert_int_equal(gb_geometry_default_side(1920, 1080), 240);
    assert_int_equal(gb_geometry_default_side(854, 480), 107); /* 853.3 rounded */
    assert_int_equal(gb_geometry_default_side(853, 480), 106);
    assert_int_equal(gb_geometry_default_side(852, 480), 0);
    assert_int_equal(gb_geometry_default_side(640, 480), 0);
    assert_int_equal(gb_geometry_default_side(0, 0), 0);
}

/* A black line one pixel wide, 90 levels deep, in one seam's columns: on it 60 levels from its 3x3 mean, beside it
 * 30, over 3 of 64 columns; the rest is flat. */
static void test_detail_of_a_line(void **state)
{
    (void)state;
    gb_error err = {0};
    gb_image image = {0};
    const gb_geometry geometry = {128, 32, 32};
    assert_ok(gb_image_new(128, 32, &image, &err), &err);
    memset(image.rgb, 90, 128 * 32 * 3);
    double flat = -1, line = -1, sides = -1;
    assert_ok(gb_image_detail(&image, geometry, GB_REGION_SEAM, &flat, &err), &err);
    for (int y = 0; y < 32; y++) memset(image.rgb + 3 * (y * 128 + 40), 0, 3);
    assert_ok(gb_image_detail(&image, geometry, GB_REGION_SEAM, &line, &err), &err);
    assert_ok(gb_image_detail(&image, geometry, GB_REGION_SIDES, &sides, &err), &err);
    assert_true(fabs(flat - 0) < 1e-12);
    assert_true(fabs(line - (60.0 + 30 + 30) / 64) < 1e-9);
    assert_true(fabs(sides - 0) < 1e-12);
    assert_int_equal(gb_image_detail(&image, (gb_geometry){128, 32, 0}, GB_REGION_SIDES, &sides, &err), GB_E_ARG);
    assert_int_equal(gb_image_detail(&image, (gb_geometry){64, 32, 8}, GB_REGION_SIDES, &sides, &err), GB_E_ARG);
    gb_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_go_both_ways),
        cmocka_unit_test(test_columns_of_the_study),
        cmocka_unit_test(test_columns_agree_with_positions),
        cmocka_unit_test(test_without_strips_only_full_exists),
        cmocka_unit_test(test_geometry_is_checked),
        cmocka_unit_test(test_default_side),
        cmocka_unit_test(test_detail_of_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
